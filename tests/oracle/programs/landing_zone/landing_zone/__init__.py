from .config import Account, Zone, load

__all__ = ["Account", "Zone", "load"]
