from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class BrownfieldNetwork(Stack):
    """The VPC was made by hand years ago and is only referred to."""

    VPC_ID = "vpc-0abc0abc0abc0abc0"

    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self._vpc = ec2.Vpc.from_vpc_attributes(
            self,
            "Vpc",
            vpc_id=self.VPC_ID,
            vpc_cidr_block="10.40.0.0/16",
            availability_zones=["eu-west-1a", "eu-west-1b"],
            private_subnet_ids=["subnet-0000000000000000a", "subnet-0000000000000000b"],
            private_subnet_route_table_ids=["rtb-0000000000000000a", "rtb-0000000000000000b"],
        )

    @property
    def vpc(self) -> ec2.IVpc:
        return self._vpc
