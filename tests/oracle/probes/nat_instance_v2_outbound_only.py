from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        provider = ec2.NatProvider.instance_v2(
            instance_type=ec2.InstanceType("t3.micro"),
            default_allowed_traffic=ec2.NatTrafficDirection.OUTBOUND_ONLY,
        )
        ec2.Vpc(self, "V", max_azs=1, nat_gateway_provider=provider)


app = App()
ProbeStack(app, "Probe")
app.synth()
