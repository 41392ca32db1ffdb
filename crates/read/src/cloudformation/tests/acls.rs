use super::show::yaml;

const ACL: &str = "Resources:\n  N:\n    Type: AWS::EC2::NetworkAcl\n    Properties: {VpcId: vpc-1}\n";

fn entry(name: &str, rest: &str) -> String {
    format!(
        "  {name}:\n    Type: AWS::EC2::NetworkAclEntry\n    Properties: {{NetworkAclId: !Ref N, {rest}}}\n"
    )
}

#[test]
fn an_acl_without_entries_allows_nothing() {
    assert_eq!(yaml(ACL), "N: nothing\n");
}

#[test]
fn entries_have_order_action_protocol_and_ports() {
    let text = ACL.to_owned()
        + &entry(
            "E1",
            "RuleNumber: 100, Egress: true, RuleAction: allow, Protocol: -1, CidrBlock: 0.0.0.0/0",
        )
        + &entry(
            "E2",
            "RuleNumber: '90', Egress: 'true', RuleAction: DENY, Protocol: 6, PortRange: {From: 25, To: 25}, CidrBlock: 0.0.0.0/0",
        )
        + &entry(
            "E3",
            "RuleNumber: 110, Egress: true, RuleAction: allow, Protocol: 1, Icmp: {Type: 8, Code: -1}, Ipv6CidrBlock: '::/0'",
        )
        + &entry(
            "E4",
            "RuleNumber: 100, Egress: false, RuleAction: allow, Protocol: -1, CidrBlock: 0.0.0.0/0",
        )
        + &entry("E5", "RuleNumber: 100, RuleAction: allow, Protocol: -1, CidrBlock: 0.0.0.0/0");
    assert_eq!(yaml(&text), "N: 100 allow any 0.0.0.0/0; 90 deny tcp/25 0.0.0.0/0; 110 allow icmp/8 ::/0\n");
}

#[test]
fn an_action_or_direction_that_is_open_is_kept_open() {
    let text = ACL.to_owned()
        + &entry(
            "E1",
            "RuleNumber: 100, Egress: true, RuleAction: !ImportValue x, Protocol: -1, CidrBlock: 0.0.0.0/0",
        )
        + "Conditions:\n  C: !Equals [!Ref AWS::Region, r]\n";
    let text = text.replace("RuleNumber: 100", "RuleNumber: !If [C, 1, 2]");
    assert_eq!(
        yaml(&text),
        "N [AWS::Region=r]: 1 allow any 0.0.0.0/0 perhaps (the imported value x is not in the input); \
         1 deny any 0.0.0.0/0 perhaps (the imported value x is not in the input)\n\
         N [AWS::Region=another value]: 2 allow any 0.0.0.0/0 perhaps (the imported value x is not in the input); \
         2 deny any 0.0.0.0/0 perhaps (the imported value x is not in the input)\n"
    );
    let text = ACL.to_owned()
        + &entry(
            "E1",
            "RuleNumber: 1, Egress: !Ref P, RuleAction: allow, Protocol: -1, CidrBlock: 0.0.0.0/0",
        )
        + "Parameters:\n  P: {Type: String}\n";
    for (spelled, out) in [("yes", true), ("On", true), ("no", false), ("'false'", false)] {
        let text = text.replace("!Ref P", spelled);
        assert_eq!(yaml(&text).contains("allow any"), out, "{spelled}");
    }
    assert!(yaml(&text.replace("!Ref P", "banana")).contains("outbound traffic=true]: 1 allow any"));
    assert!(
        yaml(&text).contains("whether the network ACL entry is about outbound traffic=true]: 1 allow any")
    );
}

#[test]
fn entries_of_an_acl_from_elsewhere_are_a_policy_of_their_own() {
    let text = "Resources:\n  E:\n    Type: AWS::EC2::NetworkAclEntry\n    Properties: {NetworkAclId: acl-1, RuleNumber: 1, Egress: true, RuleAction: allow, Protocol: -1, CidrBlock: 0.0.0.0/0}\n";
    assert_eq!(yaml(text), "E: 1 allow any 0.0.0.0/0\n");
}
