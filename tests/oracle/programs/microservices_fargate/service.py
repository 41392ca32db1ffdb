from typing import Iterable, List, Optional

from aws_cdk import aws_ec2 as ec2, aws_ecs as ecs
from constructs import Construct


class Microservice(Construct):
    """A Fargate service that may call only what it is told to."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        cluster: ecs.ICluster,
        image: str,
        port: int,
        cpu: int = 256,
        memory: int = 512,
        environment: Optional[dict] = None,
    ):
        super().__init__(scope, id)
        self.port = port
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=cluster.vpc,
            allow_all_outbound=False,
            description=f"Tasks of {id}",
        )

        task = ecs.FargateTaskDefinition(self, "Task", cpu=cpu, memory_limit_mib=memory)
        task.add_container(
            "app",
            image=ecs.ContainerImage.from_registry(image),
            environment=environment or {},
            port_mappings=[ecs.PortMapping(container_port=port)],
            logging=ecs.LogDrivers.aws_logs(stream_prefix=id),
        )
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            desired_count=2,
            security_groups=[self.security_group],
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        )

    @property
    def connections(self) -> ec2.Connections:
        return self.service.connections

    def may_call(self, *others: "Microservice") -> None:
        for other in others:
            self.connections.allow_to(other.service, ec2.Port.tcp(other.port), f"to port {other.port}")

    def may_use(self, peers: Iterable[ec2.IPeer], ports: List[int]) -> None:
        for peer in peers:
            for port in ports:
                self.security_group.add_egress_rule(peer, ec2.Port.tcp(port))
