import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs


class SharedNetwork(cdk.Stack):
    def __init__(self, scope, construct_id, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        self.cluster = ecs.Cluster(self, "Cluster", vpc=self.vpc)
        proxy = self.node.try_get_context("proxy") or {}
        self.proxy_peer = ec2.Peer.ipv4(proxy.get("host", "10.5.0.4/32"))
        self.proxy_port = ec2.Port.tcp(proxy.get("port", 8080))

    def behind_proxy(self, scope, name):
        """A group whose only way out is the proxy. It lives where `scope` lives."""
        group = ec2.SecurityGroup(
            scope,
            name,
            vpc=self.vpc,
            allow_all_outbound=False,
        )
        group.add_egress_rule(self.proxy_peer, self.proxy_port, "proxy")
        return group
