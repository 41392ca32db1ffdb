from aws_cdk import aws_ec2 as ec2
from constructs import Construct

__all__ = ["Agent"]


class Agent(Construct):
    def __init__(self, scope, id, *, vpc, collector, scrape):
        super().__init__(scope, id)
        host = ec2.Instance(
            self,
            "Host",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            instance_type=ec2.InstanceType("t4g.micro"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(
                cpu_type=ec2.AmazonLinuxCpuType.ARM_64
            ),
            allow_all_outbound=False,
        )
        for port in collector.ports:
            host.connections.allow_to(collector.service, port, "otlp")
        for text in scrape:
            host.connections.allow_to(ec2.Peer.ipv4("10.0.0.0/16"), ec2.Port.tcp(int(text)), "scrape")
