import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Deployment(cdk.Stage):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        inner = cdk.Stack(self, "Inner")
        ec2.SecurityGroup(inner, "SG", vpc=ec2.Vpc(inner, "V"))


app = cdk.App()
Deployment(app, "Prod")
app.synth()
