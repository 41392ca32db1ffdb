from aws_cdk import (
    CfnOutput,
    Duration,
    RemovalPolicy,
    Stack,
    Tags,
    aws_amazonmq as mq,
    aws_autoscaling as autoscaling,
    aws_ec2 as ec2,
    aws_ecs as ecs,
    aws_elasticloadbalancingv2 as elbv2,
    aws_lambda as _lambda,
    aws_opensearchservice as opensearch,
    aws_rds as rds,
)
from constructs import Construct

from monolith import constants
from monolith.constants import PORTS, Names


class MonolithStack(Stack):

    def __init__(self, scope: Construct, construct_id: str, env_name: str = "dev", **kwargs) -> None:
        super().__init__(scope, construct_id, **kwargs)

        self.env_name = env_name
        self.is_prod = env_name == "prod"
        features = self.node.try_get_context("features") or {}

        self.create_network()
        self.create_groups()
        self.create_database()
        self.create_queue()
        if features.get("search"):
            self.create_search()
        if features.get("legacy_reports"):
            self.create_reports()
        self.create_web()
        self.create_worker()
        self.create_functions()
        self.create_outputs()

    # ------------------------------------------------------------------ network

    def create_network(self):
        self.vpc = ec2.Vpc(
            self, "Vpc",
            ip_addresses=ec2.IpAddresses.cidr("10.180.0.0/16"),
            max_azs=3 if self.is_prod else 2,
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="Public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(
                    name="Private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=22),
                ec2.SubnetConfiguration(
                    name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=24),
            ],
        )
        self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        self.vpc.add_flow_log("FlowLog")

    def create_groups(self):
        self.groups = {}
        for name in Names.ALL:
            self.groups[name] = ec2.SecurityGroup(
                self, name + "SecurityGroup",
                vpc=self.vpc,
                description="%s of the monolith" % name,
                allow_all_outbound=False,
            )
            Tags.of(self.groups[name]).add("Name", f"{self.env_name}-{name.lower()}")

        allowed_out = self.node.try_get_context("allowed_out")
        for target, port in allowed_out.items():
            for name in (Names.WEB, Names.WORKER):
                self.groups[name].add_egress_rule(
                    ec2.Peer.ipv4(constants.TARGETS[target]), ec2.Port.tcp(port), target)

        for user in (Names.WEB, Names.WORKER):
            self.groups[user].connections.allow_to(
                self.groups[Names.CACHE], ec2.Port.tcp(PORTS["redis"]), "cache")

        # Web servers call back customers' systems in the two offices.
        [
            self.groups[Names.WEB].add_egress_rule(ec2.Peer.ipv4(c), ec2.Port.tcp(PORTS["https"]))
            for c in constants.OFFICE_CIDRS
        ]

    # ------------------------------------------------------------------ data

    def create_database(self):
        self.database = rds.DatabaseCluster(
            self, "Database",
            engine=rds.DatabaseClusterEngine.aurora_postgres(
                version=rds.AuroraPostgresEngineVersion.VER_16_4),
            writer=rds.ClusterInstance.provisioned(
                "Writer", instance_type=ec2.InstanceType.of(ec2.InstanceClass.R6G, ec2.InstanceSize.LARGE)),
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Isolated"),
            port=PORTS["postgres"],
            removal_policy=RemovalPolicy.SNAPSHOT,
        )
        for user in (Names.WEB, Names.WORKER):
            self.database.connections.allow_default_port_from(self.groups[user], user.lower())

    def create_queue(self):
        self.queue_group = ec2.SecurityGroup(
            self, "QueueSecurityGroup", vpc=self.vpc, allow_all_outbound=False, description="Broker")
        mq.CfnBroker(
            self, "Broker",
            broker_name="monolith",
            deployment_mode="SINGLE_INSTANCE",
            engine_type="RABBITMQ",
            engine_version="3.13",
            host_instance_type="mq.m5.large",
            publicly_accessible=False,
            auto_minor_version_upgrade=True,
            security_groups=[self.queue_group.security_group_id],
            subnet_ids=[self.vpc.isolated_subnets[0].subnet_id],
            users=[mq.CfnBroker.UserProperty(username="app", password="{{resolve:secretsmanager:mq}}")],
        )
        self.groups[Names.WORKER].connections.allow_to(self.queue_group, ec2.Port.tcp(PORTS["amqps"]))

    def create_search(self):
        domain = opensearch.Domain(
            self, "Search",
            version=opensearch.EngineVersion.OPENSEARCH_2_11,
            vpc=self.vpc,
            vpc_subnets=[ec2.SubnetSelection(subnet_group_name="Isolated")],
            security_groups=[self.groups[Names.SEARCH]],
            zone_awareness=opensearch.ZoneAwarenessConfig(enabled=True, availability_zone_count=2),
            capacity=opensearch.CapacityConfig(data_nodes=2),
        )
        domain.connections.allow_from(
            self.groups[Names.WEB], ec2.Port.tcp(PORTS["opensearch"]), "search")

    def create_reports(self):
        # Off since 2022.
        ec2.SecurityGroup(self, "ReportsSecurityGroup", vpc=self.vpc, allow_all_outbound=True)

    # ------------------------------------------------------------------ compute

    def create_web(self):
        self.web = autoscaling.AutoScalingGroup(
            self, "Web",
            vpc=self.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
            instance_type=ec2.InstanceType("m6i.large"),
            machine_image=ec2.MachineImage.latest_amazon_linux2023(),
            security_group=self.groups[Names.WEB],
            min_capacity=2 if self.is_prod else 1,
            max_capacity=8 if self.is_prod else 2,
        )
        alb = elbv2.ApplicationLoadBalancer(self, "Alb", vpc=self.vpc, internet_facing=True)
        listener = alb.add_listener("Http", port=PORTS["http"])
        listener.add_targets("Web", port=8000, targets=[self.web])
        listener.add_targets(
            "Admin",
            port=8001,
            protocol=elbv2.ApplicationProtocol.HTTP,
            priority=10,
            conditions=[elbv2.ListenerCondition.path_patterns(["/admin/*"])],
            targets=[self.web],
        )

    def create_worker(self):
        cluster = ecs.Cluster(self, "Cluster", vpc=self.vpc)
        for index, queue in enumerate(["default", "mail", "import"]):
            task = ecs.FargateTaskDefinition(self, f"Task{index}")
            task.add_container(
                "worker", image=ecs.ContainerImage.from_registry("example/worker"), command=[queue])
            groups = [self.groups[Names.WORKER]]
            if queue == "import":
                importer = ec2.SecurityGroup(
                    self, "ImportSecurityGroup", vpc=self.vpc, allow_all_outbound=False)
                importer.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp_range(989, 990), "ftps")
                groups.append(importer)
            ecs.FargateService(
                self, f"Worker{index}",
                cluster=cluster,
                task_definition=task,
                security_groups=groups,
                vpc_subnets=ec2.SubnetSelection(subnet_group_name="Private"),
            )

    def create_functions(self):
        common = dict(
            runtime=_lambda.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=_lambda.InlineCode("def handler(event, context): return 'ok'"),
            timeout=Duration.seconds(30),
            vpc=self.vpc,
        )
        nightly = _lambda.Function(self, "Nightly", **common, allow_all_outbound=not self.is_prod)
        nightly.connections.allow_to(self.database, ec2.Port.tcp(PORTS["postgres"]))

        common |= {"security_groups": [self.groups[Names.WORKER]]}
        _lambda.Function(self, "Retry", **common)

    def create_outputs(self):
        for name, group in self.groups.items():
            CfnOutput(self, name + "GroupId", value=group.security_group_id)
