from aws_cdk import NestedStack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class AccessStack(NestedStack):
    """How people get in."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        spoke_list: ec2.IPrefixList,
        corporate_prefix_list: str,
    ) -> None:
        super().__init__(scope, construct_id)

        group = ec2.SecurityGroup(
            self,
            "BastionGroup",
            vpc=vpc,
            description="Bastion",
            allow_all_outbound=False,
            allow_all_ipv6_outbound=False,
        )
        group.add_egress_rule(
            ec2.Peer.prefix_list(spoke_list.prefix_list_id), ec2.Port.tcp(22), "ssh to the spokes"
        )
        group.add_egress_rule(
            ec2.Peer.prefix_list(corporate_prefix_list), ec2.Port.tcp_range(8000, 8010), "directory"
        )
        ec2.BastionHostLinux(self, "Bastion", vpc=vpc, security_group=group)

        # The break-glass host keeps the library's defaults.
        ec2.BastionHostLinux(
            self,
            "BreakGlass",
            vpc=vpc,
            instance_name="break-glass",
            subnet_selection=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
        )
