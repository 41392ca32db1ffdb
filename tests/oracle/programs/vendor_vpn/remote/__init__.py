from .access import RemoteAccess

__all__ = ("RemoteAccess",)
