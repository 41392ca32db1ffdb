from typing import Mapping

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from .network import BrownfieldNetwork


class ServicesStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: BrownfieldNetwork,
        groups: Mapping[str, str],
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        vpc = network.vpc

        # Open already: what is added here has no effect.
        edge = ec2.SecurityGroup.from_security_group_id(self, "Edge", groups["edge"])
        # Closed, and ours to change.
        batch = ec2.SecurityGroup.from_security_group_id(
            self, "Batch", groups["batch"], allow_all_outbound=False
        )
        # Owned by somebody else.
        vendor = ec2.SecurityGroup.from_security_group_id(
            self, "Vendor", groups["vendor"], mutable=False, allow_all_outbound=False
        )
        # Known to the account, not to the code.
        directory = ec2.SecurityGroup.from_lookup_by_id(self, "Directory", "sg-0d0d0d0d0d0d0d0d0")

        orders = ec2.SecurityGroup(
            self, "Orders", vpc=vpc, description="Orders service", allow_all_outbound=False
        )
        orders.add_egress_rule(vendor, ec2.Port.tcp(9443), "Vendor gateway")
        orders.add_egress_rule(directory, ec2.Port.tcp(636), "Directory")
        orders.add_egress_rule(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(443), "Endpoints")

        edge.connections.allow_to(orders, ec2.Port.tcp(8080), "Edge to orders")
        batch.connections.allow_to(orders, ec2.Port.tcp(8081), "Batch to orders")
        batch.add_egress_rule(ec2.Peer.ipv4("10.40.128.0/17"), ec2.Port.tcp_range(9000, 9100), "Grid")
        vendor.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "Never written")
        directory.add_egress_rule(orders, ec2.Port.tcp(8443), "Callback")

        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)
        task = ecs.FargateTaskDefinition(self, "Task")
        task.add_container("orders", image=ecs.ContainerImage.from_registry("example/orders"))
        ecs.FargateService(
            self,
            "Service",
            cluster=cluster,
            task_definition=task,
            security_groups=[orders, vendor],
        )
