import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2


@jsii.implements(cdk.IAspect)
class NoEgress:
    def visit(self, node):
        if isinstance(node, ec2.CfnSecurityGroup):
            node.add_property_override("SecurityGroupEgress", [])


app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
ec2.SecurityGroup(stack, "SG", vpc=vpc)
cdk.Aspects.of(stack).add(NoEgress())
app.synth()
