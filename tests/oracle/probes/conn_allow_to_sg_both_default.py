from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        web = ec2.SecurityGroup(self, "A", vpc=vpc)
        database = ec2.SecurityGroup(self, "B", vpc=vpc)
        web.connections.allow_to(database, ec2.Port.tcp(5432))


app = App()
ProbeStack(app, "Probe")
app.synth()
