import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
group = ec2.SecurityGroup(stack, "SG", vpc=vpc)
group.node.default_child.security_group_egress = []
app.synth()
