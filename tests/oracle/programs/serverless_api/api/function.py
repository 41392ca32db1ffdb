from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .destinations import lookup

_SOURCE = "def handler(event, context):\n    return {'statusCode': 204}\n"


class ApiFunction(lambda_.Function):
    """A function in the VPC that talks to named destinations."""

    def __init__(self, scope: Construct, construct_id: str, *, destinations=(), dual_stack=False, **kwargs):
        options = {
            "runtime": lambda_.Runtime.PYTHON_3_12,
            "handler": "index.handler",
            "code": lambda_.Code.from_inline(_SOURCE),
            "allow_all_outbound": False,
            "allow_all_ipv6_outbound": dual_stack,
        }
        super().__init__(scope, construct_id, **{**options, **kwargs})
        for name in destinations:
            self.talk_to(name)

    def talk_to(self, name: str) -> None:
        destination = lookup(name)
        for port in destination.ports:
            self.connections.allow_to(destination.peer, ec2.Port.tcp(port), name)
