from typing import Dict, List

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .network import ServiceGroup


class PartnerGroup(ServiceGroup):
    PORT = ec2.Port.HTTPS

    def __init__(
        self, scope: Construct, construct_id: str, *, partners: Dict[str, List[str]], **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        for partner in sorted(partners):
            for cidr in partners[partner]:
                self.add_egress_rule(ec2.Peer.ipv4(cidr), self.PORT, f"partner {partner}")
