import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from .escape import close, only


class WorkerStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, lock: bool, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        sender = ec2.SecurityGroup(self, "Sender", vpc=vpc)
        only(sender, "10.93.0.0/24", 5671)

        patched = ec2.SecurityGroup(self, "Patched", vpc=vpc, allow_all_outbound=False)
        patched.add_egress_rule(ec2.Peer.ipv4("10.94.0.0/24"), ec2.Port.tcp(80))
        patched.add_egress_rule(ec2.Peer.ipv4("10.95.0.0/24"), ec2.Port.tcp(80))
        child = patched.node.default_child
        child.add_property_override("SecurityGroupEgress.0.CidrIp", "10.94.0.0/28")
        child.add_override("Properties.SecurityGroupEgress.1.ToPort", 81)

        dropped = ec2.SecurityGroup(self, "Dropped", vpc=vpc, allow_all_outbound=False)
        dropped.node.default_child.add_property_deletion_override("SecurityGroupEgress")
        ec2.CfnSecurityGroupEgress(
            self,
            "DroppedEgress",
            group_id=dropped.security_group_id,
            ip_protocol="tcp",
            from_port=9418,
            to_port=9418,
            cidr_ip="10.96.0.0/24",
        )

        function = lambda_.Function(
            self,
            "Resize",
            runtime=lambda_.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return 0"),
            vpc=vpc,
        )
        if lock:
            for group in function.connections.security_groups:
                close(group)
