from typing import Any, Dict, NamedTuple


class GameTitle(NamedTuple):
    title: str
    first_port: int
    rooms: int = 8
    voice: bool = True

    @classmethod
    def parse(cls, raw: Dict[str, Any]) -> "GameTitle":
        return cls(**raw)

    @property
    def last_port(self) -> int:
        return self.first_port + self.rooms - 1

    @property
    def voice_port(self) -> int:
        return self.first_port // 10 * 10 + 9
