import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks as eks
from aws_cdk import aws_lambda as lambda_

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
layer = lambda_.LayerVersion.from_layer_version_arn(
    stack, "Kubectl", "arn:aws:lambda:us-east-1:111111111111:layer:kubectl:1"
)

eks.Cluster(
    stack,
    "E",
    version=eks.KubernetesVersion.V1_31,
    vpc=vpc,
    kubectl_layer=layer,
    default_capacity_type=eks.DefaultCapacityType.EC2,
)
app.synth()
