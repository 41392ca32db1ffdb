import aws_cdk as cdk
import aws_cdk.aws_codebuild as codebuild
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    codebuild.Project(
        stack,
        "P",
        vpc=vpc,
        build_spec=codebuild.BuildSpec.from_object({"version": "0.2"}),
    )
    app.synth()


if __name__ == "__main__":
    main()
