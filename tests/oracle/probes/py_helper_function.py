import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")


def make_group(scope, name, open_=False):
    return ec2.SecurityGroup(scope, name, vpc=vpc, allow_all_outbound=open_)


make_group(stack, "A")
make_group(stack, "B", True)
app.synth()
