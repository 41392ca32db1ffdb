import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
group = ec2.SecurityGroup(stack, "A", vpc=vpc, allow_all_outbound=False)
group.connections.allow_to_any_ipv4(ec2.Port.tcp(443))
app.synth()
