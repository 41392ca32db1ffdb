//! Marks that mute findings, and marks that mute nothing.

use crate::testing::{Texts, all, call, estate, group, left_out, names, place, tcp};
use crate::{AuditOptions, Config, Report, SuppressedBy, audit};
use tidegate_estate::{Argument, Dialect, Estate, Place, Policy, Severity, Span};

fn find(path: &str, text: &str, what: &str) -> Place {
    let start = text.find(what).expect("the text");
    place(path, start, start + what.len())
}

/// A run over `app.py`: a group open by default at `SecurityGroup(`, whose block ends at `)`.
fn python(text: &str) -> Report {
    let mut policy = group(vec![left_out("0.0.0.0/0")]);
    policy.place = find("app.py", text, "SecurityGroup");
    policy.block = Place {
        span: Span { end: text.rfind(')').expect("a call") as u32 + 1, ..policy.place.span },
        ..policy.place.clone()
    };
    policy.direct_call = Some(0);
    let mut estate = estate(vec![policy.clone()]);
    let mut call = call(Argument::Omitted);
    call.place = policy.place;
    call.block = policy.block;
    estate.direct_calls.push(call);
    run(&estate, "app.py", text, &[])
}

fn run(estate: &Estate, path: &'static str, text: &str, select: &[&str]) -> Report {
    let options = AuditOptions::selecting(select, &[]).unwrap();
    let sources = Texts(vec![(path, text.to_owned())]);
    audit(std::slice::from_ref(estate), &Config::default(), &options, &sources)
}

/// A run over a template whose only resource is `Web`, open by rule.
fn template(path: &'static str, text: &str) -> Report {
    let mut policy = group(vec![all("0.0.0.0/0")]);
    policy.dialect = Dialect::CloudFormation;
    let start = text.find("Web").expect("a resource") - usize::from(path.ends_with(".json"));
    policy.place = place(path, start, start + 3);
    policy.block = place(path, start, text.find("#end").unwrap_or(text.len()));
    policy.rules[0].place = policy.place.clone();
    run(&estate(vec![policy]), path, text, &[])
}

fn muted(report: &Report) -> bool {
    assert_eq!(report.findings.len() + report.suppressed.len(), 1);
    report.findings.is_empty()
}

#[test]
fn our_mark_mutes_on_the_line_in_the_block_and_alone_above() {
    let on = python("g = ec2.SecurityGroup(self, 'g')  # tidegate: allow[open-egress-by-default] known\n");
    assert!(muted(&on));
    assert_eq!(on.suppressed[0].by, SuppressedBy::Mark("tidegate: allow[open-egress-by-default]".to_owned()));
    assert_eq!(on.suppressed[0].reason.as_deref(), Some("known"));
    assert!(on.diagnostics.is_empty());
    assert!(muted(&python(
        "g = ec2.SecurityGroup(\n    self,\n    # tidegate: allow[open-egress-by-default]\n    'g')\n"
    )));
    assert!(muted(&python("# tidegate: allow[S6463] known\n# another\ng = ec2.SecurityGroup(self, 'g')\n")));
}

#[test]
fn a_mark_elsewhere_or_of_another_rule_mutes_nothing_and_is_reported() {
    for text in [
        "x = 1  # tidegate: allow[open-egress-by-default]\ng = ec2.SecurityGroup(self, 'g')\n",
        "# tidegate: allow[open-egress-by-default]\n\ng = ec2.SecurityGroup(self, 'g')\n",
        "g = ec2.SecurityGroup(self, 'g')  # tidegate: allow[internet-egress]\n",
    ] {
        let report = python(text);
        assert!(!muted(&report), "{text}");
        assert_eq!(report.diagnostics.len(), 1, "{text}");
        assert_eq!(report.diagnostics[0].severity, Severity::Warning);
        assert!(report.diagnostics[0].message.contains("mutes nothing"));
    }
}

#[test]
fn a_string_that_holds_a_mark_is_no_mark() {
    let report = python("g = ec2.SecurityGroup(self, '# tidegate: allow[open-egress-by-default]')\n");
    assert!(!muted(&report));
    assert!(report.diagnostics.is_empty());
}

#[test]
fn a_mark_that_names_no_rule_is_a_warning() {
    let report = python("g = ec2.SecurityGroup(self, 'g')  # tidegate: allow[open-ingress]\n");
    assert!(!muted(&report));
    assert_eq!(report.diagnostics[0].severity, Severity::Warning);
    assert!(report.diagnostics[0].message.contains("`open-ingress`"));
}

#[test]
fn nosonar_mutes_s6463_on_its_own_line_only() {
    assert!(muted(&python("g = ec2.SecurityGroup(self, 'g')  # NOSONAR\n")));
    assert!(!muted(&python("g = ec2.SecurityGroup(\n    self, 'g')  # NOSONAR\n")));
    let text = "g = ec2.SecurityGroup(self, 'g')  # NOSONAR\n";
    let mut policy = group(vec![tcp(22, "0.0.0.0/0")]);
    policy.place = find("app.py", text, "SecurityGroup");
    policy.rules[0].place = policy.place.clone();
    let other = run(&estate(vec![policy]), "app.py", text, &[]);
    assert_eq!(names(&other), ["internet-egress"], "a finding that Sonar does not know");
}

#[test]
fn a_mark_on_a_rule_s_line_mutes_what_is_reported_there() {
    let text =
        "g = ec2.SecurityGroup(self, 'g')\ng.add_egress_rule(any)  # tidegate: allow[internet-egress]\n";
    let mut policy = group(vec![tcp(22, "0.0.0.0/0")]);
    policy.place = find("app.py", text, "SecurityGroup");
    policy.block = policy.place.clone();
    policy.rules[0].place = find("app.py", text, "add_egress_rule(any)");
    assert!(muted(&run(&estate(vec![policy]), "app.py", text, &[])));
}

#[test]
fn comments_of_other_scanners_mute_in_templates() {
    for mark in [
        "checkov:skip=CKV_AWS_382:reason",
        "trivy:ignore:AVD-AWS-0104",
        "tfsec:ignore:aws-ec2-no-public-egress-sgr",
        "tidegate: allow[open-egress]",
    ] {
        let text = format!("Resources:\n  Web:\n    # {mark}\n    Type: AWS::EC2::SecurityGroup\n");
        assert!(muted(&template("web.yaml", &text)), "{mark}");
    }
    let text =
        "Resources:\n  Web:\n    # checkov:skip=CKV_AWS_24:ingress\n    Type: AWS::EC2::SecurityGroup\n";
    let report = template("web.yaml", text);
    assert!(!muted(&report));
    assert!(report.diagnostics.is_empty(), "marks of others are not ours to judge");
}

#[test]
fn metadata_mutes_in_yaml_and_json() {
    let yaml = |metadata: &str| {
        format!("Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Metadata:\n{metadata}\n#end\n")
    };
    assert!(muted(&template("web.yaml", &yaml("      tidegate: {allow: [open-egress], reason: known}"))));
    assert!(muted(&template(
        "web.yaml",
        &yaml("      cfn_nag:\n        rules_to_suppress:\n          - id: W40")
    )));
    assert!(!muted(&template(
        "web.yaml",
        &yaml("      cfn_nag:\n        rules_to_suppress:\n          - id: F1000")
    )));
    let json = |metadata: &str| {
        format!(
            "{{\"Resources\": {{\"Web\": {{\"Type\": \"AWS::EC2::SecurityGroup\", \"Metadata\": {metadata}}}}}}}"
        )
    };
    for metadata in [
        r#"{"tidegate": {"allow": ["open-egress"], "reason": "known"}}"#,
        r#"{"checkov": {"skip": [{"id": "CKV_AWS_382"}]}}"#,
        r#"{"guard": {"SuppressedRules": ["SECURITY_GROUP_EGRESS_ALL_PROTOCOLS_RULE"]}}"#,
    ] {
        assert!(muted(&template("web.json", &json(metadata))), "{metadata}");
    }
    let unused = template("web.json", &json(r#"{"tidegate": {"allow": ["internet-egress"]}}"#));
    assert!(!muted(&unused));
    assert_eq!(unused.diagnostics.len(), 1);
}

#[test]
fn a_mark_in_one_group_s_block_mutes_that_group_only() {
    let text = concat!(
        "def add(g): g.add_egress_rule(any)\n",
        "a = SecurityGroup('a')  # tidegate: allow[open-egress]\n",
        "b = SecurityGroup('b')\n",
    );
    let make = |name: &str| -> Policy {
        let mut policy = group(vec![all("0.0.0.0/0")]);
        policy.path = Some(name.to_owned());
        policy.place = find("app.py", text, &format!("SecurityGroup('{name}')"));
        policy.block = policy.place.clone();
        policy.rules[0].place = find("app.py", text, "g.add_egress_rule(any)");
        policy
    };
    let report = run(&estate(vec![make("a"), make("b")]), "app.py", text, &[]);
    assert_eq!(report.findings[0].subjects.len(), 1);
    assert_eq!(report.findings[0].subjects[0].path.as_deref(), Some("b"));
    assert_eq!(report.suppressed[0].finding.subjects[0].path.as_deref(), Some("a"));
}

#[test]
fn a_mark_at_a_rule_that_is_a_resource_of_its_own_mutes_what_is_reported_there() {
    let yaml = |above: &str, metadata: &str| {
        format!(
            "Web:\n  Type: AWS::EC2::SecurityGroup\n#end\n{above}\nOut:\n  Type: AWS::EC2::SecurityGroupEgress\n\
             {metadata}\n  CidrIp: 0.0.0.0/0\n"
        )
    };
    let open = |text: &str, at: &str| {
        let mut policy = group(vec![all("0.0.0.0/0")]);
        policy.place = find("web.yaml", text, "Web");
        policy.block = Place::new(&policy.place.path, Span::new(0, text.find("#end").unwrap()));
        policy.apart =
            vec![Place::new(&policy.place.path, Span::new(text.find("Out:").unwrap(), text.len()))];
        policy.rules[0].place = find("web.yaml", text, at);
        run(&estate(vec![policy]), "web.yaml", text, &[])
    };
    let marks = [
        ("", "  Metadata: {tidegate: {allow: [open-egress], reason: known}}"),
        ("# tidegate: allow[open-egress] known", ""),
        ("", "  # checkov:skip=CKV_AWS_382:known"),
    ];
    for (above, metadata) in marks {
        let text = yaml(above, metadata);
        let report = open(&text, "CidrIp: 0.0.0.0/0");
        assert!(muted(&report), "{text}");
        assert!(report.diagnostics.is_empty(), "{text}");
        // What the group itself says is not what the mark speaks of.
        assert!(!muted(&open(&text, "Type: AWS::EC2::SecurityGroup\n")), "{text}");
    }
}

#[test]
fn a_mark_of_a_rule_that_was_not_asked_is_not_called_unused() {
    let text = "x = 1  # tidegate: allow[open-egress]\n";
    assert!(run(&Estate::default(), "app.py", text, &["internet-egress"]).diagnostics.is_empty());
    assert_eq!(run(&Estate::default(), "app.py", text, &[]).diagnostics.len(), 1);
}
