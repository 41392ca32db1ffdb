import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
for id in ["First", "Second"]:
    lambda_.SingletonFunction(
        stack,
        id,
        uuid="f7d4f730-4ee1-11e8-9c2d-fa7ae01bbebc",
        runtime=lambda_.Runtime.PYTHON_3_12,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): pass"),
        vpc=vpc,
    )
app.synth()
