import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
database = rds.DatabaseInstance(
    stack,
    "DB",
    engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16),
    vpc=vpc,
)
group = ec2.SecurityGroup(stack, "G", vpc=vpc, allow_all_outbound=False)
database.add_rotation_single_user(security_group=group)
app.synth()
