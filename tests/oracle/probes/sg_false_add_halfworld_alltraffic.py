import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
group = ec2.SecurityGroup(stack, "SG", vpc=vpc, allow_all_outbound=False)
group.add_egress_rule(ec2.Peer.ipv4("0.0.0.0/1"), ec2.Port.all_traffic())
group.add_egress_rule(ec2.Peer.ipv4("128.0.0.0/1"), ec2.Port.all_traffic())
app.synth()
