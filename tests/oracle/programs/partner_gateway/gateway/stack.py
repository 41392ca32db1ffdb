import functools
from typing import Callable, Iterable

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .partners import Partner, Tier
from .ports import ports_for

Rule = Callable[[ec2.SecurityGroup], None]


def allow(cidr: str, port: ec2.Port, note: str) -> Rule:
    """A rule to be applied later, to whichever group."""

    def apply(group: ec2.SecurityGroup) -> None:
        group.add_egress_rule(ec2.Peer.ipv4(cidr), port, note)

    return apply


class GatewayStack(cdk.Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, partners: Iterable[Partner], tier: str, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        level = Tier[tier.upper()]
        vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        new_group = functools.partial(ec2.SecurityGroup, self, vpc=vpc, allow_all_outbound=False)

        common = [
            allow("10.0.0.2/32", ec2.Port.udp(53), "resolver"),
            allow(vpc_range := "10.0.0.0/16", ec2.Port.tcp(443), "endpoints"),
        ]
        if level >= Tier.SILVER:
            common.append(allow("10.200.0.0/24", ec2.Port.tcp(8200), "vault"))
        if level == Tier.GOLD:
            common += [allow("10.201.0.0/24", ec2.Port.tcp(port), "tracing") for port in (4317, 4318)]

        self.adapters = {}
        for partner in partners:
            group = new_group(f"{partner.slug.title()}Adapter", description=f"Adapter for {partner.slug}")
            for rule in common:
                rule(group)
            for cidr in partner.ranges:
                for port in ports_for(partner.channel):
                    allow(cidr, port, partner.channel.name)(group)
            self.adapters[partner] = lambda_.Function(
                self,
                partner.slug.title(),
                runtime=lambda_.Runtime.PYTHON_3_12,
                handler="index.handler",
                code=lambda_.Code.from_inline("def handler(event, context): return event"),
                vpc=vpc,
                security_groups=[group],
            )

        router = new_group("Router", description="Router")
        describe = lambda name: f"to {name} in {vpc_range}"  # noqa: E731
        for partner, adapter in self.adapters.items():
            router.connections.allow_to(adapter, ec2.Port.tcp(9000), describe(partner.slug))
