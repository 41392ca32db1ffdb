from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from service import Microservice


class PlatformStack(Stack):
    def __init__(self, scope: Construct, id: str, **kwargs):
        super().__init__(scope, id, **kwargs)

        vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        cluster = ecs.Cluster(self, "Cluster", vpc=vpc)

        config = self.node.try_get_context("services")
        proxy = ec2.Peer.ipv4(self.node.try_get_context("proxy_cidr"))

        services = {
            name: Microservice(
                self,
                name.title(),
                cluster,
                image=entry["image"],
                port=entry["port"],
                environment={"SERVICE_NAME": name},
            )
            for name, entry in config.items()
        }

        for name, entry in config.items():
            caller = services[name]
            caller.may_call(*[services[callee] for callee in entry["calls"]])
            caller.may_use([ec2.Peer.ipv4(vpc.vpc_cidr_block)], [443])
            if entry.get("internet", False):
                caller.may_use([proxy], [3128, 3129])

        # The load balancer of the edge team reaches the checkout only.
        edge = ec2.SecurityGroup.from_security_group_id(
            self, "Edge", "sg-0aa11bb22cc33dd44", allow_all_outbound=False
        )
        services["checkout"].connections.allow_from(edge, ec2.Port.tcp(services["checkout"].port))
