//! Nested stacks whose templates are not in the input.

use super::show::read;
use crate::cloudformation::TemplateReading;
use tidegate_estate::PolicyKind;

fn kinds(reading: &TemplateReading) -> Vec<(PolicyKind, Option<&str>, usize)> {
    reading.estate.policies.iter().map(|p| (p.kind, p.path.as_deref(), p.opaque.len())).collect()
}

#[test]
fn a_stack_that_is_not_read_is_a_question_of_its_own() {
    for url in ["https://s3.amazonaws.com/b/child.yaml", "missing.yaml", "!Ref Url"] {
        let text = format!(
            "Parameters: {{Url: {{Type: String}}}}\nResources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    \
             Properties: {{TemplateURL: {url}}}\n"
        );
        let reading = read(&[("t.yaml", &text)]);
        assert_eq!(kinds(&reading), [(PolicyKind::UnreadStack, Some("A"), 1)], "{url}");
        let reason = &reading.estate.policies[0].opaque[0].reason;
        assert!(reason.text.starts_with("the nested stack A is not read: "), "{}", reason.text);
    }
    let never = "Conditions: {No: !Equals [a, b]}\nResources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    \
                 Condition: No\n    Properties: {TemplateURL: missing.yaml}\n";
    assert_eq!(kinds(&read(&[("t.yaml", never)])), []);
}

#[test]
fn a_group_handed_to_a_stack_that_is_not_read_is_a_question() {
    for handed in ["!Ref G", "!GetAtt G.GroupId", "!Sub \"x,${G.GroupId}\"", "!Join [\",\", [!Ref G, sg-1]]"]
    {
        let text = format!(
            "Resources:\n  G: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: g}}}}\n  H: {{Type: \
             AWS::EC2::SecurityGroup, Properties: {{GroupDescription: h}}}}\n  A:\n    Type: \
             AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: missing.yaml, Parameters: {{P: {handed}}}}}\n"
        );
        let reading = read(&[("t.yaml", &text)]);
        let expected = [
            (PolicyKind::SecurityGroup, Some("G"), 1),
            (PolicyKind::SecurityGroup, Some("H"), 0),
            (PolicyKind::UnreadStack, Some("A"), 1),
        ];
        assert_eq!(kinds(&reading), expected, "{handed}");
    }
}
