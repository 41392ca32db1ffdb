import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_targets as targets

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
instance = ec2.Instance(
    stack,
    "I",
    vpc=vpc,
    instance_type=ec2.InstanceType("t3.micro"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(),
)
balancer = elbv2.ApplicationLoadBalancer(stack, "L", vpc=vpc)
balancer.add_listener("H", port=80).add_targets(
    "T", port=8080, protocol=elbv2.ApplicationProtocol.HTTP, targets=[targets.InstanceTarget(instance)]
)
app.synth()
