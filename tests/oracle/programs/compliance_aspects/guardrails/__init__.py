from .checks import DescriptionCheck, StackNaming
from .egress import PublicEgressGuard
