import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        default = ec2.SecurityGroup.from_security_group_id(
            self, "D", vpc.vpc_default_security_group, allow_all_outbound=False
        )
        default.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))


app = cdk.App()
Probe(app, "Probe")
app.synth()
