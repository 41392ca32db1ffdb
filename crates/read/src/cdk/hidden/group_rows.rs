//! The rows of [`super::groups`], by service.

use super::{Anchor, Both, DefaultPort, Egress, HiddenGroup, Need};

/// The most frequent form: below the construct, everything out, no property for it.
const OPEN: HiddenGroup = HiddenGroup {
    makers: &[],
    anchor: Anchor::Itself,
    child: "SecurityGroup",
    needs: &[],
    handed_in: &["security_groups"],
    empty_counts: true,
    egress: Egress::Open,
    both: Both::Impossible,
    connectable: true,
    imported: &[],
    attributes: &[],
    default_port: DefaultPort::None,
    sites: &[],
    probe: "",
};

/// A property for IPv4 only.
const ALLOW_ALL: Egress = Egress::Property { ipv4: "allow_all_outbound", ipv6: None };
/// One for each family.
const ALLOW_ALL_BOTH: Egress =
    Egress::Property { ipv4: "allow_all_outbound", ipv6: Some("allow_all_ipv6_outbound") };

pub(super) static ROWS: &[HiddenGroup] = &[
    // Compute.
    HiddenGroup {
        makers: &["aws_cdk.aws_ec2.Instance"],
        child: "InstanceSecurityGroup",
        handed_in: &["security_group"],
        egress: ALLOW_ALL_BOTH,
        both: Both::Ignored,
        sites: &["aws-ec2/lib/instance.js: InstanceSecurityGroup"],
        probe: "instance_default",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_autoscaling.AutoScalingGroup"],
        child: "InstanceSecurityGroup",
        needs: &[Need::Absent("launch_template"), Need::Absent("mixed_instances_policy")],
        handed_in: &["security_group"],
        egress: ALLOW_ALL,
        both: Both::Ignored,
        sites: &["aws-autoscaling/lib/auto-scaling-group.js: InstanceSecurityGroup"],
        probe: "asg_default",
        ..OPEN
    },
    // A function with an empty list of groups gets one of its own. `security_group` is CDK version 1.
    HiddenGroup {
        makers: &["aws_cdk.aws_lambda.Function"],
        needs: &[Need::Given("vpc")],
        handed_in: &["security_groups", "security_group"],
        empty_counts: false,
        egress: ALLOW_ALL_BOTH,
        both: Both::Error,
        sites: &["aws-lambda/lib/function.js: SecurityGroup"],
        probe: "lambda_vpc_default",
        ..OPEN
    },
    HiddenGroup {
        makers: &[
            "aws_cdk.aws_batch.ManagedEc2EcsComputeEnvironment",
            "aws_cdk.aws_batch.ManagedEc2EksComputeEnvironment",
            "aws_cdk.aws_batch.FargateComputeEnvironment",
        ],
        attributes: &["security_groups"],
        sites: &["aws-batch/lib/managed-compute-environment.js: SecurityGroup"],
        probe: "batch_managed_ec2",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_codebuild.Project"],
        needs: &[Need::Given("vpc")],
        empty_counts: false,
        egress: ALLOW_ALL,
        both: Both::Error,
        sites: &["aws-codebuild/lib/project.js: SecurityGroup"],
        probe: "codebuild_vpc",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_codebuild.Fleet"],
        needs: &[Need::Given("vpc")],
        empty_counts: false,
        sites: &["aws-codebuild/lib/fleet.js: SecurityGroup"],
        probe: "codebuild_fleet_vpc",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_synthetics.Canary"],
        needs: &[Need::Given("vpc")],
        empty_counts: false,
        sites: &["aws-synthetics/lib/canary.js: SecurityGroup"],
        probe: "synthetics_vpc",
        ..OPEN
    },
    // The configuration makes it, below the construct that the call names as its scope; the runtime, browser or
    // interpreter that takes the configuration has the same connections.
    HiddenGroup {
        makers: &[
            "aws_cdk.aws_bedrockagentcore.BrowserNetworkConfiguration.using_vpc",
            "aws_cdk.aws_bedrockagentcore.CodeInterpreterNetworkConfiguration.using_vpc",
            "aws_cdk.aws_bedrockagentcore.RuntimeNetworkConfiguration.using_vpc",
        ],
        anchor: Anchor::Argument("scope"),
        needs: &[Need::Given("vpc")],
        empty_counts: false,
        egress: ALLOW_ALL,
        both: Both::Error,
        sites: &["aws-bedrockagentcore/lib/network/network-configuration.js: SecurityGroup"],
        probe: "agentcore_runtime_vpc",
        ..OPEN
    },
    // Containers. An `ExternalService` makes none: it cannot be configured for a VPC.
    HiddenGroup {
        makers: &["aws_cdk.aws_ecs.FargateService"],
        needs: &[Need::IsNot("deployment_controller.type", "EXTERNAL")],
        handed_in: &["security_groups", "security_group"],
        empty_counts: false,
        sites: &["aws-ecs/lib/base/base-service.js: SecurityGroup"],
        probe: "ecs_fargate_service",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_ecs.Ec2Service"],
        needs: &[Need::AwsVpcMode],
        handed_in: &["security_groups", "security_group"],
        empty_counts: false,
        sites: &["aws-ecs/lib/base/base-service.js: SecurityGroup"],
        probe: "ecs_ec2_service_awsvpc",
        ..OPEN
    },
    // Below the task definition, and found there again by the next target of the same task.
    HiddenGroup {
        makers: &["aws_cdk.aws_events_targets.EcsTask"],
        anchor: Anchor::Argument("task_definition"),
        needs: &[Need::AwsVpcMode],
        handed_in: &["security_groups", "security_group"],
        connectable: false,
        attributes: &["security_groups"],
        sites: &["aws-events-targets/lib/ecs-task.js: SecurityGroup"],
        probe: "events_ecs_task",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_stepfunctions_tasks.EcsRunTask"],
        needs: &[Need::AwsVpcMode],
        sites: &["aws-stepfunctions-tasks/lib/ecs/run-task.js: SecurityGroup"],
        probe: "sfn_ecs_run_task",
        ..OPEN
    },
    // CDK version 1 only; the code is still there.
    HiddenGroup {
        makers: &[
            "aws_cdk.aws_stepfunctions_tasks.RunEcsFargateTask",
            "aws_cdk.aws_stepfunctions_tasks.RunEcsEc2Task",
        ],
        anchor: Anchor::Taker("aws_cdk.aws_stepfunctions.Task", "task"),
        needs: &[Need::AwsVpcMode],
        handed_in: &["security_group"],
        sites: &["aws-stepfunctions-tasks/lib/ecs/run-ecs-task-base.js: SecurityGroup"],
        probe: "sfn_ecs_run_task",
        ..OPEN
    },
    // The imported group is the one that the service itself makes for the cluster.
    HiddenGroup {
        makers: &["aws_cdk.aws_eks.Cluster"],
        child: "ControlPlaneSecurityGroup",
        imported: &["ClusterSecurityGroup"],
        handed_in: &["security_group"],
        default_port: DefaultPort::Tcp(443),
        sites: &["aws-eks/lib/cluster.js: ControlPlaneSecurityGroup"],
        probe: "eks_v1_cluster",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_eks_v2.Cluster"],
        child: "ControlPlaneSecurityGroup",
        imported: &["ClusterSecurityGroup"],
        handed_in: &["security_group"],
        default_port: DefaultPort::Tcp(443),
        sites: &["aws-eks-v2/lib/cluster.js: ControlPlaneSecurityGroup"],
        probe: "eks_v2_cluster",
        ..OPEN
    },
    // Load balancers.
    HiddenGroup {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.ApplicationLoadBalancer"],
        handed_in: &["security_group"],
        egress: Egress::Closed,
        sites: &["aws-elasticloadbalancingv2/lib/alb/application-load-balancer.js: SecurityGroup"],
        probe: "alb_default",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.NetworkLoadBalancer"],
        needs: &[
            Need::Flag("@aws-cdk/aws-elasticloadbalancingv2:networkLoadBalancerWithSecurityGroupByDefault"),
            Need::NotTrue("disable_security_groups"),
        ],
        egress: Egress::Closed,
        sites: &["aws-elasticloadbalancingv2/lib/nlb/network-load-balancer.js: SecurityGroup"],
        probe: "nlb_default_flag",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_elasticloadbalancing.LoadBalancer"],
        handed_in: &[],
        egress: Egress::Closed,
        sites: &["aws-elasticloadbalancing/lib/load-balancer.js: SecurityGroup"],
        probe: "clb_default",
        ..OPEN
    },
    // Networks.
    HiddenGroup {
        makers: &["aws_cdk.aws_ec2.InterfaceVpcEndpoint"],
        default_port: DefaultPort::Service,
        sites: &["aws-ec2/lib/vpc-endpoint.js: SecurityGroup"],
        probe: "vpce_interface",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_ec2.ClientVpnEndpoint"],
        sites: &["aws-ec2/lib/client-vpn-endpoint.js: SecurityGroup"],
        probe: "client_vpn",
        ..OPEN
    },
    // One group for all NAT instances of the VPC that takes the provider; the provider has its connections.
    HiddenGroup {
        makers: &[
            "aws_cdk.aws_ec2.NatProvider.instance",
            "aws_cdk.aws_ec2.NatProvider.instance_v2",
            "aws_cdk.aws_ec2.NatInstanceProvider",
            "aws_cdk.aws_ec2.NatInstanceProviderV2",
        ],
        anchor: Anchor::Taker("aws_cdk.aws_ec2.Vpc", "nat_gateway_provider"),
        child: "NatSecurityGroup",
        handed_in: &["security_group"],
        egress: Egress::NatDirection,
        both: Both::Ignored,
        attributes: &["security_group"],
        sites: &["aws-ec2/lib/nat.js: NatSecurityGroup"],
        probe: "nat_instance_v2",
        ..OPEN
    },
    // Databases and file systems.
    HiddenGroup {
        makers: &[
            "aws_cdk.aws_rds.DatabaseInstance",
            "aws_cdk.aws_rds.DatabaseInstanceFromSnapshot",
            "aws_cdk.aws_rds.DatabaseInstanceReadReplica",
        ],
        default_port: DefaultPort::Token,
        sites: &["aws-rds/lib/instance.js: SecurityGroup"],
        probe: "rds_instance",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_rds.DatabaseCluster", "aws_cdk.aws_rds.DatabaseClusterFromSnapshot"],
        handed_in: &["instance_props.security_groups", "security_groups"],
        default_port: DefaultPort::Token,
        sites: &["aws-rds/lib/cluster.js: SecurityGroup"],
        probe: "rds_cluster",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_rds.ServerlessCluster", "aws_cdk.aws_rds.ServerlessClusterFromSnapshot"],
        needs: &[Need::Given("vpc")],
        default_port: DefaultPort::Token,
        sites: &["aws-rds/lib/serverless-cluster.js: SecurityGroup"],
        probe: "rds_serverless_v1",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_rds.DatabaseProxy"],
        child: "ProxySecurityGroup",
        sites: &["aws-rds/lib/proxy.js: ProxySecurityGroup"],
        probe: "rds_proxy",
        ..OPEN
    },
    // One per option that has a port; `option_connections` has them by the option's name.
    HiddenGroup {
        makers: &["aws_cdk.aws_rds.OptionGroup"],
        child: "SecurityGroup{configurations.name}",
        needs: &[Need::Given("configurations.port")],
        handed_in: &["configurations.security_groups"],
        empty_counts: false,
        connectable: false,
        default_port: DefaultPort::Property("configurations.port"),
        sites: &["aws-rds/lib/option-group.js: `SecurityGroup${configuration.name}`"],
        probe: "rds_option_group",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_rds.OptionGroup.add_configuration"],
        child: "SecurityGroup{name}",
        needs: &[Need::Given("port")],
        empty_counts: false,
        connectable: false,
        default_port: DefaultPort::Property("port"),
        sites: &["aws-rds/lib/option-group.js: `SecurityGroup${configuration.name}`"],
        probe: "rds_option_group_add",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_docdb.DatabaseCluster"],
        handed_in: &["security_group"],
        default_port: DefaultPort::Token,
        sites: &["aws-docdb/lib/cluster.js: SecurityGroup"],
        probe: "docdb_cluster",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_efs.FileSystem"],
        child: "EfsSecurityGroup",
        handed_in: &["security_group"],
        default_port: DefaultPort::Tcp(2049),
        sites: &["aws-efs/lib/efs-file-system.js: EfsSecurityGroup"],
        probe: "efs_fs",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_fsx.LustreFileSystem"],
        child: "FsxLustreSecurityGroup",
        handed_in: &["security_group"],
        default_port: DefaultPort::TcpRange(988, 1023),
        sites: &["aws-fsx/lib/lustre-file-system.js: FsxLustreSecurityGroup"],
        probe: "fsx_lustre",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_elasticsearch.Domain"],
        needs: &[Need::Given("vpc")],
        sites: &["aws-elasticsearch/lib/domain.js: SecurityGroup"],
        probe: "elasticsearch_vpc",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_opensearchservice.Domain"],
        needs: &[Need::Given("vpc")],
        default_port: DefaultPort::TcpIf("enforce_https", 443),
        sites: &["aws-opensearchservice/lib/domain.js: SecurityGroup"],
        probe: "opensearch_vpc",
        ..OPEN
    },
    // Secrets.
    HiddenGroup {
        makers: &["aws_cdk.aws_secretsmanager.SecretRotation"],
        handed_in: &["security_group"],
        connectable: false,
        sites: &["aws-secretsmanager/lib/secret-rotation.js: SecurityGroup"],
        probe: "secret_rotation",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_secretsmanager.HostedRotation.*"],
        anchor: Anchor::Taker("aws_cdk.aws_secretsmanager.RotationSchedule", "hosted_rotation"),
        needs: &[Need::Given("vpc")],
        sites: &["aws-secretsmanager/lib/rotation-schedule.js: SecurityGroup"],
        probe: "hosted_rotation",
        ..OPEN
    },
    // Machine learning. Neither takes a group; `add_security_group` adds to what is made.
    HiddenGroup {
        makers: &["aws_cdk.aws_stepfunctions_tasks.SageMakerCreateTrainingJob"],
        child: "TrainJobSecurityGroup",
        needs: &[Need::Given("vpc_config"), Need::InStateMachine],
        handed_in: &[],
        sites: &["aws-stepfunctions-tasks/lib/sagemaker/create-training-job.js: TrainJobSecurityGroup"],
        probe: "sagemaker_train_sfn",
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_stepfunctions_tasks.SageMakerCreateModel"],
        child: "ModelSecurityGroup",
        needs: &[Need::Given("vpc"), Need::InStateMachine],
        handed_in: &[],
        sites: &["aws-stepfunctions-tasks/lib/sagemaker/create-model.js: ModelSecurityGroup"],
        probe: "sagemaker_model_sfn",
        ..OPEN
    },
    // Packages that are published apart. Each row was seen in a template; the oracle does not install them.
    HiddenGroup {
        makers: &["aws_cdk.aws_apprunner_alpha.VpcConnector"],
        empty_counts: false,
        sites: &["aws-apprunner-alpha/lib/vpc-connector.js: SecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &[
            "aws_cdk.aws_bedrock_agentcore_alpha.BrowserNetworkConfiguration.using_vpc",
            "aws_cdk.aws_bedrock_agentcore_alpha.CodeInterpreterNetworkConfiguration.using_vpc",
            "aws_cdk.aws_bedrock_agentcore_alpha.RuntimeNetworkConfiguration.using_vpc",
        ],
        anchor: Anchor::Argument("scope"),
        needs: &[Need::Given("vpc")],
        empty_counts: false,
        egress: ALLOW_ALL,
        both: Both::Error,
        sites: &["aws-bedrock-agentcore-alpha/lib/network/network-configuration.js: SecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_eks_v2_alpha.Cluster"],
        child: "ControlPlaneSecurityGroup",
        imported: &["ClusterSecurityGroup"],
        handed_in: &["security_group"],
        default_port: DefaultPort::Tcp(443),
        sites: &["aws-eks-v2-alpha/lib/cluster.js: ControlPlaneSecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_elasticache_alpha.ServerlessCache"],
        empty_counts: false,
        default_port: DefaultPort::Token,
        attributes: &["security_groups"],
        sites: &["aws-elasticache-alpha/lib/serverless-cache.js: SecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_msk_alpha.Cluster"],
        sites: &["aws-msk-alpha/lib/cluster.js: SecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_msk_alpha.ServerlessCluster"],
        child: "SecurityGroup-{vpc_configs.#}",
        handed_in: &["vpc_configs.security_groups"],
        sites: &["aws-msk-alpha/lib/serverless-cluster.js: `SecurityGroup-${index}`"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_neptune_alpha.DatabaseCluster"],
        default_port: DefaultPort::Token,
        sites: &["aws-neptune-alpha/lib/cluster.js: SecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_redshift_alpha.Cluster"],
        default_port: DefaultPort::Token,
        sites: &["aws-redshift-alpha/lib/cluster.js: SecurityGroup"],
        ..OPEN
    },
    HiddenGroup {
        makers: &["aws_cdk.aws_sagemaker_alpha.Model"],
        needs: &[Need::Given("vpc")],
        empty_counts: false,
        egress: ALLOW_ALL,
        both: Both::Error,
        sites: &["aws-sagemaker-alpha/lib/model.js: SecurityGroup"],
        ..OPEN
    },
];
