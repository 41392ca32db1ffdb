from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from ..groups import ProfiledGroup


class ArtifactStore(Construct):
    UPSTREAMS = frozenset({"203.0.113.101/32", "203.0.113.102/32"})

    def __init__(self, scope, construct_id, *, vpc, profile):
        super().__init__(scope, construct_id)
        group = ProfiledGroup(self, "Group", vpc=vpc, profile=profile, purpose="Artifact store")
        for upstream in sorted(self.UPSTREAMS):
            group.add_egress_rule(ec2.Peer.ipv4(upstream), ec2.Port.tcp(443), "upstream")
        ec2.Instance(
            self,
            "Host",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            instance_type=ec2.InstanceType("m6i.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=group,
        )


class Bastion(Construct):
    def __init__(self, scope, construct_id, *, vpc, profile):
        super().__init__(scope, construct_id)
        group = ProfiledGroup(self, "Group", vpc=vpc, profile=profile, purpose="Bastion")
        group.add_egress_rule(
            ec2.Peer.ipv4(profile.zone.supernet), ec2.Port.tcp(22), "ssh to all accounts"
        )
        ec2.BastionHostLinux(
            self,
            "Host",
            vpc=vpc,
            security_group=group,
            subnet_selection=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
