from typing import Tuple

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from .groups import closed_group, egress_to_s3
from .storage import StorageStack

HANDLER = """
def handler(event, context):
    return {"records": len(event.get("Records", []))}
"""


class IngestStack(cdk.Stack):
    JOBS: Tuple[Tuple[str, int], ...] = (("Orders", 512), ("Clicks", 1024), ("Invoices", 256))

    def __init__(self, scope: Construct, construct_id: str, storage: StorageStack, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.storage = storage
        self.api_key = secretsmanager.Secret(self, "ApiKey")

        for name, memory in self.JOBS:
            group = egress_to_s3(closed_group(self, f"{name}Group", storage.vpc))
            function = self._function(name, memory, group)
            function.connections.allow_to_default_port(storage.warehouse)
            function.connections.allow_to(storage.files_group, ec2.Port.tcp(2049), "NFS")

        # The exporter talks to nobody but the partner's transfer hosts.
        exporter = lambda_.Function(
            self,
            "Exporter",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline(HANDLER),
            vpc=storage.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            allow_all_outbound=False,
        )
        for host in ("192.0.2.10/32", "192.0.2.11/32"):
            exporter.connections.allow_to(ec2.Peer.ipv4(host), ec2.Port.tcp(22), "sftp")

    def _function(self, name: str, memory: int, group: ec2.ISecurityGroup) -> lambda_.Function:
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline(HANDLER),
            memory_size=memory,
            timeout=cdk.Duration.minutes(5),
            vpc=self.storage.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[group],
            environment={"SECRET": self.api_key.secret_name},
        )
