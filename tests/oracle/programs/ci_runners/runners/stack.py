import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from runners.hosts import forge_only, split_hosts

GIT_SSH = ec2.Port.tcp(22)
HTTPS = ec2.Port.tcp(443)


class RunnerStack(cdk.Stack):
    def __init__(
        self, scope: Construct, construct_id: str, *, runners: dict, artifact_hosts: str, **kwargs
    ) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.vpc = ec2.Vpc(self, "Vpc", max_azs=2, nat_gateways=1)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))

        base = ec2.SecurityGroup(
            self,
            "Base",
            vpc=self.vpc,
            description="What every runner needs",
            allow_all_outbound=False,
        )
        for name, cidr in forge_only("forge-web", "forge-packages").items():
            base.add_egress_rule(ec2.Peer.ipv4(cidr), HTTPS, name)
        for name, cidr in forge_only("forge-git").items():
            base.add_egress_rule(ec2.Peer.ipv4(cidr), GIT_SSH, name)
        if (hosts := split_hosts(artifact_hosts)) and len(hosts) > 1:
            for host in hosts:
                base.add_egress_rule(ec2.Peer.ipv4(host), ec2.Port.tcp(8082), "artifacts")

        for flavour, size in runners.items():
            self._pool(flavour, size, base)

        self._launch_template(base)
        self._controller(base)

    def _image(self, flavour: str) -> ec2.IMachineImage:
        cpu = ec2.AmazonLinuxCpuType.ARM_64 if flavour == "arm" else ec2.AmazonLinuxCpuType.X86_64
        return ec2.MachineImage.latest_amazon_linux2023(cpu_type=cpu)

    def _pool(self, flavour: str, size: int, base: ec2.SecurityGroup) -> None:
        pool = autoscaling.AutoScalingGroup(
            self,
            f"{flavour.title()}Pool",
            vpc=self.vpc,
            instance_type=ec2.InstanceType("c7g.large" if flavour == "arm" else "c6i.large"),
            machine_image=self._image(flavour),
            min_capacity=0,
            max_capacity=size,
            role=self.role,
            allow_all_outbound=False,
        )
        pool.add_security_group(base)
        pool.connections.allow_to(ec2.Peer.ipv4("10.56.0.0/24"), ec2.Port.tcp(11211), "compiler cache")

    def _launch_template(self, base: ec2.SecurityGroup) -> None:
        template = ec2.LaunchTemplate(
            self,
            "BurstTemplate",
            instance_type=ec2.InstanceType("c6i.4xlarge"),
            machine_image=self._image("linux"),
            security_group=base,
            role=self.role,
        )
        autoscaling.AutoScalingGroup(
            self,
            "Burst",
            vpc=self.vpc,
            launch_template=template,
            min_capacity=0,
            max_capacity=1,
        )

    def _controller(self, base: ec2.SecurityGroup) -> None:
        controller = ec2.Instance(
            self,
            "Controller",
            vpc=self.vpc,
            instance_type=ec2.InstanceType("t3.small"),
            machine_image=self._image("linux"),
            allow_all_outbound=False,
        )
        controller.add_security_group(base)
        controller.connections.allow_to_any_ipv4(ec2.Port.tcp(443), "webhooks")
        base.connections.allow_from(controller, ec2.Port.tcp_range(9500, 9509), "dispatch")
