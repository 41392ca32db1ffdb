//! Rule S6463 end to end: its words, its places to the column, in one file and across files; alone with
//! `--select S6463`, and in a full run.

mod common;

use common::Scan;
use tidegate::positions::{Position, Range};
use tidegate_audit::{Confidence, Finding};
use tidegate_read::MemoryFiles;

const OMITTED: &str = "Omitting \"allow_all_outbound\" enables unrestricted outbound communications. Make sure it is safe here.";
const ALLOWED: &str = "Make sure that allowing unrestricted outbound communications is safe here.";

/// Text in a file: its first occurrence.
type Spot<'a> = (&'a str, &'a str);

/// A program whose stack has `body` in its constructor, `imports` at its top.
fn program(imports: &str, body: &str) -> String {
    let body: String = body.lines().map(|line| format!("        {line}\n")).collect();
    format!(
        "{imports}\n\n\nclass Web(Stack):\n    def __init__(self, scope, name):\n        super().__init__(scope, name)\n        \
         vpc = ec2.Vpc.from_lookup(self, 'Vpc', is_default=True)\n{body}\n\napp = App()\nWeb(app, 'Web')\napp.synth()\n"
    )
}

const IMPORTS: &str = "import os\n\nfrom aws_cdk import App, Stack\nfrom aws_cdk import aws_ec2 as ec2";

fn with_imports(more: &str, body: &str) -> String {
    program(&format!("{IMPORTS}\n{more}"), body)
}

fn files(program: &str, others: &[(&str, &str)]) -> MemoryFiles {
    MemoryFiles::new(others.iter().copied().chain([("app.py", program)]))
}

/// Where a text stands, counted by hand.
fn range(files: &MemoryFiles, (path, text): Spot<'_>) -> Range {
    use tidegate_read::Files as _;
    let bytes = files.bytes(path).unwrap();
    let source = std::str::from_utf8(&bytes).unwrap();
    let start = source.find(text).unwrap_or_else(|| panic!("`{text}` is not in {path}:\n{source}"));
    let position = |offset: usize| {
        let before = &source[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: source[line_start..offset].chars().count() + 1,
        }
    };
    Range { start: position(start), end: position(start + text.len()) }
}

fn only<'a>(scan: &'a Scan, rule: &str, mode: &str) -> &'a Finding {
    let of_rule: Vec<_> = scan.report.findings.iter().filter(|f| f.rule.name() == rule).collect();
    match of_rule[..] {
        [finding] => finding,
        _ => panic!("{mode}: not one {rule} but {:#?}\n{:#?}", scan.report.findings, scan.report.unresolved),
    }
}

#[track_caller]
fn found(
    program: &str,
    others: &[(&str, &str)],
    rule: &str,
    message: &str,
    place: Spot<'_>,
    second: &[Spot<'_>],
) {
    let files = files(program, others);
    let alone = common::select(files.clone(), &["S6463"]);
    let full = common::scan(files.clone());
    for (mode, scan) in [("S6463 alone", &alone), ("full run", &full)] {
        let finding = only(scan, rule, mode);
        assert_eq!(finding.message, message, "{mode}");
        assert!(finding.aliases.contains(&"S6463"), "{mode}: {:?}", finding.aliases);
        assert_eq!(&*finding.place.path, place.0, "{mode}");
        assert_eq!(scan.at(&finding.place), range(&files, place), "{mode}: primary place");
        for (at, spot) in second.iter().enumerate() {
            let step = finding.related.get(at);
            let step =
                step.unwrap_or_else(|| panic!("{mode}: no place {at} besides: {:#?}", finding.related));
            assert_eq!(&*step.place.path, spot.0, "{mode}: second place {at}");
            assert_eq!(scan.at(&step.place), range(&files, *spot), "{mode}: second place {at}");
        }
    }
    assert_eq!(alone.report.findings.len(), 1, "{:#?}", alone.report.findings);
    assert!(alone.report.unresolved.is_empty(), "{:#?}", alone.report.unresolved);
    assert!(alone.diagnostics.is_empty() && full.diagnostics.is_empty(), "{:?}", full.diagnostics);
}

#[track_caller]
fn omitted(program: &str, others: &[(&str, &str)], callee: &str) {
    found(program, others, "open-egress-by-default", OMITTED, ("app.py", callee), &[]);
}

#[track_caller]
fn allowed(program: &str, others: &[(&str, &str)], argument: &str, second: &[Spot<'_>]) {
    found(program, others, "open-egress", ALLOWED, ("app.py", argument), second);
}

/// Neither a finding nor an open question, alone.
#[track_caller]
fn silent_alone(program: &str) {
    let scan = common::select(files(program, &[]), &["S6463"]);
    assert!(scan.report.findings.is_empty(), "{:#?}", scan.report.findings);
    assert!(scan.report.unresolved.is_empty(), "{:#?}", scan.report.unresolved);
}

#[track_caller]
fn silent(program: &str) {
    silent_alone(program);
    let scan = common::scan(files(program, &[]));
    assert!(scan.report.findings.is_empty(), "{:#?}", scan.report.findings);
    assert!(scan.report.unresolved.is_empty(), "{:#?}", scan.report.unresolved);
}

#[track_caller]
fn unresolved(program: &str, callee: &str) {
    let files = files(program, &[]);
    for (mode, scan) in [
        ("S6463 alone", common::select(files.clone(), &["S6463"])),
        ("full run", common::scan(files.clone())),
    ] {
        assert!(scan.report.findings.is_empty(), "{mode}: {:#?}", scan.report.findings);
        let [open] = &scan.report.unresolved[..] else { panic!("{mode}: {:#?}", scan.report.unresolved) };
        assert_eq!(scan.at(&open.place), range(&files, ("app.py", callee)), "{mode}");
        assert!(!open.reason.is_empty());
    }
}

const CALL: &str = "ec2.SecurityGroup(self, 'Group', vpc=vpc)";

#[test]
fn left_out_is_found_at_the_callee() {
    omitted(&with_imports("", CALL), &[], "ec2.SecurityGroup");
}

#[test]
fn left_out_is_found_whatever_the_class_is_called_by() {
    for (imports, callee) in [
        ("from aws_cdk import App, Stack, aws_ec2\nec2 = aws_ec2", "aws_ec2.SecurityGroup"),
        ("from aws_cdk import App, Stack\nimport aws_cdk.aws_ec2 as ec2", "ec2.SecurityGroup"),
        (
            "from aws_cdk import App, Stack\nimport aws_cdk.aws_ec2\nec2 = aws_cdk.aws_ec2",
            "aws_cdk.aws_ec2.SecurityGroup",
        ),
        (
            "import aws_cdk as cdk\nfrom aws_cdk import App, Stack, aws_ec2 as ec2",
            "cdk.aws_ec2.SecurityGroup",
        ),
        (
            "import aws_cdk\nfrom aws_cdk import App, Stack\nec2 = aws_cdk.aws_ec2",
            "aws_cdk.aws_ec2.SecurityGroup",
        ),
        (
            "from aws_cdk import App, Stack, aws_ec2 as ec2\nfrom aws_cdk.aws_ec2 import SecurityGroup",
            "SecurityGroup",
        ),
        (
            "from aws_cdk import App, Stack, aws_ec2 as ec2\nfrom aws_cdk.aws_ec2 import SecurityGroup as SG",
            "SG",
        ),
        (
            "from aws_cdk import *\nfrom aws_cdk import aws_ec2 as ec2\nfrom aws_cdk.aws_ec2 import *",
            "SecurityGroup",
        ),
        ("from aws_cdk import App, Stack, aws_ec2 as ec2\nMade = ec2.SecurityGroup", "Made"),
    ] {
        println!("{imports}");
        let call = format!("{callee}(self, 'Group', vpc=vpc)");
        let program = program(imports, &call);
        // The callee's name stands in the imports too: what is looked for is the call.
        let files = files(&program, &[]);
        let mut wanted = range(&files, ("app.py", &call));
        wanted.end.line = wanted.start.line;
        wanted.end.column = wanted.start.column + callee.chars().count();
        for scan in [common::select(files.clone(), &["S6463"]), common::scan(files.clone())] {
            let finding = only(&scan, "open-egress-by-default", callee);
            assert_eq!((finding.message.as_str(), scan.at(&finding.place)), (OMITTED, wanted));
            assert!(finding.aliases.contains(&"S6463"));
        }
    }
}

#[test]
fn version_1_of_the_library_counts_too() {
    for imports in [
        "from aws_cdk import core\nfrom aws_cdk import aws_ec2 as ec2\nfrom aws_cdk.core import App, Stack",
        "from aws_cdk import core, aws_ec2 as ec2\nApp = core.App\nStack = core.Stack",
        "import aws_cdk.core as core\nimport aws_cdk.aws_ec2 as ec2\nfrom aws_cdk.core import *",
    ] {
        println!("{imports}");
        omitted(&program(imports, CALL), &[], "ec2.SecurityGroup");
    }
    let class = "from aws_cdk import core\nfrom aws_cdk import aws_ec2 as ec2\n\nclass Web(core.Stack):\n    \
                 def __init__(self, app: core.App, id: str, **kwargs) -> None:\n        super().__init__(app, id, **kwargs)\n        \
                 ec2.SecurityGroup(self, 'G', vpc=ec2.Vpc.from_lookup(self, 'V', is_default=True))\n\n\
                 app = core.App()\nWeb(app, 'Web')\n";
    omitted(class, &[], "ec2.SecurityGroup");
}

#[test]
fn true_is_found_at_the_whole_keyword_argument() {
    let call = "ec2.SecurityGroup(self, 'Group', vpc=vpc, allow_all_outbound=True)";
    allowed(&with_imports("", call), &[], "allow_all_outbound=True", &[]);
    let spaced = "ec2.SecurityGroup(\n    self,\n    'Group',\n    allow_all_outbound = (\n        True),\n    vpc=vpc,\n)";
    let program = with_imports("", spaced);
    let scan = common::select(files(&program, &[]), &["S6463"]);
    let finding = only(&scan, "open-egress", "spaced");
    let place = scan.at(&finding.place);
    let line = program.lines().position(|line| line.contains("allow_all_outbound")).unwrap() + 1;
    assert_eq!(place.start, Position { line, column: 13 });
    assert_eq!(place.end.line, line + 1, "the argument goes over two lines");
}

#[test]
fn columns_count_characters() {
    let call = "größe = '😀'; ec2.SecurityGroup(self, '😀', vpc=vpc, allow_all_outbound=True)  # 漢字";
    allowed(&with_imports("", call), &[], "allow_all_outbound=True", &[]);
    let program = with_imports("", "ec2.SecurityGroup(self, 'G', vpc=vpc)")
        .replace('\n', "\r\n")
        .replace("        ", "\t\t");
    omitted(&program.replace("    def", "\tdef"), &[], "ec2.SecurityGroup");
}

#[test]
fn a_variable_leads_to_its_whole_assignment() {
    let call = "ec2.SecurityGroup(self, 'Group', vpc=vpc, allow_all_outbound=reach_out)";
    let argument = "allow_all_outbound=reach_out";
    let body = format!("reach_out = True\n{call}");
    allowed(&with_imports("", &body), &[], argument, &[("app.py", "reach_out = True")]);
    let body = format!("reach_out: bool = True\n{call}");
    allowed(&with_imports("", &body), &[], argument, &[("app.py", "reach_out: bool = True")]);
    let global = with_imports("reach_out = True", call);
    allowed(&global, &[], argument, &[("app.py", "reach_out = True")]);
}

#[test]
fn a_chain_of_names_is_followed_the_nearest_assignment_first() {
    let body = "ec2.SecurityGroup(self, 'Group', vpc=vpc, allow_all_outbound=third)";
    let program = with_imports("FIRST = True\nsecond = FIRST\nthird = second", body);
    let second = [("app.py", "third = second"), ("app.py", "second = FIRST"), ("app.py", "FIRST = True")];
    allowed(&program, &[], "allow_all_outbound=third", &second);
}

#[test]
fn a_constant_of_another_module_is_followed_there() {
    let settings = "\"\"\"Settings.\"\"\"\n\nREGION = 'x'\nREACH_OUT = True\n";
    let there = [("settings.py", "REACH_OUT = True")];
    for (import, value) in [
        ("from settings import REACH_OUT", "REACH_OUT"),
        ("from settings import REACH_OUT as reach", "reach"),
        ("from settings import *", "REACH_OUT"),
        ("import settings", "settings.REACH_OUT"),
        ("import settings as s", "s.REACH_OUT"),
    ] {
        println!("{import}");
        let call = format!("ec2.SecurityGroup(self, 'Group', vpc=vpc, allow_all_outbound={value})");
        let argument = format!("allow_all_outbound={value}");
        allowed(&with_imports(import, &call), &[("settings.py", settings)], &argument, &there);
    }
}

const PACKAGE: [(&str, &str); 3] = [
    ("config/__init__.py", "from . import net\n"),
    ("config/net.py", "from .base import YES as OPEN\n"),
    ("config/base.py", "YES = True\n"),
];

#[test]
fn a_constant_goes_through_packages_and_re_exports() {
    for (import, value) in [
        ("from config.net import OPEN", "OPEN"),
        ("from config import net", "net.OPEN"),
        ("import config.net as n", "n.OPEN"),
    ] {
        println!("{import}");
        let call = format!("ec2.SecurityGroup(self, 'Group', vpc=vpc, allow_all_outbound={value})");
        let argument = format!("allow_all_outbound={value}");
        allowed(&with_imports(import, &call), &PACKAGE, &argument, &[("config/base.py", "YES = True")]);
    }
}

#[test]
fn a_constant_of_a_module_below_a_package_is_followed_there() {
    for import in ["import config", "import config.net"] {
        println!("{import}");
        let call = "ec2.SecurityGroup(self, 'Group', vpc=vpc, allow_all_outbound=config.net.OPEN)";
        let argument = "allow_all_outbound=config.net.OPEN";
        allowed(&with_imports(import, call), &PACKAGE, argument, &[("config/base.py", "YES = True")]);
    }
}

#[test]
fn the_class_may_come_through_another_module() {
    let others = [("shared.py", "from aws_cdk.aws_ec2 import SecurityGroup as Group\n")];
    let call = "Group(self, 'x', vpc=vpc, allow_all_outbound=True)";
    allowed(&with_imports("from shared import Group", call), &others, "allow_all_outbound=True", &[]);
    let call = "shared.Group(self, 'x', vpc=vpc)";
    omitted(&with_imports("import shared", call), &others, "shared.Group");
}

#[test]
fn a_stack_in_another_file_is_found_there() {
    let stack = "from aws_cdk import Stack, aws_ec2 as ec2\nfrom .settings import OPEN\n\n\nclass Net(Stack):\n    \
                 def __init__(self, scope, name):\n        super().__init__(scope, name)\n        \
                 vpc = ec2.Vpc.from_lookup(self, 'V', is_default=True)\n        \
                 ec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=OPEN)\n";
    let others =
        [("stacks/__init__.py", ""), ("stacks/net.py", stack), ("stacks/settings.py", "OPEN = True\n")];
    let app = "from aws_cdk import App\nfrom stacks.net import Net\n\napp = App()\nNet(app, 'Net')\n";
    found(
        app,
        &others,
        "open-egress",
        ALLOWED,
        ("stacks/net.py", "allow_all_outbound=OPEN"),
        &[("stacks/settings.py", "OPEN = True")],
    );
}

#[test]
fn an_import_of_a_group_is_found_for_true_alone() {
    let call = |rest: &str| {
        with_imports(
            "",
            &format!("ec2.SecurityGroup.from_security_group_id(self, 'Known', 'sg-0123456789abcdef0'{rest})"),
        )
    };
    let program = call(", allow_all_outbound=True");
    allowed(&program, &[], "allow_all_outbound=True", &[]);
    for scan in [common::select(files(&program, &[]), &["S6463"]), common::scan(files(&program, &[]))] {
        let finding = only(&scan, "open-egress", "import");
        assert_eq!((finding.confidence, &finding.witness), (Confidence::Declared, &None));
    }
    let class = "SG.from_security_group_id(self, 'Known', 'sg-0123456789abcdef0', allow_all_outbound=True)";
    let program = with_imports("from aws_cdk.aws_ec2 import SecurityGroup as SG", class);
    allowed(&program, &[], "allow_all_outbound=True", &[]);
    silent(&call(""));
    silent(&call(", allow_all_outbound=False"));
    silent(&call(", mutable=False"));
}

#[test]
fn an_import_leads_to_the_assignment_too() {
    let body = "out = True\nec2.SecurityGroup.from_security_group_id(self, 'Known', 'sg-0123456789abcdef0', allow_all_outbound=out)";
    allowed(&with_imports("", body), &[], "allow_all_outbound=out", &[("app.py", "out = True")]);
}

#[test]
fn false_is_no_finding_however_it_is_spelled() {
    silent(&with_imports("", "ec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=False)"));
    silent(&with_imports("NO = False", "ec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=NO)"));
    silent(&with_imports("YES = True", "ec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=not YES)"));
}

#[test]
fn none_is_no_s6463_but_the_library_reads_it_as_open() {
    let program = with_imports("", "ec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=None)");
    silent_alone(&program);
    let scan = common::scan(files(&program, &[]));
    let finding = only(&scan, "open-egress-by-default", "full run");
    assert!(!finding.aliases.contains(&"S6463"));
    assert_ne!(finding.message, OMITTED);
}

#[test]
fn what_nobody_can_know_is_unresolved_at_the_call() {
    for value in ["os.environ.get('OPEN')", "os.environ['OPEN'] == 'yes'", "bool(os.getenv('OPEN'))"] {
        let call = format!("ec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound={value})");
        unresolved(&with_imports("", &call), "ec2.SecurityGroup");
        let body = format!("out = {value}\nec2.SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=out)");
        unresolved(&with_imports("", &body), "ec2.SecurityGroup");
    }
    let known =
        "ec2.SecurityGroup.from_security_group_id(self, 'K', 'sg-1', allow_all_outbound=os.environ.get('X'))";
    let scan = common::select(files(&with_imports("", known), &[]), &["S6463"]);
    assert!(scan.report.findings.is_empty() && scan.report.unresolved.len() == 1, "{:#?}", scan.report);
}

#[test]
fn a_call_that_is_never_reached_counts_by_how_it_is_written() {
    let dead = with_imports("", "if False:\n    ec2.SecurityGroup(self, 'G', vpc=vpc)");
    let scan = common::select(files(&dead, &[]), &["S6463"]);
    let finding = only(&scan, "open-egress-by-default", "dead");
    assert_eq!(finding.message, OMITTED);
    assert_eq!(scan.at(&finding.place), range(&scan.files, ("app.py", "ec2.SecurityGroup")));
    let full = common::scan(files(&dead, &[]));
    assert!(full.report.findings.is_empty(), "no such group is made: {:#?}", full.report.findings);
}

#[test]
fn a_function_that_nobody_calls_is_looked_at_all_the_same() {
    let function =
        "\n\ndef spare(scope, vpc):\n    ec2.SecurityGroup(scope, 'Spare', vpc=vpc, allow_all_outbound=True)";
    let program = with_imports(function, "pass");
    allowed(&program, &[], "allow_all_outbound=True", &[]);
    for scan in [common::select(files(&program, &[]), &["S6463"]), common::scan(files(&program, &[]))] {
        let subject = &only(&scan, "open-egress", "spare").subjects[0];
        assert_eq!(subject.path, None);
        assert!(subject.enclosing.as_deref().is_some_and(|name| name.contains("spare")), "{subject:?}");
    }
    let library = "from aws_cdk import Stack\nfrom aws_cdk import aws_ec2 as ec2\n\n\nclass Lib(Stack):\n    \
                   def __init__(self, scope, name, vpc):\n        super().__init__(scope, name)\n        \
                   ec2.SecurityGroup(self, 'G', vpc=vpc)\n";
    omitted(library, &[], "ec2.SecurityGroup");
}

#[test]
fn alone_a_later_override_does_not_count_and_in_a_full_run_it_does() {
    let body = "group = ec2.SecurityGroup(self, 'G', vpc=vpc)\ngroup.node.default_child.add_property_override(\n    \
                'SecurityGroupEgress', [{'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'CidrIp': '10.0.0.0/8'}]\n)";
    let program = with_imports("", body);
    let scan = common::select(files(&program, &[]), &["S6463"]);
    assert_eq!(only(&scan, "open-egress-by-default", "alone").message, OMITTED);
    let full = common::scan(files(&program, &[]));
    assert!(full.report.findings.is_empty(), "{:#?}", full.report.findings);
}

#[test]
fn what_only_a_full_run_sees_does_not_carry_the_alias() {
    let subclass = with_imports(
        "\nclass Group(ec2.SecurityGroup):\n    def __init__(self, scope, name, vpc):\n        super().__init__(scope, name, vpc=vpc)\n",
        "Group(self, 'G', vpc)",
    );
    let splatted = with_imports(
        "",
        "props = {'vpc': vpc, 'allow_all_outbound': True}\nec2.SecurityGroup(self, 'G', **props)",
    );
    let hidden = with_imports(
        "",
        "ec2.Instance(self, 'I', vpc=vpc, instance_type=ec2.InstanceType('t3.micro'), machine_image=ec2.MachineImage.latest_amazon_linux2023())",
    );
    for program in [subclass, splatted, hidden] {
        println!("{program}");
        let alone = common::select(files(&program, &[]), &["S6463"]);
        assert!(alone.report.findings.is_empty(), "{:#?}", alone.report.findings);
        let full = common::scan(files(&program, &[]));
        let [finding] = &full.report.findings[..] else { panic!("{:#?}", full.report) };
        assert!(!finding.aliases.contains(&"S6463"), "{finding:#?}");
    }
}

#[test]
fn a_class_of_another_library_is_none_of_its_business() {
    let own = "from aws_cdk import App, Stack\nfrom aws_cdk import aws_ec2 as ec2\n\nclass SecurityGroup:\n    \
               def __init__(self, *args, **kwargs):\n        pass\n    @staticmethod\n    def from_security_group_id(*args, **kwargs):\n        pass\n";
    silent(&program(own, "SecurityGroup(self, 'G', vpc=vpc, allow_all_outbound=True)"));
    silent(&program(own, "SecurityGroup.from_security_group_id(self, 'G', 'sg-1', allow_all_outbound=True)"));
}

#[test]
fn several_calls_are_several_findings_in_the_order_of_the_file() {
    let body = "ec2.SecurityGroup(self, 'A', vpc=vpc)\nec2.SecurityGroup(self, 'B', vpc=vpc, allow_all_outbound=False)\n\
                ec2.SecurityGroup(self, 'C', vpc=vpc, allow_all_outbound=True)\nec2.SecurityGroup(self, 'D', vpc=vpc)";
    let program = with_imports("", body);
    for scan in [common::select(files(&program, &[]), &["S6463"]), common::scan(files(&program, &[]))] {
        let found: Vec<_> = scan.report.findings.iter().map(|f| f.subjects[0].path.as_deref()).collect();
        assert_eq!(found, [Some("Web/A"), Some("Web/C"), Some("Web/D")]);
    }
}
