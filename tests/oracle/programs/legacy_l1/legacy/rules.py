from typing import Optional

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

Egress = ec2.CfnSecurityGroup.EgressProperty


def tcp(cidr: str, first: int, last: Optional[int] = None, description: Optional[str] = None) -> Egress:
    return Egress(
        ip_protocol="tcp",
        from_port=first,
        to_port=last or first,
        cidr_ip=cidr,
        description=description,
    )


def all_of(cidr: str) -> Egress:
    return Egress(ip_protocol="-1", cidr_ip=cidr)


def to_group(
    scope: Construct,
    name: str,
    source: ec2.CfnSecurityGroup,
    target: ec2.CfnSecurityGroup,
    port: int,
) -> None:
    ec2.CfnSecurityGroupEgress(
        scope,
        name,
        group_id=source.attr_group_id,
        destination_security_group_id=target.attr_group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
    )
    ec2.CfnSecurityGroupIngress(
        scope,
        f"{name}Back",
        group_id=target.attr_group_id,
        source_security_group_id=source.attr_group_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
    )
