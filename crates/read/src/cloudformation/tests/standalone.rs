//! Rules that are resources of their own.

use super::show::{json, yaml};

const GROUP: &str = "  A:\n    Type: AWS::EC2::SecurityGroup\n";

fn rule(group: &str) -> String {
    format!(
        "  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties:\n      GroupId: {group}\n      IpProtocol: tcp\n      FromPort: 443\n      ToPort: 443\n      CidrIp: 10.0.0.0/8\n"
    )
}

#[test]
fn a_rule_beside_a_silent_group_closes_it() {
    for group in [
        "!Ref A",
        "!GetAtt A.GroupId",
        "!GetAtt [A, GroupId]",
        "!Sub '${A}'",
        "!Sub '${A.GroupId}'",
        "!Sub ['${X}', {X: !GetAtt A.GroupId}]",
        "{'Fn::GetAtt': [A, GroupId]}",
        "{'Fn::GetAtt': A.GroupId}",
        "{Ref: A}",
        "!Join ['', [!Ref A]]",
        "!Select [1, [x, !Ref A]]",
        "!If [Yes, !Ref A, !Ref A]",
        "!FindInMap [M, k, v]",
    ] {
        let text = format!("Resources:\n{GROUP}{}", rule(group));
        let expected = match group.contains("FindInMap") {
            true => continue,
            false => "A: tcp/443 10.0.0.0/8\n",
        };
        assert_eq!(yaml(&text), expected, "{group}");
    }
    assert_eq!(
        json(
            r#"{"Resources":{"A":{"Type":"AWS::EC2::SecurityGroup"},"R":{"Type":"AWS::EC2::SecurityGroupEgress","Properties":
            {"GroupId":{"Fn::GetAtt":["A","GroupId"]},"IpProtocol":"tcp","FromPort":{"Ref":"P"},"ToPort":{"Ref":"P"},
            "DestinationSecurityGroupId":{"Fn::ImportValue":"x:y"}}}},"Parameters":{"P":{"Type":"Number","Default":5432}}}"#
        ),
        "A [parameter P=5432]: tcp/5432 group import x:y\n\
         A [parameter P=another value]: tcp?(the parameter P may be given another value) group import x:y\n"
    );
}

#[test]
fn a_rule_under_a_condition_leaves_the_default_where_it_does_not_hold() {
    let text = format!(
        "Conditions:\n  Tight: !Equals [!Ref AWS::Region, eu-west-1]\nResources:\n{GROUP}{}",
        rule("!Ref A").replace("    Properties:", "    Condition: Tight\n    Properties:")
    );
    assert_eq!(
        yaml(&text),
        "A [AWS::Region=eu-west-1]: tcp/443 10.0.0.0/8\nA [AWS::Region=another value]: any 0.0.0.0/0 (left out)\n"
    );
}

#[test]
fn a_rule_beside_written_rules_adds_to_them() {
    let text = format!(
        "Resources:\n{GROUP}    Properties:\n      SecurityGroupEgress:\n        - {{IpProtocol: -1, CidrIp: 127.0.0.1/32}}\n{}",
        rule("!Ref A")
    );
    assert_eq!(yaml(&text), "A: any 127.0.0.1/32; tcp/443 10.0.0.0/8\n");
}

#[test]
fn an_attached_rule_that_opens_everything_opens() {
    let text = format!(
        "Resources:\n{GROUP}  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {{GroupId: !Ref A, IpProtocol: -1, CidrIp: 0.0.0.0/0}}\n"
    );
    assert_eq!(yaml(&text), "A: any 0.0.0.0/0\n");
}

#[test]
fn rules_for_a_group_from_elsewhere_are_a_policy_of_their_own() {
    let two = "Parameters:\n  G: {Type: AWS::EC2::SecurityGroup::Id}\nResources:\n  R1:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: GROUP, IpProtocol: -1, CidrIp: 0.0.0.0/1}\n  R2:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: GROUP, IpProtocol: -1, CidrIp: 128.0.0.0/1}\n";
    for group in ["sg-123", "!Ref G", "!ImportValue X", "!GetAtt Other.Id", "'{{resolve:ssm:x}}'"] {
        let text = two.replace("GROUP", group);
        let expected = match group.contains("resolve") {
            // Nothing says that the two are the same group.
            true => "R1: any 0.0.0.0/1\nR2: any 128.0.0.0/1\n",
            false => "R1: any 0.0.0.0/1; any 128.0.0.0/1\n",
        };
        assert_eq!(yaml(&text), expected, "{group}");
    }
    let cluster =
        two.replace("GROUP", "!GetAtt C.ClusterSecurityGroupId") + "  C:\n    Type: AWS::EKS::Cluster\n";
    assert_eq!(yaml(&cluster), "R1: any 0.0.0.0/1; any 128.0.0.0/1\n");
}

#[test]
fn ingress_for_a_group_from_elsewhere_makes_no_policy() {
    let text = "Resources:\n  R:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties: {GroupId: sg-1, IpProtocol: -1, CidrIp: 0.0.0.0/0}\n";
    assert_eq!(yaml(text), "");
}
