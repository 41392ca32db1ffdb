"""How much an account may talk out, by profile."""
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Callable, Dict, Iterator, Mapping, Tuple, Type

from aws_cdk import aws_ec2 as ec2

from .config import Account, Zone

Rule = Tuple[ec2.IPeer, ec2.Port, str]

_PROFILES: Dict[str, Type["Profile"]] = {}


def profile(name: str) -> Callable[[Type["Profile"]], Type["Profile"]]:
    def register(cls: Type["Profile"]) -> Type["Profile"]:
        cls.name = name
        _PROFILES[name] = cls
        return cls

    return register


class Profile(ABC):
    name = "unnamed"
    ipv6 = False

    def __init__(self, zone: Zone, account: Account) -> None:
        self.zone = zone
        self.account = account
        self.options: Mapping[str, Any] = {**self.default_options(), **account.overrides}

    @classmethod
    def of(cls, zone: Zone, account: Account) -> Profile:
        return _PROFILES[account.profile](zone, account)

    def default_options(self) -> Dict[str, Any]:
        return {"allow_web": False, "siem": True}

    def base(self) -> Iterator[Rule]:
        for maker in (ec2.Port.udp, ec2.Port.tcp):
            yield ec2.Peer.ipv4(self.zone.default("dns")), maker(53), "dns"
        yield ec2.Peer.ipv4(self.zone.default("ntp")), ec2.Port.udp(123), "ntp"
        if self.options["siem"]:
            yield ec2.Peer.ipv4(self.zone.default("siem")), ec2.Port.tcp(6514), "siem"

    @abstractmethod
    def extra(self) -> Iterator[Rule]:
        """What the profile adds to the base."""

    def rules(self) -> Iterator[Rule]:
        yield from self.base()
        yield from self.extra()


@profile("shared-services")
class SharedServices(Profile):
    def extra(self) -> Iterator[Rule]:
        yield ec2.Peer.ipv4(self.zone.supernet), ec2.Port.tcp(443), "all accounts"


@profile("sandbox")
class Sandbox(Profile):
    ipv6 = True

    def extra(self) -> Iterator[Rule]:
        if self.options["allow_web"]:
            for port in (80, 443):
                yield ec2.Peer.any_ipv4(), ec2.Port.tcp(port), "web"


@profile("regulated")
class Regulated(Profile):
    def default_options(self) -> Dict[str, Any]:
        options = super().default_options()
        options["siem"] = True
        return options

    def extra(self) -> Iterator[Rule]:
        return iter(())
