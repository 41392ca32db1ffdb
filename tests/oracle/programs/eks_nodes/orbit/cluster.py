from __future__ import annotations

from typing import Sequence

from aws_cdk import Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from constructs import Construct

from .pools import PoolSpec

KUBELET = ec2.Port.tcp(10250)
API_SERVER = ec2.Port.tcp(443)
NODE_PORTS = ec2.Port.tcp_range(30000, 32767)
DNS = (ec2.Port.tcp(53), ec2.Port.udp(53))


class OrbitCluster(Stack):
    def __init__(self, scope: Construct, construct_id: str, *, pools: Sequence[PoolSpec], **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=3, nat_gateways=1)

        self.control_plane = self._closed("ControlPlane", "Kubernetes control plane")
        self.nodes = self._closed("Nodes", "All nodes")

        self.control_plane.connections.allow_to(self.nodes, KUBELET, "kubelet")
        self.nodes.connections.allow_to(self.control_plane, API_SERVER, "API server")
        for port in DNS:
            self.nodes.connections.allow_internally(port, "cluster DNS")
        self.nodes.connections.allow_internally(NODE_PORTS, "node ports")

        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("eks.amazonaws.com"))
        eks.CfnCluster(
            self,
            "Cluster",
            role_arn=role.role_arn,
            resources_vpc_config=eks.CfnCluster.ResourcesVpcConfigProperty(
                subnet_ids=[subnet.subnet_id for subnet in self.vpc.private_subnets],
                security_group_ids=[self.control_plane.security_group_id],
                endpoint_private_access=True,
                endpoint_public_access=False,
            ),
        )

        for pool in pools:
            self._pool(pool)

    def _closed(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, name, vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def _pool(self, pool: PoolSpec) -> autoscaling.AutoScalingGroup:
        group = self._closed(f"{pool.construct_id}Pool", f"Nodes of pool {pool.name}")
        for cidr in pool.destinations():
            group.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(443), f"{pool.name} pulls")
        fleet = autoscaling.AutoScalingGroup(
            self,
            pool.construct_id,
            vpc=self.vpc,
            instance_type=ec2.InstanceType(pool.instance),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            min_capacity=pool.min,
            max_capacity=max(pool.min * 2, 4),
            security_group=group,
        )
        fleet.add_security_group(self.nodes)
        return fleet
