from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticache as elasticache
from constructs import Construct


class ProbeStack(Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc")
        group = ec2.SecurityGroup(self, "SG", vpc=vpc, description="redis")
        elasticache.CfnCacheCluster(
            self,
            "R",
            cache_node_type="cache.t3.micro",
            engine="redis",
            num_cache_nodes=1,
            vpc_security_group_ids=[group.security_group_id],
        )


app = App()
ProbeStack(app, "Probe")
app.synth()
