from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        for name in ["a", "b", "c"]:
            ec2.SecurityGroup(self, f"SG-{name}", vpc=vpc, allow_all_outbound=(name != "b"))


app = App()
ProbeStack(app, "Probe")
app.synth()
