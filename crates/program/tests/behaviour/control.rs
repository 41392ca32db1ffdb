//! Statements: branches, loops, exceptions, what is never reached.

use crate::host::{records, run};

#[track_caller]
fn lines(text: &str, expected: &[&str]) {
    assert_eq!(records(&format!("import lib\nfrom lib import record, prod, other\n{text}")), expected);
}

#[test]
fn branches_are_joined_under_their_test() {
    lines("x = 1\nif prod:\n  x = 2\nrecord(x)", &["2 if prod | 1 if !prod"]);
    lines("if prod:\n  x = 1\nelif other:\n  x = 2\nelse:\n  x = 3\nif prod:\n  record(x)", &["1 when prod"]);
    lines(
        "l = [1]\nif prod:\n  l.append(2)\nelse:\n  l.append(3)\nrecord(l)",
        &["[1, 2 if prod, 3 if !prod]"],
    );
    lines(
        "d = {}\nif prod:\n  d['k'] = 1\nrecord(d.get('k', 0), 'k' in d)",
        &["1 if prod | 0 if !prod, True if prod | False if !prod"],
    );
    lines("class A: pass\na = A()\na.x = 1\nif prod:\n  a.x = 2\nrecord(a.x)", &["2 if prod | 1 if !prod"]);
    lines(
        "d = {'k': 1}\nif prod:\n  del d['k']\nrecord(bool(d), len(d))",
        &["True if !prod | False if prod, 1 if !prod | 0 if prod"],
    );
}

#[test]
fn leaving_early_holds_for_what_follows() {
    lines(
        "def f():\n  if prod:\n    return 1\n  record('after')\n  return 2\nrecord(f())",
        &["'after' when !prod", "1 if prod | 2 if !prod"],
    );
    lines("for x in [1, 2]:\n  if prod:\n    continue\n  record(x)", &["1 when !prod", "2 when !prod"]);
    lines("for x in [1, 2]:\n  if x == 2:\n    break\n  record(x)\nelse:\n  record('else')", &["1"]);
    lines("for x in [1]:\n  record(x)\nelse:\n  record('else')", &["1", "'else'"]);
    lines("def f():\n  if not prod:\n    raise ValueError('x')\nf()\nrecord(1)", &["1 when prod"]);
    lines("assert prod\nrecord(1)", &["1 when prod"]);
    lines(
        "l = []\nfor x in [1, 2, 3]:\n  if x == 2 and prod:\n    break\n  l.append(x)\nrecord(l)",
        &["[1, 2 if !prod, 3 if !prod]"],
    );
}

#[test]
fn loops_over_known_collections_are_followed() {
    lines(
        "for i, (k, v) in enumerate({'a': 1, 'b': 2}.items(), 1):\n  record(i, k, v)",
        &["1, 'a', 1", "2, 'b', 2"],
    );
    lines("for a, b in zip([1, 2], 'xyz'):\n  record(a, b)", &["1, 'x'", "2, 'y'"]);
    lines("for x in sorted([3, 1, 2], reverse=True):\n  record(x)", &["3", "2", "1"]);
    lines("for k in sorted({'b': 1, 'a': 2}, key=lambda k: k):\n  record(k)", &["'a'", "'b'"]);
    lines("for x in range(3, 0, -2):\n  record(x)", &["3", "1"]);
    lines("n = 3\nwhile n:\n  n -= 1\nelse:\n  record(n)", &["0"]);
    lines("n = 0\nwhile True:\n  n += 1\n  if n > 4:\n    break\nrecord(n)", &["5"]);
    lines("for x in reversed([1, 2]):\n  record(x)", &["2", "1"]);
    lines(
        "first, *rest = [1, 2, 3]\n(a, b), c = (4, 5), 6\nrecord(first, rest, a, b, c)",
        &["1, [2, 3], 4, 5, 6"],
    );
    lines("for x in [1, 2] if prod else [3]:\n  record(x)", &["1 when prod", "2 when prod", "3 when !prod"]);
}

#[test]
fn a_loop_over_something_unknown_is_run_once() {
    assert_eq!(records("import lib\nfor x in lib.many:\n  lib.record(1, x)").len(), 1);
    assert!(!records("import lib\nwhile lib.more():\n  lib.record(1)").is_empty());
}

#[test]
fn exceptions_are_caught_where_they_are_raised() {
    lines(
        "try:\n  raise ValueError('x')\n  record('no')\nexcept ValueError as e:\n  record('caught')\nelse:\n  record('else')\nfinally:\n  record('finally')",
        &["'caught'", "'finally'"],
    );
    lines("try:\n  x = 1\nexcept KeyError:\n  x = 2\nelse:\n  x += 10\nrecord(x)", &["11"]);
    lines(
        "l = []\ntry:\n  l.append(1)\n  raise ValueError\nexcept ValueError:\n  l.append(2)\nrecord(l)",
        &["[1, 2]"],
    );
    lines(
        "def f():\n  if prod:\n    raise ValueError\n  return 1\ntry:\n  x = f()\nexcept ValueError:\n  x = 2\nrecord(x)",
        &["2 if prod | 1 if !prod"],
    );
    lines("def f():\n  try:\n    return 1\n  finally:\n    record('bye')\nrecord(f())", &["'bye'", "1"]);
    lines("def f():\n  try:\n    return 1\n  finally:\n    return 2\nrecord(f())", &["2"]);
}

#[test]
fn any_of_several_handlers_may_take_an_exception() {
    let first = "which except clause takes the exception=number 1";
    let second = "which except clause takes the exception=number 2";
    let fails = "whether the try block fails=it does";
    let handlers =
        "except KeyError:\n  x = 1\nexcept (ValueError, OSError):\n  x = 2\nexcept Exception:\n  x = 3\n";
    lines(
        &format!("import lib\ntry:\n  x = lib.f()\n{handlers}record(x)"),
        &[&format!(
            "1 if ({fails} & {first}) | 2 if ({fails} & !{first} & {second}) | 3 if ({fails} & !{first} & !{second}) \
             | ?f if !{fails}"
        )],
    );
    lines(
        "def f():\n  if prod:\n    raise OSError\n  return 0\ntry:\n  x = f()\nexcept KeyError:\n  x = 1\nexcept OSError:\n  x = 2\nrecord(x)",
        &[&format!("1 if (prod & {first}) | 2 if (prod & !{first}) | 0 if !prod")],
    );
    lines(&format!("try:\n  x = 0\n{handlers}record(x)"), &["0"]);
    lines(
        "import lib\ntry:\n  x = lib.f()\nexcept KeyError:\n  raise\nexcept OSError:\n  raise ValueError\nrecord(x)",
        &["?f"],
    );
}

#[test]
fn with_enters_and_runs() {
    lines("with open('x') as f, lib.lock():\n  record(1)", &["1"]);
    lines(
        "class C:\n  def __enter__(self): return 5\n  def __exit__(self, *a): pass\nwith C() as c:\n  record(c)",
        &["5"],
    );
}

#[test]
fn a_match_takes_the_case_that_fits() {
    let body = "match v:\n  case 'dev' | 'test':\n    record(1)\n  case 3 | 4 as n if n > 3:\n    record(4, n)\n  case None:\n    record(5)\n  case _:\n    record(6)\n";
    for (value, expected) in [("'test'", "1"), ("4", "4, 4"), ("3", "6"), ("None", "5"), ("1", "6")] {
        lines(&format!("v = {value}\n{body}"), &[expected]);
    }
    lines(
        "match ('a', 2):\n  case ('b', x):\n    record(1, x)\n  case ('a', x):\n    record(2, x)",
        &["2, 2"],
    );
}

#[test]
fn a_match_looks_into_its_subject() {
    let body = "class C:\n  def __init__(self, n):\n    self.n = n\nclass D(C):\n  pass\nmatch SUBJECT:\n  \
                case {'open': True}:\n    record('map')\n  case {'name': n}:\n    record(n)\n  case [a, b]:\n    \
                record(a, b)\n  case [a, *rest, z] if a == 0:\n    record(rest, z)\n  case D(n=1):\n    \
                record('d')\n  case C(n=n):\n    record('c', n)\n  case str() | None:\n    record('text')\n  \
                case int(n):\n    record('int', n)\n  case _:\n    record('other')\n";
    for (subject, expected) in [
        ("{'open': True, 'name': 1}", "'map'"),
        ("{'open': False, 'name': 1}", "1"),
        ("{'open': False}", "'other'"),
        ("[1, 2]", "1, 2"),
        ("(1, 2)", "1, 2"),
        ("[0, 1, 2, 3]", "[1, 2], 3"),
        ("[1, 1, 2, 3]", "'other'"),
        ("D(1)", "'d'"),
        ("D(2)", "'c', 2"),
        ("C(1)", "'c', 1"),
        ("'ab'", "'text'"),
        ("None", "'text'"),
        ("7", "'int', 7"),
        ("1.5", "'other'"),
    ] {
        lines(&body.replace("SUBJECT", subject), &[expected]);
    }
    // Whatever the program calls by the names of built-in functions.
    lines("len = list = dict = 3\nmatch [1]:\n  case [a]:\n    record(a)\n", &["1"]);
}

#[test]
fn addresses_are_no_texts_where_it_matters() {
    for (value, expected) in [
        ("ip_network('10.0.0.0/16').prefixlen", "16"),
        ("ip_network('52.0.0.0/6').is_private", "False"),
        ("ip_network('10.1.2.3/16', strict=False)", "'10.1.0.0/16'"),
        ("ip_address('10.0.0.5') in ip_network('10.0.0.0/16')", "True"),
        ("isinstance(ip_network('10.0.0.0/16'), IPv4Network)", "True"),
        ("str(ip_network('10.0.0.0/16'))", "'10.0.0.0/16'"),
    ] {
        lines(
            &format!("from ipaddress import ip_network, ip_address, IPv4Network\nrecord({value})\n"),
            &[expected],
        );
    }
    let unknown = records(
        "from lib import record\nfrom ipaddress import ip_network\nrecord(ip_network('10.0.0.0/16').anything)\n",
    );
    assert!(unknown[0].starts_with('?'), "{unknown:?}");
}

#[test]
fn what_getattr_of_the_program_raises_is_for_the_default() {
    let class = "class C:\n  def __init__(self, d):\n    self.d = d\n  def __getattr__(self, n):\n    if n in self.d:\n      \
                 return self.d[n]\n    raise AttributeError(n)\n";
    lines(&format!("{class}record(getattr(C({{}}), 'a', 5))\n"), &["5"]);
    lines(&format!("{class}record(getattr(C({{'a': 1}}), 'a', 5))\n"), &["1"]);
    lines(&format!("{class}record(hasattr(C({{}}), 'a'), hasattr(C({{'a': 1}}), 'a'))\n"), &["False, True"]);
    lines("class F:\n  def __init__(self):\n    object.__setattr__(self, 'a', 3)\nrecord(F().a)\n", &["3"]);
}

#[test]
fn del_takes_away() {
    lines("l = [1, 2, 3]\ndel l[0]\nd = {'a': 1, 'b': 2}\ndel d['a']\nrecord(l, d)", &["[2, 3], {'b': 2}"]);
    lines("l = [1, 2]\ndel l[-1]\nrecord(l)", &["[1]"]);
}

#[test]
fn what_never_runs_is_only_noted() {
    let run = run(
        "from lib import record\ndef f():\n  return 1\n  record('after return')\nrecord(f())\nif False:\n  record('never')\nraise SystemExit\nrecord('late')",
    );
    assert_eq!(run.lines(), ["1"]);
    assert_eq!(run.dead_lines(), ["'after return'", "'never'", "'late'"]);
}

#[test]
fn what_never_runs_changes_nothing() {
    lines("l = []\nx = 1\nif False:\n  l.append(1)\n  x = 2\nrecord(l, x)", &["[], 1"]);
}

#[test]
fn a_loop_of_unknown_length_may_not_go_round() {
    lines(
        "def f():\n  for x in lib.many:\n    return 1\n  record('after')\n  return 2\nrecord(f())",
        &[
            "'after' when !whether the loop goes round=it does",
            "1 if whether the loop goes round=it does | 2 if !whether the loop goes round=it does",
        ],
    );
    // What its body tells the library is told all the same.
    lines("for x in lib.many:\n  record(1)\nrecord(2)", &["1", "2"]);
    // A list that is known goes round for certain.
    lines("def f():\n  for x in [1, 2]:\n    return x\n  return 3\nrecord(f())", &["1"]);
}

#[test]
fn what_raised_stops_the_rest_of_the_statement() {
    let f = "def f():\n  record('f')\n  if prod:\n    raise ValueError('x')\n  return True\n";
    lines(
        &format!("{f}try:\n  f() and other and f()\nexcept Exception:\n  pass"),
        &["'f'", "'f' when (other & !prod)"],
    );
    lines(
        &format!(
            "{f}l = []\ntry:\n  f() and (l.append(1) if other else l.append(2))\nexcept Exception:\n  pass\nrecord(l)"
        ),
        &["'f'", "[1 if (other & !prod), 2 if (!other & !prod)]"],
    );
}

#[test]
fn what_no_world_reaches_is_not_done() {
    lines(
        "if prod or other:\n  if not prod and not other:\n    record('never')\n  record('here')",
        &["'here' when ((!prod & other) or prod)"],
    );
    lines(
        "l = []\nif prod or other:\n  l = [1]\nif not (prod or other):\n  for x in l:\n    record(x)\nrecord(2)",
        &["2"],
    );
}

#[test]
fn a_list_that_is_only_read_stays_as_it_is() {
    lines(
        "l = []\nif prod:\n  l.append(1)\ni = 0 if prod else -1\nif l:\n  l[i]\nrecord(l)",
        &["[1 if prod]"],
    );
}

#[test]
fn what_a_try_block_returns_it_returns_where_it_did_not_fail() {
    let found = records(
        "import os\nfrom lib import record\ndef f():\n  try:\n    os.environ['CI']\n    return True\n  except KeyError:\n    return False\nrecord(f())\n",
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("True if") && found[0].contains("False if"), "{found:?}");
}
