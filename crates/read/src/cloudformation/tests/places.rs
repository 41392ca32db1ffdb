//! Where facts are said to stand.

use super::show::read;
use tidegate_estate::{Cause, Place};

fn at<'t>(text: &'t str, place: &Place) -> &'t str {
    &text[place.span.start as usize..place.span.end as usize]
}

#[test]
fn places_are_those_of_the_text() {
    let text = "# é\nResources:\n  Gröup:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n        - IpProtocol: -1\n          CidrIp: 0.0.0.0/0 # open\n  B:\n    Type: AWS::EC2::SecurityGroup\n\n# end\n";
    let estate = read(&[("t.yaml", text)]).estate;
    let group = &estate.policies[0];
    assert_eq!(at(text, &group.place), "Gröup");
    assert!(
        at(text, &group.block).starts_with("Gröup:\n")
            && at(text, &group.block).ends_with("CidrIp: 0.0.0.0/0")
    );
    assert_eq!(at(text, &group.rules[0].place), "CidrIp: 0.0.0.0/0");
    let other = &estate.policies[1];
    assert_eq!(at(text, &other.rules[0].place), "B");
    assert_eq!(at(text, &other.block), "B:\n    Type: AWS::EC2::SecurityGroup");
    assert_eq!(other.rules[0].cause, Cause::LeftOut { property: "SecurityGroupEgress".into() });
}

#[test]
fn json_places_have_their_quotes() {
    let text = r#"{"Resources": {"A": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]}}}}"#;
    let estate = read(&[("t.json", text)]).estate;
    assert_eq!(at(text, &estate.policies[0].place), "\"A\"");
    assert_eq!(at(text, &estate.policies[0].rules[0].place), "\"CidrIp\": \"0.0.0.0/0\"");
}

#[test]
fn a_rule_tells_where_its_values_come_from() {
    let text = "Parameters:\n  Cidr: {Type: String, Default: 0.0.0.0/0}\nConditions:\n  C: !Equals [!Ref AWS::Region, x]\nMappings:\n  M: {a: {b: 10.0.0.0/8}}\nResources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n        - {IpProtocol: -1, CidrIp: !If [C, !Ref Cidr, !FindInMap [M, a, b]]}\n";
    let estate = read(&[("t.yaml", text)]).estate;
    let chain: Vec<(&str, &str)> =
        estate.policies[0].rules[0].chain.iter().map(|s| (&*s.message, at(text, &s.place))).collect();
    assert_eq!(
        chain,
        [
            ("the condition C decides", "!Equals [!Ref AWS::Region, x]"),
            ("it comes from the parameter Cidr", "Cidr: {Type: String, Default: 0.0.0.0/0}"),
            ("the mapping entry M.a.b gives the value", "10.0.0.0/8"),
        ]
    );
}
