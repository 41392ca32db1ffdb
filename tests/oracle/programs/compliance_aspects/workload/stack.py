import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct


class WorkloadStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, strict: bool = True, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=0 if strict else 1)

        frontend = ec2.SecurityGroup(
            self, "Frontend", vpc=vpc, description="Frontend", allow_all_outbound=not strict
        )
        backend = ec2.SecurityGroup(
            self, "Backend", vpc=vpc, description="Backend", allow_all_outbound=not strict
        )
        if strict:
            frontend.connections.allow_to(backend, ec2.Port.tcp(8080))
            backend.add_egress_rule(ec2.Peer.ipv4("10.1.0.0/16"), ec2.Port.tcp(3306), "Orders database")

        lambda_.Function(
            self,
            "Cleanup",
            runtime=lambda_.Runtime.NODEJS_20_X,
            handler="index.handler",
            code=lambda_.Code.from_inline("exports.handler = async () => 1;"),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(
                subnet_type=ec2.SubnetType.PRIVATE_ISOLATED
                if strict
                else ec2.SubnetType.PRIVATE_WITH_EGRESS
            ),
            allow_all_outbound=not strict,
        )

        metrics = ec2.SecurityGroup(
            self, "Metrics", vpc=vpc, description="Metrics agents", allow_all_outbound=False
        )
        metrics.add_egress_rule(ec2.Peer.ipv4("10.2.0.0/16"), ec2.Port.tcp_range(9090, 9100), "Scrapers")
        metrics.node.default_child.add_metadata("reviewed", "2024-05")
