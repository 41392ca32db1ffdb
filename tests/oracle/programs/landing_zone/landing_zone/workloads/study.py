from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from constructs import Construct

from ..groups import ProfiledGroup


class Notebook(Construct):
    def __init__(self, scope, construct_id, *, vpc, profile):
        super().__init__(scope, construct_id)
        self.group = ProfiledGroup(self, "Group", vpc=vpc, profile=profile, purpose="Notebooks")
        # Left to the construct: the file system's own group is open.
        self.files = efs.FileSystem(
            self,
            "Files",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
        self.files.connections.allow_default_port_from(self.group)
