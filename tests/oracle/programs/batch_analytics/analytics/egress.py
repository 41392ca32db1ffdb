from functools import partial

from aws_cdk import aws_ec2 as ec2

S3_PREFIX_LIST = "pl-6da54004"


def restricted(scope, name, *, vpc, description="Analytics", s3=True):
    group = ec2.SecurityGroup(
        scope, name, vpc=vpc, description=description, allow_all_outbound=False
    )
    if s3:
        group.add_egress_rule(ec2.Peer.prefix_list(S3_PREFIX_LIST), ec2.Port.HTTPS, "S3")
    return group


batch_group = partial(restricted, description="Batch workers")
build_group = partial(restricted, description="Builds", s3=False)
