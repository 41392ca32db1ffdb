import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        web = ec2.SecurityGroup(self, "A", vpc=vpc, allow_all_outbound=False)
        database = ec2.SecurityGroup(self, "B", vpc=vpc, allow_all_outbound=False)
        database.connections.allow_from(web, ec2.Port.tcp(5432))


app = cdk.App()
Probe(app, "Probe")
app.synth()
