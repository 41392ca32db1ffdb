use super::show::egress;
use crate::cloudformation::read_assembly;
use crate::{MemoryFiles, Options};
use tidegate_estate::Dialect;

const MANIFEST: &str = r#"{"version": "36.0.0", "artifacts": {
  "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
  "assembly-Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Prod"}},
  "Net": {"type": "aws:cloudformation:stack", "environment": "aws://123456789012/eu-west-1",
    "properties": {"templateFile": "Net.template.json"},
    "metadata": {"/Net/Group/Resource": [{"type": "aws:cdk:logicalId", "data": "Group1234",
      "trace": ["new CfnSecurityGroup (/opt/x/node_modules/aws-cdk-lib/aws-ec2/lib/ec2.generated.js:1:2)",
                "new Net (/home/me/app/lib/net.ts:3:5)", "Module._compile (node:internal/modules/cjs/loader:1:1)"]}]}},
  "Other": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
    "properties": {"templateFile": "Other.template.json"}}
}}"#;

#[test]
fn stacks_stages_and_nested_stacks_are_one_estate() {
    let files = MemoryFiles::new([
        ("app/cdk.out/manifest.json", MANIFEST),
        ("app/lib/net.ts", "import x\n\n    new SecurityGroup(this, 'Group');\n"),
        (
            "app/cdk.out/Net.template.json",
            r#"{"Resources": {"Group1234": {"Type": "AWS::EC2::SecurityGroup"},
              "Inner": {"Type": "AWS::CloudFormation::Stack", "Metadata": {"aws:cdk:path": "Net/Inner.NestedStack/Inner.NestedStackResource",
                "aws:asset:path": "NetInner.nested.template.json"}, "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}]]}}}},
              "Outputs": {"X": {"Value": {"Fn::GetAtt": ["Group1234", "GroupId"]}, "Export": {"Name": "Net:Group"}}}}"#,
        ),
        (
            "app/cdk.out/NetInner.nested.template.json",
            r#"{"Resources": {"In": {"Type": "AWS::EC2::SecurityGroup", "Metadata": {"aws:cdk:path": "Net/Inner/In/Resource"}}}}"#,
        ),
        (
            "app/cdk.out/Other.template.json",
            r#"{"Resources": {"Rule": {"Type": "AWS::EC2::SecurityGroupEgress", "Properties":
              {"GroupId": {"Fn::ImportValue": "Net:Group"}, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}}}}"#,
        ),
        (
            "app/cdk.out/assembly-Prod/manifest.json",
            r#"{"artifacts": {"ProdNet": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "ProdNet.template.json"}}}}"#,
        ),
        (
            "app/cdk.out/assembly-Prod/ProdNet.template.json",
            r#"{"Resources": {"V": {"Type": "AWS::EC2::VPC", "Metadata": {"aws:cdk:path": "Prod/Net/V/Resource"}}}}"#,
        ),
    ]);
    let (estate, diagnostics) = read_assembly("app/cdk.out", &files, &Options::default());
    assert_eq!(diagnostics, []);
    assert_eq!(
        egress(&estate),
        "Prod/Net/V.DefaultSecurityGroup: any 0.0.0.0/0 (left out)\n\
         Net/Group: tcp/443 10.0.0.0/8\n\
         Net/Inner/In: any 0.0.0.0/0 (left out)\n"
    );
    let group = &estate.policies[1];
    assert_eq!(group.dialect, Dialect::CdkAssembly);
    assert_eq!(group.name.as_deref(), Some("Group"));
    assert_eq!(
        (group.account.as_deref(), group.region.as_deref()),
        (Some("123456789012"), Some("eu-west-1"))
    );
    let made = &group.chain[0].place;
    assert_eq!(made.path.as_ref(), "app/lib/net.ts");
    assert_eq!((made.span.start, made.span.end), (14, 47));
}

#[test]
fn a_folder_without_a_manifest_is_its_templates() {
    let files = MemoryFiles::new([
        ("out/A.template.json", r#"{"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup"}}}"#),
        ("elsewhere/B.template.json", r#"{"Resources": {"H": {"Type": "AWS::EC2::SecurityGroup"}}}"#),
    ]);
    let (estate, _) = read_assembly("out/", &files, &Options::default());
    assert_eq!(egress(&estate), "G: any 0.0.0.0/0 (left out)\n");
}

#[test]
fn broken_manifests_and_missing_templates_are_diagnostics() {
    let files = MemoryFiles::new([("o/manifest.json", "{")]);
    assert_eq!(read_assembly("o", &files, &Options::default()).1.len(), 1);
    let files = MemoryFiles::new([("o/manifest.json", MANIFEST)]);
    assert_eq!(read_assembly("o", &files, &Options::default()).1.len(), 2);
}

#[test]
fn nested_stacks_are_found_by_their_hash_too() {
    let files = MemoryFiles::new([
        (
            "o/manifest.json",
            r#"{"artifacts": {"S.assets": {"type": "cdk:asset-manifest", "properties": {"file": "S.assets.json"}},
              "S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}, "additionalMetadataFile": "S.metadata.json"}}}"#,
        ),
        (
            "o/S.assets.json",
            r#"{"files": {"0123456789abcdef0123": {"source": {"path": "SN.nested.template.json", "packaging": "file"}}}}"#,
        ),
        (
            "o/S.template.json",
            r#"{"Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL":
              {"Fn::Sub": "https://s3.${AWS::Region}.${AWS::URLSuffix}/b-${AWS::AccountId}/0123456789abcdef0123.json"}}}}}"#,
        ),
        ("o/SN.nested.template.json", r#"{"Resources": {"G1234": {"Type": "AWS::EC2::SecurityGroup"}}}"#),
        (
            "o/S.metadata.json",
            r#"{"/S/N/G/Resource": [{"type": "aws:cdk:logicalId", "data": "G1234"}, {"type": "aws:cdk:creationStack", "data": ["...jsii...", "G (/x/o/app.ts:1:1)"]}]}"#,
        ),
        ("o/app.ts", "make()"),
    ]);
    let (estate, diagnostics) = read_assembly("o", &files, &Options::default());
    assert_eq!(diagnostics, []);
    assert_eq!(egress(&estate), "S/N/G: any 0.0.0.0/0 (left out)\n");
    assert!(estate.policies[0].chain.iter().any(|step| step.place.path.as_ref() == "o/app.ts"));
}
