import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
nested = cdk.NestedStack(stack, "N")
ec2.SecurityGroup(nested, "SG", vpc=ec2.Vpc(nested, "V"))
app.synth()
