import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        cidr = cdk.CfnParameter(self, "Cidr", default="0.0.0.0/0")
        group = ec2.SecurityGroup(self, "SG", vpc=vpc, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.ipv4(cidr.value_as_string), ec2.Port.tcp(443))


app = cdk.App()
Probe(app, "Probe")
app.synth()
