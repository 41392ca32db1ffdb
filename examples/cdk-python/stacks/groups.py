from aws_cdk import aws_ec2 as ec2
from constructs import Construct


def workload_group(
    scope: Construct, construct_id: str, vpc: ec2.IVpc, *, reach_out: bool = False
) -> ec2.SecurityGroup:
    """A group for one workload. Closed, unless the workload says that it must reach out."""
    return ec2.SecurityGroup(
        scope,
        construct_id,
        vpc=vpc,
        description=f"{construct_id} of the bookshop",
        allow_all_outbound=reach_out,
    )
