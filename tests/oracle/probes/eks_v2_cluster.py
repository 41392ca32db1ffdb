import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks_v2 as eks_v2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        eks_v2.Cluster(self, "E", version=eks_v2.KubernetesVersion.V1_31, vpc=vpc)


app = cdk.App()
Probe(app, "Probe")
app.synth()
