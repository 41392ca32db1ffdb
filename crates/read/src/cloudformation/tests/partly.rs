//! Texts of which a part is known.

use super::show::{egress, read};
use tidegate_estate::{Peer, Value};

fn peer(cidr: &str) -> String {
    let text = format!(
        "Parameters:\n  P: {{Type: String}}\nResources:\n  V: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: !Ref P}}}}\n  \
         I: {{Type: AWS::EC2::VPC, Properties: {{Ipv4IpamPoolId: x}}}}\n  E: {{Type: AWS::EC2::EIP}}\n  G:\n    Type: \
         AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{{IpProtocol: -1, CidrIp: {cidr}}}]\n"
    );
    let estate = read(&[("t.yaml", &text)]).estate;
    let group = estate.policies.iter().find(|policy| policy.path.as_deref() == Some("G")).unwrap();
    match &group.rules[0].peer {
        Value::Known(Peer::Hidden(hidden)) => format!("in {} at least /{}", hidden.within, hidden.length),
        peer => format!("{peer:?}"),
    }
}

#[test]
fn what_is_known_of_a_block_bounds_it() {
    for (cidr, expected) in [
        ("!Sub '${Q}/32'", "in 0.0.0.0/0 at least /32"),
        ("!Sub '${E.PublicIp}/32'", "in 0.0.0.0/0 at least /32"),
        ("!Join ['', [!GetAtt E.PublicIp, /32]]", "in 0.0.0.0/0 at least /32"),
        ("!Sub '10.${Q}.0.0/16'", "in 10.0.0.0/8 at least /16"),
        ("!Sub '10.1.${Q}.0/24'", "in 10.1.0.0/16 at least /24"),
        // The first number may go on in the unknown part.
        ("!Sub '10${Q}.0.0/16'", "in 0.0.0.0/0 at least /16"),
        ("!Sub '10.${Q}'", "in 0.0.0.0/0 at least /0"),
        ("!Sub '10.${Q}/0'", "in 0.0.0.0/0 at least /0"),
        ("!Sub '${Q}/${Q}'", "in 0.0.0.0/0 at least /0"),
        ("!Sub '${Q}/999'", "in 0.0.0.0/0 at least /0"),
        ("!Ref P", "in 0.0.0.0/0 at least /16"),
        ("!GetAtt V.CidrBlock", "in 0.0.0.0/0 at least /16"),
        ("!GetAtt I.CidrBlock", "in 0.0.0.0/0 at least /16"),
        ("!ImportValue x", "in 0.0.0.0/0 at least /0"),
    ] {
        assert_eq!(peer(cidr), expected, "{cidr}");
    }
}

const CHILD: &str = "Parameters:\n  L: {Type: CommaDelimitedList}\n  S: {Type: 'List<AWS::EC2::SecurityGroup::Id>', Default: sg-1}\n\
    Resources:\n  In:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{IpProtocol: -1, CidrIp: !Select [1, !Ref L]}]\n  \
    Out:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: !Select [0, !Ref S], IpProtocol: -1, CidrIp: 10.0.0.0/8}\n";

#[test]
fn lists_are_handed_to_nested_stacks_as_text() {
    for list in [
        "'10.0.0.0/8, 192.0.2.0/24'",
        "!Join [',', [10.0.0.0/8, 192.0.2.0/24]]",
        "!Sub '10.0.0.0/8,192.0.2.0/24'",
        "!Ref T",
    ] {
        let main = format!(
            "Parameters:\n  T: {{Type: String, AllowedValues: ['10.0.0.0/8,192.0.2.0/24']}}\nResources:\n  G: {{Type: AWS::EC2::SecurityGroup}}\n  \
             Net:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: child.yaml\n      \
             Parameters: {{L: {list}, S: !Join [',', [!Ref G, sg-2]]}}\n"
        );
        let reading = read(&[("main.yaml", &main), ("child.yaml", CHILD)]);
        assert_eq!(egress(&reading.estate), "G: any 10.0.0.0/8\nNet/In: any 192.0.2.0/24\n", "{list}");
    }
}

#[test]
fn a_text_with_a_reference_is_taken_apart_where_that_is_certain() {
    let text = "Parameters:\n  P: {Type: String}\nResources:\n  G: {Type: AWS::EC2::SecurityGroup}\n  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    \
        Properties: {GroupId: !Select [0, !Split [',', !Sub 'X']], IpProtocol: -1, CidrIp: 10.0.0.0/8}\n";
    let joined = text.replace("'X'", "'${G.GroupId},sg-1'");
    assert_eq!(egress(&read(&[("t.yaml", &joined)]).estate), "G: any 10.0.0.0/8\n");
    // A parameter may hold commas of its own.
    let unknown = text.replace("'X'", "'${P},${G.GroupId}'");
    assert!(egress(&read(&[("t.yaml", &unknown)]).estate).starts_with("G: any 0.0.0.0/0 (left out)\nR: "));
}
