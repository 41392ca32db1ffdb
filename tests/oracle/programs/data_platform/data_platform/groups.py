from aws_cdk import aws_ec2 as ec2
from constructs import Construct


def closed_group(scope: Construct, name: str, vpc: ec2.IVpc, **overrides) -> ec2.SecurityGroup:
    """A group that lets nothing out until a rule says so."""
    defaults = {
        "description": f"{name} of the data platform",
        "allow_all_outbound": False,
    }
    return ec2.SecurityGroup(scope, name, vpc=vpc, **{**defaults, **overrides})


def egress_to_s3(group: ec2.SecurityGroup, prefix_list_id: str = "pl-63a5400a") -> ec2.SecurityGroup:
    group.add_egress_rule(ec2.Peer.prefix_list(prefix_list_id), ec2.Port.tcp(443), "S3 gateway endpoint")
    return group
