//! Data classes, enums, named tuples, typed mappings.

use crate::host::records;

#[track_caller]
fn lines(text: &str, expected: &[&str]) {
    let head = "from lib import record, prod\nfrom dataclasses import dataclass, field, replace, asdict\nimport dataclasses\nfrom enum import Enum, IntEnum, auto\nfrom typing import NamedTuple, TypedDict\nfrom collections import namedtuple, defaultdict, OrderedDict\n";
    assert_eq!(records(&format!("{head}{text}")), expected);
}

#[test]
fn data_classes_take_their_fields() {
    lines(
        "@dataclass\nclass C:\n  a: int\n  b: int = 2\n  c: list = field(default_factory=list)\nx, y = C(1), C(a=3, b=4)\nx.c.append(5)\nrecord(x.a, x.b, x.c, y.a, y.b, y.c)",
        &["1, 2, [5], 3, 4, []"],
    );
    lines(
        "@dataclass(frozen=True)\nclass A:\n  a: int = 1\n@dataclass(frozen=True, kw_only=True)\nclass B(A):\n  b: int = 2\nx = B(b=5)\nrecord(x.a, x.b)",
        &["1, 5"],
    );
    lines(
        "@dataclass\nclass C:\n  a: int\n  b: int = field(init=False)\n  def __post_init__(self): self.b = self.a * 2\nrecord(C(4).b)",
        &["8"],
    );
    lines(
        "@dataclass\nclass C:\n  a: int = 1\n  b: int = 2\nc = replace(C(), b=7)\nrecord(asdict(c), dataclasses.asdict(C()))",
        &["{'a': 1, 'b': 7}, {'a': 1, 'b': 2}"],
    );
}

#[test]
fn enums_are_reached_by_member_value_and_name() {
    lines(
        "class E(Enum):\n  DEV = 'dev'\n  PROD = 'prod'\nrecord(E.DEV.value, E.DEV.name, E('prod').name, E['DEV'].value, E.DEV == E.DEV, E.DEV == 'dev')",
        &["'dev', 'DEV', 'PROD', 'dev', True, False"],
    );
    lines("class E(str, Enum):\n  DEV = 'dev'\nrecord(E.DEV == 'dev', E.DEV.value)", &["True, 'dev'"]);
    lines("class E(Enum):\n  A = auto()\n  B = auto()\nrecord([e.value for e in E], len(E))", &["[1, 2], 2"]);
    lines(
        "class E(IntEnum):\n  LOW = 1\n  HIGH = 5\nrecord(E.HIGH > E.LOW, E.LOW < 3, E.HIGH == 5)",
        &["True, True, True"],
    );
    lines(
        "class E(Enum):\n  A = 1\n  @property\n  def open(self): return self is E.A\nrecord(E.A.open, {E.A: 'x'}[E.A])",
        &["True, 'x'"],
    );
}

#[test]
fn named_tuples_are_tuples_with_names() {
    lines(
        "class P(NamedTuple):\n  host: str\n  port: int = 443\nh, p = P('a')\nrecord(h, p, P('b', 80).port, P('c')[0])",
        &["'a', 443, 80, 'c'"],
    );
    lines("P = namedtuple('P', 'x y')\nrecord(P(1, y=2).y)", &["2"]);
    lines("P = namedtuple('P', ['x', 'y'])\nfor x, y in [P(1, 2)]:\n  record(x, y)", &["1, 2"]);
}

#[test]
fn mappings_of_other_kinds_are_mappings() {
    lines("class T(TypedDict):\n  a: int\nt = T(a=1)\nrecord(t['a'])", &["1"]);
    lines(
        "d = defaultdict(list)\nd['a'].append(1)\nd['a'].append(2)\nrecord(d['a'], d['b'])",
        &["[1, 2], []"],
    );
    lines("d = OrderedDict(a=1)\nd['b'] = 2\nrecord(list(d.items()))", &["[('a', 1), ('b', 2)]"]);
}

#[test]
fn dictionaries_are_built_in_steps() {
    lines(
        "d = {}\nd['a'] = {'x': 1}\nd['a']['y'] = 2\nd.setdefault('l', []).append(3)\nrecord(d)",
        &["{'a': {'x': 1, 'y': 2}, 'l': [3]}"],
    );
    lines(
        "d = {'a': 1, 'b': 2}\nrecord(d.pop('a'), d.pop('z', 0), list(d.keys()), list(d.values()), d.get('b'), d.get('q'))",
        &["1, 0, ['b'], [2], 2, None"],
    );
    lines("d = {'a': 1}\ne = d.copy()\ne['a'] = 2\nrecord(d, e)", &["{'a': 1}, {'a': 2}"]);
    lines(
        "import copy\nd = {'a': [1]}\ne = copy.deepcopy(d)\ne['a'].append(2)\nrecord(d, e)",
        &["{'a': [1]}, {'a': [1, 2]}"],
    );
    // What is in there twice is copied once, and what contains itself keeps that shape.
    lines(
        "import copy\nl = []\nd = {'a': l, 'b': l}\nfor k in 'cdefgh':\n  d[k] = d\ne = copy.deepcopy(d)\n\
         e['c']['d']['a'].append(1)\nrecord(e['b'], l, e['c'] is e['h'])",
        &["[1], [], True"],
    );
}
