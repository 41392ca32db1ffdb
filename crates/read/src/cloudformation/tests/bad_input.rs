//! What is broken, hostile or no template at all.

use super::show::{egress, read, read_with};
use crate::cloudformation::{looks_like_template, read_template};
use crate::{Limits, MemoryFiles, Options};
use proptest::prelude::*;
use std::sync::Arc;
use tidegate_estate::Severity;

fn nothing(path: &str, bytes: &[u8]) -> bool {
    let files = MemoryFiles::new([(path, bytes)]);
    read_template(&Arc::from(path), &files, &Options::default()).is_none()
}

#[test]
fn other_documents_are_no_templates() {
    assert!(nothing("a.yaml", b"hello: world"));
    assert!(nothing("a.yaml", b"# AWS:: Resources\n- just\n- a list\n"));
    assert!(nothing("a.json", br#"{"Resources": "AWS::"}"#));
    assert!(nothing("a.json", br#"{"Resources": {"a": {"Type": "x", "n": "AWS::EC2"}}}"#));
    assert!(nothing("a.py", b"x = 1"));
    assert!(!looks_like_template(b""));
}

#[test]
fn a_broken_template_is_an_error_with_its_place() {
    for (path, text) in [
        ("a.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::EC2::SecurityGroup\"}}"),
        ("a.yaml", "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n   B: [\n"),
        ("a.template", "{\"Resources\": {\"A\": {\"Type\": \"AWS::EC2::VPC\"},}} x"),
    ] {
        let reading = read(&[(path, text)]);
        assert_eq!(reading.diagnostics.len(), 1, "{path}");
        assert_eq!(reading.diagnostics[0].severity, Severity::Error);
        assert!(reading.diagnostics[0].span.is_some());
        assert!(reading.estate.policies.is_empty());
    }
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    let bytes = b"Resources:\n  A: {Type: 'AWS::EC2::VPC'} # \xff\n";
    let files = MemoryFiles::new([("a.yaml", bytes)]);
    let reading = read_template(&Arc::from("a.yaml"), &files, &Options::default()).unwrap();
    assert!(reading.diagnostics[0].message.contains("not UTF-8"));
    let utf16: Vec<u8> = "Resources: {A: {Type: AWS::EC2::VPC}}".bytes().flat_map(|b| [b, 0]).collect();
    let files = MemoryFiles::new([("a.yaml", [&[0xff, 0xfe], &utf16[..]].concat())]);
    let reading = read_template(&Arc::from("a.yaml"), &files, &Options::default()).unwrap();
    assert!(reading.diagnostics[0].message.contains("not UTF-8"));
}

#[test]
fn too_large_and_too_deep_are_errors() {
    let options = Options { limits: Limits { file_bytes: 10, ..Limits::default() }, ..Options::default() };
    let reading = read_with(&[("a.yaml", "Resources: {A: {Type: AWS::EC2::VPC}}")], &options);
    assert!(reading.diagnostics[0].message.contains("at most 10 are read"));
    let deep =
        format!("{{\"Resources\": {{\"A\": {{\"Type\": \"AWS::EC2::VPC\", \"x\": {}", "[".repeat(100_000));
    let reading = read(&[("a.json", &deep)]);
    assert!(reading.diagnostics[0].message.contains("nested more than"));
}

#[test]
fn missing_files_are_errors() {
    let reading = read_template(&Arc::from("x.yaml"), &MemoryFiles::default(), &Options::default()).unwrap();
    assert_eq!(reading.diagnostics[0].message, "the file does not exist");
}

#[test]
fn duplicate_keys_are_noted_and_the_last_counts() {
    let text = "Resources:\n  A:\n    Type: AWS::EC2::VPC\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{IpProtocol: -1, CidrIp: 10.0.0.0/8}]\n      SecurityGroupEgress: [{IpProtocol: -1, CidrIp: 0.0.0.0/0}]\n";
    let reading = read(&[("a.yaml", text)]);
    assert_eq!(egress(&reading.estate), "A: any 0.0.0.0/0\n");
    let keys: Vec<_> =
        reading.diagnostics.iter().map(|d| (d.severity, d.message.contains("twice"))).collect();
    assert_eq!(keys, [(Severity::Note, true); 2]);
}

#[test]
fn aliases_and_merges_are_expanded() {
    let text = "x: &open\n  IpProtocol: -1\n  CidrIp: 0.0.0.0/0\nResources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties: &p\n      SecurityGroupEgress: [*open]\n  B:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      <<: *p\n      GroupName: b\n  C:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{<<: *open, CidrIp: 10.0.0.0/8}]\n";
    assert_eq!(
        egress(&read(&[("a.yaml", text)]).estate),
        "A: any 0.0.0.0/0\nB: any 0.0.0.0/0\nC: any 10.0.0.0/8\n"
    );
}

#[test]
fn an_alias_bomb_costs_little() {
    let mut text = String::from("a0: &a0 [{IpProtocol: -1, CidrIp: 0.0.0.0/0}]\n");
    for level in 1..30 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{inner}]\n");
    }
    text +=
        "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {SecurityGroupEgress: *a29}\n";
    let reading = read(&[("a.yaml", &text)]);
    assert!(reading.diagnostics.iter().any(|d| d.message.contains("aliases expand to too much")));
    assert!(egress(&reading.estate).contains("opaque"));
}

#[test]
fn an_expression_bomb_costs_little() {
    let mut text = String::from("Conditions:\n");
    for i in 0..60 {
        text += &format!("  C{i}: !Equals [!Ref P{i}, x]\n");
    }
    text += "Parameters:\n";
    for i in 0..60 {
        text += &format!("  P{i}: {{Type: String, Default: a}}\n");
    }
    let parts: Vec<String> = (0..60).map(|i| format!("${{P{i}}}")).collect();
    text += &format!(
        "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {{SecurityGroupEgress: [{{IpProtocol: -1, CidrIp: !Sub '{}'}}]}}\n",
        parts.join("")
    );
    let reading = read(&[("a.yaml", &text)]);
    assert_eq!(reading.estate.policies.len(), 1);
}

#[test]
fn loops_that_multiply_end() {
    let items: Vec<String> = (0..200).map(|i| format!("v{i}")).collect();
    let list = items.join(", ");
    let text = format!(
        "Resources:\n  Fn::ForEach::A:\n    - A\n    - [{list}]\n    - Fn::ForEach::B:\n        - B\n        - [{list}]\n        - Fn::ForEach::C:\n            - C\n            - [{list}]\n            - 'G${{A}}${{B}}${{C}}': {{Type: AWS::EC2::VPCCidrBlock}}\n  G:\n    Type: AWS::EC2::SecurityGroup\n"
    );
    let reading = read(&[("a.yaml", &text)]);
    assert_eq!(reading.estate.policies.len(), 1);
    assert!(!reading.estate.policies[0].opaque.is_empty());
}

#[test]
fn deep_expressions_end_without_an_overflow() {
    let nest = |open: &str, close: &str, inner: &str, depth: usize| {
        format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let rule = r#"{"IpProtocol":"-1","CidrIp":"0.0.0.0/0"}"#;
    for depth in [20, 60, 90] {
        for (name, value) in [
            ("SecurityGroupEgress", nest(r#"{"Fn::If":["C","#, r#",{"Ref":"AWS::NoValue"}]}"#, rule, depth)),
            ("SecurityGroupEgress", nest("[", "]", rule, depth)),
            ("VpcId", nest(r#"{"Fn::Join":["",["#, "]]}", "\"x\"", depth / 3)),
            ("GroupName", nest(r#"{"Fn::Select":[0,["#, "]]}", "\"x\"", depth / 3)),
        ] {
            let condition =
                nest(r#"{"Fn::Not":["#, "]}", r#"{"Fn::Equals":[{"Ref":"AWS::Region"},"x"]}"#, depth / 2);
            let text = format!(
                r#"{{"Conditions":{{"C":{condition}}},"Resources":{{"A":{{"Type":"AWS::EC2::SecurityGroup","Properties":{{"{name}":{value}}}}}}}}}"#
            );
            let reading = read(&[("t.json", &text)]);
            assert_eq!(reading.estate.policies.len(), 1, "{name} {depth}: {:?}", reading.diagnostics);
        }
    }
}

#[test]
fn a_long_chain_of_parameters_and_stacks_ends() {
    let stack = |next: usize| {
        format!(
            "Parameters:\n  P: {{Type: String, Default: 0.0.0.0/0}}\nResources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {{SecurityGroupEgress: [{{IpProtocol: -1, CidrIp: !Ref P}}]}}\n  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: s{next}.yaml, Parameters: {{P: !Ref P}}}}\n"
        )
    };
    let files: Vec<(String, String)> = (0..40).map(|i| (format!("s{i}.yaml"), stack(i + 1))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let reading = read(&files);
    assert_eq!(reading.estate.policies.len(), 18, "17 groups, and what is left of the stacks");
    assert!(reading.diagnostics.iter().any(|d| d.message.contains("nested too deep")));
}

#[test]
fn several_documents_are_several_templates() {
    let text = "Resources:\n  A: {Type: AWS::EC2::SecurityGroup}\n---\nkind: other\n---\nResources:\n  B: {Type: AWS::EC2::SecurityGroup}\n";
    let out = egress(&read(&[("a.yaml", text)]).estate);
    assert_eq!(out, "A: any 0.0.0.0/0 (left out)\nB: any 0.0.0.0/0 (left out)\n");
}

fn fragment() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("0.0.0.0/0".to_owned()),
        Just("!Ref P".to_owned()),
        Just("!Ref AWS::NoValue".to_owned()),
        Just("!GetAtt A.GroupId".to_owned()),
        Just("!Sub '${P}${A.B}${'".to_owned()),
        Just("-1".to_owned()),
        Just("~".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|l| format!("[{}]", l.join(", ")));
        let tag = prop::sample::select(vec![
            "!If",
            "!Join",
            "!Select",
            "!Split",
            "!Sub",
            "!Cidr",
            "!FindInMap",
            "!GetAtt",
            "!Equals",
            "!And",
            "!Foo",
        ]);
        prop_oneof![
            list.clone(),
            (tag, list.clone()).prop_map(|(t, l)| format!("{t} {l}")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("{{IpProtocol: -1, CidrIp: {a}, FromPort: {b}}}")),
            (
                prop::sample::select(vec![
                    "Ref",
                    "'Fn::If'",
                    "'Fn::Sub'",
                    "'Fn::ForEach::x'",
                    "'Fn::Transform'",
                    "Condition"
                ]),
                inner
            )
                .prop_map(|(k, v)| format!("{{{k}: {v}}}")),
        ]
    })
}

proptest! {
    #[test]
    fn no_expression_makes_the_reader_panic(egress_ in fragment(), condition in fragment(), group in fragment(), map in fragment()) {
        let text = format!("Parameters:\n  P: {{Type: String, Default: x}}\nConditions:\n  P: {condition}\nMappings: {map}\nResources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {{SecurityGroupEgress: {egress_}}}\n  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {{GroupId: {group}, IpProtocol: {condition}, CidrIp: {map}}}\n");
        let files = MemoryFiles::new([("t.yaml", text)]);
        let _ = read_template(&Arc::from("t.yaml"), &files, &Options::default());
    }

    #[test]
    fn no_damage_to_a_template_makes_the_reader_panic(cut in 0usize..600, put in ".{0,8}") {
        let text = include_str!("../../../../../tests/cloudformation/open/condition-opens-one-branch.yaml");
        let mut at = cut.min(text.len());
        while !text.is_char_boundary(at) { at -= 1; }
        let damaged = format!("{}{put}{}", &text[..at], &text[at..]);
        let files = MemoryFiles::new([("t.yaml", damaged)]);
        let _ = read_template(&Arc::from("t.yaml"), &files, &Options::default());
    }
}
