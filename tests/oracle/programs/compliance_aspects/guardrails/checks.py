import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from constructs import IConstruct


@jsii.implements(cdk.IAspect)
class DescriptionCheck:
    """Complains about groups whose description says nothing; changes no resource."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, ec2.CfnSecurityGroup):
            text = node.group_description
            if not cdk.Token.is_unresolved(text) and len(text) < 5:
                cdk.Annotations.of(node).add_warning(f"describe {node.node.path}")


@jsii.implements(cdk.IAspect)
class StackNaming:
    def __init__(self, allowed):
        self._allowed = frozenset(allowed)

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, cdk.Stack) and node.stack_name not in self._allowed:
            cdk.Annotations.of(node).add_info(f"unusual stack name {node.stack_name}")
