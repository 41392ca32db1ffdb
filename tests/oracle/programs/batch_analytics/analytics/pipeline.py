import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from .egress import restricted


class PipelineStack(cdk.Stack):
    STEPS = ["extract", "transform", "publish"]

    def __init__(
        self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, warehouse: str, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)

        chain = None
        for step in self.STEPS:
            group = restricted(self, f"{step.title()}Group", vpc=vpc, s3=step != "publish")
            group.add_egress_rule(ec2.Peer.ipv4(warehouse), ec2.Port.tcp(5439), "Warehouse")
            if step == "publish":
                group.add_egress_rule(ec2.Peer.ipv4("198.51.100.77/32"), ec2.Port.tcp(443), "Portal")
            run = tasks.EcsRunTask(
                self,
                step.title(),
                cluster=cluster,
                task_definition=self.definition(step),
                security_groups=[group],
                launch_target=tasks.EcsFargateLaunchTarget(
                    platform_version=ecs.FargatePlatformVersion.LATEST
                ),
                integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            )
            chain = run if chain is None else chain.next(run)

        machine = sfn.StateMachine(
            self, "Pipeline", definition_body=sfn.DefinitionBody.from_chainable(chain)
        )
        nightly = events.Rule(
            self, "Nightly", schedule=events.Schedule.cron(hour="2", minute="30")
        )
        nightly.add_target(targets.SfnStateMachine(machine))
        nightly.add_target(
            targets.EcsTask(
                cluster=cluster,
                task_definition=self.definition("vacuum"),
                security_groups=[restricted(self, "VacuumGroup", vpc=vpc)],
            )
        )

    def definition(self, name: str) -> ecs.FargateTaskDefinition:
        definition = ecs.FargateTaskDefinition(self, f"{name.title()}Task")
        definition.add_container(name, image=ecs.ContainerImage.from_registry(f"example/{name}"))
        return definition
