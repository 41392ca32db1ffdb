import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
balancer = elbv2.ApplicationLoadBalancer(stack, "L", vpc=vpc, internet_facing=True)
fleet = autoscaling.AutoScalingGroup(
    stack,
    "A",
    vpc=vpc,
    instance_type=ec2.InstanceType("t3.micro"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(),
)
listener = balancer.add_listener("H", port=80)
listener.add_targets("T", port=8080, targets=[fleet])
app.synth()
