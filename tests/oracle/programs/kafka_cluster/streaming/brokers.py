from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_msk as msk
from constructs import Construct

from .constants import BROKER_COUNT, PLAINTEXT, TLS, ZOOKEEPER_PORTS


class BrokerStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=BROKER_COUNT, nat_gateways=0)

        self.broker_group = ec2.SecurityGroup(
            self, "BrokerGroup", vpc=self.vpc, description="Brokers", allow_all_outbound=False
        )
        for port in (PLAINTEXT, TLS):
            self.broker_group.connections.allow_internally(ec2.Port.tcp(port), "replication")
        self.zookeeper_group = ec2.SecurityGroup(
            self, "ZookeeperGroup", vpc=self.vpc, description="ZooKeeper", allow_all_outbound=False
        )
        for name, port in ZOOKEEPER_PORTS:
            target = self.zookeeper_group if name != "client" else self.broker_group
            self.zookeeper_group.connections.allow_from(target, ec2.Port.tcp(port), name)

        subnets = self.vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        self.cluster = msk.CfnCluster(
            self,
            "Cluster",
            cluster_name="events",
            kafka_version="3.6.0",
            number_of_broker_nodes=BROKER_COUNT,
            broker_node_group_info=msk.CfnCluster.BrokerNodeGroupInfoProperty(
                client_subnets=subnets.subnet_ids,
                instance_type="kafka.m5.large",
                security_groups=[self.broker_group.security_group_id],
            ),
        )

    def allow_client(self, client: ec2.IConnectable, *ports: int) -> None:
        for port in ports:
            self.broker_group.connections.allow_from(client, ec2.Port.tcp(port), f"port {port}")
