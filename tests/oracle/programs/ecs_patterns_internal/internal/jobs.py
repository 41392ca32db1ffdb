import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_ecs_patterns as patterns

from .network import SharedNetwork

SCHEDULES = (
    ("Backup", "rate(1 day)", ("10.5.16.0/24", 873)),
    ("Sync", "rate(1 hour)", ("10.5.17.0/24", 2049)),
)


class JobsStack(cdk.Stack):
    def __init__(self, scope, construct_id, *, network: SharedNetwork, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        for name, rate, (cidr, port) in SCHEDULES:
            group = network.behind_proxy(self, f"{name}Group")
            group.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(port), name)
            patterns.ScheduledFargateTask(
                self,
                name,
                cluster=network.cluster,
                schedule=appscaling.Schedule.expression(rate),
                security_groups=[group],
                scheduled_fargate_task_image_options=patterns.ScheduledFargateTaskImageOptions(
                    image=ecs.ContainerImage.from_registry(f"example/{name.lower()}")
                ),
            )

        patterns.QueueProcessingFargateService(
            self,
            "Importer",
            cluster=network.cluster,
            image=ecs.ContainerImage.from_registry("example/importer"),
            security_groups=[network.behind_proxy(self, "ImporterGroup")],
        )
