//! The rows of [`super::parts`], by service.

use super::{Anchor, Given, Need, Part};

const PART: Part = Part {
    makers: &[],
    class: "",
    anchor: Anchor::Itself,
    child: "{id}",
    needs: &[],
    handed_in: &[],
    attributes: &[],
    lends_connections: false,
    given: &[],
    probe: "",
};

const FUNCTION: &str = "aws_cdk.aws_lambda.Function";
const FLEET: &str = "aws_cdk.aws_autoscaling.AutoScalingGroup";
const ROTATION: &str = "aws_cdk.aws_secretsmanager.SecretRotation";
const PROXY: &str = "aws_cdk.aws_rds.DatabaseProxy";
const FARGATE: &str = "aws_cdk.aws_ecs.FargateService";
const EC2: &str = "aws_cdk.aws_ecs.Ec2Service";
const ALB: &str = "aws_cdk.aws_elasticloadbalancingv2.ApplicationLoadBalancer";
const NLB: &str = "aws_cdk.aws_elasticloadbalancingv2.NetworkLoadBalancer";

const SAME_VPC_AND_GROUPS: &[(&str, Given)] =
    &[("vpc", Given::Property("vpc")), ("security_groups", Given::Property("security_groups"))];
const CLUSTER_TASK_AND_GROUPS: &[(&str, Given)] = &[
    ("cluster", Given::Attribute("cluster")),
    ("task_definition", Given::Attribute("task_definition")),
    ("security_groups", Given::Property("security_groups")),
    ("deployment_controller", Given::Property("deployment_controller")),
];
const CLUSTER_AND_TASK: &[(&str, Given)] =
    &[("cluster", Given::Attribute("cluster")), ("task_definition", Given::Attribute("task_definition"))];
const ROTATES_ITSELF: &[(&str, Given)] = &[
    ("vpc", Given::Something),
    ("target", Given::Itself),
    ("security_group", Given::Property("security_group")),
];

pub(super) static ROWS: &[Part] = &[
    // Compute.
    Part {
        makers: &["aws_cdk.aws_ec2.BastionHostLinux"],
        class: "aws_cdk.aws_ec2.Instance",
        child: "Resource",
        attributes: &["instance"],
        lends_connections: true,
        given: &[("vpc", Given::Property("vpc")), ("security_group", Given::Property("security_group"))],
        probe: "bastion_default",
        ..PART
    },
    // The purpose is `SingletonLambda` if none is given; of both texts only letters and digits are taken from `uuid`.
    Part {
        makers: &["aws_cdk.aws_lambda.SingletonFunction"],
        class: FUNCTION,
        anchor: Anchor::Stack,
        child: "{lambda_purpose}{uuid}",
        lends_connections: true,
        given: &[("", Given::All(""))],
        probe: "lambda_singleton",
        ..PART
    },
    Part {
        makers: &["aws_cdk.custom_resources.Provider"],
        class: FUNCTION,
        child: "framework-onEvent",
        given: SAME_VPC_AND_GROUPS,
        probe: "custom_resource_provider",
        ..PART
    },
    Part {
        makers: &["aws_cdk.custom_resources.Provider"],
        class: FUNCTION,
        child: "framework-isComplete",
        needs: &[Need::Given("is_complete_handler")],
        given: SAME_VPC_AND_GROUPS,
        probe: "custom_resource_provider",
        ..PART
    },
    Part {
        makers: &["aws_cdk.custom_resources.Provider"],
        class: FUNCTION,
        child: "framework-onTimeout",
        needs: &[Need::Given("is_complete_handler")],
        given: SAME_VPC_AND_GROUPS,
        probe: "custom_resource_provider",
        ..PART
    },
    Part {
        makers: &["aws_cdk.custom_resources.AwsCustomResource"],
        class: FUNCTION,
        anchor: Anchor::Stack,
        child: "AWS679f53fac002430cb0da5b7982bd2287",
        given: &[("vpc", Given::Property("vpc"))],
        probe: "aws_custom_resource",
        ..PART
    },
    // The memory limit is followed by `MiB`; an ephemeral storage size likewise, in mebibytes.
    Part {
        makers: &["aws_cdk.aws_s3_deployment.BucketDeployment"],
        class: FUNCTION,
        anchor: Anchor::Stack,
        child: "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C{memory_limit}{ephemeral_storage_size}{vpc.addr}",
        given: SAME_VPC_AND_GROUPS,
        probe: "bucket_deployment",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_s3_deployment.BucketDeployment"],
        class: "aws_cdk.aws_efs.FileSystem",
        anchor: Anchor::Scope,
        child: "BucketDeploymentEFS-VPC-{vpc.addr}",
        needs: &[Need::True("use_efs"), Need::Given("vpc")],
        given: &[("vpc", Given::Property("vpc"))],
        probe: "bucket_deployment",
        ..PART
    },
    // Networks.
    Part {
        makers: &["aws_cdk.aws_ec2.IVpc.add_interface_endpoint"],
        class: "aws_cdk.aws_ec2.InterfaceVpcEndpoint",
        given: &[("vpc", Given::Itself), ("", Given::All(""))],
        probe: "vpce_interface",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ec2.IVpc.add_client_vpn_endpoint"],
        class: "aws_cdk.aws_ec2.ClientVpnEndpoint",
        given: &[("vpc", Given::Itself), ("", Given::All(""))],
        probe: "client_vpn",
        ..PART
    },
    // Databases.
    Part {
        makers: &[
            "aws_cdk.aws_rds.IDatabaseInstance.add_proxy",
            "aws_cdk.aws_rds.IDatabaseCluster.add_proxy",
        ],
        class: PROXY,
        given: &[("proxy_target", Given::Itself), ("", Given::All(""))],
        probe: "rds_proxy",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_rds.DatabaseInstance.add_rotation_single_user",
            "aws_cdk.aws_rds.DatabaseInstanceFromSnapshot.add_rotation_single_user",
            "aws_cdk.aws_rds.DatabaseCluster.add_rotation_single_user",
            "aws_cdk.aws_rds.DatabaseClusterFromSnapshot.add_rotation_single_user",
            "aws_cdk.aws_rds.ServerlessCluster.add_rotation_single_user",
            "aws_cdk.aws_docdb.DatabaseCluster.add_rotation_single_user",
            "aws_cdk.aws_redshift_alpha.Cluster.add_rotation_single_user",
        ],
        class: ROTATION,
        child: "RotationSingleUser",
        given: ROTATES_ITSELF,
        probe: "secret_rotation",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_rds.DatabaseInstance.add_rotation_multi_user",
            "aws_cdk.aws_rds.DatabaseInstanceFromSnapshot.add_rotation_multi_user",
            "aws_cdk.aws_rds.DatabaseCluster.add_rotation_multi_user",
            "aws_cdk.aws_rds.DatabaseClusterFromSnapshot.add_rotation_multi_user",
            "aws_cdk.aws_rds.ServerlessCluster.add_rotation_multi_user",
            "aws_cdk.aws_docdb.DatabaseCluster.add_rotation_multi_user",
            "aws_cdk.aws_redshift_alpha.Cluster.add_rotation_multi_user",
        ],
        class: ROTATION,
        given: ROTATES_ITSELF,
        probe: "secret_rotation_multi",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_secretsmanager.ISecret.add_rotation_schedule"],
        class: "aws_cdk.aws_secretsmanager.RotationSchedule",
        given: &[("secret", Given::Itself), ("", Given::All(""))],
        probe: "hosted_rotation",
        ..PART
    },
    // Clusters.
    Part {
        makers: &["aws_cdk.aws_ecs.Cluster.add_capacity"],
        class: FLEET,
        given: &[("vpc", Given::Attribute("vpc")), ("", Given::All(""))],
        probe: "ecs_ec2_cluster_capacity",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs.Cluster"],
        class: FLEET,
        child: "DefaultAutoScalingGroup",
        needs: &[Need::Given("capacity")],
        attributes: &["autoscaling_group"],
        given: &[("vpc", Given::Attribute("vpc")), ("", Given::All("capacity"))],
        probe: "ecs_cluster_capacity_property",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_eks.Cluster.add_auto_scaling_group_capacity",
            "aws_cdk.aws_eks_v2.Cluster.add_auto_scaling_group_capacity",
            "aws_cdk.aws_eks_v2_alpha.Cluster.add_auto_scaling_group_capacity",
        ],
        class: FLEET,
        given: &[("vpc", Given::Attribute("vpc")), ("", Given::All(""))],
        probe: "eks_capacity",
        ..PART
    },
    // Not if `default_capacity` is 0.
    Part {
        makers: &[
            "aws_cdk.aws_eks.Cluster",
            "aws_cdk.aws_eks_v2.Cluster",
            "aws_cdk.aws_eks_v2_alpha.Cluster",
        ],
        class: FLEET,
        child: "DefaultCapacity",
        needs: &[Need::Is("default_capacity_type", "EC2"), Need::NotZero("default_capacity")],
        attributes: &["default_capacity"],
        given: &[("vpc", Given::Attribute("vpc"))],
        probe: "eks_default_capacity",
        ..PART
    },
    // The functions that make the cluster live in a nested stack of their own.
    Part { child: "@aws-cdk--aws-eks.ClusterResourceProvider/OnEventHandler", ..EKS_HANDLER },
    Part { child: "@aws-cdk--aws-eks.ClusterResourceProvider/IsCompleteHandler", ..EKS_HANDLER },
    Part { child: "@aws-cdk--aws-eks.ClusterResourceProvider/Provider/framework-onEvent", ..EKS_HANDLER },
    Part { child: "@aws-cdk--aws-eks.ClusterResourceProvider/Provider/framework-isComplete", ..EKS_HANDLER },
    Part { child: "@aws-cdk--aws-eks.ClusterResourceProvider/Provider/framework-onTimeout", ..EKS_HANDLER },
    // Patterns. Without `cluster` they share a cluster per stack, which makes no group.
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedFargateService",
            "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedEc2Service",
        ],
        class: ALB,
        child: "LB",
        handed_in: &["load_balancer"],
        attributes: &["load_balancer"],
        given: &[("vpc", Given::Something)],
        probe: "ecs_alb_fargate_pattern",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.NetworkLoadBalancedFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkLoadBalancedEc2Service",
        ],
        class: NLB,
        child: "LB",
        handed_in: &["load_balancer"],
        attributes: &["load_balancer"],
        given: &[("vpc", Given::Something)],
        probe: "ecs_nlb_fargate_pattern",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkLoadBalancedFargateService",
        ],
        class: FARGATE,
        child: "Service",
        attributes: &["service"],
        given: CLUSTER_TASK_AND_GROUPS,
        probe: "ecs_alb_fargate_pattern",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedEc2Service",
            "aws_cdk.aws_ecs_patterns.NetworkLoadBalancedEc2Service",
        ],
        class: EC2,
        child: "Service",
        attributes: &["service"],
        given: CLUSTER_AND_TASK,
        probe: "ecs_alb_ec2_pattern",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs_patterns.QueueProcessingFargateService"],
        class: FARGATE,
        child: "QueueProcessingFargateService",
        attributes: &["service"],
        given: CLUSTER_TASK_AND_GROUPS,
        probe: "ecs_queue_fargate_pattern",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs_patterns.QueueProcessingEc2Service"],
        class: EC2,
        child: "QueueProcessingService",
        attributes: &["service"],
        given: CLUSTER_AND_TASK,
        probe: "ecs_alb_ec2_pattern",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsEc2Service",
        ],
        class: ALB,
        child: "LB",
        needs: &[Need::Absent("load_balancers")],
        attributes: &["load_balancer"],
        given: &[("vpc", Given::Something)],
        probe: "ecs_multiple_target_groups",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsEc2Service",
        ],
        class: ALB,
        child: "{load_balancers.name}",
        needs: &[Need::Given("load_balancers")],
        attributes: &["load_balancers"],
        given: &[("vpc", Given::Something)],
        probe: "ecs_multiple_target_groups",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsEc2Service",
        ],
        class: NLB,
        child: "LB",
        needs: &[Need::Absent("load_balancers")],
        attributes: &["load_balancer"],
        given: &[("vpc", Given::Something)],
        probe: "ecs_multiple_target_groups",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsEc2Service",
        ],
        class: NLB,
        child: "{load_balancers.name}",
        needs: &[Need::Given("load_balancers")],
        attributes: &["load_balancers"],
        given: &[("vpc", Given::Something)],
        probe: "ecs_multiple_target_groups",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsFargateService",
        ],
        class: FARGATE,
        child: "Service",
        attributes: &["service"],
        given: CLUSTER_AND_TASK,
        probe: "ecs_multiple_target_groups",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsEc2Service",
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsEc2Service",
        ],
        class: EC2,
        child: "Service",
        attributes: &["service"],
        given: CLUSTER_AND_TASK,
        probe: "ecs_multiple_target_groups",
        ..PART
    },
    // The target's group lies below the task definition, which the pattern makes unless it is given one.
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ScheduledFargateTask",
            "aws_cdk.aws_ecs_patterns.ScheduledEc2Task",
        ],
        class: "aws_cdk.aws_events_targets.EcsTask",
        child: "",
        attributes: &["task"],
        given: CLUSTER_TASK_AND_GROUPS,
        probe: "ecs_scheduled_fargate",
        ..PART
    },
    // Task definitions, for what is below them and for their network mode.
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedFargateService",
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkLoadBalancedFargateService",
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsFargateService",
        ],
        class: "aws_cdk.aws_ecs.FargateTaskDefinition",
        child: "TaskDef",
        handed_in: &["task_definition"],
        attributes: &["task_definition"],
        probe: "ecs_alb_fargate_pattern",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs_patterns.QueueProcessingFargateService"],
        class: "aws_cdk.aws_ecs.FargateTaskDefinition",
        child: "QueueProcessingTaskDef",
        handed_in: &["task_definition"],
        attributes: &["task_definition"],
        probe: "ecs_queue_fargate_pattern",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs_patterns.ScheduledFargateTask"],
        class: "aws_cdk.aws_ecs.FargateTaskDefinition",
        child: "ScheduledTaskDef",
        handed_in: &["scheduled_fargate_task_definition_options.task_definition"],
        attributes: &["task_definition"],
        probe: "ecs_scheduled_fargate",
        ..PART
    },
    Part {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedEc2Service",
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsEc2Service",
            "aws_cdk.aws_ecs_patterns.NetworkLoadBalancedEc2Service",
            "aws_cdk.aws_ecs_patterns.NetworkMultipleTargetGroupsEc2Service",
        ],
        class: "aws_cdk.aws_ecs.Ec2TaskDefinition",
        child: "TaskDef",
        handed_in: &["task_definition"],
        attributes: &["task_definition"],
        probe: "ecs_alb_ec2_pattern",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs_patterns.QueueProcessingEc2Service"],
        class: "aws_cdk.aws_ecs.Ec2TaskDefinition",
        child: "QueueProcessingTaskDef",
        attributes: &["task_definition"],
        probe: "ecs_alb_ec2_pattern",
        ..PART
    },
    Part {
        makers: &["aws_cdk.aws_ecs_patterns.ScheduledEc2Task"],
        class: "aws_cdk.aws_ecs.Ec2TaskDefinition",
        child: "ScheduledTaskDef",
        handed_in: &["scheduled_ec2_task_definition_options.task_definition"],
        attributes: &["task_definition"],
        probe: "ecs_alb_ec2_pattern",
        ..PART
    },
    // Pipelines: the project that synthesizes and the one that updates the pipeline. Steps of stages make more, at
    // `Pipeline/<stage>/<step>/<step>`.
    Part {
        makers: &["aws_cdk.pipelines.CodePipeline"],
        class: "aws_cdk.aws_codebuild.PipelineProject",
        child: "Pipeline/Build/{synth.id}/CdkBuildProject",
        needs: &[Need::Given("code_build_defaults.vpc")],
        given: PIPELINE_PROJECT,
        probe: "pipelines_vpc",
        ..PART
    },
    Part {
        makers: &["aws_cdk.pipelines.CodePipeline"],
        class: "aws_cdk.aws_codebuild.PipelineProject",
        child: "UpdatePipeline/SelfMutation",
        needs: &[Need::Given("code_build_defaults.vpc"), Need::NotFalse("self_mutation")],
        given: PIPELINE_PROJECT,
        probe: "pipelines_vpc",
        ..PART
    },
];

const PIPELINE_PROJECT: &[(&str, Given)] = &[
    ("vpc", Given::Property("code_build_defaults.vpc")),
    ("security_groups", Given::Property("code_build_defaults.security_groups")),
];

const EKS_HANDLER: Part = Part {
    makers: &["aws_cdk.aws_eks.Cluster"],
    class: FUNCTION,
    anchor: Anchor::Stack,
    needs: &[Need::True("place_cluster_handler_in_vpc"), Need::Absent("cluster_handler_security_group")],
    given: &[("vpc", Given::Attribute("vpc"))],
    probe: "eks_handler_in_vpc",
    ..PART
};
