from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .network import ServiceGroup

ENGINE_PORTS = {"postgres": 5432, "mysql": 3306, "oracle": 1521}


class DatabaseGroup(ServiceGroup):
    def __init__(self, scope: Construct, construct_id: str, *, engine_port: int, **kwargs) -> None:
        super().__init__(scope, construct_id, resolver=False, **kwargs)
        self.port = ec2.Port.tcp(engine_port)

    @classmethod
    def for_engine(cls, scope, construct_id, vpc, engine, **kwargs) -> "DatabaseGroup":
        return cls(scope, construct_id, vpc=vpc, engine_port=ENGINE_PORTS[engine], **kwargs)
