import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        group = ec2.SecurityGroup(
            self, "SG", vpc=vpc, disable_inline_rules=True, allow_all_outbound=False
        )
        group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.all_traffic())


app = cdk.App()
Probe(app, "Probe")
app.synth()
