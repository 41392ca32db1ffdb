import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
def group(id):
    return ec2.SecurityGroup(stack, id, vpc=vpc, allow_all_outbound=False)



template = ec2.LaunchTemplate(
    stack,
    "T",
    instance_type=ec2.InstanceType("t3.micro"),
    machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    security_group=group("First"),
)
template.add_security_group(group("Second"))
template.connections.allow_to(ec2.Peer.ipv4("10.20.0.0/16"), ec2.Port.tcp(443))
fleet = autoscaling.AutoScalingGroup(stack, "A", vpc=vpc, launch_template=template)
fleet.connections.allow_to(ec2.Peer.ipv4("10.30.0.0/16"), ec2.Port.tcp(5432))
app.synth()
