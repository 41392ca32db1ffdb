import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_secretsmanager as secretsmanager


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        secret = secretsmanager.Secret(self, "Sec")
        secret.add_rotation_schedule(
            "R", hosted_rotation=secretsmanager.HostedRotation.mysql_single_user(vpc=vpc)
        )


app = cdk.App()
Probe(app, "Probe")
app.synth()
