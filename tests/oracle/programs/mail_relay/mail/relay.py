from typing import List

from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

SMTP = ec2.Port.tcp(25)


class MailRelay(Construct):
    """Delivers mail to anybody on port 25 and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, *, submission: List[int]) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2)
        self.group = ec2.SecurityGroup(
            self, "Group", vpc=self.vpc, description="Mail relay", allow_all_outbound=False
        )
        self.group.add_egress_rule(ec2.Peer.any_ipv4(), SMTP, "delivery")
        self.group.add_egress_rule(ec2.Peer.any_ipv6(), SMTP, "delivery")
        self.group.add_egress_rule(ec2.Peer.ipv4(self.vpc.vpc_cidr_block), ec2.Port.all_icmp(), "diagnosis")
        for port in submission:
            self.group.add_ingress_rule(ec2.Peer.ipv4("10.0.0.0/8"), ec2.Port.tcp(port))

        self.fleet = autoscaling.AutoScalingGroup(
            self,
            "Fleet",
            vpc=self.vpc,
            instance_type=ec2.InstanceType("t3.small"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=self.group,
            min_capacity=2,
            max_capacity=4,
        )

    @property
    def connections(self) -> ec2.Connections:
        return self.fleet.connections
