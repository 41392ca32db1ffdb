import itertools

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .certificates import certificate


class RemoteAccess(cdk.Stack):
    _octets = itertools.count(0)

    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpn = self.node.try_get_context("vpn")
        self.sites = self.node.try_get_context("sites")
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0)
        self._jump = ec2.SecurityGroup(
            self, "JumpGroup", vpc=self.vpc, description="Jump hosts", allow_all_outbound=False
        )
        # Jump hosts reach every site over remote desktop and nothing else.
        for site in self.sites:
            for cidr in self.sites[site]:
                self._jump.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(3389), f"desktop at {site}")

    def _endpoint(self, name: str, group: ec2.ISecurityGroup, cidr: str) -> ec2.ClientVpnEndpoint:
        return self.vpc.add_client_vpn_endpoint(
            f"{name}Vpn",
            cidr=cidr,
            server_certificate_arn=certificate("server"),
            client_certificate_arn=certificate(name.lower()),
            split_tunnel=self.vpn["split_tunnel"],
            security_groups=[group],
            authorize_all_users_to_vpc_cidr=False,
            logging=False,
        )

    def add_vendor(self, name: str, *, sites, ports, udp: bool = False) -> None:
        group = ec2.SecurityGroup(
            self, f"{name}Group", vpc=self.vpc, description=f"Vendor {name}", allow_all_outbound=False
        )
        make_port = ec2.Port.udp if udp else ec2.Port.tcp
        ranges = [cidr for site in sites for cidr in self.sites[site]]
        for cidr in ranges:
            for port in ports:
                group.add_egress_rule(ec2.Peer.ipv4(cidr), make_port(port), f"{name} equipment")
        group.connections.allow_to(self._jump, ec2.Port.tcp(3389), "jump host")
        self._endpoint(name, group, f"10.223.{4 * next(self._octets)}.0/22")

    def add_staff(self) -> None:
        group = ec2.SecurityGroup(
            self, "StaffGroup", vpc=self.vpc, description="Own staff", allow_all_outbound=False
        )
        group.add_egress_rule(ec2.Peer.ipv4(self.vpc.vpc_cidr_block), ec2.Port.all_tcp(), "whole VPC")
        self._endpoint("Staff", group, self.vpn["client_cidr"])

        # Contractors get what the library gives.
        self.vpc.add_client_vpn_endpoint(
            "ContractorVpn",
            cidr="10.224.0.0/22",
            server_certificate_arn=certificate("server"),
            client_certificate_arn=certificate("contractor"),
            logging=False,
        )
