import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_synthetics as synthetics

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
synthetics.Canary(
    stack,
    "C",
    vpc=vpc,
    runtime=synthetics.Runtime.SYNTHETICS_NODEJS_PUPPETEER_9_1,
    test=synthetics.Test.custom(
        code=synthetics.Code.from_inline("exports.handler = async () => {}"),
        handler="index.handler",
    ),
)
app.synth()
