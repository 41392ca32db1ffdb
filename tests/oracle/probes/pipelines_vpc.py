import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import pipelines

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
pipeline = pipelines.CodePipeline(
    stack,
    "P",
    synth=pipelines.ShellStep(
        "Synth",
        input=pipelines.CodePipelineSource.s3(s3.Bucket(stack, "B"), "source.zip"),
        commands=["cdk synth"],
    ),
    code_build_defaults=pipelines.CodeBuildOptions(vpc=vpc),
)
app.synth()
