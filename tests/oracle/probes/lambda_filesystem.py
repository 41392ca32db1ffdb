import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
files = efs.FileSystem(stack, "E", vpc=vpc)
point = files.add_access_point("P", path="/data")
lambda_.Function(
    stack,
    "F",
    runtime=lambda_.Runtime.PYTHON_3_12,
    handler="index.handler",
    code=lambda_.Code.from_inline("def handler(event, context): pass"),
    vpc=vpc,
    allow_all_outbound=False,
    filesystem=lambda_.FileSystem.from_efs_access_point(point, "/mnt/data"),
)
app.synth()
