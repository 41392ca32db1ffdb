import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    web = ec2.SecurityGroup(stack, "A", vpc=vpc, allow_all_outbound=False)
    database = ec2.SecurityGroup(stack, "B", vpc=vpc)
    web.connections.allow_to(database, ec2.Port.tcp(5432))
    app.synth()


if __name__ == "__main__":
    main()
