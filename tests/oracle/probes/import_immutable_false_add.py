import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    group = ec2.SecurityGroup.from_security_group_id(
        stack, "SG", "sg-1", mutable=False, allow_all_outbound=False
    )
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
    app.synth()


if __name__ == "__main__":
    main()
