import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks as eks
from aws_cdk import aws_lambda as lambda_

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
layer = lambda_.LayerVersion.from_layer_version_arn(
    stack, "Kubectl", "arn:aws:lambda:us-east-1:111111111111:layer:kubectl:1"
)

cluster = eks.Cluster(
    stack,
    "E",
    version=eks.KubernetesVersion.V1_31,
    vpc=vpc,
    kubectl_layer=layer,
    default_capacity=0,
)
cluster.add_auto_scaling_group_capacity(
    "Own", instance_type=ec2.InstanceType("t3.medium"), allow_all_outbound=False
)
nodes = autoscaling.AutoScalingGroup(
    stack,
    "Nodes",
    vpc=vpc,
    instance_type=ec2.InstanceType("t3.medium"),
    machine_image=eks.EksOptimizedImage(),
    allow_all_outbound=False,
)
cluster.connect_auto_scaling_group_capacity(nodes)
app.synth()
