import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from .parameters import Parameters


class TokenStack(cdk.Stack):
    def build(self, parameters: Parameters) -> None:
        vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)

        office = ec2.SecurityGroup(
            self, "Office", vpc=vpc, description="Office callers", allow_all_outbound=False
        )
        office.add_egress_rule(
            ec2.Peer.ipv4(parameters.office.value_as_string), ec2.Port.tcp(443), "office"
        )

        api = ec2.SecurityGroup(self, "Api", vpc=vpc, description="API callers", allow_all_outbound=False)
        api.add_egress_rule(
            ec2.Peer.ipv4("10.80.0.0/16"), ec2.Port.tcp(parameters.port.value_as_number), "API"
        )

        sites = ec2.SecurityGroup(self, "Sites", vpc=vpc, description="Sites", allow_all_outbound=False)
        for index in range(2):
            cidr = cdk.Fn.select(index, parameters.sites.value_as_list)
            sites.add_egress_rule(ec2.Peer.ipv4(cidr), ec2.Port.tcp(9000), f"site {index}")

        own = ec2.SecurityGroup(self, "Own", vpc=vpc, description="Own network", allow_all_outbound=False)
        own.add_egress_rule(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp_range(1024, 65535), "own network")

        maintenance = ec2.CfnSecurityGroupEgress(
            self,
            "MaintenanceEgress",
            group_id=own.security_group_id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            cidr_ip=cdk.Fn.condition_if(
                parameters.maintenance.logical_id, "0.0.0.0/0", "10.83.0.0/16"
            ).to_string(),
        )
        maintenance.add_dependency(own.node.default_child)

        optional = ec2.CfnSecurityGroup(
            self,
            "Optional",
            group_description="Only while work is going on",
            vpc_id=vpc.vpc_id,
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=22, to_port=22, cidr_ip="10.84.0.0/24"
                )
            ],
        )
        optional.cfn_options.condition = parameters.maintenance

        joined = ec2.SecurityGroup(self, "Joined", vpc=vpc, description="Joined", allow_all_outbound=False)
        prefix = cdk.Fn.select(0, cdk.Fn.split("/", "10.85.0.0/16"))
        joined.add_egress_rule(ec2.Peer.ipv4(cdk.Fn.join("/", [prefix, "24"])), ec2.Port.tcp(6000))

        repository = ec2.SecurityGroup(
            self, "Repository", vpc=vpc, description="Package repository", allow_all_outbound=False
        )
        repository.add_egress_rule(ec2.Peer.ipv4(parameters.repository), ec2.Port.tcp(443), "repository")
