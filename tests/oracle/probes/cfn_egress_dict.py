import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        ec2.CfnSecurityGroup(
            self,
            "SG",
            group_description="x",
            security_group_egress=[{"ipProtocol": "-1", "cidrIp": "0.0.0.0/0"}],
        )


app = cdk.App()
Probe(app, "Probe")
app.synth()
