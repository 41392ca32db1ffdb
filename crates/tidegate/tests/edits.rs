//! Decisions outlive every harmless edit, and no widening: a table of edits over programs and templates.

mod common;

use std::collections::BTreeSet;
use tidegate_audit::{
    AuditOptions, Config, Date, Decision, Finding, ReadSources, Report, Reviews, Status, audit,
};
use tidegate_read::{MemoryFiles, Options};

type Files = Vec<(&'static str, String)>;

fn scan(files: &Files, reviews: &Reviews) -> Report {
    let files = MemoryFiles::new(files.iter().map(|(path, text)| (*path, text.as_str())));
    let reading = tidegate_read::read(&files, &Options::default());
    let sources = ReadSources { files: &files, read: &reading.read };
    let options = AuditOptions { reviews: reviews.clone(), whole: true, ..AuditOptions::default() };
    audit(&reading.estates, &Config::default(), &options, &sources)
}

/// Decisions about everything that is found in `files`, written and read again.
fn decided(files: &Files) -> Reviews {
    let decision = Decision {
        status: Status::Safe,
        by: "Ann".to_owned(),
        on: "2026-01-31".parse::<Date>().unwrap(),
        because: "looked at".to_owned(),
        until: None,
        sensitive_data: None,
        private_network: None,
    };
    let mut reviews = Reviews::default();
    for finding in scan(files, &Reviews::default()).findings {
        reviews.decide(&finding, &decision);
    }
    Reviews::parse(&reviews.to_toml(), ".tidegate/reviews.toml").unwrap()
}

fn fingerprints<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<&'a str> {
    findings.map(|finding| finding.fingerprint.as_str()).collect()
}

/// Every finding of before is there again, decided, and no decision is without its finding. `more` findings may
/// be new.
#[track_caller]
fn assert_kept(name: &str, before: &Files, after: &Files, more: usize) {
    assert_ne!(before, after, "{name}: the edit changes nothing");
    let reviews = decided(before);
    let (old, new) = (scan(before, &reviews), scan(after, &reviews));
    let (old, settled) = (
        fingerprints(old.findings.iter()),
        fingerprints(new.findings.iter().filter(|finding| finding.status == Status::Safe)),
    );
    assert!(old.len() >= 3, "{name}: nothing to keep");
    assert_eq!(old, settled, "{name}");
    assert_eq!(new.findings.len(), old.len() + more, "{name}");
    assert!(new.unresolved.is_empty(), "{name}: {:?}", new.unresolved);
    assert!(new.diagnostics.is_empty(), "{name}: {:?}", new.diagnostics);
}

/// Nothing that is found is decided any more.
#[track_caller]
fn assert_fallen(name: &str, before: &Files, after: &Files) {
    let reviews = decided(before);
    let count = scan(before, &reviews).findings.len();
    let report = scan(after, &reviews);
    assert_eq!(report.findings.len(), count, "{name}");
    for finding in &report.findings {
        assert_eq!(finding.status, Status::ToReview, "{name}: {:?}", finding.subjects);
    }
}

const PROGRAM: &str = r#"import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2


class WebStack(cdk.Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        vpc = ec2.Vpc.from_lookup(self, "Net", vpc_id="vpc-1")
        ec2.SecurityGroup(self, "Left", vpc=vpc, description="left out")
        ec2.SecurityGroup(self, "Said", vpc=vpc, allow_all_outbound=True)
        web = ec2.SecurityGroup(self, "Web", vpc=vpc, allow_all_outbound=False)
        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))
        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80))


app = cdk.App()
WebStack(app, "Web")
app.synth()
"#;

fn program(text: impl Into<String>) -> Files {
    vec![("app.py", text.into())]
}

/// The program with some texts replaced by others.
fn replaced(pairs: &[(&str, &str)]) -> Files {
    let mut text = PROGRAM.to_owned();
    for (old, new) in pairs {
        assert!(text.contains(old), "there is no {old:?} to replace");
        text = text.replace(old, new);
    }
    program(text)
}

const OTHER: &str = "        ec2.SecurityGroup(self, \"Closed\", vpc=vpc, allow_all_outbound=False)\n";
const NEW: &str = "        ec2.SecurityGroup(self, \"New\", vpc=vpc)\n";
const FIRST: &str = "        ec2.SecurityGroup(self, \"Left\"";
const LAST: &str = "ec2.Port.tcp(80))\n";
const RULE_443: &str = "        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))\n";
const RULE_80: &str = "        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(80))\n";

#[test]
fn harmless_edits_of_a_program_keep_every_decision() {
    let (stack, app) = PROGRAM.split_once("\n\napp = ").unwrap();
    let class_elsewhere = vec![
        ("stacks/__init__.py", String::new()),
        ("stacks/web.py", stack.to_owned()),
        ("app.py", format!("import aws_cdk as cdk\nfrom stacks.web import WebStack\n\napp = {app}")),
    ];
    let edits: Vec<(&str, Files, usize)> = vec![
        ("lines move", program(format!("\n\n\n{PROGRAM}")), 0),
        ("comments", replaced(&[(RULE_80, &format!("        # for mirrors\n{RULE_80}"))]), 0),
        ("a docstring", replaced(&[("cdk.Stack):\n", "cdk.Stack):\n    \"\"\"The web.\"\"\"\n\n")]), 0),
        ("the file is renamed", vec![("main.py", PROGRAM.to_owned())], 0),
        ("moved into another file", class_elsewhere, 0),
        (
            "arguments on lines of their own",
            replaced(&[(
                "(self, \"Said\", vpc=vpc, allow_all_outbound=True)",
                "(\n            self,\n            \"Said\",\n            vpc=vpc,\n            allow_all_outbound=True,\n        )",
            )]),
            0,
        ),
        ("indented by two", replaced(&[("    ", "  ")]), 0),
        ("indented by tabs", replaced(&[("    ", "\t")]), 0),
        ("single quotes", replaced(&[("\"", "'")]), 0),
        (
            "order of keywords",
            replaced(&[("vpc=vpc, description=\"left out\"", "description=\"left out\", vpc=vpc")]),
            0,
        ),
        (
            "order of rules",
            replaced(&[(&format!("{RULE_443}{RULE_80}"), &format!("{RULE_80}{RULE_443}"))]),
            0,
        ),
        ("narrower by a port", replaced(&[(RULE_80, "")]), 0),
        ("narrower by half", replaced(&[("ec2.Peer.any_ipv4()", "ec2.Peer.ipv4(\"0.0.0.0/1\")")]), 0),
        ("a rule is there twice", replaced(&[(RULE_80, &format!("{RULE_80}{RULE_80}"))]), 0),
        ("variables are renamed", replaced(&[("web.add", "front.add"), ("web = ", "front = ")]), 0),
        ("the class is renamed", replaced(&[("WebStack", "FrontStack")]), 0),
        ("another description", replaced(&[("left out", "not said")]), 0),
        (
            "tags",
            replaced(&[(RULE_80, &format!("{RULE_80}        cdk.Tags.of(web).add(\"tier\", \"web\")\n"))]),
            0,
        ),
        ("a closed group before", replaced(&[(FIRST, &format!("{OTHER}{FIRST}"))]), 0),
        ("an open group before", replaced(&[(FIRST, &format!("{NEW}{FIRST}"))]), 1),
        ("an open group after", replaced(&[(LAST, &format!("{LAST}{NEW}"))]), 1),
        ("Windows line ends", replaced(&[("\n", "\r\n")]), 0),
        (
            "imported under another name",
            replaced(&[
                ("from aws_cdk import aws_ec2 as ec2", "import aws_cdk.aws_ec2 as net"),
                ("ec2.SecurityGroup", "net.SecurityGroup"),
                ("ec2.Vpc", "net.Vpc"),
                ("ec2.Peer", "net.Peer"),
                ("ec2.Port", "net.Port"),
            ]),
            0,
        ),
        (
            "a value through a constant",
            replaced(&[("\n\nclass", "\nHTTPS = 443\n\n\nclass"), ("tcp(443)", "tcp(HTTPS)")]),
            0,
        ),
        (
            "a method of its own",
            replaced(&[(
                RULE_443,
                "        self.rules(web)\n\n    def rules(self, web):\n        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(443))\n",
            )]),
            0,
        ),
    ];
    assert!(edits.len() >= 20);
    for (name, after, more) in edits {
        assert_kept(name, &program(PROGRAM), &after, more);
    }
}

#[test]
fn a_widening_of_a_program_makes_every_decision_fall() {
    let six = ("allow_all_outbound=True", "allow_all_outbound=True, allow_all_ipv6_outbound=True");
    let left = ("description=\"left out\"", "description=\"left out\", allow_all_ipv6_outbound=True");
    for (name, web) in [
        (
            "another port",
            (
                RULE_80,
                format!("{RULE_80}        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(22))\n"),
            ),
        ),
        ("a range of ports", ("tcp(80)", "tcp_range(80, 443)".to_owned())),
        (
            "another family",
            (
                RULE_80,
                format!(
                    "{RULE_80}        web.add_egress_rule(ec2.Peer.any_ipv6(), ec2.Port.tcp(443))\n        web.add_egress_rule(ec2.Peer.any_ipv4(), ec2.Port.udp(53))\n"
                ),
            ),
        ),
        ("everything", ("ec2.Port.tcp(80)", "ec2.Port.all_traffic()".to_owned())),
        (
            "a private block",
            (
                RULE_80,
                format!(
                    "{RULE_80}        web.add_egress_rule(ec2.Peer.ipv4(\"10.0.0.0/8\"), ec2.Port.tcp(5432))\n"
                ),
            ),
        ),
    ] {
        let after = replaced(&[six, left, (web.0, &web.1)]);
        assert_fallen(name, &program(PROGRAM), &after);
    }
}

const TEMPLATE: &str = "\
Resources:
  Left:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: left out
      VpcId: vpc-1
  Said:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: said
      VpcId: vpc-1
      SecurityGroupEgress:
        - IpProtocol: '-1'
          CidrIp: 0.0.0.0/0
  Web:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: web
      VpcId: vpc-1
      SecurityGroupEgress:
        - IpProtocol: tcp
          FromPort: 443
          ToPort: 443
          CidrIp: 0.0.0.0/0
        - IpProtocol: tcp
          FromPort: 80
          ToPort: 80
          CidrIp: 0.0.0.0/0
";
const TO_443: &str = "        - IpProtocol: tcp\n          FromPort: 443\n          ToPort: 443\n          CidrIp: 0.0.0.0/0\n";
const TO_80: &str =
    "        - IpProtocol: tcp\n          FromPort: 80\n          ToPort: 80\n          CidrIp: 0.0.0.0/0\n";

fn template(text: impl Into<String>) -> Files {
    vec![("web.yaml", text.into())]
}

fn edited(pairs: &[(&str, &str)]) -> Files {
    let mut text = TEMPLATE.to_owned();
    for (old, new) in pairs {
        assert!(text.contains(old), "there is no {old:?} to replace");
        text = text.replace(old, new);
    }
    template(text)
}

/// The template as JSON: the same, in other words.
fn json() -> String {
    let group = |description: &str, egress: Option<&str>| {
        let egress = egress.map_or(String::new(), |rules| format!(", \"SecurityGroupEgress\": [{rules}]"));
        format!(
            "{{\"Type\": \"AWS::EC2::SecurityGroup\", \"Properties\": {{\"GroupDescription\": \
             \"{description}\", \"VpcId\": \"vpc-1\"{egress}}}}}"
        )
    };
    let port = |port: u16| {
        format!(
            "{{\"IpProtocol\": \"tcp\", \"FromPort\": {port}, \"ToPort\": {port}, \"CidrIp\": \"0.0.0.0/0\"}}"
        )
    };
    format!(
        "{{\"Resources\": {{\n\"Left\": {},\n\"Said\": {},\n\"Web\": {}}}}}\n",
        group("left out", None),
        group("said", Some("{\"IpProtocol\": \"-1\", \"CidrIp\": \"0.0.0.0/0\"}")),
        group("web", Some(&format!("{}, {}", port(443), port(80)))),
    )
}

#[test]
fn harmless_edits_of_a_template_keep_every_decision() {
    let new =
        "  New:\n    Type: AWS::EC2::SecurityGroup\n    Properties: {GroupDescription: new, VpcId: vpc-1}\n";
    let closed = "  Closed:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: x\n      \
                  SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}]\n";
    let (head, web) = TEMPLATE.split_once("  Web:\n").unwrap();
    let split = vec![("base.yaml", head.to_owned()), ("front.yaml", format!("Resources:\n  Web:\n{web}"))];
    let (_, rest) = head.split_once("Resources:\n").unwrap();
    let edits: Vec<(&str, Files, usize)> = vec![
        ("lines move", template(format!("# Web\n\n{TEMPLATE}")), 0),
        ("comments", edited(&[("  Said:\n", "  # on purpose\n  Said:\n")]), 0),
        ("a description of the template", edited(&[("Resources:\n", "Description: web\nResources:\n")]), 0),
        ("the file is renamed", vec![("stacks/front.yml", TEMPLATE.to_owned())], 0),
        ("moved into another file", split, 0),
        ("JSON instead of YAML", vec![("web.json", json())], 0),
        ("quotes", edited(&[("0.0.0.0/0", "\"0.0.0.0/0\"")]), 0),
        ("numbers as texts", edited(&[("443", "\"443\"")]), 0),
        (
            "flow style",
            edited(&[(
                "        - IpProtocol: '-1'\n          CidrIp: 0.0.0.0/0\n",
                "        - {IpProtocol: -1, CidrIp: 0.0.0.0/0}\n",
            )]),
            0,
        ),
        (
            "order of keys",
            edited(&[(
                "    Properties:\n      GroupDescription: said\n      VpcId: vpc-1\n",
                "    Properties:\n      VpcId: vpc-1\n      GroupDescription: said\n",
            )]),
            0,
        ),
        ("order of resources", template(format!("Resources:\n  Web:\n{web}{rest}")), 0),
        ("order of rules", edited(&[(&format!("{TO_443}{TO_80}"), &format!("{TO_80}{TO_443}"))]), 0),
        ("narrower by a port", edited(&[(TO_80, "")]), 0),
        ("narrower by a range", edited(&[(TO_80, &TO_80.replace("0.0.0.0/0", "0.0.0.0/1"))]), 0),
        (
            "two halves for the whole",
            edited(&[(
                TO_80,
                &format!(
                    "{}{}",
                    TO_80.replace("0.0.0.0/0", "0.0.0.0/1"),
                    TO_80.replace("0.0.0.0/0", "128.0.0.0/1")
                ),
            )]),
            0,
        ),
        ("another description", edited(&[("left out", "not said")]), 0),
        (
            "tags",
            edited(&[(
                "      GroupDescription: web\n",
                "      GroupDescription: web\n      Tags: [{Key: tier, Value: web}]\n",
            )]),
            0,
        ),
        ("metadata", edited(&[("  Left:\n", "  Left:\n    Metadata: {owner: ann}\n")]), 0),
        ("a closed group before", edited(&[("  Left:\n", &format!("{closed}  Left:\n"))]), 0),
        ("an open group before", edited(&[("  Left:\n", &format!("{new}  Left:\n"))]), 1),
        ("an open group after", template(format!("{TEMPLATE}{new}")), 1),
        ("Windows line ends", edited(&[("\n", "\r\n")]), 0),
        (
            "a value through a parameter",
            edited(&[
                (
                    "Resources:\n",
                    "Parameters:\n  Port: {Type: Number, Default: 443, AllowedValues: [443]}\nResources:\n",
                ),
                ("ToPort: 443", "ToPort: !Ref Port"),
            ]),
            0,
        ),
    ];
    assert!(edits.len() >= 20);
    for (name, after, more) in edits {
        assert_kept(name, &template(TEMPLATE), &after, more);
    }
}

#[test]
fn a_widening_of_a_template_makes_every_decision_fall() {
    let six = "        - IpProtocol: '-1'\n          CidrIpv6: ::/0\n";
    let said = "        - IpProtocol: '-1'\n          CidrIp: 0.0.0.0/0\n";
    let before = edited(&[(
        "  Left:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: left out\n      VpcId: vpc-1\n",
        "  Left:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: left out\n      VpcId: vpc-1\n      SecurityGroupEgress:\n        - {IpProtocol: udp, FromPort: 53, ToPort: 53, CidrIp: 0.0.0.0/0}\n",
    )]);
    let dns = "{IpProtocol: udp, FromPort: 53, ToPort: 53, CidrIp: 0.0.0.0/0}";
    for (name, old, new) in [
        ("another port", TO_80, format!("{TO_80}{}", TO_80.replace("80", "22"))),
        ("a range of ports", "ToPort: 80", "ToPort: 443".to_owned()),
        (
            "every protocol",
            "IpProtocol: tcp\n          FromPort: 80\n          ToPort: 80\n",
            "IpProtocol: -1\n".to_owned(),
        ),
        (
            "a private block",
            TO_80,
            format!("{TO_80}{}", TO_80.replace("0.0.0.0/0", "10.0.0.0/8").replace("80", "5432")),
        ),
    ] {
        let mut text = before[0].1.clone();
        for (old, new) in
            [(said, &*format!("{said}{six}")), (dns, &*dns.replace("ToPort: 53", "ToPort: 54")), (old, &*new)]
        {
            assert!(text.contains(old), "{name}");
            text = text.replace(old, new);
        }
        assert_fallen(name, &before, &template(text));
    }
}
