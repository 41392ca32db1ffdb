from __future__ import annotations

from enum import Enum, IntEnum, auto


class Channel(Enum):
    SFTP = auto()
    AS2 = auto()
    MQ = auto()
    REST = auto()


class Tier(IntEnum):
    BRONZE = 1
    SILVER = 2
    GOLD = 3


class Partner(Enum):
    CONTOSO = ("contoso", ["192.0.2.16/28"], Channel.SFTP)
    FABRIKAM = ("fabrikam", ["198.51.100.0/27", "198.51.100.64/27"], Channel.AS2)
    NORTHWIND = ("northwind", ["203.0.113.40/32"], Channel.MQ)
    TAILSPIN = ("tailspin", ["203.0.113.64/26"], Channel.REST)

    def __init__(self, slug: str, ranges: list[str], channel: Channel) -> None:
        self.slug = slug
        self.ranges = ranges
        self.channel = channel
