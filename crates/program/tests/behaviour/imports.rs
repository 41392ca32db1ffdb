//! Imports: every form, files of the project and libraries.

use crate::host::{run, run_files};

fn main_of(files: &[(&str, &str)]) -> Vec<String> {
    run_files(files).lines()
}

#[test]
fn every_form_and_alias_reaches_the_library() {
    for text in [
        "import lib\nlib.record(1)",
        "import lib as l\nl.record(1)",
        "from lib import record\nrecord(1)",
        "from lib import record as r\nr(1)",
        "from lib import *\nrecord(1)",
        "from lib import (\n  record as r,\n  other,\n)\nr(1)",
        "import lib.inner as i, lib\nlib.record(1)",
        "import os, lib\nlib.record(1)",
        "def f():\n  import lib\n  lib.record(1)\nf()",
        "import importlib\nlib = importlib.import_module('lib')\nlib.record(1)",
        "try:\n  import lib\nexcept ImportError:\n  lib = None\nlib.record(1)",
    ] {
        assert_eq!(run(text).lines(), ["1"], "{text}");
    }
}

#[test]
fn files_of_the_project_are_modules_and_packages() {
    let helper = ("pkg/sub/deep.py", "from lib import record as r\nPORT = 443\ndef f(x): r(x)\n");
    for main in [
        "import pkg.sub.deep as d\nd.f(d.PORT)",
        "import pkg.sub.deep\npkg.sub.deep.f(pkg.sub.deep.PORT)",
        "from pkg.sub import deep\ndeep.f(deep.PORT)",
        "from pkg.sub.deep import f, PORT as p\nf(p)",
        "from pkg.sub.deep import *\nf(PORT)",
    ] {
        let with_init = [("main.py", main), ("pkg/__init__.py", ""), ("pkg/sub/__init__.py", ""), helper];
        assert_eq!(main_of(&with_init), ["443"], "{main}");
        assert_eq!(main_of(&[("main.py", main), helper]), ["443"], "without __init__: {main}");
    }
}

#[test]
fn relative_imports_count_their_dots() {
    let files = [
        ("main.py", "import a.b.c"),
        ("a/__init__.py", "ONE = 1"),
        ("a/other.py", "TWO = 2"),
        ("a/b/__init__.py", "from .sibling import THREE"),
        ("a/b/sibling.py", "THREE = 3"),
        (
            "a/b/c.py",
            "from lib import record\nfrom .. import ONE, other\nfrom ..other import TWO\nfrom . import THREE, sibling\nrecord(ONE, TWO, other.TWO, THREE, sibling.THREE)",
        ),
    ];
    assert_eq!(main_of(&files), ["1, 2, 2, 3, 3"]);
}

#[test]
fn a_star_takes_what_all_lists_or_what_is_public() {
    let files = |all: &'static str| {
        [("main.py", "from lib import record\nX = 0\n_Y = 0\nfrom m import *\nrecord(X, _Y)"), ("m.py", all)]
    };
    assert_eq!(main_of(&files("X = 1\n_Y = 2")), ["1, 0"]);
    assert_eq!(main_of(&files("__all__ = ['_Y']\nX = 1\n_Y = 2")), ["0, 2"]);
}

#[test]
fn a_package_says_what_it_offers() {
    let files = [
        ("main.py", "from lib import record\nfrom net import make\nmake(7)"),
        ("net/__init__.py", "from .impl import make"),
        ("net/impl.py", "from lib import record\ndef make(x): record(x)"),
    ];
    assert_eq!(main_of(&files), ["7"]);
}

#[test]
fn circular_imports_end() {
    let files = [
        ("main.py", "from lib import record\nimport a\nrecord(a.A, a.b.B, a.f())"),
        ("a.py", "A = 1\nimport b\ndef f(): return b.g()"),
        ("b.py", "B = 2\nimport a\ndef g(): return a.A + B"),
    ];
    assert_eq!(main_of(&files), ["1, 2, 3"]);
}

#[test]
fn constants_travel_across_files() {
    let files = [
        (
            "main.py",
            "from lib import record\nfrom config import Settings, PORTS\nimport config\nconfig.LATE = 9\nrecord(Settings.open, PORTS, config.LATE, config.read())",
        ),
        (
            "config.py",
            "class Settings:\n  open = False\nPORTS = [80, 443]\nLATE = 1\ndef read(): return LATE",
        ),
    ];
    assert_eq!(main_of(&files), ["False, [80, 443], 9, 9"]);
}

#[test]
fn a_module_runs_once() {
    let files = [
        ("main.py", "import m\nimport m as n\nfrom m import X"),
        ("m.py", "from lib import record\nX = 1\nrecord(X)"),
    ];
    assert_eq!(main_of(&files), ["1"]);
}

#[test]
fn a_missing_module_is_unknown_with_a_reason() {
    let lines = run("from lib import record\nfrom .gone import x\nrecord(x)").lines();
    assert_eq!(lines, ["?the module is not among the files that were read"]);
}

#[test]
fn a_guard_for_the_main_program_holds_for_the_entry_only() {
    let text = "from lib import record\nif __name__ == '__main__':\n  record(1)\nelse:\n  record(2)";
    assert_eq!(run(text).lines(), ["1"]);
    assert_eq!(main_of(&[("main.py", "import m"), ("m.py", text)]), ["2"]);
}
