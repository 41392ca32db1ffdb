from .groups import closed_group

__all__ = ["closed_group"]
