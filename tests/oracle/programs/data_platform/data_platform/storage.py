import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_rds as rds
from constructs import Construct

from . import closed_group


class StorageStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, rotation: bool = False, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            max_azs=2,
            nat_gateways=0,
            gateway_endpoints={
                "S3": ec2.GatewayVpcEndpointOptions(service=ec2.GatewayVpcEndpointAwsService.S3)
            },
            restrict_default_security_group=True,
        )

        self.warehouse_group = closed_group(self, "WarehouseGroup", self.vpc)
        self.warehouse = rds.DatabaseCluster(
            self,
            "Warehouse",
            engine=rds.DatabaseClusterEngine.aurora_postgres(
                version=rds.AuroraPostgresEngineVersion.VER_16_4
            ),
            writer=rds.ClusterInstance.serverless_v2("writer"),
            readers=[rds.ClusterInstance.serverless_v2("reader", scale_with_writer=True)],
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_groups=[self.warehouse_group],
        )
        if rotation:
            self.warehouse.add_rotation_single_user(
                automatically_after=cdk.Duration.days(30),
                security_group=closed_group(self, "RotationGroup", self.vpc, description="Password rotation"),
            )

        self.files_group = closed_group(self, "FilesGroup", self.vpc)
        self.files = efs.FileSystem(
            self,
            "Files",
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_group=self.files_group,
            encrypted=True,
        )
