import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ec2 as ec2

app = cdk.App()
stack = cdk.Stack(app, "Probe")
vpc = ec2.Vpc(stack, "Vpc")
codebuild.Fleet(
    stack,
    "F",
    compute_type=codebuild.FleetComputeType.SMALL,
    environment_type=codebuild.EnvironmentType.LINUX_CONTAINER,
    base_capacity=1,
    vpc=vpc,
    subnet_selection=ec2.SubnetSelection(subnets=[vpc.private_subnets[0]]),
)
app.synth()
