"""What the constructs have no property for."""
from typing import Dict, List, cast

from aws_cdk import CfnResource
from aws_cdk import aws_ec2 as ec2
from constructs import IConstruct

LOOPBACK: List[Dict[str, str]] = [
    {"IpProtocol": "-1", "CidrIp": "127.0.0.1/32", "Description": "nothing goes out"}
]


def close(group: IConstruct) -> None:
    resource = cast(ec2.CfnSecurityGroup, group.node.default_child)
    resource.add_property_override("SecurityGroupEgress", LOOPBACK)


def only(group: IConstruct, cidr: str, port: int) -> None:
    resource = group.node.default_child
    resource.security_group_egress = [
        ec2.CfnSecurityGroup.EgressProperty(
            ip_protocol="tcp", from_port=port, to_port=port, cidr_ip=cidr, description="only this"
        )
    ]


def raw(scope, name: str, vpc_id: str, **rules: str) -> CfnResource:
    return CfnResource(
        scope,
        name,
        type="AWS::EC2::SecurityGroup",
        properties={
            "GroupDescription": name,
            "VpcId": vpc_id,
            "SecurityGroupEgress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": cidr, "Description": note}
                for note, cidr in rules.items()
            ],
        },
    )
