from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache

from .base import MlStack


class FeatureStoreStack(MlStack):
    ONLINE_PORT = 6380

    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0)
        self.online_group = self.new_group("OnlineGroup", self.vpc, description="Online features")
        elasticache.CfnServerlessCache(
            self,
            "Online",
            engine="valkey",
            serverless_cache_name="features",
            security_group_ids=[self.online_group.security_group_id],
            subnet_ids=[subnet.subnet_id for subnet in self.vpc.isolated_subnets],
        )
