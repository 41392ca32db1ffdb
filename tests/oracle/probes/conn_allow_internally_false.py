import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    group = ec2.SecurityGroup(stack, "A", vpc=vpc, allow_all_outbound=False)
    group.connections.allow_internally(ec2.Port.tcp(443))
    app.synth()


if __name__ == "__main__":
    main()
