import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from aws_cdk import aws_rds as rds
from constructs import Construct

from .base import BaseStack


class DataStack(BaseStack):
    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        database_group = ec2.SecurityGroup(
            self, "DatabaseGroup", vpc=vpc, description="Orders database", allow_all_outbound=False
        )
        self.database = rds.DatabaseInstance(
            self,
            "Orders",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[database_group],
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )

        self.cache_security_group = ec2.SecurityGroup(
            self, "CacheGroup", vpc=vpc, description="Session cache", allow_all_outbound=False
        )
        subnets = elasticache.CfnSubnetGroup(
            self,
            "CacheSubnets",
            description="Session cache",
            subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
        )
        elasticache.CfnReplicationGroup(
            self,
            "Cache",
            replication_group_description="sessions",
            engine="redis",
            cache_node_type="cache.t4g.small",
            num_cache_clusters=2,
            cache_subnet_group_name=subnets.ref,
            security_group_ids=[self.cache_security_group.security_group_id],
        )
