from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_rds as rds
from constructs import Construct

from ..groups import ProfiledGroup


class Ledger(Construct):
    def __init__(self, scope, construct_id, *, vpc, profile):
        super().__init__(scope, construct_id)
        database = rds.DatabaseInstance(
            self,
            "Database",
            engine=rds.DatabaseInstanceEngine.oracle_se2(version=rds.OracleEngineVersion.VER_19),
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[
                ec2.SecurityGroup(self, "DatabaseGroup", vpc=vpc, allow_all_outbound=False)
            ],
        )
        poster = ProfiledGroup(self, "PosterGroup", vpc=vpc, profile=profile, purpose="Postings")
        database.connections.allow_default_port_from(poster, "postings")


class Gateway(Construct):
    BANKS = {"DE": ("192.0.2.1/32", "192.0.2.2/32"), "FR": ("198.51.100.1/32",)}

    def __init__(self, scope, construct_id, *, vpc, profile):
        super().__init__(scope, construct_id)
        for country, addresses in self.BANKS.items():
            group = ProfiledGroup(
                self, f"{country}Group", vpc=vpc, profile=profile, purpose=f"Gateway {country}"
            )
            for number, address in enumerate(addresses):
                group.add_egress_rule(ec2.Peer.ipv4(address), ec2.Port.tcp(8443 + number), "bank")
            lambda_.Function(
                self,
                country,
                runtime=lambda_.Runtime.JAVA_21,
                handler="bank.Handler",
                code=lambda_.Code.from_bucket(self.bucket(country), "gateway.jar"),
                vpc=vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                security_groups=[group],
            )

    def bucket(self, country):
        from aws_cdk import aws_s3 as s3

        return s3.Bucket.from_bucket_name(self, f"{country}Code", f"code-{country.lower()}")
