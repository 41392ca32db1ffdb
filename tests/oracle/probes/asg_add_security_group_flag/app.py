import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
def group(id):
    return ec2.SecurityGroup(stack, id, vpc=vpc, allow_all_outbound=False)



fleet = autoscaling.AutoScalingGroup(
    stack,
    "A",
    vpc=vpc,
    instance_type=ec2.InstanceType("t3.micro"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    allow_all_outbound=False,
)
fleet.add_security_group(group("Extra"))
fleet.connections.allow_to(ec2.Peer.ipv4("10.30.0.0/16"), ec2.Port.tcp(5432))
app.synth()
