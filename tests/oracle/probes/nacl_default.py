import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    ec2.NetworkAcl(stack, "N", vpc=vpc)
    app.synth()


if __name__ == "__main__":
    main()
