import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    provider = ec2.NatProvider.instance_v2(
        instance_type=ec2.InstanceType("t3.micro"),
        default_allowed_traffic=ec2.NatTrafficDirection.NONE,
    )
    ec2.Vpc(stack, "V", max_azs=1, nat_gateway_provider=provider)
    app.synth()


if __name__ == "__main__":
    main()
