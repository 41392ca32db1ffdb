from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        ec2.CfnSecurityGroup(
            self,
            "SG",
            group_description="x",
            vpc_id="vpc-1",
            security_group_egress=[],
        )


app = App()
ProbeStack(app, "Probe")
app.synth()
