import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from cde.settings import Settings


class CardholderStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings, **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)
        self.settings = settings
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(settings.cidr),
            max_azs=2,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="cde", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24
                )
            ],
        )
        self.cluster = ecs.Cluster(self, "Cluster", vpc=self.vpc)

        endpoints = self.closed("Endpoints", "AWS services")
        for name in ("ECR", "ECR_DOCKER", "KMS", "CLOUDWATCH_LOGS"):
            self.vpc.add_interface_endpoint(
                name.title().replace("_", ""),
                service=getattr(ec2.InterfaceVpcEndpointAwsService, name),
                security_groups=[endpoints],
                open=False,
            )

        tokenizer = self.closed("Tokenizer", "Turns card numbers into tokens")
        tokenizer.connections.allow_to(endpoints, ec2.Port.tcp(443))
        for hsm in settings.hsm:
            tokenizer.add_egress_rule(ec2.Peer.ipv4(hsm), ec2.Port.tcp_range(2223, 2225), "HSM")

        authorizer = self.closed("Authorizer", "Talks to the acquirers")
        authorizer.connections.allow_to(endpoints, ec2.Port.tcp(443))
        authorizer.connections.allow_to(tokenizer, ec2.Port.tcp(settings.tokenize_port))
        for name, address in settings.acquirers.items():
            authorizer.add_egress_rule(ec2.Peer.ipv4(address), ec2.Port.tcp(8583), f"{name} acquirer")

        services = {
            "tokenizer": self.service("Tokenizer", tokenizer),
            "authorizer": self.service("Authorizer", authorizer),
        }

        balancer = elbv2.NetworkLoadBalancer(self, "Front", vpc=self.vpc, internet_facing=False)
        balancer.add_listener("Tls", port=8443).add_targets(
            "Authorizer", port=8443, targets=[services["authorizer"]]
        )
        balancer.connections.allow_to(services["authorizer"], ec2.Port.tcp(8443), "front to authorizer")

    def closed(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self, f"{name}Group", vpc=self.vpc, description=description, allow_all_outbound=False
        )

    def service(self, name: str, group: ec2.ISecurityGroup) -> ecs.FargateService:
        task = ecs.FargateTaskDefinition(self, f"{name}Task")
        task.add_container(
            "main",
            image=ecs.ContainerImage.from_registry(f"example/{name.lower()}"),
            port_mappings=[ecs.PortMapping(container_port=8443)],
        )
        return ecs.FargateService(
            self,
            f"{name}Service",
            cluster=self.cluster,
            task_definition=task,
            security_groups=[group],
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
