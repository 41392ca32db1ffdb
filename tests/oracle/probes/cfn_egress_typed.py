import aws_cdk as cdk
import aws_cdk.aws_ec2 as ec2


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Probe")
    ec2.CfnSecurityGroup(
        stack,
        "SG",
        group_description="x",
        security_group_egress=[
            ec2.CfnSecurityGroup.EgressProperty(ip_protocol="-1", cidr_ip="0.0.0.0/0"),
            ec2.CfnSecurityGroup.EgressProperty(
                ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv6="::/0"
            ),
        ],
    )
    app.synth()


if __name__ == "__main__":
    main()
