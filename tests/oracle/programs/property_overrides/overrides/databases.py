import aws_cdk as cdk
from aws_cdk import aws_docdb as docdb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from constructs import Construct

from .escape import close, raw


class DatabaseStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)

        orders = rds.DatabaseInstance(
            self,
            "Orders",
            engine=rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_16),
            vpc=self.vpc,
        )
        # The group that the construct made.
        close(orders.node.find_child("SecurityGroup"))

        documents = docdb.DatabaseCluster(
            self,
            "Documents",
            master_user=docdb.Login(username="docs"),
            instance_type=ec2.InstanceType("r6g.large"),
            vpc=self.vpc,
        )
        documents.add_security_groups(
            ec2.SecurityGroup(self, "DocumentsExtra", vpc=self.vpc, allow_all_outbound=False)
        )

        raw(self, "Replication", self.vpc.vpc_id, standby="10.91.0.0/16", archive="10.92.0.0/16")
