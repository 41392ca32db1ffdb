import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        elbv2.NetworkLoadBalancer(self, "L", vpc=vpc)


app = cdk.App()
Probe(app, "Probe")
app.synth()
