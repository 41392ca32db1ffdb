import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    vpc = ec2.Vpc(stack, "Vpc")
    port = cdk.CfnParameter(stack, "Port", type="Number", default=443)
    group = ec2.SecurityGroup(stack, "SG", vpc=vpc, allow_all_outbound=False)
    group.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(port.value_as_number))
    app.synth()


if __name__ == "__main__":
    main()
