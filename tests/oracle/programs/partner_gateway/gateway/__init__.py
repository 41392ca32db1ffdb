from .stack import GatewayStack
