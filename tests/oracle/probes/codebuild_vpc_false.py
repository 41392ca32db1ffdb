import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ec2 as ec2


class Probe(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc(self, "Vpc")
        codebuild.Project(
            self,
            "P",
            vpc=vpc,
            allow_all_outbound=False,
            build_spec=codebuild.BuildSpec.from_object({"version": "0.2"}),
        )


app = cdk.App()
Probe(app, "Probe")
app.synth()
