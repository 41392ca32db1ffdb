from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from . import ports


class MemberServers(Construct):
    def __init__(self, scope, construct_id, *, vpc, roles, controllers):
        super().__init__(scope, construct_id)
        self._roles = roles
        self._controllers = controllers
        self._domain = ec2.SecurityGroup(
            self,
            "Domain",
            vpc=vpc,
            description="Members of the domain",
            allow_all_outbound=False,
        )
        self._servers = {}
        for role in roles:
            server = ec2.Instance(
                self,
                role.capitalize(),
                vpc=vpc,
                instance_type=ec2.InstanceType.of(ec2.InstanceClass.M6I, ec2.InstanceSize.LARGE),
                machine_image=ec2.MachineImage.latest_windows(
                    ec2.WindowsVersion.WINDOWS_SERVER_2022_ENGLISH_FULL_BASE
                ),
                allow_all_outbound=False,
            )
            server.add_security_group(self._domain)
            self._servers[role] = server

    def join_domain(self):
        for controller in self._controllers:
            peer = ec2.Peer.ipv4(controller)
            for protocol, first, last, purpose in ports.DOMAIN:
                self._domain.add_egress_rule(peer, ports.to_port(protocol, first, last), purpose)

    def let(self, source, target):
        self._servers[source].connections.allow_to(
            self._servers[target], self._roles[target], f"{source} to {target}"
        )
