from typing import Iterable

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from constructs import Construct

from .relay import MailRelay


class SpamFilter(Construct):
    def __init__(
        self, scope: Construct, construct_id: str, *, relay: MailRelay, blocklists: Iterable[str]
    ) -> None:
        super().__init__(scope, construct_id)
        group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=relay.vpc,
            description="Spam filter",
            allow_all_outbound=False,
        )
        for address in blocklists:
            group.add_egress_rule(ec2.Peer.ipv4(address), ec2.Port.udp(53), "block list")

        quarantine = efs.FileSystem(
            self,
            "Quarantine",
            vpc=relay.vpc,
            security_group=ec2.SecurityGroup(
                self,
                "QuarantineGroup",
                vpc=relay.vpc,
                allow_all_outbound=False,
                disable_inline_rules=False,
            ),
        )
        group.connections.allow_to_default_port(quarantine, "quarantine")
        relay.connections.allow_to(group, ec2.Port.tcp(783), "scan")

        ec2.Instance(
            self,
            "Filter",
            vpc=relay.vpc,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.C6I, ec2.InstanceSize.LARGE),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=group,
        )
