from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping

import aws_cdk as cdk

CONTEXT_KEY = "landing-zone"


@dataclass(frozen=True)
class Account:
    name: str
    profile: str
    cidr: str
    workloads: List[str] = field(default_factory=list)
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Host bits are a typing error more often than not.
        ipaddress.ip_network(self.cidr)

    @property
    def stage_name(self) -> str:
        return "".join(part.title() for part in self.name.split("-"))


@dataclass
class Zone:
    supernet: str
    defaults: Dict[str, str]
    accounts: List[Account]

    def default(self, name: str) -> str:
        if name not in self.defaults:
            raise KeyError(f"no default for {name}")
        return self.defaults[name]


def load(app: cdk.App) -> Zone:
    raw = app.node.try_get_context(CONTEXT_KEY)
    if not raw:
        raise SystemExit(f"cdk.json has no {CONTEXT_KEY}")
    accounts = [Account(**entry) for entry in raw["accounts"]]
    return Zone(supernet=raw["supernet"], defaults=raw["defaults"], accounts=accounts)
