import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        ec2.SecurityGroup(self, "SG", vpc=vpc, allow_all_outbound=None)


app = cdk.App()
Probe(app, "Probe")
app.synth()
