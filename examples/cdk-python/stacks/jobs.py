from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .groups import workload_group


class Jobs(Stack):
    """What runs in the background."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        database: ec2.ISecurityGroup,
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        # A switch in cdk.json, once meant for a single evening.
        workload_group(
            self, "Importer", vpc, reach_out=self.node.try_get_context("importerReachesOut")
        )

        # Web ports only: better, not closed.
        feeds = workload_group(self, "Feeds", vpc)
        feeds.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443), "publishers' feeds")

        # No group in sight. The function makes one of its own, and it is open.
        newsletter = lambda_.Function(
            self,
            "Newsletter",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_asset("lambda/newsletter"),
            vpc=vpc,
        )
        newsletter.connections.allow_to(database, ec2.Port.tcp(5432), "subscribers")

        # Open on purpose, with a reason that the next reader can judge.
        ec2.Instance(  # tidegate: allow[open-egress-by-default] builds fetch from anywhere; holds no secrets
            self,
            "Runner",
            vpc=vpc,
            instance_type=ec2.InstanceType("t3.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
        )
