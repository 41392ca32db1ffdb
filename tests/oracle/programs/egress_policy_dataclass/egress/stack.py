from __future__ import annotations

from typing import Mapping

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .model import Policy


class PolicyStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        policies: Mapping[str, Policy],
        region_cidr: str,
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        vpc = ec2.Vpc(self, "Vpc", ip_addresses=ec2.IpAddresses.cidr("10.64.0.0/16"), nat_gateways=0)

        self.groups: dict[str, ec2.SecurityGroup] = {}
        for name, policy in sorted(policies.items()):
            group = ec2.SecurityGroup(
                self,
                f"{name.capitalize()}Group",
                vpc=vpc,
                description=policy.description,
                allow_all_outbound=False,
            )
            for rule in policy.rules:
                group.add_egress_rule(rule.peer, rule.to_port(), rule.note)
            self.groups[name] = group

        # Only the batch workers talk to the rest of the region.
        self.groups["batch"].add_egress_rule(
            peer=ec2.Peer.ipv4(region_cidr),
            connection=ec2.Port.tcp(8443),
            description="Regional control plane",
        )

        for name, group in self.groups.items():
            cdk.CfnOutput(self, f"{name.capitalize()}GroupId", value=group.security_group_id)
