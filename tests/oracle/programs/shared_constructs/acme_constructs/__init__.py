from .databases import DatabaseGroup
from .network import ServiceGroup
from .partners import PartnerGroup

__all__ = ["DatabaseGroup", "PartnerGroup", "ServiceGroup"]
