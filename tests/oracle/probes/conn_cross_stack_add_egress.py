import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
second = cdk.Stack(app, "Second")
client = ec2.SecurityGroup(second, "A", vpc=vpc, allow_all_outbound=False)
server = ec2.SecurityGroup(stack, "B", vpc=vpc, allow_all_outbound=False)
client.add_egress_rule(server, ec2.Port.tcp(5432))
app.synth()
