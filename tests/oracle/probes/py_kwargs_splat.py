import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
props = dict(allow_all_outbound=False)
ec2.SecurityGroup(stack, "SG", vpc=vpc, **props)
app.synth()
