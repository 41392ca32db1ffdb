from __future__ import annotations

from dataclasses import dataclass, field

REGISTRIES = {
    "registry": ["192.0.2.64/27"],
    "models": ["198.51.100.128/26", "203.0.113.192/26"],
}


@dataclass
class PoolSpec:
    name: str
    instance: str
    min: int = 1
    internet: list = field(default_factory=list)

    def destinations(self):
        """Addresses outside that nodes of the pool may reach."""
        return [cidr for name in self.internet for cidr in REGISTRIES[name]]

    @property
    def construct_id(self) -> str:
        return self.name.capitalize()
