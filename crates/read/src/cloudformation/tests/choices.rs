//! Parameters, conditions and what they make of a group.

use super::show::{egress, json, read_with, yaml};
use crate::Options;

fn group(head: &str, egress: &str) -> String {
    format!(
        "{head}Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n{egress}"
    )
}

const OPEN: &str = "{IpProtocol: -1, CidrIp: 0.0.0.0/0}";
const NEAR: &str = "{IpProtocol: -1, CidrIp: 10.0.0.0/8}";

#[test]
fn a_default_is_one_of_two_alternatives() {
    let text = group(
        "Parameters:\n  Cidr: {Type: String, Default: 0.0.0.0/0}\n",
        "        - {IpProtocol: -1, CidrIp: !Ref Cidr}\n",
    );
    assert_eq!(
        yaml(&text),
        "A [parameter Cidr=0.0.0.0/0]: any 0.0.0.0/0\n\
         A [parameter Cidr=another value]: any ?(the parameter Cidr may be given another value)\n"
    );
}

#[test]
fn allowed_values_are_all_there_is() {
    let text = group(
        "Parameters:\n  Cidr: {Type: String, Default: 10.0.0.0/8, AllowedValues: [0.0.0.0/0, 10.0.0.0/8]}\n",
        "        - {IpProtocol: -1, CidrIp: !Ref Cidr}\n",
    );
    assert_eq!(
        yaml(&text),
        "A [parameter Cidr=10.0.0.0/8]: any 10.0.0.0/8\nA [parameter Cidr=0.0.0.0/0]: any 0.0.0.0/0\n"
    );
}

#[test]
fn without_a_default_it_is_unknown() {
    let text =
        group("Parameters:\n  Cidr: {Type: String}\n", "        - {IpProtocol: -1, CidrIp: !Ref Cidr}\n");
    assert_eq!(yaml(&text), "A: any ?(the parameter Cidr has no default)\n");
    let ssm = group(
        "Parameters:\n  Cidr: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /net/cidr}\n",
        "        - {IpProtocol: -1, CidrIp: !Ref Cidr}\n",
    );
    assert_eq!(
        yaml(&ssm),
        "A: any ?(the parameter Cidr is looked up in the Systems Manager parameter store)\n"
    );
}

#[test]
fn a_value_from_the_user_decides() {
    let text = group(
        "Parameters:\n  Cidr: {Type: String, Default: 0.0.0.0/0}\n",
        "        - {IpProtocol: -1, CidrIp: !Ref Cidr}\n",
    );
    let options = Options { parameters: vec![("Cidr".into(), "10.0.0.0/8".into())], ..Options::default() };
    assert_eq!(egress(&read_with(&[("t.yaml", &text)], &options).estate), "A: any 10.0.0.0/8\n");
}

#[test]
fn lists_of_values_are_split() {
    let text = group(
        "Parameters:\n  Nets: {Type: CommaDelimitedList, Default: '10.0.0.0/8, 0.0.0.0/0'}\n",
        "        - {IpProtocol: -1, CidrIp: !Select [1, !Ref Nets]}\n",
    );
    assert!(yaml(&text).starts_with("A [parameter Nets=10.0.0.0/8, 0.0.0.0/0]: any 0.0.0.0/0\n"));
}

#[test]
fn two_rules_under_one_condition_make_two_worlds() {
    let text = group(
        "Parameters:\n  Env: {Type: String}\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\n",
        &format!(
            "        - !If [IsProd, {NEAR}, {OPEN}]\n        - !If [IsProd, {{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}}, !Ref AWS::NoValue]\n"
        ),
    );
    assert_eq!(
        yaml(&text),
        "A [parameter Env=prod]: any 10.0.0.0/8; tcp/1 10.0.0.0/8\nA [parameter Env=another value]: any 0.0.0.0/0\n"
    );
}

#[test]
fn conditions_on_one_parameter_agree_with_each_other() {
    let text = group(
        "Parameters:\n  Env: {Type: String, Default: dev}\nConditions:\n  IsProd: !Equals [prod, !Ref Env]\n  IsDev: !Equals [!Sub '${Env}', dev]\n  Both: !And [!Condition IsProd, !Condition IsDev]\n  Neither: !Not [!Or [Condition: IsProd, Condition: IsDev]]\n",
        &format!(
            "        - !If [Both, {OPEN}, {NEAR}]\n        - !If [Neither, {OPEN}, !Ref 'AWS::NoValue']\n"
        ),
    );
    assert_eq!(
        yaml(&text),
        "A [parameter Env=dev | parameter Env=prod]: any 10.0.0.0/8\n\
         A [parameter Env=another value]: any 10.0.0.0/8; any 0.0.0.0/0\n"
    );
}

#[test]
fn a_condition_that_is_always_false_hides_its_branch() {
    for condition in ["!Equals [a, b]", "!Not [!Equals [x, x]]", "!Equals [!Ref E, z]"] {
        let text = group(
            &format!(
                "Parameters:\n  E: {{Type: String, AllowedValues: [a, b], Default: a}}\nConditions:\n  C: {condition}\n"
            ),
            &format!("        - !If [C, {OPEN}, {NEAR}]\n"),
        );
        assert_eq!(yaml(&text), "A: any 10.0.0.0/8\n", "{condition}");
    }
}

#[test]
fn a_condition_that_nobody_can_work_out_is_a_choice() {
    let text = group(
        "Parameters:\n  P: {Type: String}\n  Q: {Type: String}\nConditions:\n  C: !Equals [!Ref P, !Ref Q]\n",
        &format!("        - !If [C, {OPEN}, {NEAR}]\n"),
    );
    assert_eq!(yaml(&text), "A [condition C=true]: any 0.0.0.0/0\nA [condition C=false]: any 10.0.0.0/8\n");
    let missing = group("", &format!("        - !If [Nowhere, {OPEN}, {NEAR}]\n"));
    assert_eq!(
        yaml(&missing),
        "A [condition Nowhere=true]: any 0.0.0.0/0\nA [condition Nowhere=false]: any 10.0.0.0/8\n"
    );
}

#[test]
fn a_condition_may_stand_anywhere() {
    let head = "Conditions:\n  C: !Equals [!Ref AWS::Partition, aws]\n";
    let there = "[AWS::Partition=aws]";
    let else_ = "[AWS::Partition=another value]";
    let block = group(head, "        - {IpProtocol: -1, CidrIp: !If [C, 10.0.0.0/8, 0.0.0.0/0]}\n");
    assert_eq!(yaml(&block), format!("A {there}: any 10.0.0.0/8\nA {else_}: any 0.0.0.0/0\n"));
    let list = group(head, &format!("        !If [C, [{NEAR}], [{OPEN}, {NEAR}]]\n"));
    assert_eq!(yaml(&list), format!("A {there}: any 10.0.0.0/8\nA {else_}: any 0.0.0.0/0; any 10.0.0.0/8\n"));
    let absent = group(head, &format!("        !If [C, [{NEAR}], !Ref AWS::NoValue]\n"));
    assert_eq!(yaml(&absent), format!("A {there}: any 10.0.0.0/8\nA {else_}: any 0.0.0.0/0 (left out)\n"));
    let whole = format!(
        "{head}Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Condition: C\n    Properties:\n      SecurityGroupEgress: [{OPEN}]\n"
    );
    assert_eq!(yaml(&whole), format!("A {there}: any 0.0.0.0/0\nA {else_}: -\n"));
    let protocol =
        group(head, "        - {IpProtocol: !If [C, tcp, -1], FromPort: 1, ToPort: 2, CidrIp: 0.0.0.0/0}\n");
    assert_eq!(yaml(&protocol), format!("A {there}: tcp/1-2 0.0.0.0/0\nA {else_}: any 0.0.0.0/0\n"));
}

#[test]
fn the_same_in_json() {
    assert_eq!(
        json(
            r#"{"Parameters":{"E":{"Type":"String","AllowedValues":["dev","prod"]}},
            "Conditions":{"P":{"Fn::Equals":[{"Ref":"E"},"prod"]},"N":{"Fn::Not":[{"Condition":"P"}]}},
            "Resources":{"A":{"Type":"AWS::EC2::SecurityGroup","Properties":{"SecurityGroupEgress":[
            {"Fn::If":["N",{"IpProtocol":"-1","CidrIp":"0.0.0.0/0"},{"Ref":"AWS::NoValue"}]},
            {"IpProtocol":"-1","CidrIp":"10.0.0.0/8"}]}}}}"#
        ),
        "A [parameter E=dev]: any 0.0.0.0/0; any 10.0.0.0/8\nA [parameter E=prod]: any 10.0.0.0/8\n"
    );
}

#[test]
fn circles_end() {
    let text = group(
        "Conditions:\n  C: !Condition D\n  D: !Not [!Condition C]\n",
        &format!("        - !If [C, {OPEN}, {NEAR}]\n"),
    );
    assert!(!yaml(&text).is_empty());
}

#[test]
fn the_other_value_is_none_of_those_compared() {
    // With an empty default and a test for it, the other branch is open only for what nobody knows.
    let text = group(
        "Parameters:\n  Cidr: {Type: String, Default: ''}\nConditions:\n  Given: !Not [!Equals [!Ref Cidr, '']]\n",
        &format!("        - !If [Given, {{IpProtocol: -1, CidrIp: !Ref Cidr}}, {NEAR}]\n"),
    );
    assert_eq!(
        yaml(&text),
        "A [parameter Cidr=]: any 10.0.0.0/8\n\
         A [parameter Cidr=another value]: any ?(the parameter Cidr may be given another value)\n"
    );
}
