from .model import GameTitle
from .stack import ArenaStack
