import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
group = ec2.SecurityGroup.from_security_group_id(
    stack, "SG", "sg-1", allow_all_outbound=False
)
group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.all_traffic())
app.synth()
