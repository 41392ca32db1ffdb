from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class Network(Stack):
    """The network that everything shares. Its default group is closed: nobody may land in it."""

    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, restrict_default_security_group=True)
