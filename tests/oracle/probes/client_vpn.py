from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        vpc.add_client_vpn_endpoint(
            "E",
            cidr="10.100.0.0/16",
            server_certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/server",
            client_certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/client",
        )


app = App()
ProbeStack(app, "Probe")
app.synth()
