import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from .brokers import BrokerStack
from .constants import IAM, JMX, SASL, TLS


class ClientStack(cdk.Stack):
    PRODUCERS = {"orders": [TLS], "telemetry": [SASL, IAM]}

    def __init__(self, scope: Construct, construct_id: str, *, brokers: BrokerStack, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = brokers.vpc
        cluster = ecs.Cluster(self, "Cluster", vpc=self.vpc)

        for name, ports in self.PRODUCERS.items():
            service = self.producer(cluster, name)
            # Rules live in this stack: the brokers know nothing of their clients.
            for port in ports:
                service.connections.allow_to(brokers.broker_group, ec2.Port.tcp(port), f"{name} to brokers")

        monitor = ec2.SecurityGroup(
            self, "Monitor", vpc=self.vpc, description="JMX scraper", allow_all_outbound=False
        )
        monitor.connections.allow_to(brokers.broker_group, JMX)
        monitor.add_egress_rule(
            ec2.Peer.security_group_id("sg-0123456789abcdef0"), ec2.Port.tcp(9090), "Prometheus"
        )

    def producer(self, cluster: ecs.Cluster, name: str) -> ecs.FargateService:
        task = ecs.FargateTaskDefinition(self, f"{name.capitalize()}Task")
        task.add_container("producer", image=ecs.ContainerImage.from_registry(f"example/{name}"))
        return ecs.FargateService(
            self,
            f"{name.capitalize()}Service",
            cluster=cluster,
            task_definition=task,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[
                ec2.SecurityGroup(
                    self, f"{name.capitalize()}Group", vpc=self.vpc, allow_all_outbound=False
                )
            ],
        )
