//! What is written on a group itself.

use super::show::{json, yaml};

/// A group with this text under `SecurityGroupEgress:`, in YAML.
fn inline(egress: &str) -> String {
    yaml(&format!(
        "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:{egress}\n"
    ))
}

/// The same in JSON.
fn inline_json(egress: &str) -> String {
    json(&format!(
        r#"{{"Resources":{{"A":{{"Type":"AWS::EC2::SecurityGroup","Properties":{{"SecurityGroupEgress":{egress}}}}}}}}}"#
    ))
}

#[test]
fn a_group_that_says_nothing_is_open() {
    assert_eq!(
        yaml(
            "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n"
        ),
        "A: any 0.0.0.0/0 (left out)\n"
    );
    assert_eq!(
        json(r#"{"Resources":{"A":{"Type":"AWS::EC2::SecurityGroup"}}}"#),
        "A: any 0.0.0.0/0 (left out)\n"
    );
    assert_eq!(inline(" !Ref AWS::NoValue"), "A: any 0.0.0.0/0 (left out)\n");
    assert_eq!(inline_json(r#"{"Ref":"AWS::NoValue"}"#), "A: any 0.0.0.0/0 (left out)\n");
    assert_eq!(inline(""), "A: any 0.0.0.0/0 (left out)\n");
}

#[test]
fn an_empty_list_may_be_read_in_two_ways() {
    let expected = "A [how the platform reads the empty SecurityGroupEgress of A=as if it were left out]: \
                    any 0.0.0.0/0 (left out)\n\
                    A [how the platform reads the empty SecurityGroupEgress of A=as nothing allowed]: nothing\n";
    assert_eq!(inline(" []"), expected);
    assert_eq!(inline_json("[]"), expected);
    assert_eq!(inline_json(r#"[{"Ref":"AWS::NoValue"}]"#), expected);
}

#[test]
fn one_rule_may_stand_without_a_list() {
    assert_eq!(inline("\n        {IpProtocol: -1, CidrIp: 0.0.0.0/0}"), "A: any 0.0.0.0/0\n");
    assert_eq!(inline_json(r#"{"IpProtocol":"-1","CidrIp":"0.0.0.0/0"}"#), "A: any 0.0.0.0/0\n");
}

#[test]
fn protocols_and_ports_are_texts_or_numbers() {
    for rule in [
        r#"{"IpProtocol":"tcp","FromPort":443,"ToPort":"443","CidrIp":"10.0.0.0/8"}"#,
        r#"{"IpProtocol":"TCP","FromPort":"443","ToPort":443.0,"CidrIp":"10.1.2.3/8"}"#,
        r#"{"IpProtocol":6,"FromPort":" 443","ToPort":4.43e2,"CidrIp":" 10.0.0.0/8"}"#,
    ] {
        assert_eq!(inline_json(&format!("[{rule}]")), "A: tcp/443 10.0.0.0/8\n", "{rule}");
    }
    assert_eq!(inline("\n        - IpProtocol: 50\n          CidrIp: 10.0.0.0/8"), "A: 50 10.0.0.0/8\n");
    assert_eq!(
        inline("\n        - {IpProtocol: 50, FromPort: 1, ToPort: 2, CidrIp: 10.0.0.0/8}"),
        "A: 50 10.0.0.0/8\n",
        "ports of other protocols do not count"
    );
    assert_eq!(
        inline("\n        - {IpProtocol: '-1', FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}"),
        "A: any 0.0.0.0/0\n",
        "nor do they with every protocol"
    );
    assert_eq!(
        inline("\n        - {IpProtocol: icmp, FromPort: 8, ToPort: -1, CidrIp: 0.0.0.0/0}"),
        "A: icmp/8 0.0.0.0/0\n"
    );
}

#[test]
fn placeholders_come_out_as_they_are_written() {
    assert_eq!(
        inline("\n        - {IpProtocol: icmp, FromPort: 252, ToPort: 86, CidrIp: 255.255.255.255/32}"),
        "A: icmp/252.86 255.255.255.255/32\n"
    );
    assert_eq!(inline("\n        - {IpProtocol: -1, CidrIp: 127.0.0.1/32}"), "A: any 127.0.0.1/32\n");
    assert_eq!(
        inline("\n        - {IpProtocol: tcp, FromPort: 252, ToPort: 86, CidrIp: 0.0.0.0/0}"),
        "A: tcp/nothing 0.0.0.0/0\n"
    );
}

#[test]
fn every_spelling_of_everything_is_the_same() {
    for block in ["0.0.0.0/0", "1.2.3.4/0", "' 0.0.0.0/0 '", "000.0.0.0/00"] {
        assert_eq!(inline(&format!("\n        - {{IpProtocol: -1, CidrIp: {block}}}")), "A: any 0.0.0.0/0\n");
    }
    for block in ["::/0", "0::0/0", "0:0:0:0:0:0:0:0/0", "'::0.0.0.0/0'"] {
        assert_eq!(
            inline(&format!("\n        - IpProtocol: -1\n          CidrIpv6: {block}")),
            "A: any ::/0\n"
        );
    }
    assert_eq!(
        inline(
            "\n        - {IpProtocol: -1, CidrIp: 0.0.0.0/1}\n        - {IpProtocol: -1, CidrIp: 128.0.0.0/1}"
        ),
        "A: any 0.0.0.0/1; any 128.0.0.0/1\n"
    );
}

#[test]
fn a_rule_with_two_blocks_is_two_rules() {
    assert_eq!(
        inline("\n        - {IpProtocol: -1, CidrIp: 10.0.0.0/8, CidrIpv6: '::/0'}"),
        "A: any 10.0.0.0/8; any ::/0\n"
    );
}

#[test]
fn what_is_no_address_block_is_unknown() {
    assert!(
        inline("\n        - {IpProtocol: -1, CidrIp: 0.0.0.0}")
            .contains("?(\"0.0.0.0\" is not an address block")
    );
    assert!(
        inline("\n        - {IpProtocol: xyz, CidrIp: 10.0.0.0/8}").contains("?(\"xyz\" is not a protocol) ")
    );
    assert!(inline("\n        - {IpProtocol: -1}").contains("?(the rule names no other end)"));
    assert!(
        inline("\n        - {IpProtocol: tcp, FromPort: 1, CidrIp: 10.0.0.0/8}").contains("?(only one end")
    );
    assert_eq!(inline(" hello"), "A: opaque (this is not a rule)\n");
    assert_eq!(inline("\n        - 12"), "A: opaque (this is not a rule)\n");
    assert!(inline(" !Ref Missing").contains("opaque (Missing is neither a parameter nor a resource"));
}

#[test]
fn groups_and_prefix_lists_are_peers() {
    assert_eq!(
        inline(
            "\n        - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, DestinationSecurityGroupId: !GetAtt B.GroupId}"
        ),
        "A: tcp/5432 group B.GroupId\n"
    );
    assert_eq!(
        inline("\n        - {IpProtocol: -1, DestinationSecurityGroupId: sg-123}"),
        "A: any group sg-123\n"
    );
}

#[test]
fn ingress_is_kept_apart() {
    let reading = super::show::read(&[(
        "t.yaml",
        "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress:\n        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}\n      SecurityGroupEgress:\n        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}\n",
    )]);
    let directions: Vec<_> = reading.estate.policies[0].rules.iter().map(|r| r.direction).collect();
    assert_eq!(directions, [tidegate_estate::Direction::Egress, tidegate_estate::Direction::Ingress]);
}

#[test]
fn a_transform_hides_what_it_makes() {
    let group = "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n        - {IpProtocol: -1, CidrIp: 10.0.0.0/8}\n";
    for quiet in ["AWS::Serverless-2016-10-31", "[AWS::LanguageExtensions, AWS::CodeDeployBlueGreen]"] {
        assert_eq!(yaml(&format!("Transform: {quiet}\n{group}")), "A: any 10.0.0.0/8\n");
    }
    for loud in ["Mine", "[AWS::Serverless-2016-10-31, Mine]", "{Name: Mine, Parameters: {a: b}}"] {
        assert_eq!(
            yaml(&format!("Transform: {loud}\n{group}")),
            "A: any 10.0.0.0/8; opaque (the macro Mine may change what is written here)\n"
        );
    }
    assert_eq!(
        inline("\n        Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/x}}"),
        "A: opaque (the macro AWS::Include may change what is written here)\n"
    );
    let beside = "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      Fn::Transform: {Name: Mine}\n      SecurityGroupEgress: [{IpProtocol: -1, CidrIp: 10.0.0.0/8}]\n";
    assert!(yaml(beside).contains("opaque (the macro Mine"));
    let all = "Resources:\n  Fn::Transform: {Name: Mine}\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{IpProtocol: -1, CidrIp: 10.0.0.0/8}]\n";
    assert!(yaml(all).contains("opaque (the macro Mine"));
}

#[test]
fn ipv6_is_open_by_default_only_where_the_vpc_has_it() {
    let group = "  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {VpcId: !Ref V}\n";
    let vpc = "Resources:\n  V:\n    Type: AWS::EC2::VPC\n";
    let block = "  B:\n    Type: AWS::EC2::VPCCidrBlock\n    Properties: {VpcId: !Ref V, AmazonProvidedIpv6CidrBlock: true}\n";
    assert!(yaml(&format!("{vpc}{group}")).ends_with("A: any 0.0.0.0/0 (left out)\n"));
    assert!(
        yaml(&format!("{vpc}{block}{group}")).ends_with("A: any 0.0.0.0/0 (left out); any ::/0 (left out)\n")
    );
    let off = block.replace("true", "false");
    assert!(yaml(&format!("{vpc}{off}{group}")).ends_with("A: any 0.0.0.0/0 (left out)\n"));
    assert_eq!(
        yaml(&format!("Parameters:\n  V: {{Type: AWS::EC2::VPC::Id}}\nResources:\n{group}")),
        "A: any 0.0.0.0/0 (left out)\n"
    );
}

#[test]
fn sam_resources_make_no_group() {
    let text = "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Timeout: 3}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      VpcConfig: {SecurityGroupIds: [!Ref A], SubnetIds: []}\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: x}\n";
    assert_eq!(yaml(text), "A: any 0.0.0.0/0 (left out)\n");
}

#[test]
fn tags_that_are_certain_are_kept() {
    let reading = super::show::read(&[(
        "t.yaml",
        "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      Tags: [{Key: data, Value: sensitive}, {Key: stack, Value: !Ref AWS::StackName}]\n",
    )]);
    let tags: Vec<_> = reading.estate.policies[0].tags.iter().collect();
    assert_eq!(tags, [(&"data".to_owned(), &"sensitive".to_owned())]);
}
