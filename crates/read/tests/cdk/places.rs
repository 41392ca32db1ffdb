//! Direct calls in odd places, and which programs there are.

use crate::{HEAD, calls, groups, program, read_files};

#[test]
fn a_direct_call_counts_wherever_it_is_written() {
    let head = "from aws_cdk import aws_ec2 as ec2\n";
    for body in [
        "def f(s, v):\n  return 1\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "if False:\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "make = lambda s, v: ec2.SecurityGroup(s, 'G', vpc=v)",
        "class C:\n  group = ec2.SecurityGroup(s, 'G', vpc=v)",
        "groups = [ec2.SecurityGroup(s, n, vpc=v) for n in names]",
        "groups = {n: ec2.SecurityGroup(s, n, vpc=v) for n in []}",
        "def f():\n  def g(s, v):\n    ec2.SecurityGroup(s, 'G', vpc=v)",
        "def f():\n  class C:\n    def m(self, v):\n      ec2.SecurityGroup(self, 'G', vpc=v)",
        "x = 1 if True else ec2.SecurityGroup(s, 'G', vpc=v)",
        "try:\n  pass\nexcept ValueError:\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "while False:\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "for x in []:\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "raise SystemExit\nec2.SecurityGroup(s, 'G', vpc=v)",
        "def f(g=ec2.SecurityGroup(s, 'G', vpc=v)): pass",
        "@decorate(ec2.SecurityGroup(s, 'G', vpc=v))\ndef f(): pass",
        "async def f(s, v):\n  await g(ec2.SecurityGroup(s, 'G', vpc=v))",
        "match x:\n  case 1:\n    ec2.SecurityGroup(s, 'G', vpc=v)",
        "with open('x') as f:\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "def f(s, v):\n  assert False\n  ec2.SecurityGroup(s, 'G', vpc=v)",
        "True or ec2.SecurityGroup(s, 'G', vpc=v)",
        "def g(s, v):\n  yield ec2.SecurityGroup(s, 'G', vpc=v)",
    ] {
        assert_eq!(calls(&format!("{head}{body}\n")), ["omitted"], "{body}");
    }
}

#[test]
fn what_is_written_decides() {
    let head = "import os\nfrom aws_cdk.aws_ec2 import SecurityGroup as SG\nYES = True\nNO = False\n";
    for (argument, expected) in [
        ("", "omitted"),
        ("allow_all_outbound=True", "true"),
        ("allow_all_outbound=YES", "true"),
        ("allow_all_outbound=NO", "other"),
        ("allow_all_outbound=None", "other"),
        ("allow_all_outbound=os.environ['X']", "unknown"),
        ("**props", "unknown"),
    ] {
        let text = format!("{head}SG(s, 'G', vpc=v, {argument})\n");
        assert_eq!(calls(&text), [expected], "{argument}");
    }
}

#[test]
fn every_way_to_import_reaches_the_class() {
    for head in [
        "import aws_cdk.aws_ec2 as e\nSG = e.SecurityGroup",
        "import aws_cdk\nSG = aws_cdk.aws_ec2.SecurityGroup",
        "from aws_cdk.aws_ec2 import *\nSG = SecurityGroup",
        "from aws_cdk import (\n    Stack,\n    aws_ec2 as _ec2,\n)\nSG = _ec2.SecurityGroup",
        "from aws_cdk import core, aws_ec2\nSG = aws_ec2.SecurityGroup",
        "try:\n  from aws_cdk import aws_ec2\nexcept ImportError:\n  from aws_cdk.core import aws_ec2\nSG = aws_ec2.SecurityGroup",
    ] {
        let text = format!("{head}\ndef f(s, v):\n  SG(s, 'G', vpc=v, allow_all_outbound=False)\n");
        let found = groups(&read_files(&[("app.py", &text)]).estates);
        assert_eq!(found, ["(f): shut"], "{head}");
    }
}

#[test]
fn a_file_without_an_app_has_no_path_but_a_name_around_it() {
    let text = "from aws_cdk import Stack, aws_ec2 as ec2\nclass Web(Stack):\n  def __init__(self, scope, id, vpc):\n    super().__init__(scope, id)\n    ec2.SecurityGroup(self, 'G', vpc=vpc)\n";
    assert_eq!(groups(&read_files(&[("web.py", text)]).estates), ["(Web.__init__): open"]);
}

#[test]
fn a_base_class_that_a_subclass_reaches_is_not_run_on_its_own() {
    let found = program(
        "class Base(ec2.SecurityGroup):\n  def __init__(self, scope, id, open=True):\n    super().__init__(scope, id, vpc=v, allow_all_outbound=open)\nclass Shut(Base):\n  def __init__(self, scope, id):\n    super().__init__(scope, id, open=False)\nShut(s, 'G')\n",
    );
    assert_eq!(found, ["S/G: shut"]);
}

#[test]
fn two_programs_in_one_folder_stay_apart() {
    let one = format!("{HEAD}ec2.SecurityGroup(s, 'A', vpc=v)\n");
    let two = format!("{HEAD}ec2.SecurityGroup(s, 'B', vpc=v, allow_all_outbound=False)\n");
    let reading = read_files(&[("one.py", &one), ("two.py", &two)]);
    assert_eq!(groups(&reading.estates), ["S/A: open", "S/B: shut"]);
}

#[test]
fn an_app_may_be_started_as_a_module() {
    let app = format!("{HEAD}from .parts import make\nmake(s, v)\n");
    let parts = "from aws_cdk import aws_ec2 as ec2\ndef make(s, v): ec2.SecurityGroup(s, 'G', vpc=v)\n";
    let files = [
        ("cdk.json", r#"{"app": "python3 -m pkg.app"}"#),
        ("pkg/__init__.py", ""),
        ("pkg/app.py", &app),
        ("pkg/parts.py", parts),
    ];
    assert_eq!(groups(&read_files(&files).estates), ["S/G: open"]);
}

#[test]
fn context_is_answered_from_the_settings() {
    let body = format!(
        "{HEAD}ec2.SecurityGroup(s, 'G', vpc=v, allow_all_outbound=bool(app.node.try_get_context('open')))\n"
    );
    let with = |json: &str| groups(&read_files(&[("cdk.json", json), ("app.py", &body)]).estates);
    assert_eq!(with(r#"{"app": "python app.py", "context": {"open": false}}"#), ["S/G: shut"]);
    assert_eq!(with(r#"{"app": "python app.py", "context": {"open": true}}"#), ["S/G: open"]);
    let without = groups(&read_files(&[("app.py", &body)]).estates);
    assert_eq!(without.len(), 1);
    assert!(without[0].contains(" or ") || without[0].contains('?'), "{without:?}");
}
