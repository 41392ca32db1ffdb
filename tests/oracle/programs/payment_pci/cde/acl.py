from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from cde.settings import Settings


class IsolationAcl(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.Vpc, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        acl = ec2.NetworkAcl(
            self,
            "Acl",
            vpc=vpc,
            subnet_selection=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
        ranges = [settings.cidr, *settings.hsm, *settings.acquirers.values()]
        for index, cidr in enumerate(ranges):
            number = 100 + 10 * index
            for direction in (ec2.TrafficDirection.EGRESS, ec2.TrafficDirection.INGRESS):
                acl.add_entry(
                    f"{direction.name.title()}{number}",
                    cidr=ec2.AclCidr.ipv4(cidr),
                    rule_number=number,
                    traffic=ec2.AclTraffic.tcp_port_range(1024, 65535)
                    if direction is ec2.TrafficDirection.INGRESS
                    else ec2.AclTraffic.all_traffic(),
                    direction=direction,
                    rule_action=ec2.Action.ALLOW,
                )
