//! A made-up result with everything a format has to cope with: muted and unresolved entries, several
//! subjects, places in two files, hostile names.

use super::{Detail, Run, Time};
use crate::files::Skipped;
use crate::positions::Sources;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tidegate_audit::*;
use tidegate_estate::{Diagnostic, Dialect, Place, PolicyKind, Provider, Severity, Span, Step};
use tidegate_read::MemoryFiles;
use tidegate_space::IpFamily;

const APP: &str = "import aws_cdk as cdk\r
from aws_cdk import aws_ec2 as ec2\r
from settings import OPEN\r
\r
\r
class Web(cdk.Stack):\r
\tdef __init__(self, scope, id):\r
\t\tsuper().__init__(scope, id)  # größer 😀\r
\t\tname = '😀'; ec2.SecurityGroup(self, 'Web', vpc=vpc, allow_all_outbound=OPEN)\r
\t\tec2.SecurityGroup(self, 'Other', vpc=vpc)\r
";
const SETTINGS: &str = "OPEN = True\n";
/// A name that tries to be a colour code, a formula, markup, a mention and a link.
pub const HOSTILE: &str = "=cmd|'/c calc'!A0 \u{1b}[31m\u{202e}<script>alert(1)</script> `x` [a](http://evil.example) @team #1 | \u{9b}";

pub fn files() -> MemoryFiles {
    let long =
        format!("{{\"a\":\"{}\",\"Open\":{{\"Type\":\"AWS::EC2::SecurityGroup\"}}}}", "x".repeat(3000));
    MemoryFiles::new([("app.py", APP), ("settings.py", SETTINGS), ("t\u{202e} <b>.json", long.as_str())])
}

fn place(path: &str, text: &str, needle: &str, nth: usize) -> Place {
    let start = text.match_indices(needle).nth(nth).unwrap().0;
    Place::new(&Arc::from(path), Span::new(start, start + needle.len()))
}

fn subject(name: &str, path: Option<&str>, enclosing: Option<&str>) -> Subject {
    Subject {
        path: path.map(str::to_owned),
        enclosing: enclosing.map(str::to_owned),
        kind: PolicyKind::SecurityGroup,
        provider: Provider::Aws,
        dialect: Dialect::CdkPython,
        name: Some(name.to_owned()),
        account: None,
        region: Some("eu-west-1".to_owned()),
    }
}

fn rating(risk: Level) -> Rating {
    Rating {
        impact: Level::Medium,
        likelihood: Level::Low,
        risk,
        reasons: vec!["unrestricted outbound traffic".to_owned()],
        cvss_vector: "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N",
        cvss_score: 3.7,
        cvss_environmental: Some(4.4),
        cvss_environmental_vector: Some("CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N/CR:H"),
    }
}

fn allows() -> Allows {
    Allows {
        rows: vec![
            AllowedRow {
                family: IpFamily::V4,
                protocol: "any".to_owned(),
                ports: None,
                addresses: vec!["0.0.0.0/0".to_owned()],
            },
            AllowedRow {
                family: IpFamily::V6,
                protocol: "tcp".to_owned(),
                ports: Some(vec!["443".to_owned(), "1024-65535".to_owned()]),
                addresses: vec!["::/0".to_owned()],
            },
        ],
        share_ipv4: 1.0,
        share_ipv6: 0.5,
        ..Allows::default()
    }
}

fn finding(rule: RuleId, place: Place, fingerprint: &str) -> Finding {
    Finding {
        rule,
        aliases: vec![],
        fingerprint: fingerprint.to_owned(),
        message: "Make sure that allowing unrestricted outbound communications is safe here.".to_owned(),
        confidence: Confidence::Certain,
        rating: rating(Level::Low),
        subjects: vec![subject("Web", Some("Stack/Web"), None)],
        identities: vec![],
        affected: vec![],
        block: place.clone(),
        place,
        related: vec![],
        allows: allows(),
        witness: Some(Witness { protocol: "tcp".to_owned(), address: "1.1.1.1".to_owned(), port: Some(443) }),
        path: None,
        help: vec!["pass allow_all_outbound=False and add egress rules".to_owned()],
        status: Status::ToReview,
        decision: None,
        standards: standards::of(rule, &tidegate_space::PacketSet::family(IpFamily::V4)),
        fixable: false,
    }
}

pub fn report() -> Report {
    let keyword = place("app.py", APP, "allow_all_outbound=OPEN", 0);
    let mut chained = Finding {
        aliases: vec!["S6463", "CKV_AWS_382"],
        related: vec![
            Step {
                message: "the value comes from here".to_owned(),
                place: place("settings.py", SETTINGS, "OPEN = True", 0),
            },
            Step { message: "in this class".to_owned(), place: place("app.py", APP, "Web", 0) },
        ],
        ..finding(RuleId::OpenEgress, keyword, "00112233445566778899aabbccddeeff")
    };
    chained.subjects.push(subject("Web", None, Some("Web.__init__")));
    let json = files();
    let json_text = tidegate_read::Files::bytes(&json, "t\u{202e} <b>.json").unwrap();
    let json_text = String::from_utf8(json_text.to_vec()).unwrap();
    let hostile = Finding {
        message: format!("The group {HOSTILE} is open."),
        confidence: Confidence::Possible,
        rating: rating(Level::High),
        subjects: vec![subject(HOSTILE, Some(HOSTILE), None)],
        related: vec![Step { message: HOSTILE.to_owned(), place: place("settings.py", SETTINGS, "OPEN", 0) }],
        witness: Some(Witness {
            protocol: "47".to_owned(),
            address: "2606:4700:4700::1111".to_owned(),
            port: None,
        }),
        help: vec![HOSTILE.to_owned()],
        affected: vec![Affected {
            id: "i-0123".to_owned(),
            name: Some(HOSTILE.to_owned()),
            addresses: vec!["10.0.0.1".to_owned()],
            account: Some("123456789012".to_owned()),
            region: None,
            tags: [(HOSTILE.to_owned(), HOSTILE.to_owned())].into(),
        }],
        ..finding(
            RuleId::InternetEgress,
            place("t\u{202e} <b>.json", &json_text, "\"Open\"", 0),
            "ffeeddccbbaa99887766554433221100",
        )
    };
    let muted = finding(
        RuleId::OpenEgressByDefault,
        place("app.py", APP, "ec2.SecurityGroup", 1),
        "0123456789abcdef0123456789abcdef",
    );
    let decided = Finding {
        status: Status::Acknowledged,
        decision: Some(Decision {
            status: Status::Acknowledged,
            by: format!("Ann {HOSTILE}"),
            on: "2026-01-31".parse().unwrap(),
            because: format!("until the proxy is there\n{HOSTILE}"),
            until: "2026-12-31".parse().ok(),
            sensitive_data: Some(true),
            private_network: None,
        }),
        ..finding(
            RuleId::OpenEgressByDefault,
            place("app.py", APP, "ec2.SecurityGroup", 1),
            "aabbccddeeff00112233445566778899",
        )
    };
    Report {
        findings: vec![chained, hostile, decided],
        suppressed: vec![
            Suppressed {
                finding: muted.clone(),
                by: SuppressedBy::Mark("tidegate: allow[open-egress-by-default]".to_owned()),
                reason: Some(format!("needs the proxy {HOSTILE}")),
                place: Some(place("app.py", APP, "# größer 😀", 0)),
            },
            Suppressed { finding: muted, by: SuppressedBy::Baseline, reason: None, place: None },
        ],
        unresolved: vec![Unresolved {
            subject: subject("Other", None, Some("Web.__init__")),
            place: place("app.py", APP, "ec2.SecurityGroup", 1),
            reason: "vpc comes from an environment variable".to_owned(),
            related: vec![],
        }],
        diagnostics: vec![
            Diagnostic {
                severity: Severity::Error,
                path: "big\u{1b}.json".into(),
                span: None,
                message: "not read: is larger than 64 MiB, the limit for one file".to_owned(),
            },
            Diagnostic {
                severity: Severity::Warning,
                path: "settings.py".into(),
                span: Some(Span::new(0, 4)),
                message: format!("odd {HOSTILE}"),
            },
        ],
    }
}

/// Calls `test` with the made-up result.
pub fn with_run<T>(report: &Report, detail: Detail, test: impl FnOnce(&Run<'_>) -> T) -> T {
    let files = files();
    let sources = Sources::new(&files);
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    test(&Run {
        report,
        sources: &sources,
        files: 3,
        bytes: 4096,
        skipped: &[Skipped {
            path: "big\u{1b}.json".to_owned(),
            reason: "is larger than 64 MiB, the limit for one file".to_owned(),
            named: false,
        }],
        time: Time { start: time, end: time, took: Duration::from_millis(40) },
        detail,
        strict: false,
        width: 120,
    })
}
