import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2
import aws_cdk.aws_efs as efs


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    efs.FileSystem(stack, "E", vpc=vpc)
    app.synth()


if __name__ == "__main__":
    main()
