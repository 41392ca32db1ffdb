from typing import Any, Dict, List

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from fleet.ports import peer_of, port_of

BUFFER_PORT = 7000


class FleetStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: Dict[str, Any],
        allow_list: Dict[str, List[Dict[str, Any]]],
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.allow_list = allow_list
        vpc = ec2.Vpc(
            self, "Vpc", ip_addresses=ec2.IpAddresses.cidr(site["cidr"]), max_azs=2, nat_gateways=0
        )

        self.groups = {}
        for role, settings in site["roles"].items():
            group = ec2.SecurityGroup(
                self,
                role.capitalize(),
                vpc=vpc,
                description=f"{role} of {site['name']}",
                allow_all_outbound=False,
            )
            self.groups[role] = group
            for name in settings["allow"]:
                self.apply(group, name)
            if settings.get("ping"):
                group.add_egress_rule(ec2.Peer.ipv4(site["cidr"]), ec2.Port.icmp_ping(), "ping")

        for role, settings in site["roles"].items():
            for peer in settings["peers"]:
                self.groups[role].connections.allow_to(
                    self.groups[peer], ec2.Port.tcp(BUFFER_PORT), f"{role} to {peer}"
                )

    def apply(self, group: ec2.SecurityGroup, name: str) -> None:
        for entry in self.allow_list[name]:
            group.add_egress_rule(peer_of(entry), port_of(entry), name)
