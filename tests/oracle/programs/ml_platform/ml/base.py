import abc

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class FeatureClient:
    """Mixin of stacks whose workloads read features."""

    @property
    @abc.abstractmethod
    def client_groups(self):
        ...

    def uses(self, store):
        for group in self.client_groups:
            group.add_egress_rule(
                ec2.Peer.security_group_id(store.online_group.security_group_id),
                ec2.Port.tcp(store.ONLINE_PORT),
                "online features",
            )


class MlStack(cdk.Stack):
    _DEFAULTS = {"allow_all_outbound": False, "description": "ML platform"}

    def new_group(self, name, vpc, **props):
        merged = dict(self._DEFAULTS)
        merged.update(props)
        return ec2.SecurityGroup(self, name, vpc=vpc, **merged)
