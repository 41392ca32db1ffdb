from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

__all__ = ["Collector", "make_vpc"]

_OTLP = {"grpc": 4317, "http": 4318}


def make_vpc(scope):
    return ec2.Vpc(
        scope,
        "Vpc",
        nat_gateways=0,
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="inner", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        ],
    )


class Collector(Construct):
    def __init__(self, scope, id, *, vpc):
        super().__init__(scope, id)
        self.group = ec2.SecurityGroup(self, "Group", vpc=vpc, allow_all_outbound=False)
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        task = ecs.FargateTaskDefinition(self, "Task", cpu=512, memory_limit_mib=1024)
        task.add_container(
            "otel",
            image=ecs.ContainerImage.from_registry("example/otel-collector"),
            port_mappings=[ecs.PortMapping(container_port=port) for port in _OTLP.values()],
        )
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            security_groups=[self.group],
            vpc_subnets={"subnet_type": ec2.SubnetType.PRIVATE_ISOLATED},
        )

    @property
    def ports(self):
        return [ec2.Port.tcp(port) for _, port in sorted(_OTLP.items())]

    def export_to(self, endpoints):
        self.group.connections.allow_to(endpoints, ec2.Port.HTTPS, "export")
