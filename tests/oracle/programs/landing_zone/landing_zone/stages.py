from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .config import Account, Zone
from .profiles import Profile
from .workloads import WORKLOADS


class NetworkStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, account: Account, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(account.cidr),
            max_azs=2,
            nat_gateways=0,
        )


class WorkloadStack(cdk.Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, profile: Profile, names, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        for name in names:
            WORKLOADS[name](self, name, vpc=vpc, profile=profile)


class AccountStage(cdk.Stage):
    def __init__(self, scope: Construct, construct_id: str, *, zone: Zone, account: Account, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        profile = Profile.of(zone, account)
        network = NetworkStack(self, "Network", account=account)
        WorkloadStack(self, "Workloads", vpc=network.vpc, profile=profile, names=account.workloads)
