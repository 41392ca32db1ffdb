//! Stacks in stacks.

use super::show::{egress, read};

const CHILD: &str = "Parameters:\n  Cidr: {Type: String, Default: 0.0.0.0/0}\n  Group: {Type: String, Default: ''}\nResources:\n  In:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress: [{IpProtocol: -1, CidrIp: !Ref Cidr}]\nOutputs:\n  Id: {Value: !GetAtt In.GroupId, Export: {Name: the-group}}\n";

#[test]
fn parameters_are_passed_in() {
    let main = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./child.yaml\n      Parameters: {Cidr: 10.0.0.0/8}\n";
    let reading = read(&[("a/main.yaml", main), ("a/child.yaml", CHILD)]);
    assert_eq!(egress(&reading.estate), "Net/In: any 10.0.0.0/8\n");
    assert_eq!(reading.nested.iter().map(|p| &**p).collect::<Vec<_>>(), ["a/child.yaml"]);
    assert_eq!(reading.estate.policies[0].place.path.as_ref(), "a/child.yaml");
    assert_eq!(reading.estate.policies[0].chain[0].place.path.as_ref(), "a/main.yaml");
}

#[test]
fn a_parameter_that_is_not_passed_has_its_default() {
    let main = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml}\n";
    let reading = read(&[("main.yaml", main), ("child.yaml", CHILD)]);
    assert_eq!(egress(&reading.estate), "Net/In: any 0.0.0.0/0\n");
}

#[test]
fn choices_of_the_outer_stack_reach_inside() {
    let main = "Parameters:\n  C: {Type: String, AllowedValues: [10.0.0.0/8, 0.0.0.0/0]}\nConditions:\n  Wide: !Equals [!Ref C, 0.0.0.0/0]\nResources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Condition: Wide\n    Properties:\n      TemplateURL: child.yaml\n      Parameters: {Cidr: !Ref C}\n";
    let reading = read(&[("main.yaml", main), ("child.yaml", CHILD)]);
    assert_eq!(
        egress(&reading.estate),
        "Net/In [parameter C=10.0.0.0/8]: -\nNet/In [parameter C=0.0.0.0/0]: any 0.0.0.0/0\n"
    );
}

#[test]
fn rules_find_their_group_across_stacks() {
    let rule = "Parameters:\n  G: {Type: String}\nResources:\n  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: !Ref G, IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}\n";
    let main = "Resources:\n  A:\n    Type: AWS::EC2::SecurityGroup\n  Rules:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: rule.yaml\n      Parameters: {G: !GetAtt A.GroupId}\n";
    let reading = read(&[("main.yaml", main), ("rule.yaml", rule)]);
    assert_eq!(egress(&reading.estate), "A: tcp/1 10.0.0.0/8\n", "the parent's group, by parameter");

    let main = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml}\n  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: !GetAtt Net.Outputs.Id, IpProtocol: -1, CidrIp: 10.0.0.0/8}\n";
    let reading = read(&[("main.yaml", main), ("child.yaml", CHILD)]);
    assert_eq!(
        egress(&reading.estate),
        "Net/In: any 0.0.0.0/0; any 10.0.0.0/8\n",
        "the child's group, by output"
    );

    let main = main.replace("!GetAtt Net.Outputs.Id", "!ImportValue the-group");
    let reading = read(&[("main.yaml", &main), ("child.yaml", CHILD)]);
    assert_eq!(egress(&reading.estate), "Net/In: any 0.0.0.0/0; any 10.0.0.0/8\n", "by export");

    let main = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml}\n  Rules:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: rule.yaml\n      Parameters: {G: !GetAtt Net.Outputs.Id}\n";
    let reading = read(&[("main.yaml", main), ("child.yaml", CHILD), ("rule.yaml", rule)]);
    assert_eq!(egress(&reading.estate), "Net/In: any 0.0.0.0/0; tcp/1 10.0.0.0/8\n", "a sibling's group");
}

#[test]
fn an_unknown_that_is_passed_in_is_told_apart_by_comparison() {
    let child = "Parameters:\n  Env: {Type: String}\nConditions:\n  P: !Equals [!Ref Env, prod]\n  Q: !Equals [!Ref Env, test]\nResources:\n  In:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupEgress:\n        - !If [P, {IpProtocol: -1, CidrIp: 10.0.0.0/8}, !If [Q, {IpProtocol: -1, CidrIp: 10.1.0.0/16}, {IpProtocol: -1, CidrIp: 0.0.0.0/0}]]\n";
    let main = "Parameters:\n  Env: {Type: String}\nResources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: child.yaml, Parameters: {Env: !Ref Env}}\n";
    let reading = read(&[("main.yaml", main), ("child.yaml", child)]);
    assert_eq!(
        egress(&reading.estate),
        "Net/In [parameter Net/Env=prod]: any 10.0.0.0/8\nNet/In [parameter Net/Env=test]: any 10.1.0.0/16\nNet/In [parameter Net/Env=another value]: any 0.0.0.0/0\n"
    );
}

#[test]
fn a_stack_that_is_not_here_is_said_and_its_outputs_are_unknown() {
    let main = "Resources:\n  Net:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: URL}\n  R:\n    Type: AWS::EC2::SecurityGroupEgress\n    Properties: {GroupId: !GetAtt Net.Outputs.Id, IpProtocol: -1, CidrIp: 0.0.0.0/0}\n";
    for (url, message) in [
        ("https://x.s3.amazonaws.com/net.yaml", "is not a local file"),
        ("net.yaml", "net.yaml does not exist"),
        ("main.yaml", "is one of the stacks around it"),
        ("!Sub 'https://${Bucket}/x'", "cannot be known from the input"),
        ("bad.yaml", "is not a template that can be read"),
    ] {
        let text = main.replace("URL}", &format!("{url}}}"));
        let reading = read(&[("main.yaml", &text), ("bad.yaml", "a: b")]);
        let known: Vec<String> = egress(&reading.estate).lines().map(str::to_owned).collect();
        assert_eq!(known.last().map(String::as_str), Some("R: any 0.0.0.0/0"));
        assert!(
            reading.diagnostics.iter().any(|d| d.message.contains(message)),
            "{url}: {:?}",
            reading.diagnostics
        );
    }
}

#[test]
fn stacks_that_contain_each_other_end() {
    let a = "Resources:\n  B:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: b.yaml}\n";
    let b = "Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: a.yaml}\n  G:\n    Type: AWS::EC2::SecurityGroup\n";
    let reading = read(&[("a.yaml", a), ("b.yaml", b)]);
    assert_eq!(egress(&reading.estate), "B/G: any 0.0.0.0/0 (left out)\n");
}

#[test]
fn sam_applications_are_nested_stacks() {
    let main = "Transform: AWS::Serverless-2016-10-31\nResources:\n  App:\n    Type: AWS::Serverless::Application\n    Properties: {Location: child.yaml, Parameters: {Cidr: 10.0.0.0/8}}\n  Far:\n    Type: AWS::Serverless::Application\n    Properties: {Location: {ApplicationId: x, SemanticVersion: 1.0.0}}\n";
    let reading = read(&[("main.yaml", main), ("child.yaml", CHILD)]);
    assert_eq!(
        egress(&reading.estate),
        "App/In: any 10.0.0.0/8\n\
         Far: opaque (the nested stack Far is not read: it comes from the Serverless Application Repository)\n"
    );
}
