from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        group = ec2.SecurityGroup(self, "SG", vpc=vpc, allow_all_outbound=False)
        group.add_egress_rule(ec2.Peer.any_ipv6(), ec2.Port.tcp(443))


app = App()
ProbeStack(app, "Probe")
app.synth()
