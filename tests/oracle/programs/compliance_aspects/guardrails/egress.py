import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from constructs import IConstruct


@jsii.implements(cdk.IAspect)
class PublicEgressGuard:
    """Replaces the egress of every group below by one private range."""

    def __init__(self, replacement: str) -> None:
        self.replacement = replacement

    def visit(self, node: IConstruct) -> None:
        if not isinstance(node, ec2.CfnSecurityGroup):
            return
        node.add_property_override(
            "SecurityGroupEgress",
            [{"IpProtocol": "-1", "CidrIp": self.replacement, "Description": "guarded"}],
        )
