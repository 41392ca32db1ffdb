import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class BaseSG(ec2.SecurityGroup):
    def __init__(self, scope: Construct, construct_id: str, **kwargs):
        kwargs.setdefault("allow_all_outbound", False)
        super().__init__(scope, construct_id, **kwargs)


app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
BaseSG(stack, "SG", vpc=vpc)
app.synth()
