use super::*;
use crate::cdk::library::{self, Kind, is_module, lookup};

/// Names that only older versions of the library know.
const GONE: [&str; 4] = [
    "aws_cdk.aws_ecs.Cluster.add_auto_scaling_group",
    "aws_cdk.aws_stepfunctions_tasks.RunEcsFargateTask",
    "aws_cdk.aws_stepfunctions_tasks.RunEcsEc2Task",
    "aws_cdk.aws_stepfunctions.Task",
];

fn assert_known(maker: &str) {
    let known = GONE.contains(&maker)
        || lookup(maker).is_some()
        || maker.rsplit_once('.').is_some_and(|(owner, method)| {
            lookup(owner).is_some_and(|info| method == "*" || info.method(method).is_some())
        });
    assert!(known, "the library has no {maker}");
}

/// Whether a maker takes this argument: a keyword, dotted into structs, or a positional parameter.
fn takes(maker: &str, property: &str) -> bool {
    if GONE.contains(&maker) {
        return true;
    }
    let signature = match lookup(maker) {
        Some(info) => info.constructor(),
        None => maker.rsplit_once('.').and_then(|(owner, method)| {
            let owner = lookup(owner)?;
            // Every static method of the one class that is named so takes the same.
            owner.method(if method == "*" { "mysql_single_user" } else { method })
        }),
    };
    let Some(signature) = signature else { return false };
    let (first, rest) =
        property.split_once('.').map_or((property, None), |(first, rest)| (first, Some(rest)));
    if signature.positional().any(|parameter| parameter.name == first) {
        return true;
    }
    let Some(keyword) = signature.keyword(first) else { return false };
    let Some(rest) = rest else { return true };
    keyword
        .ty
        .split(['|', '<', '>'])
        .filter_map(lookup)
        .any(|info| info.kind() != Kind::Enum && info.property(rest).is_some())
}

fn needed(need: &Need) -> Option<&'static str> {
    match need {
        Need::Given(name) | Need::Absent(name) | Need::True(name) | Need::NotTrue(name) => Some(name),
        Need::NotFalse(name) | Need::Is(name, _) | Need::IsNot(name, _) | Need::NotZero(name) => Some(name),
        Need::Flag(_) | Need::AwsVpcMode | Need::NotAwsVpcMode | Need::InStateMachine => None,
    }
}

#[test]
fn every_row_names_what_the_library_has() {
    for row in group_rows::ROWS {
        for maker in row.makers {
            assert_known(maker);
            for need in row.needs.iter().filter_map(needed) {
                assert!(takes(maker, need), "{maker} takes no {need}");
            }
            // Version 1 took the one group as `security_group`; of several spellings one must be there.
            let any = row.handed_in.is_empty() || row.handed_in.iter().any(|name| takes(maker, name));
            assert!(any, "{maker} takes none of {:?}", row.handed_in);
            if let Egress::Property { ipv4, ipv6 } = row.egress {
                assert!(takes(maker, ipv4) && ipv6.is_none_or(|ipv6| takes(maker, ipv6)), "{maker}");
            }
        }
        let apart = row.sites.iter().all(|site| site.contains("-alpha/"));
        assert!(!row.makers.is_empty() && !row.sites.is_empty() && (apart || !row.probe.is_empty()));
    }
    for row in part_rows::ROWS {
        assert!(lookup(row.class).is_some(), "{}", row.class);
        for maker in row.makers {
            assert_known(maker);
            for name in row.needs.iter().filter_map(needed).chain(row.handed_in.iter().copied()) {
                assert!(takes(maker, name), "{maker} takes no {name}");
            }
            for attribute in row.attributes {
                assert!(
                    lookup(maker).is_some_and(|info| info.property(attribute).is_some()),
                    "{maker}.{attribute}"
                );
            }
        }
    }
    for maker in traffic_rows::ROWS
        .iter()
        .flat_map(|r| r.makers)
        .chain(traffic_rows::JOINS.iter().flat_map(|r| r.makers))
    {
        assert_known(maker);
    }
}

#[test]
fn rows_are_inherited() {
    for class in ["DockerImageFunction", "Function"] {
        let rows: Vec<_> = groups(&format!("aws_cdk.aws_lambda.{class}")).collect();
        assert_eq!(rows.len(), 1, "{class}");
        assert_eq!(rows[0].needs, [Need::Given("vpc")]);
    }
    assert_eq!(groups("aws_cdk.aws_lambda_python_alpha.PythonFunction").count(), 1);
    assert_eq!(groups("aws_cdk.aws_codebuild.PipelineProject").count(), 1);
    assert_eq!(groups("aws_cdk.aws_eks.FargateCluster").next().unwrap().child, "ControlPlaneSecurityGroup");
    assert_eq!(parts("aws_cdk.aws_ec2.Vpc.add_interface_endpoint").count(), 1);
    assert_eq!(groups("aws_cdk.aws_secretsmanager.HostedRotation.postgre_sql_single_user").count(), 1);
    assert_eq!(groups("aws_cdk.aws_ec2.SecurityGroup").count(), 0);
    assert_eq!(groups("aws_cdk.aws_ec2.LaunchTemplate").count(), 0);
    assert_eq!(groups("aws_cdk.aws_ecs.ExternalService").count(), 0);
    assert_eq!(groups("").count() + parts("x").count() + traffic("x.y").count() + joins("..").count(), 0);
}

#[test]
fn a_pattern_is_its_parts() {
    let parts: Vec<_> = parts("aws_cdk.aws_ecs_patterns.ApplicationLoadBalancedFargateService").collect();
    let children: Vec<_> = parts.iter().map(|p| p.child).collect();
    assert_eq!(children, ["LB", "Service", "TaskDef"]);
    assert_eq!(groups(parts[0].class).next().unwrap().egress, Egress::Closed);
    assert_eq!(groups(parts[1].class).next().unwrap().egress, Egress::Open);
}

#[test]
fn nodes_of_a_cluster_are_opened_again() {
    let opened = traffic("aws_cdk.aws_eks.Cluster.connect_auto_scaling_group_capacity")
        .filter(|row| matches!(row.effect, Effect::Rule { to: End::AnyIpv4, .. }))
        .count();
    assert_eq!(opened, 3);
}

#[test]
fn targets_are_reached_on_their_own_ports() {
    assert_eq!(member_port("aws_cdk.aws_ecs.FargateService"), MemberPort::Container);
    assert_eq!(member_port("aws_cdk.aws_autoscaling.AutoScalingGroup"), MemberPort::TargetGroup);
    assert_eq!(member_port("aws_cdk.aws_elasticloadbalancingv2_targets.InstanceTarget"), MemberPort::NoRule);
}

#[test]
fn addresses_are_those_of_synthesized_templates() {
    assert_eq!(address("S/V"), "c88804068d0688332d46e6f881c92d498c32e929af");
    assert_eq!(address("S/Default/V"), address("S/V"));
}

#[test]
fn alpha_packages_are_known() {
    assert!(is_module("aws_cdk.aws_msk_alpha"));
    assert!(
        library::lookup("aws_cdk.aws_lambda_python_alpha.PythonFunction")
            .unwrap()
            .is_a("aws_cdk.aws_lambda.Function")
    );
}

#[test]
fn every_row_has_a_probe_in_the_oracle() {
    let probes = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/probes");
    let named = group_rows::ROWS.iter().filter(|row| !row.probe.is_empty()).map(|row| row.probe);
    let named = named.chain(part_rows::ROWS.iter().map(|row| row.probe));
    let named = named.chain(traffic_rows::ROWS.iter().map(|row| row.probe));
    for probe in named.chain(traffic_rows::JOINS.iter().map(|row| row.probe)) {
        let there = probes.join(format!("{probe}.py")).exists() || probes.join(probe).join("app.py").exists();
        assert!(there, "no probe {probe:?}");
    }
}
