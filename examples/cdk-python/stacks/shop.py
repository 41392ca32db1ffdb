from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .groups import workload_group

POSTGRES = ec2.Port.tcp(5432)
HTTPS = ec2.Port.tcp(443)


class Shop(Stack):
    """What customers use."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.database = workload_group(self, "Database", vpc)

        # As it should be: closed, then exactly what the service talks to.
        api = workload_group(self, "Api", vpc)
        api.connections.allow_to(self.database, POSTGRES, "orders")
        payments = self.node.try_get_context("paymentProvider")
        api.add_egress_rule(ec2.Peer.ipv4(payments), HTTPS, "payment provider")

        # Looks restricted. The group allows everything, so the rule is never written.
        admin = ec2.SecurityGroup(self, "Admin", vpc=vpc)
        admin.add_egress_rule(ec2.Peer.ipv4("10.0.0.0/8"), HTTPS, "internal only")

        # Closed over IPv4, and wide open on the other side of the house.
        reports = workload_group(self, "Reports", vpc)
        reports.connections.allow_to(self.database, POSTGRES, "read replicas")
        reports.add_egress_rule(ec2.Peer.any_ipv6(), HTTPS)
