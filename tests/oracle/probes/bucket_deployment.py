import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
bucket = s3.Bucket(stack, "B")
source = deployment.Source.data("index.html", "hello")
for id in ["First", "Second"]:
    deployment.BucketDeployment(stack, id, destination_bucket=bucket, sources=[source], vpc=vpc)
deployment.BucketDeployment(
    stack,
    "Large",
    destination_bucket=bucket,
    sources=[source],
    vpc=vpc,
    memory_limit=512,
    use_efs=True,
)
app.synth()
