import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .rules import all_of, tcp, to_group


class LegacySecurity(Construct):
    def __init__(self, scope: Construct, construct_id: str, *, mapping: cdk.CfnMapping) -> None:
        super().__init__(scope, construct_id)

        environment = cdk.CfnParameter(
            self, "Environment", type="String", default="test", allowed_values=["test", "live"]
        )
        admin_cidr = cdk.CfnParameter(self, "AdminCidr", type="String", default="10.0.0.0/24")
        is_live = cdk.CfnCondition(
            self, "IsLive", expression=cdk.Fn.condition_equals(environment.value_as_string, "live")
        )

        vpc = ec2.CfnVPC(self, "Vpc", cidr_block="10.0.0.0/16", enable_dns_support=True)

        logs = mapping.find_in_map(cdk.Aws.REGION, "logs")

        self.web = ec2.CfnSecurityGroup(
            self,
            "Web",
            group_description="Web servers",
            vpc_id=vpc.ref,
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp", from_port=443, to_port=443, cidr_ip="0.0.0.0/0"
                )
            ],
            security_group_egress=[
                tcp("10.0.8.0/21", 8080),
                tcp("10.0.16.0/24", 6379, description="cache"),
                tcp("192.0.2.55/32", 443, 444),
            ],
        )

        self.application = ec2.CfnSecurityGroup(
            self,
            "Application",
            group_description="Application servers",
            vpc_id=vpc.attr_vpc_id,
            security_group_egress=[
                {"ipProtocol": "udp", "fromPort": 53, "toPort": 53, "cidrIp": "10.0.0.2/32"},
                {"ipProtocol": "icmp", "fromPort": 8, "toPort": -1, "cidrIp": "10.0.0.0/16"},
            ],
        )
        self.database = ec2.CfnSecurityGroup(
            self,
            "Database",
            group_description="Database",
            vpc_id=vpc.ref,
            security_group_egress=[all_of("127.0.0.1/32")],
        )
        to_group(self, "ApplicationToDatabase", self.application, self.database, 5432)

        self.agent = ec2.CfnSecurityGroup(
            self,
            "Agent",
            group_description="Log agents",
            vpc_id=vpc.ref,
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=6514, to_port=6514, cidr_ip=logs
                ),
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="tcp", from_port=22, to_port=22, cidr_ip=admin_cidr.value_as_string
                ),
            ],
        )

        debug = ec2.CfnSecurityGroupEgress(
            self,
            "AgentDebug",
            group_id=self.agent.attr_group_id,
            ip_protocol="tcp",
            from_port=8000,
            to_port=8100,
            cidr_ip="10.0.200.0/24",
        )
        debug.cfn_options.condition = is_live

        # Nobody ever gave this one rules of its own.
        self.leftover = ec2.CfnSecurityGroup(
            self, "Leftover", group_description="Unused since the move", vpc_id=vpc.ref
        )

        cdk.CfnOutput(self, "WebGroup", value=self.web.attr_group_id, export_name="legacy-web-group")
