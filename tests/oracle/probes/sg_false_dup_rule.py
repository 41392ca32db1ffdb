import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
group = ec2.SecurityGroup(stack, "SG", vpc=vpc, allow_all_outbound=False)
for _ in range(2):
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
app.synth()
