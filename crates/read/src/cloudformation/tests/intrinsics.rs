//! Functions that work out an address block.

use super::show::{json, yaml};

/// A group that lets everything out to what the expression gives.
fn block(head: &str, expression: &str) -> String {
    let out = yaml(&format!(
        "{head}Resources:\n  V:\n    Type: AWS::EC2::Subnet\n    Properties: {{CidrBlock: 10.7.0.0/16}}\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n        - IpProtocol: -1\n          CidrIp: {expression}\n"
    ));
    out.trim_end().strip_prefix("A: any ").unwrap_or(&out).to_owned()
}

#[test]
fn texts_are_put_together() {
    for expression in [
        "!Sub 0.0.0.0/0",
        "!Sub ['${A}/${B}', {A: 0.0.0.0, B: 0}]",
        "!Join ['', [0.0.0.0, /0]]",
        "!Join ['/', ['0.0.0.0', 0]]",
        "!Join ['.', [0, 0, 0, 0/0]]",
        "!Select [0, [0.0.0.0/0]]",
        "!Select ['1', !Split [',', '10.0.0.0/8,0.0.0.0/0']]",
        "!Join ['/', !Split ['-', '0.0.0.0-0']]",
        "{'Fn::Join': ['', ['0.0.0.0', {'Fn::Sub': '/0'}]]}",
        "!Sub\n            - '${N}'\n            - N: !Join ['', ['0.0.0.0/0']]",
    ] {
        assert_eq!(block("", expression), "0.0.0.0/0", "{expression}");
    }
}

#[test]
fn blocks_are_cut_into_smaller_ones() {
    assert_eq!(block("", "!Select [1, !Cidr [0.0.0.0/0, 2, 31]]"), "128.0.0.0/1");
    assert_eq!(block("", "!Select [2, !Cidr [!GetAtt V.CidrBlock, 6, 8]]"), "10.7.2.0/24");
    assert_eq!(block("", "!GetAtt V.CidrBlock"), "10.7.0.0/16");
    assert!(block("", "!Select [9, !Cidr [10.0.0.0/24, 2, 4]]").contains("no such item"));
    assert!(block("", "!Cidr [10.0.0.0/24]").contains("two or three parts"));
}

#[test]
fn what_only_deployment_knows_is_unknown() {
    assert!(block("", "'{{resolve:ssm:/net/cidr}}'").contains("dynamic reference"));
    assert!(block("", "!Sub '{{resolve:ssm:/net/${AWS::Region}}}'").contains("dynamic reference"));
    assert!(block("", "!Sub '${AWS::StackName}/8'").contains("AWS::StackName is only known at deployment"));
    assert!(block("", "!ImportValue net").contains("the imported value net is not in the input"));
    assert!(block("", "!GetAtt Nope.Cidr").contains("Nope is not a resource"));
    assert!(block("", "!GetAtt V.Other").contains("V.Other is only known at deployment"));
    assert!(block("", "!Nonsense x").contains("the tag !Nonsense is not known"));
    assert!(block("", "{'Fn::Nonsense': x}").contains("the function Fn::Nonsense is not known"));
    assert!(block("", "!ToJsonString {a: 1}").contains("?("));
    assert!(block("", "!Base64 abc").contains("\"YWJj\" is not an address block"));
}

const MAPPINGS: &str = "Mappings:\n  Nets:\n    prod: {cidr: 10.0.0.0/8}\n    dev: {cidr: 0.0.0.0/0}\n";

#[test]
fn a_mapping_gives_one_value_per_key() {
    assert_eq!(block(MAPPINGS, "!FindInMap [Nets, prod, cidr]"), "10.0.0.0/8");
    let parameter = format!("Parameters:\n  Env: {{Type: String}}\n{MAPPINGS}");
    assert_eq!(
        block(&parameter, "!FindInMap [Nets, !Ref Env, cidr]"),
        "A [parameter Env=prod | parameter Env=another value]: any 10.0.0.0/8\n\
         A [parameter Env=dev]: any 0.0.0.0/0\n"
            .replace(" | parameter Env=another value", "")
            + "A [parameter Env=another value]: nothing\n"
    );
    assert!(block(MAPPINGS, "!FindInMap [Nets, stage, cidr]").contains("the mapping has no entry stage"));
}

#[test]
fn a_mapping_with_a_default_value() {
    let text = "!FindInMap [Nets, stage, cidr, {DefaultValue: 0.0.0.0/0}]";
    assert_eq!(block(MAPPINGS, text), "0.0.0.0/0");
    let region = "!FindInMap [Nets, !Ref AWS::Region, cidr, DefaultValue: 0.0.0.0/0]";
    assert_eq!(
        block(MAPPINGS, region),
        "A [AWS::Region=prod]: any 10.0.0.0/8\nA [AWS::Region=dev | AWS::Region=another value]: any 0.0.0.0/0\n"
    );
}

#[test]
fn length_is_a_text() {
    assert_eq!(block("", "!Sub ['0.0.0.0/${N}', {N: !Length [a, b, c, d, e, f, g, h]}]"), "0.0.0.0/8");
}

#[test]
fn loops_make_resources_and_rules() {
    let text = "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Groups:\n    - Name\n    - [One, Two]\n    - 'Sg${Name}':\n        Type: AWS::EC2::SecurityGroup\n        Properties:\n          GroupDescription: !Sub 'for ${Name}'\n          SecurityGroupEgress: [{IpProtocol: -1, CidrIp: !FindInMap [M, !Ref Name, c]}]\nMappings:\n  M: {One: {c: 10.0.0.0/8}, Two: {c: 0.0.0.0/0}}\n";
    assert_eq!(yaml(text), "SgOne: any 10.0.0.0/8\nSgTwo: any 0.0.0.0/0\n");
    assert_eq!(
        json(
            r#"{"Transform":"AWS::LanguageExtensions","Parameters":{"Nets":{"Type":"CommaDelimitedList","Default":"10.0.0.0/8,0.0.0.0/0"}},
            "Resources":{"A":{"Type":"AWS::EC2::SecurityGroup","Properties":{"SecurityGroupEgress":[]}},
            "Fn::ForEach::Rules":["Net",{"Ref":"Nets"},{"Rule&{Net}":{"Type":"AWS::EC2::SecurityGroupEgress","Properties":
            {"GroupId":{"Ref":"A"},"IpProtocol":"-1","CidrIp":{"Ref":"Net"}}}}]}}"#
        ),
        "A [parameter Nets=10.0.0.0/8,0.0.0.0/0]: any 10.0.0.0/8; any 0.0.0.0/0\n\
         A [parameter Nets=another value]: any ?(the parameter Nets may be given another value)\n"
    );
}

#[test]
fn nested_loops_and_loops_in_properties() {
    let text = "Resources:\n  Fn::ForEach::X:\n    - X\n    - [a, b]\n    - Fn::ForEach::Y:\n        - Y\n        - ['1', '2']\n        - 'G${X}${Y}':\n            Type: AWS::EC2::SecurityGroup\n            Properties:\n              Fn::ForEach::P:\n                - P\n                - [SecurityGroupEgress]\n                - '${P}': [{IpProtocol: tcp, FromPort: !Ref Y, ToPort: !Ref Y, CidrIp: 10.0.0.0/8}]\n";
    assert_eq!(
        yaml(text),
        "Ga1: tcp/1 10.0.0.0/8\nGa2: tcp/2 10.0.0.0/8\nGb1: tcp/1 10.0.0.0/8\nGb2: tcp/2 10.0.0.0/8\n"
    );
}

#[test]
fn conditions_may_be_made_by_a_loop() {
    let text = "Conditions:\n  Fn::ForEach::C:\n    - E\n    - [dev, prod]\n    - 'Is${E}': !Equals [!Ref E, prod]\nResources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n        - !If [Isprod, {IpProtocol: -1, CidrIp: 10.0.0.0/8}, {IpProtocol: -1, CidrIp: 0.0.0.0/0}]\n        - !If [Isdev, {IpProtocol: -1, CidrIp: 0.0.0.0/0}, {IpProtocol: -1, CidrIp: 10.0.0.0/8}]\n";
    assert_eq!(yaml(text), "A: any 10.0.0.0/8; any 10.0.0.0/8\n");
}
