import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
web = ec2.SecurityGroup(stack, "A", vpc=vpc, allow_all_outbound=False)
database = ec2.SecurityGroup(stack, "B", vpc=vpc)
web.add_egress_rule(database, ec2.Port.tcp(5432))
app.synth()
