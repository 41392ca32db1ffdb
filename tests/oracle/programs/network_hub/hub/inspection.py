from aws_cdk import NestedStack
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

GENEVE = ec2.Port.udp(6081)
HEALTH = ec2.Port.tcp(8888)


class InspectionStack(NestedStack):
    """Firewall appliances between the spokes."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, spokes: dict) -> None:
        super().__init__(scope, construct_id)
        appliance = ec2.SecurityGroup(
            self, "Appliance", vpc=vpc, allow_all_outbound=False, description="Firewall appliances"
        )
        appliance.connections.allow_internally(ec2.Port.tcp(3780), "state sync")

        endpoint = ec2.SecurityGroup(
            self, "Endpoint", vpc=vpc, allow_all_outbound=False, description="Load balancer endpoints"
        )
        for port in [GENEVE, HEALTH]:
            endpoint.connections.allow_to(appliance, port)

        for number, (name, cidr) in enumerate(sorted(spokes.items())):
            appliance.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.all_traffic(), f"spoke {number}: {name}")
