from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterator

if TYPE_CHECKING:
    from .service_stack import ServiceStack


class Registry:
    """Services by name, in the order they came."""

    def __init__(self) -> None:
        self._services: Dict[str, ServiceStack] = {}

    def register(self, name: str, stack: ServiceStack) -> None:
        if name in self._services:
            raise ValueError(f"{name} is there already")
        self._services[name] = stack

    def __getitem__(self, name: str) -> ServiceStack:
        return self._services[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)
