//! The rows of [`super::traffic`] and [`super::joins`].

use super::{Effect, End, Join, Need, Port, Traffic};

const ROW: Traffic = Traffic {
    makers: &[],
    effect: Effect::Rule { from: End::Own(""), to: End::AnyIpv4, port: Port::AllTraffic },
    needs: &[],
    probe: "",
};

const APPLICATION_PATTERNS: &[&str] = &[
    "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedFargateService",
    "aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedEc2Service",
];
const CAPACITY: &[&str] = &[
    "aws_cdk.aws_eks.ICluster.connect_auto_scaling_group_capacity",
    "aws_cdk.aws_eks_v2.ICluster.connect_auto_scaling_group_capacity",
    "aws_cdk.aws_eks_v2_alpha.ICluster.connect_auto_scaling_group_capacity",
    "aws_cdk.aws_eks.Cluster.connect_auto_scaling_group_capacity",
    "aws_cdk.aws_eks_v2.Cluster.connect_auto_scaling_group_capacity",
    "aws_cdk.aws_eks_v2_alpha.Cluster.connect_auto_scaling_group_capacity",
];
/// Make the group as a part and connect it in the same way.
const OWN_CAPACITY: &[&str] = &[
    "aws_cdk.aws_eks.Cluster.add_auto_scaling_group_capacity",
    "aws_cdk.aws_eks_v2.Cluster.add_auto_scaling_group_capacity",
    "aws_cdk.aws_eks_v2_alpha.Cluster.add_auto_scaling_group_capacity",
];

const fn rule(from: End, to: End, port: Port) -> Effect {
    Effect::Rule { from, to, port }
}

/// What connecting nodes to a Kubernetes cluster does to the nodes' groups, and to the cluster's.
const fn nodes(makers: &'static [&'static str], effect: Effect) -> Traffic {
    Traffic { makers, effect, needs: &[], probe: "eks_capacity" }
}

const FLEET: End = End::Argument("auto_scaling_group");
const CLUSTER: End = End::Own("");

pub(super) static ROWS: &[Traffic] = &[
    // Application load balancers: members of target groups.
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.ApplicationTargetGroup"],
        effect: Effect::Members { group: End::Own(""), members: End::Argument("targets") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationTargetGroup.add_target"],
        effect: Effect::Members { group: End::Own(""), members: End::Argument("targets") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &[
            "aws_cdk.aws_autoscaling.AutoScalingGroup.attach_to_application_target_group",
            "aws_cdk.aws_ecs.BaseService.attach_to_application_target_group",
        ],
        effect: Effect::Members { group: End::Argument("target_group"), members: End::Own("") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationListener.add_targets"],
        effect: Effect::Members { group: End::Made, members: End::Argument("targets") },
        probe: "alb_listener_targets",
        ..ROW
    },
    // An `EcsTarget` names a container and a `ListenerConfig`, which holds the listener.
    Traffic {
        makers: &["aws_cdk.aws_ecs.BaseService.register_load_balancer_targets"],
        effect: Effect::Members { group: End::Argument("targets"), members: End::Own("") },
        probe: "alb_ecs_targets",
        ..ROW
    },
    // Application load balancers: listeners of target groups.
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationListener.add_targets"],
        effect: Effect::Serves { listener: End::Own(""), groups: End::Made },
        probe: "alb_listener_targets",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationListener.add_target_groups"],
        effect: Effect::Serves { listener: End::Own(""), groups: End::Argument("target_groups") },
        probe: "alb_listener_rules",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationListener.add_action"],
        effect: Effect::Serves { listener: End::Own(""), groups: End::Argument("action") },
        probe: "alb_listener_rules",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.ApplicationListener"],
        effect: Effect::Serves { listener: End::Own(""), groups: End::Argument("default_target_groups") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.ApplicationListener"],
        effect: Effect::Serves { listener: End::Own(""), groups: End::Argument("default_action") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationLoadBalancer.add_listener"],
        effect: Effect::Serves { listener: End::Made, groups: End::Argument("default_target_groups") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.IApplicationLoadBalancer.add_listener"],
        effect: Effect::Serves { listener: End::Made, groups: End::Argument("default_action") },
        probe: "alb_target_group_order",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.ApplicationListenerRule"],
        effect: Effect::Serves {
            listener: End::Argument("listener"),
            groups: End::Argument("target_groups"),
        },
        probe: "alb_listener_rules",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancingv2.ApplicationListenerRule"],
        effect: Effect::Serves { listener: End::Argument("listener"), groups: End::Argument("action") },
        probe: "alb_listener_rules",
        ..ROW
    },
    // A listener that asks an identity provider goes out to it.
    Traffic {
        makers: &[
            "aws_cdk.aws_elasticloadbalancingv2.ListenerAction.authenticate_oidc",
            "aws_cdk.aws_elasticloadbalancingv2_actions.AuthenticateCognitoAction",
        ],
        effect: rule(End::Listener, End::AnyIpv4, Port::Tcp(443)),
        needs: &[Need::NotFalse("allow_https_outbound")],
        probe: "alb_authenticate",
    },
    // Patterns: the service is the member of the listener's target group.
    Traffic {
        makers: APPLICATION_PATTERNS,
        effect: Effect::Members { group: End::Own("target_group"), members: End::Own("service") },
        probe: "ecs_alb_fargate_pattern",
        ..ROW
    },
    Traffic {
        makers: APPLICATION_PATTERNS,
        effect: Effect::Serves { listener: End::Own("listener"), groups: End::Own("target_group") },
        probe: "ecs_alb_fargate_pattern",
        ..ROW
    },
    // One target group per item of `target_groups` (its `container_port`, behind the listener it names, else the
    // first); without them, one for the first container port, behind the first listener.
    Traffic {
        makers: &[
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsFargateService",
            "aws_cdk.aws_ecs_patterns.ApplicationMultipleTargetGroupsEc2Service",
        ],
        effect: Effect::Members { group: End::Argument("target_groups"), members: End::Own("service") },
        probe: "ecs_multiple_target_groups",
        ..ROW
    },
    // Classic load balancers: every listener to every target, in any order.
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancing.LoadBalancer"],
        effect: rule(End::Own(""), End::Argument("targets"), Port::ClassicListeners),
        probe: "clb_targets",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_elasticloadbalancing.LoadBalancer.add_target"],
        effect: rule(End::Own(""), End::Argument("target"), Port::ClassicListeners),
        probe: "clb_targets",
        ..ROW
    },
    // Databases, secrets, file systems.
    Traffic {
        makers: &["aws_cdk.aws_rds.DatabaseProxy"],
        effect: rule(End::Own(""), End::Argument("proxy_target"), Port::Default(None)),
        probe: "rds_proxy_handed_in",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_secretsmanager.SecretRotation"],
        effect: rule(End::Own(""), End::Argument("target"), Port::Default(None)),
        probe: "secret_rotation_handed_in",
        ..ROW
    },
    Traffic {
        makers: &["aws_cdk.aws_lambda.Function"],
        effect: rule(End::Own(""), End::Argument("filesystem"), Port::Default(Some(2049))),
        needs: &[Need::Given("vpc"), Need::Given("filesystem")],
        probe: "lambda_filesystem",
    },
    Traffic {
        makers: &["aws_cdk.aws_ec2.BastionHostLinux.allow_ssh_access_from"],
        effect: rule(End::Argument("peer"), End::Own(""), Port::Tcp(22)),
        probe: "bastion_ssh_from_group",
        ..ROW
    },
    // Kubernetes nodes: whatever `allow_all_outbound=False` closed is opened again, for every TCP, UDP and ICMP packet.
    nodes(CAPACITY, rule(FLEET, FLEET, Port::AllTraffic)),
    nodes(CAPACITY, rule(CLUSTER, FLEET, Port::Tcp(443))),
    nodes(CAPACITY, rule(CLUSTER, FLEET, Port::TcpRange(1025, 65535))),
    nodes(CAPACITY, rule(FLEET, CLUSTER, Port::Tcp(443))),
    nodes(CAPACITY, rule(FLEET, End::AnyIpv4, Port::AllTcp)),
    nodes(CAPACITY, rule(FLEET, End::AnyIpv4, Port::AllUdp)),
    nodes(CAPACITY, rule(FLEET, End::AnyIpv4, Port::AllIcmp)),
    nodes(OWN_CAPACITY, rule(End::Made, End::Made, Port::AllTraffic)),
    nodes(OWN_CAPACITY, rule(CLUSTER, End::Made, Port::Tcp(443))),
    nodes(OWN_CAPACITY, rule(CLUSTER, End::Made, Port::TcpRange(1025, 65535))),
    nodes(OWN_CAPACITY, rule(End::Made, CLUSTER, Port::Tcp(443))),
    nodes(OWN_CAPACITY, rule(End::Made, End::AnyIpv4, Port::AllTcp)),
    nodes(OWN_CAPACITY, rule(End::Made, End::AnyIpv4, Port::AllUdp)),
    nodes(OWN_CAPACITY, rule(End::Made, End::AnyIpv4, Port::AllIcmp)),
];

const JOIN: Join = Join { makers: &[], whose: End::Own(""), by: End::Made, needs: &[], probe: "" };

pub(super) static JOINS: &[Join] = &[
    Join { makers: &["aws_cdk.aws_ecs.Cluster.add_capacity"], probe: "ecs_ec2_service_bridge", ..JOIN },
    Join {
        makers: &["aws_cdk.aws_ecs.Cluster.add_auto_scaling_group"],
        by: End::Argument("auto_scaling_group"),
        probe: "ecs_ec2_service_bridge",
        ..JOIN
    },
    Join {
        makers: &["aws_cdk.aws_ecs.Cluster"],
        by: End::Own("autoscaling_group"),
        needs: &[Need::Given("capacity")],
        probe: "ecs_cluster_capacity_property",
        ..JOIN
    },
    // Containers on the instance's own network have the instance's groups.
    Join {
        makers: &["aws_cdk.aws_ecs.Ec2Service", "aws_cdk.aws_stepfunctions_tasks.EcsRunTask"],
        by: End::Argument("cluster"),
        needs: &[Need::NotAwsVpcMode],
        probe: "ecs_ec2_service_bridge",
        ..JOIN
    },
    Join {
        makers: &[
            "aws_cdk.aws_elasticloadbalancingv2.ApplicationLoadBalancer.add_security_group",
            "aws_cdk.aws_elasticloadbalancingv2.NetworkLoadBalancer.add_security_group",
            "aws_cdk.aws_ec2.LaunchTemplate.add_security_group",
        ],
        by: End::Argument("security_group"),
        probe: "lb_add_security_group",
        ..JOIN
    },
    // A fleet's connections are those of its launch template, if it has one. Groups added to the fleet itself count only
    // where the CDK makes a template behind its back.
    Join {
        makers: &["aws_cdk.aws_ec2.LaunchTemplate"],
        by: End::Argument("security_group"),
        probe: "launch_template_connections",
        ..JOIN
    },
    Join {
        makers: &["aws_cdk.aws_autoscaling.AutoScalingGroup"],
        by: End::Argument("launch_template"),
        probe: "launch_template_connections",
        ..JOIN
    },
    Join {
        makers: &["aws_cdk.aws_autoscaling.AutoScalingGroup"],
        by: End::Argument("mixed_instances_policy.launch_template"),
        probe: "launch_template_connections",
        ..JOIN
    },
    Join {
        makers: &["aws_cdk.aws_autoscaling.AutoScalingGroup.add_security_group"],
        by: End::Argument("security_group"),
        needs: &[Need::Flag("@aws-cdk/aws-autoscaling:generateLaunchTemplateInsteadOfLaunchConfig")],
        probe: "asg_add_security_group_flag",
        ..JOIN
    },
    Join {
        makers: &["aws_cdk.aws_ec2.Connections.add_security_group"],
        by: End::Argument("security_groups"),
        probe: "lb_add_security_group",
        ..JOIN
    },
    Join {
        makers: &[
            "aws_cdk.aws_bedrockagentcore.BrowserCustom",
            "aws_cdk.aws_bedrockagentcore.CodeInterpreterCustom",
            "aws_cdk.aws_bedrockagentcore.Runtime",
            "aws_cdk.aws_bedrock_agentcore_alpha.BrowserCustom",
            "aws_cdk.aws_bedrock_agentcore_alpha.CodeInterpreterCustom",
            "aws_cdk.aws_bedrock_agentcore_alpha.Runtime",
        ],
        by: End::Argument("network_configuration"),
        needs: &[],
        probe: "agentcore_runtime_vpc",
        ..JOIN
    },
];
