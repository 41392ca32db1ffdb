import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancing as elb

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
def fleet(id):
    return autoscaling.AutoScalingGroup(
        stack,
        id,
        vpc=vpc,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )



elb.LoadBalancer(
    stack,
    "First",
    vpc=vpc,
    listeners=[elb.LoadBalancerListener(external_port=80, internal_port=8080)],
    targets=[fleet("A")],
)
second = elb.LoadBalancer(stack, "Second", vpc=vpc)
second.add_target(fleet("B"))
second.add_listener(external_port=80)
second.add_listener(
    external_port=443, internal_port=8443, external_protocol=elb.LoadBalancingProtocol.TCP
)
app.synth()
