import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import custom_resources as cr

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
for id in ["First", "Second"]:
    cr.AwsCustomResource(
        stack,
        id,
        vpc=vpc,
        on_create=cr.AwsSdkCall(
            service="S3",
            action="listBuckets",
            physical_resource_id=cr.PhysicalResourceId.of(id),
        ),
        policy=cr.AwsCustomResourcePolicy.from_sdk_calls(resources=["*"]),
    )
app.synth()
