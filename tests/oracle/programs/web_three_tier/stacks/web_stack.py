from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_rds as rds
from constructs import Construct

from .base import BaseStack

REDIS = ec2.Port.tcp(6379)


class WebStack(BaseStack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        database: rds.DatabaseInstance,
        cache_security_group: ec2.ISecurityGroup,
        **kwargs,
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)

        fleet_group = ec2.SecurityGroup(
            self,
            "FleetGroup",
            vpc=vpc,
            description="Application servers",
            allow_all_outbound=False,
        )
        fleet_group.add_egress_rule(ec2.Peer.ipv4(self.patch_mirror), ec2.Port.tcp(443), "Patch mirror")
        fleet_group.add_egress_rule(
            ec2.Peer.ipv4(self.settings["cidr"]), ec2.Port.tcp(443), "Interface endpoints"
        )
        fleet_group.add_egress_rule(ec2.Peer.ipv4(self.settings["cidr"]), ec2.Port.udp(53), "Resolver")
        fleet_group.connections.allow_to(cache_security_group, REDIS, "Session cache")

        fleet = autoscaling.AutoScalingGroup(
            self,
            "Fleet",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="app"),
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.T3, ec2.InstanceSize.MEDIUM),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=fleet_group,
            min_capacity=2,
            max_capacity=6,
        )
        fleet.connections.allow_to_default_port(database, "Orders database")

        balancer = elbv2.ApplicationLoadBalancer(self, "Balancer", vpc=vpc, internet_facing=True)
        listener = balancer.add_listener("Http", port=80, open=True)
        listener.add_targets(
            "Fleet",
            port=self.app_port,
            protocol=elbv2.ApplicationProtocol.HTTP,
            targets=[fleet],
            health_check=elbv2.HealthCheck(path="/health"),
        )
