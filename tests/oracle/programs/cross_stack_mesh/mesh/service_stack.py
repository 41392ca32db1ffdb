from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from .foundation import Foundation

SYSLOG_TLS = 6514


class ServiceStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: Foundation,
        name: str,
        port: int,
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.service_name = name
        self.port = port
        self.add_dependency(foundation)

        self.group = ec2.SecurityGroup(
            self,
            "Group",
            vpc=foundation.vpc,
            description=f"Service {name}",
            allow_all_outbound=False,
        )
        self.group.connections.allow_to(foundation.audit_sink, ec2.Port.tcp(SYSLOG_TLS), "audit")

        cluster = ecs.Cluster(self, "Cluster", vpc=foundation.vpc)
        task = ecs.FargateTaskDefinition(self, "Task")
        task.add_container(
            name,
            image=ecs.ContainerImage.from_registry(f"example/{name}"),
            port_mappings=[ecs.PortMapping(container_port=port)],
        )
        ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            security_groups=[self.group],
        )

    def use(self, other: ServiceStack) -> None:
        self.group.connections.allow_to(
            other.group, ec2.Port.tcp(other.port), f"{self.service_name} uses {other.service_name}"
        )
