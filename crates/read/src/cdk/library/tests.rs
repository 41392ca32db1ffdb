use super::*;

#[test]
fn every_name_is_found_by_search() {
    let mut count = 0;
    for data in [LIBRARY, ALPHA] {
        let names: Vec<&str> = data.lines().filter(|l| !l.starts_with('#')).map(name_of).collect();
        assert!(names.is_sorted(), "the search needs sorted lines");
        for name in names {
            let info = lookup(name).unwrap_or_else(|| panic!("{name} is not found"));
            assert_eq!(info.name, name);
            count += 1;
        }
    }
    assert!(count > 5_000, "{count}");
}

#[test]
fn names_that_are_not_there_are_not_found() {
    for name in [
        "",
        "aws_cdk",
        "aws_cdk.aws_ec2",
        "aws_cdk.aws_ec2.SecurityGrou",
        "aws_cdk.aws_ec2.SecurityGroupX",
        "zzz",
        "#",
        "# Types",
    ] {
        assert!(lookup(name).is_none(), "{name}");
    }
}

#[test]
fn version_one_names_lead_to_version_two() {
    assert_eq!(lookup("aws_cdk.core.Stack").unwrap().name, "aws_cdk.Stack");
    assert_eq!(lookup("aws_cdk.core.Construct").unwrap().name, "constructs.Construct");
    assert!(lookup("aws_cdk.Stack").unwrap().is_a("aws_cdk.core.Construct"));
}

#[test]
fn modules_are_told_from_types() {
    assert!(is_module("aws_cdk.aws_ec2") && is_module("aws_cdk") && is_module("constructs"));
    assert!(!is_module("aws_cdk.aws_ec") && !is_module("mine"));
}

#[test]
fn a_security_group_is_a_construct_with_its_properties() {
    let group = lookup("aws_cdk.aws_ec2.SecurityGroup").unwrap();
    assert_eq!(group.kind(), Kind::Class);
    assert!(group.is_construct());
    assert_eq!(group.base(), Some("aws_cdk.Resource"));
    assert!(
        group.is_a("aws_cdk.aws_ec2.ISecurityGroup")
            && group.is_a("aws_cdk.aws_ec2.IPeer")
            && group.is_a("constructs.Construct")
    );
    let constructor = group.constructor().unwrap();
    assert_eq!(constructor.positional().map(|p| p.name).collect::<Vec<_>>(), ["scope", "id"]);
    let outbound = constructor.keyword("allow_all_outbound").unwrap();
    assert!(outbound.optional && outbound.ty == "bool");
    assert!(!constructor.keyword("vpc").unwrap().optional);
    assert!(constructor.keyword("allow_all_outbond").is_none());
    let import = group.method("from_security_group_id").unwrap();
    assert!(import.is_static && import.returns == "aws_cdk.aws_ec2.ISecurityGroup");
    assert!(import.keyword("mutable").is_some());
    assert_eq!(group.property("connections").unwrap().ty, "aws_cdk.aws_ec2.Connections");
}

#[test]
fn ports_and_peers_take_their_arguments_in_order() {
    let port = lookup("aws_cdk.aws_ec2.Port").unwrap();
    let range = port.method("tcp_range").unwrap();
    assert!(range.is_static && range.returns == "aws_cdk.aws_ec2.Port");
    assert_eq!(range.positional().map(|p| p.name).collect::<Vec<_>>(), ["start_port", "end_port"]);
    assert_eq!(port.constructor().unwrap().keyword_struct(), Some("aws_cdk.aws_ec2.PortProps"));
    let peer = lookup("aws_cdk.aws_ec2.Peer").unwrap();
    assert_eq!(peer.method("ipv4").unwrap().positional().next().unwrap().name, "cidr_ip");
    assert_eq!(peer.method("any_ipv6").unwrap().returns, "aws_cdk.aws_ec2.IPeer");
    let connections = lookup("aws_cdk.aws_ec2.Connections").unwrap();
    let names: Vec<_> = connections.method("allow_to").unwrap().positional().map(|p| p.name).collect();
    assert_eq!(names, ["other", "port_range", "description"]);
}

#[test]
fn members_and_keywords_are_inherited() {
    let function = lookup("aws_cdk.aws_lambda.DockerImageFunction").unwrap();
    assert!(function.is_a("aws_cdk.aws_lambda.Function"));
    assert!(function.constructor().unwrap().keyword("allow_all_outbound").is_some());
    assert!(function.property("connections").is_some());
    let chain: Vec<_> = function.ancestors().map(|t| t.name).collect();
    assert_eq!(chain.first(), Some(&"aws_cdk.aws_lambda.DockerImageFunction"));
    assert_eq!(chain.last(), Some(&"constructs.Construct"));
}

#[test]
fn template_names_follow_the_template() {
    let group = lookup("aws_cdk.aws_ec2.CfnSecurityGroup").unwrap();
    assert_eq!(group.cfn_type(), Some("AWS::EC2::SecurityGroup"));
    assert_eq!(group.cfn_property("security_group_egress").as_deref(), Some("SecurityGroupEgress"));
    assert_eq!(group.cfn_property("nothing"), None);
    let egress = lookup("aws_cdk.aws_ec2.CfnSecurityGroup.EgressProperty").unwrap();
    assert_eq!(egress.kind(), Kind::Struct);
    assert_eq!(egress.cfn_property("cidr_ipv6").as_deref(), Some("CidrIpv6"));
    let database = lookup("aws_cdk.aws_rds.CfnDBInstance").unwrap();
    assert_eq!(database.cfn_property("db_instance_class").as_deref(), Some("DBInstanceClass"));
}

#[test]
fn enums_know_their_members() {
    let subnets = lookup("aws_cdk.aws_ec2.SubnetType").unwrap();
    assert_eq!(subnets.kind(), Kind::Enum);
    assert!(subnets.enum_member("PRIVATE_ISOLATED") && !subnets.enum_member("PRIVATE"));
}

#[test]
fn a_line_that_is_not_one_is_no_type() {
    for line in ["", "name", "name\tx\t\t\t", "name\tC"] {
        let _ = TypeInfo::parse(line).map(|info| (info.constructor(), info.method("x"), info.properties()));
    }
    assert!(TypeInfo::parse("name\tx\t\t\t").is_none());
}

#[test]
fn a_module_holds_its_types_and_not_those_of_modules_within() {
    for module in ["aws_cdk", "aws_cdk.aws_ec2", "constructs", "aws_cdk.cx_api", "nothing"] {
        let prefix = format!("{module}.");
        let mut all: Vec<&str> = all_names()
            .filter_map(|name| name.strip_prefix(&prefix))
            .filter(|name| !name.contains('.'))
            .collect();
        all.sort_unstable();
        assert_eq!(*types_in(module), *all, "{module}");
        assert_eq!(*types_in(module), *all, "{module}, asked again");
    }
}

#[test]
fn what_a_type_is_does_not_depend_on_the_way_of_asking() {
    let others = [
        "constructs.Construct",
        "aws_cdk.Resource",
        "aws_cdk.aws_ec2.IConnectable",
        "aws_cdk.core.Stack",
        "x",
    ];
    for name in all_names().step_by(37) {
        for other in others.into_iter().chain([name]) {
            let long = name == other || lookup(name).is_some_and(|info| info.is_a(other));
            assert_eq!(is_a(name, other), long, "{name} {other}");
        }
    }
}
