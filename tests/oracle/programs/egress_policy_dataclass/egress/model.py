from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Optional

from aws_cdk import aws_ec2 as ec2


class Transport(Enum):
    TCP = "tcp"
    UDP = "udp"
    PING = "ping"


@dataclass(frozen=True)
class EgressRule:
    cidr: str
    port: Optional[int] = None
    last_port: Optional[int] = None
    transport: Transport = Transport.TCP
    note: str = ""

    @property
    def peer(self) -> ec2.IPeer:
        return ec2.Peer.ipv6(self.cidr) if ":" in self.cidr else ec2.Peer.ipv4(self.cidr)

    def to_port(self) -> ec2.Port:
        if self.transport is Transport.PING:
            return ec2.Port.icmp_ping()
        if self.transport is Transport.UDP:
            return ec2.Port.udp(self.port)
        if self.last_port is not None:
            return ec2.Port.tcp_range(self.port, self.last_port)
        return ec2.Port.tcp(self.port)


@dataclass
class Policy:
    name: str
    rules: list[EgressRule] = field(default_factory=list)
    description: str = "Managed by the network team"

    def with_rules(self, *extra: EgressRule) -> Policy:
        return replace(self, rules=[*self.rules, *extra])

    def renamed(self, name: str) -> Policy:
        return replace(self, name=name)
