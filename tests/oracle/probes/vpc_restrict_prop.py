import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    ec2.Vpc(stack, "Vpc", restrict_default_security_group=True)
    app.synth()


if __name__ == "__main__":
    main()
