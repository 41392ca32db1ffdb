import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .environments import EnvironmentSettings


class SettingsStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, settings: EnvironmentSettings, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self.settings = settings

    def group(self, name: str, vpc: ec2.IVpc, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, name, vpc=vpc, description=description, allow_all_outbound=False
        )


class NetworkStack(SettingsStack):
    def __init__(self, scope, construct_id, settings, **kwargs):
        super().__init__(scope, construct_id, settings, **kwargs)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(settings.cidr),
            availability_zones=[f"{settings.region}{letter}" for letter in "ab"],
            nat_gateways=2 if settings.is_production else 1,
        )


class ApiStack(SettingsStack):
    def __init__(self, scope, construct_id, settings, *, network: NetworkStack, proxy: str, **kwargs):
        super().__init__(scope, construct_id, settings, **kwargs)
        self.security_group = self.group("ApiGroup", network.vpc, "Public API")
        self.security_group.add_egress_rule(ec2.Peer.ipv4(proxy), ec2.Port.tcp(3128), "Egress proxy")

        # Developers attach debuggers from the office, never in production.
        if not settings.is_production:
            for cidr in settings.debug_ranges:
                self.security_group.add_egress_rule(
                    ec2.Peer.ipv4(cidr), ec2.Port.tcp_range(5005, 5015), "Debugger"
                )

        autoscaling.AutoScalingGroup(
            self,
            "Api",
            vpc=network.vpc,
            instance_type=ec2.InstanceType("m6i.large" if settings.is_production else "t3.small"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=self.security_group,
        )


class WorkerStack(SettingsStack):
    def __init__(self, scope, construct_id, settings, *, network: NetworkStack, api: ApiStack, **kwargs):
        super().__init__(scope, construct_id, settings, **kwargs)
        group = self.group("WorkerGroup", network.vpc, "Queue workers")
        group.connections.allow_to(api.security_group, ec2.Port.tcp(8080), "API")
        group.add_egress_rule(ec2.Peer.ipv4(settings.cidr), ec2.Port.tcp(443), "Endpoints")
        autoscaling.AutoScalingGroup(
            self,
            "Workers",
            vpc=network.vpc,
            instance_type=ec2.InstanceType("c6i.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=group,
        )
