from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from .base import FeatureClient, MlStack


class StudioStack(FeatureClient, MlStack):
    def __init__(self, scope, construct_id, *, vpc, users, model_hub, **kwargs):
        super().__init__(scope, construct_id, **kwargs)
        self._groups = []
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

        home = efs.FileSystem(
            self,
            "Home",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            security_group=self.new_group("HomeGroup", vpc, description="Home folders"),
        )
        for user in users:
            group = self.new_group(f"Notebook-{user}", vpc, description=f"Notebook of {user}")
            group.add_egress_rule(ec2.Peer.ipv4(model_hub), ec2.Port.tcp(443), "model hub")
            home.connections.allow_default_port_from(group, "home folder")
            sagemaker.CfnNotebookInstance(
                self,
                f"Instance-{user}",
                instance_type="ml.t3.medium",
                role_arn=role.role_arn,
                direct_internet_access="Disabled",
                subnet_id=vpc.isolated_subnets[0].subnet_id,
                security_group_ids=[group.security_group_id],
            )
            self._groups.append(group)

    @property
    def client_groups(self):
        return self._groups
