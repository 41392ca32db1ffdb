//! Limits: bad source, endless work, deep nesting.

use crate::host::{run, run_bounded};
use tidegate_program::Bounds;

#[test]
fn a_syntax_error_does_not_lose_the_rest() {
    let run = run("from lib import record\nrecord(1)\ndef broken(:\n  pass\nx = = 3\nrecord(2)\n");
    assert_eq!(run.lines(), ["1", "2"]);
    assert!(!run.diagnostics.is_empty());
}

#[test]
fn the_step_limit_is_said_once() {
    let bounds = Bounds { steps: 1000, ..Bounds::default() };
    let run = run_bounded(&[("main.py", "n = 0\nwhile True:\n  n += 1\n")], bounds);
    let said = run.diagnostics.iter().filter(|d| d.message.contains("stopped after 1000 steps")).count();
    assert_eq!(said, 1, "{:?}", run.diagnostics);
}

#[test]
fn what_lies_past_the_last_round_is_not_forgotten() {
    let run = |text: &str| {
        let text = format!("from lib import record\n{text}");
        run_bounded(&[("main.py", &text)], Bounds { rounds: 3, ..Bounds::default() })
    };
    let rest = "?it has more than the 3 elements that are followed";
    assert_eq!(run("for n in range(9):\n  record(n)\n").lines(), ["0", "1", "2", rest]);
    assert_eq!(run("for n in [5, 6, 7, 8, 9]:\n  record(n)\n").lines(), ["5", "6", "7", rest]);
    assert_eq!(run("for n in range(3):\n  record(n)\n").lines(), ["0", "1", "2"]);
    for text in ["record([n for n in range(9)])", "record([n for n in [1, 2, 3, 4]])", "record(list('abcd'))"]
    {
        let lines = run(&format!("{text}\n")).lines();
        assert!(lines.len() == 1 && lines[0].contains('…'), "{text}: {lines:?}");
    }
    let long = run("n = 0\nwhile n < 9:\n  n += 1\n");
    assert!(long.diagnostics.iter().any(|d| d.message.contains("followed for 3 rounds")));
    assert!(run("n = 0\nwhile n < 2:\n  n += 1\n").diagnostics.is_empty());
}

#[test]
fn the_call_depth_has_a_limit() {
    let mut text = String::from("from lib import record\ndef f0(): return 1\n");
    for n in 1..300 {
        text.push_str(&format!("def f{n}(): return f{}()\n", n - 1));
    }
    text.push_str("record(f299())\n");
    assert!(run(&text).lines().contains(&"?the calls are nested too deeply to follow".to_owned()));
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("lambda: ", ""), ("f(", ")")] {
        let text = format!("x = {}1{}\n", open.repeat(5000), close.repeat(5000));
        assert!(run(&text).lines().is_empty());
    }
    let mut text = String::new();
    for depth in 0..500 {
        text.push_str(&" ".repeat(depth));
        text.push_str("if x:\n");
    }
    text.push_str(&" ".repeat(500));
    text.push_str("pass\n");
    assert!(run(&text).lines().is_empty());
    assert!(run(&format!("x = {}1\n", "1 + ".repeat(20_000))).lines().is_empty());
    assert!(run(&format!("x = a{}\n", ".b".repeat(20_000))).lines().is_empty());
    assert!(run(&format!("x = a{}\n", "()".repeat(20_000))).lines().is_empty());
}

#[test]
fn many_unknown_tests_stay_affordable() {
    let mut text = String::from("import lib\nl = []\nd = {}\n");
    for n in 0..60 {
        text.push_str(&format!("if lib.f{n}:\n  l.append({n})\n  d['k{n}'] = {n}\n  x = {n}\n"));
    }
    text.push_str(
        "y = l[3]\nl.pop()\nz = l[1:]\nlib.record(len(l))\nfor a, b in enumerate(l):\n  lib.record(b)\n",
    );
    assert!(!run(&text).lines().is_empty());
}

/// Conditions that double with every round: nothing may cost more than the steps that are counted for it.
#[test]
fn conditions_that_grow_are_paid_for() {
    let start = "import lib\nl = []\nd = {}\nx = y = z = 0\n";
    let growing = [
        // A list that grows while it is looped over, by what it holds.
        "def f():\n  if bool(d) and lib.c:\n    for x in list(l):\n      l.append(x)\n  else:\n    l.append(5)\n  return 0\n\
         w = 3\nwhile w > 0 and ((2 == f()) or lib.a):\n  w -= 1\n  for x in list(l):\n    for i in range(3):\n      \
         l.append(0)\n      l.append(z)\n    l.append(sum(l) + len(l))\n  l.append(y)\n",
        // Every test asks about all that was tested before.
        "for i in range(40):\n  if (x < lib.a or l) and (not d or lib.b):\n    l.append(x)\n    d[i] = len(l)\n  \
         elif sum(l) < z:\n    x = x + 1 if lib.c else z\n    z = x + z\n  else:\n    l = [e + 1 for e in l if e < z]\n",
        // Values with many alternatives, joined with each other.
        "for i in range(30):\n  x = x + i if lib.a[i] else y\n  y = y + x if lib.b[i] else x\n  if x == y:\n    z += x\n",
    ];
    for text in growing {
        let bounds = Bounds { steps: 200_000, ..Bounds::default() };
        let run = run_bounded(&[("main.py", &format!("{start}{text}lib.record(1)\n"))], bounds);
        let stopped = run.diagnostics.iter().any(|d| d.message.contains("stopped after"));
        assert!(stopped || run.lines().iter().any(|line| line.starts_with('1')), "{text}");
    }
}

/// What a statement leaves behind in memory is paid for, not only what it evaluates.
#[test]
fn what_a_value_takes_is_paid_for() {
    let large = [
        (45_000, "d = {}\nfor i in range(3):\n  d[i] = [list(range(10**12))]\n"),
        (
            20_000,
            "t = 'long enough to matter'\nd = {}\nfor i in range(200):\n  t = t + t\n  d[i] = t.upper()\n",
        ),
        (
            1_500_000,
            "class P:\n  def __init__(self, a):\n    self.y = [P({'x': x, 'y': a}) for x in (a, a)]\n\
             for i in range(8):\n  P(i)\n",
        ),
    ];
    for (steps, text) in large {
        let run = run_bounded(&[("main.py", text)], Bounds { steps, ..Bounds::default() });
        assert!(run.diagnostics.iter().any(|d| d.message.contains("stopped after")), "{text}");
    }
}

/// A condition that names ever more questions is not looked through for nothing.
#[test]
fn conditions_over_many_questions_are_paid_for() {
    let mut text = String::from("import lib\nd = None\nfor i in range(3):\n");
    for n in 0..50 {
        text.push_str(&format!("  d = (d and lib.a{n}) or not (d or lib.b{n})\n"));
    }
    let run = run_bounded(&[("main.py", &text)], Bounds { steps: 20_000, ..Bounds::default() });
    assert!(run.diagnostics.iter().any(|d| d.message.contains("stopped after")));
}
