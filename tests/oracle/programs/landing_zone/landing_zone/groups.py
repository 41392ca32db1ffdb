from __future__ import annotations

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .profiles import Profile


class ProfiledGroup(ec2.SecurityGroup):
    """Carries the rules of the account's profile."""

    def __init__(
        self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, profile: Profile, purpose: str
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            vpc=vpc,
            description=f"{purpose} ({profile.name})",
            allow_all_outbound=False,
            allow_all_ipv6_outbound=profile.ipv6,
        )
        for peer, port, note in profile.rules():
            self.add_egress_rule(peer, port, note)
