from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Tuple

import aws_cdk as cdk


@dataclass(frozen=True)
class Settings:
    cidr: str
    hsm: Tuple[str, ...]
    acquirers: Mapping[str, str]
    tokenize_port: int = 8443

    @staticmethod
    def from_context(app: cdk.App) -> Settings:
        raw = app.node.get_context("cde")
        return Settings(
            cidr=raw["cidr"],
            hsm=tuple(raw["hsm"]),
            acquirers=dict(raw["acquirers"]),
            tokenize_port=raw["tokenize_port"],
        )
