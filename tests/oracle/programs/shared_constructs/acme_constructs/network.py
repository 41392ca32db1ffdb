from typing import Optional

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

RESOLVER_ADDRESS = "169.254.169.253/32"


class ServiceGroup(ec2.SecurityGroup):
    """Closed by default, owned by a team, may ask the resolver."""

    port: Optional[ec2.Port] = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        owner: str = "unowned",
        resolver: bool = True,
        **kwargs,
    ) -> None:
        kwargs.setdefault("allow_all_outbound", False)
        kwargs.setdefault("description", f"{construct_id} ({owner})")
        super().__init__(scope, construct_id, **kwargs)
        cdk.Tags.of(self).add("owner", owner)
        if resolver and not kwargs["allow_all_outbound"]:
            self._allow_resolver()

    def _allow_resolver(self) -> None:
        for port in (ec2.Port.udp(53), ec2.Port.tcp(53)):
            self.add_egress_rule(ec2.Peer.ipv4(RESOLVER_ADDRESS), port, "resolver")

    def connect(self, other: "ServiceGroup") -> "ServiceGroup":
        self.connections.allow_to(other, other.port)
        return self

    @classmethod
    def isolated(cls, scope: Construct, construct_id: str, vpc: ec2.IVpc) -> "ServiceGroup":
        return cls(scope, construct_id, vpc=vpc, resolver=False)
