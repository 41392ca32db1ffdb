import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class Foundation(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, restrict_default_security_group=True)
        self.audit_sink = ec2.SecurityGroup(
            self, "AuditSink", vpc=self.vpc, description="Audit log sink", allow_all_outbound=False
        )
