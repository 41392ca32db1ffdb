from typing import List

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from .model import GameTitle

MATCHMAKER_PORT = 7350
STUN = {"v4": "192.0.2.244/32", "v6": "2001:db8:244::1/128"}


class ArenaStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, titles: List[GameTitle], **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)

        self.matchmaker = ec2.SecurityGroup(
            self, "Matchmaker", vpc=self.vpc, description="Matchmaker", allow_all_outbound=False
        )
        self.accounts = ec2.SecurityGroup(
            self, "Accounts", vpc=self.vpc, description="Accounts", allow_all_outbound=False
        )
        self.matchmaker.connections.allow_to(self.accounts, ec2.Port.tcp(5433))

        for title in titles:
            self._title(title)

        gateway = elbv2.NetworkLoadBalancer(
            self, "Gateway", vpc=self.vpc, internet_facing=True, security_groups=[self._gateway_group()]
        )
        gateway.add_listener("Tcp", port=443).add_targets(
            "Matchmaker", port=MATCHMAKER_PORT, protocol=elbv2.Protocol.TCP
        )

    def _gateway_group(self) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, "GatewayGroup", vpc=self.vpc, description="Gateway", allow_all_outbound=False
        )
        group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
        group.connections.allow_to(self.matchmaker, ec2.Port.tcp(MATCHMAKER_PORT), "matchmaker")
        return group

    def _title(self, title: GameTitle) -> None:
        players = ec2.Port.udp_range(title.first_port, title.last_port)
        group = ec2.SecurityGroup(
            self,
            f"{title.title}Servers",
            vpc=self.vpc,
            description=f"Servers of {title.title}",
            allow_all_outbound=False,
        )
        group.add_ingress_rule(ec2.Peer.any_ipv4(), players)
        # Game servers answer players from fixed ports, which groups let through anyway.
        group.connections.allow_to(self.matchmaker, ec2.Port.tcp(MATCHMAKER_PORT))
        group.connections.allow_internally(players, "server to server")
        if title.voice:
            group.add_egress_rule(ec2.Peer.ipv4(STUN["v4"]), ec2.Port.udp(3478), "stun")
            group.add_egress_rule(ec2.Peer.ipv6(STUN["v6"]), ec2.Port.udp(3478), "stun")
            group.connections.allow_to(
                ec2.Peer.ipv4(self.vpc.vpc_cidr_block), ec2.Port.udp(title.voice_port), "voice"
            )
        autoscaling.AutoScalingGroup(
            self,
            f"{title.title}Fleet",
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            instance_type=ec2.InstanceType("c6i.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=group,
            max_capacity=title.rooms,
        )

        # One balancer per title, in front of its lobby.
        lobby = elbv2.NetworkLoadBalancer(self, f"{title.title}Lobby", vpc=self.vpc)
        lobby.connections.allow_to(group, ec2.Port.tcp(title.first_port), "lobby")
