//! What comes from outside the program: environment, files, definitions that nothing reaches.

use crate::host::{run, run_files};

#[test]
fn the_environment_is_unknown_with_its_reason() {
    for read in ["os.environ['X']", "os.environ.get('X')", "os.getenv('X')"] {
        let lines = run(&format!("import os\nfrom lib import record\nrecord({read})")).lines();
        assert!(lines[0].contains("environment variable X"), "{read}: {lines:?}");
    }
}

#[test]
fn a_default_that_is_written_down_is_one_of_two() {
    for read in ["os.environ.get('X', 'dev')", "os.getenv('X', 'dev')"] {
        let lines = run(&format!("import os\nfrom lib import record\nrecord({read})")).lines();
        assert!(lines[0].contains("'dev' if ") && lines[0].contains("environment"), "{read}: {lines:?}");
    }
}

#[test]
fn one_variable_is_one_value_everywhere() {
    let text = "import os\nfrom lib import record\na = os.environ.get('X') == 'p'\nb = os.getenv('X') == 'p'\nrecord(1 if a == b or not a else 2)\nif os.environ['Y'] == 'p':\n  if os.environ['Y'] == 'p':\n    record(3)\n  else:\n    record(4)";
    let lines = run(text).lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with("3 when"), "{lines:?}");
}

#[test]
fn files_of_the_project_are_read() {
    let json = ("conf/a.json", r#"{"open": false, "ports": [80, 443]}"#);
    for read in [
        "json.load(open('conf/a.json'))",
        "json.loads(Path('conf/a.json').read_text())",
        "json.loads(open('conf/a.json').read())",
        "json.loads((Path(__file__).parent / 'conf' / 'a.json').read_text())",
        "json.load(open(os.path.join(os.path.dirname(__file__), 'conf', 'a.json')))",
    ] {
        let main = format!(
            "import json, os\nfrom pathlib import Path\nfrom lib import record\nc = {read}\nrecord(c['open'], c['ports'])"
        );
        assert_eq!(run_files(&[("main.py", &main), json]).lines(), ["False, [80, 443]"], "{read}");
    }
    let with = "import json\nfrom lib import record\nwith open('conf/a.json') as f:\n  c = json.load(f)\nrecord(c['open'])";
    assert_eq!(run_files(&[("main.py", with), json]).lines(), ["False"]);
}

#[test]
fn a_file_that_is_not_there_is_unknown() {
    let lines = run("import json\nfrom lib import record\nrecord(json.load(open('no.json'))['x'])").lines();
    assert!(lines[0].starts_with('?'), "{lines:?}");
}

#[test]
fn what_nothing_reaches_is_run_once_with_unknown_arguments() {
    let run = run_files(&[(
        "other.py",
        "from lib import record\ndef f(x, y=2):\n  record('f', y)\nclass C:\n  def __init__(self, v): record('init')\n  def m(self): record('m')\ndef g():\n  f(1)\n",
    )]);
    let lines = run.lines();
    for part in ["'f'", "'init'", "'m'"] {
        assert!(lines.iter().any(|line| line.starts_with(part)), "{part}: {lines:?}");
    }
    assert_eq!(lines.iter().filter(|line| line.starts_with("'init'")).count(), 1, "{lines:?}");
}

#[test]
fn what_is_reached_is_not_run_again() {
    assert_eq!(run("from lib import record\ndef f(): record(1)\nf()\n").lines(), ["1"]);
}
