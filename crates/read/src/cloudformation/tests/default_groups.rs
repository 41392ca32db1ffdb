use super::show::{egress, read, yaml};

const VPC: &str = "Resources:\n  V:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/16}\n";

#[test]
fn every_vpc_has_an_open_default_group() {
    assert_eq!(yaml(VPC), "V.DefaultSecurityGroup: any 0.0.0.0/0 (left out)\n");
}

#[test]
fn ipv6_opens_it_too_and_is_not_taken_away() {
    let block = "  B:\n    Type: AWS::EC2::VPCCidrBlock\n    Properties: {VpcId: !Ref V, AmazonProvidedIpv6CidrBlock: 'true'}\n";
    let restrict = "  X:\n    Type: Custom::VpcRestrictDefaultSG\n    Properties: {ServiceToken: x, DefaultSecurityGroupId: !GetAtt V.DefaultSecurityGroup, Account: '1'}\n";
    assert_eq!(
        yaml(&format!("{VPC}{block}")),
        "V.DefaultSecurityGroup: any 0.0.0.0/0 (left out); any ::/0 (left out)\n"
    );
    assert_eq!(yaml(&format!("{VPC}{restrict}")), "V.DefaultSecurityGroup: nothing\n");
    assert_eq!(yaml(&format!("{VPC}{block}{restrict}")), "V.DefaultSecurityGroup: any ::/0 (left out)\n");
}

#[test]
fn a_rule_for_it_replaces_the_default() {
    let rule = "  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: !GetAtt V.DefaultSecurityGroup, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}\n";
    assert_eq!(yaml(&format!("{VPC}{rule}")), "V.DefaultSecurityGroup: tcp/443 10.0.0.0/8\n");
}

#[test]
fn members_are_counted_and_rules_are_none() {
    let count = |rest: &str| read(&[("t.yaml", &format!("{VPC}{rest}"))]).estate.policies[0].members;
    let rule = "  R:\n    Type: AWS::EC2::SecurityGroupIngress\n    Properties: {GroupId: !GetAtt V.DefaultSecurityGroup, IpProtocol: -1, CidrIp: 10.0.0.0/8}\n";
    let named = "  F:\n    Type: AWS::Lambda::Function\n    Properties: {VpcConfig: {SecurityGroupIds: [!GetAtt V.DefaultSecurityGroup]}}\n";
    let long = "  G:\n    Type: AWS::Lambda::Function\n    Properties: {VpcConfig: {SecurityGroupIds: [{'Fn::GetAtt': [V, DefaultSecurityGroup]}]}}\n";
    let silent = "  I:\n    Type: AWS::EC2::Instance\n    Properties: {ImageId: ami-1, SubnetId: subnet-1}\n";
    let own =
        "  J:\n    Type: AWS::EC2::Instance\n    Properties: {ImageId: ami-1, SecurityGroupIds: [sg-1]}\n";
    assert_eq!(count(""), Some(0));
    assert_eq!(count(rule), Some(0));
    assert_eq!(count(own), Some(0));
    assert_eq!(count(&format!("{named}{long}{silent}")), Some(3));
}

#[test]
fn a_group_of_the_vpc_is_not_its_default_group() {
    let text = format!(
        "{VPC}  A:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      VpcId: !Ref V\n      SecurityGroupEgress: [{{IpProtocol: -1, DestinationSecurityGroupId: !GetAtt V.DefaultSecurityGroup}}]\n"
    );
    assert_eq!(
        egress(&read(&[("t.yaml", &text)]).estate),
        "V.DefaultSecurityGroup: any 0.0.0.0/0 (left out)\nA: any group V.DefaultSecurityGroup\n"
    );
}
