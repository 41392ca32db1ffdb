from typing import Collection, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from . import peers
from .peers import *


class TierStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        vpc: ec2.IVpc,
        *,
        tiers: Sequence[str],
        v6_only_tiers: Collection[str] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        self.tiers = {}
        for tier in tiers:
            self.tiers[tier] = ec2.SecurityGroup(
                self,
                tier.title(),
                vpc=vpc,
                allow_all_outbound=False,
                allow_all_ipv6_outbound=tier in v6_only_tiers,
                description=f"Tier {tier}",
            )

        web = self.tiers["web"]
        for port in WEB_PORTS:
            web.add_egress_rule(DOCUMENTATION, port)
        web.add_egress_rule(peers.ULA, QUIC)
        for peer in PRIVATE:
            web.add_egress_rule(peer, Port.tcp(443))

        resolver = self.tiers["resolver"]
        for peer in (Peer.any_ipv4(), Peer.any_ipv6()):
            for port in (Port.udp(53), Port.tcp(53), Port.tcp(853)):
                resolver.add_egress_rule(peer, port, "recursion")
        resolver.add_egress_rule(Peer.any_ipv6(), NEIGHBOURS)

        # v4 is open by default here, v6 gets one port.
        relay = ec2.SecurityGroup(self, "Relay", vpc=vpc, description="Relay")
        relay.add_egress_rule(Peer.any_ipv6(), Port.tcp(443), "v6 web")
        relay.add_egress_rule(Peer.ipv4("10.0.0.0/8"), Port.tcp(443), "has no effect")

        ec2.SecurityGroup(
            self, "Everything", vpc=vpc, allow_all_outbound=True, allow_all_ipv6_outbound=True
        )

        lambda_.Function(
            self,
            "Beacon",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return None"),
            vpc=vpc,
            allow_all_outbound=False,
            allow_all_ipv6_outbound=True,
            ipv6_allowed_for_dual_stack=True,
        )
