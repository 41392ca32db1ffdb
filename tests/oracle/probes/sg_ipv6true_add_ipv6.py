import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
group = ec2.SecurityGroup(stack, "SG", vpc=vpc, allow_all_ipv6_outbound=True)
group.add_egress_rule(ec2.Peer.any_ipv6(), ec2.Port.tcp(443), "x")
app.synth()
