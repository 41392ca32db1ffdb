from typing import Dict

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .access import AccessStack
from .inspection import InspectionStack


class HubStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        spokes: Dict[str, str],
        corporate_prefix_list: str,
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        nat = ec2.NatProvider.instance_v2(
            instance_type=ec2.InstanceType("t4g.nano"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(
                cpu_type=ec2.AmazonLinuxCpuType.ARM_64
            ),
            default_allowed_traffic=ec2.NatTrafficDirection.NONE,
        )
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.100.0.0/16"),
            max_azs=1,
            nat_gateway_provider=nat,
        )
        for name, cidr in spokes.items():
            nat.connections.allow_from(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), f"from {name}")
        for port in (80, 443):
            nat.connections.allow_to_any_ipv4(ec2.Port.tcp(port), "updates")

        spoke_list = ec2.PrefixList(
            self,
            "Spokes",
            entries=[
                ec2.CfnPrefixList.EntryProperty(cidr=cidr, description=name)
                for name, cidr in spokes.items()
            ],
        )

        InspectionStack(self, "Inspection", vpc=self.vpc, spokes=spokes)
        AccessStack(
            self,
            "Access",
            vpc=self.vpc,
            spoke_list=spoke_list,
            corporate_prefix_list=corporate_prefix_list,
        )
