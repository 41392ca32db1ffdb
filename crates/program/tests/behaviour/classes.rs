//! Classes: inheritance, attributes, what the class itself decides.

use crate::host::records;

#[track_caller]
fn lines(text: &str, expected: &[&str]) {
    assert_eq!(records(&format!("import lib\nfrom lib import record, prod, Thing\n{text}")), expected);
}

#[test]
fn a_subclass_of_a_library_class_hands_on_its_arguments() {
    lines(
        "class T(Thing):\n  def __init__(self, name, **kw):\n    kw.setdefault('open', False)\n    super().__init__(name, **kw)\nT('a')\nT('b', open=True)",
        &["'a', open=False", "'b', open=True"],
    );
    lines("class T(Thing): pass\nT('a', open=1)", &["'a', open=1"]);
    lines(
        "class A(Thing):\n  def __init__(self, *a, **k): super().__init__(*a, **k)\nclass B(A):\n  def __init__(self, n): super(B, self).__init__(n, b=1)\nB(5)",
        &["5, b=1"],
    );
    lines("class T(Thing):\n  def __init__(self, n):\n    Thing.__init__(self, n, x=2)\nT(1)", &["1, x=2"]);
    lines(
        "class T(lib.Thing):\n  OPEN = False\n  def __init__(self):\n    super().__init__(open=self.OPEN)\nclass U(T):\n  OPEN = True\nT()\nU()",
        &["open=False", "open=True"],
    );
}

#[test]
fn attributes_live_on_the_instance_then_the_class() {
    lines(
        "class A:\n  x = 1\n  def __init__(self, y): self.y = y\na, b = A(2), A(3)\na.x = 5\nrecord(a.x, b.x, a.y, b.y, A.x)",
        &["5, 1, 2, 3, 1"],
    );
    lines("class A:\n  x = 1\nA.x = 2\nrecord(A().x)", &["2"]);
    lines(
        "class A: pass\na = A()\nsetattr(a, 'k', 1)\nrecord(getattr(a, 'k'), getattr(a, 'z', 9), hasattr(a, 'z'))",
        &["1, 9, False"],
    );
}

#[test]
fn properties_are_read_and_set() {
    lines(
        "class A:\n  def __init__(self): self._x = 1\n  @property\n  def x(self): return self._x\n  @x.setter\n  def x(self, v): self._x = v * 2\na = A()\na.x = 5\nrecord(a.x)",
        &["10"],
    );
    lines(
        "from functools import cached_property\nclass A:\n  @cached_property\n  def x(self): return 3\nrecord(A().x)",
        &["3"],
    );
}

#[test]
fn static_and_class_methods_bind_what_they_should() {
    lines(
        "class A:\n  N = 1\n  @staticmethod\n  def s(x): return x\n  @classmethod\n  def c(cls): return cls.N\nclass B(A):\n  N = 2\nrecord(A.s(5), A().s(6), A.c(), B.c(), B().c())",
        &["5, 6, 1, 2, 2"],
    );
}

#[test]
fn a_diamond_is_resolved_in_order() {
    lines(
        "class A:\n  def f(self): return ['A']\nclass B(A):\n  def f(self): return ['B'] + super().f()\nclass C(A):\n  def f(self): return ['C'] + super().f()\nclass D(B, C):\n  def f(self): return ['D'] + super().f()\nrecord(D().f())",
        &["['D', 'B', 'C', 'A']"],
    );
}

#[test]
fn special_methods_are_called() {
    lines(
        "class A:\n  def __call__(self, x): return x + 1\n  def __getitem__(self, k): return k * 2\n  def __len__(self): return 0\n  def __contains__(self, x): return x == 1\n  def __str__(self): return 'a!'\n  def __getattr__(self, n): return 'got ' + n\na = A()\nrecord(a(1), a[2], bool(a), 1 in a, str(a), f'{a}', a.zzz)",
        &["2, 4, False, True, 'a!', 'a!', 'got zzz'"],
    );
    lines("class A:\n  def __iter__(self): return iter([1, 2])\nrecord([x for x in A()])", &["[1, 2]"]);
}

#[test]
fn types_are_asked_for() {
    lines(
        "class A: pass\nclass B(A): pass\nrecord(isinstance(B(), A), isinstance(1, (int, str)), isinstance('x', int), type(B()) is B)",
        &["True, True, False, True"],
    );
}

#[test]
fn instances_changed_in_a_method_of_a_branch_are_joined() {
    lines(
        "class A:\n  def __init__(self): self.l = []\n  def add(self, x):\n    self.l.append(x)\n    return self\na = A().add(1)\nif prod:\n  a.add(2)\nrecord(a.l)",
        &["[1, 2 if prod]"],
    );
}

#[test]
fn objects_are_equal_by_their_fields_where_the_class_says_so() {
    let data = "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass E:\n  n: str\n  m: object = None\n";
    lines(
        &format!("{data}record(E('a') == E('a'), E('a') == E('b'), E('a') in [E('b'), E('a')])"),
        &["True, False, True"],
    );
    lines(&format!("{data}record(E('a', E('b')) == E('a', E('b')), E('a') != E('a'))"), &["True, False"]);
    let plain = "class P:\n  def __init__(self, n):\n    self.n = n\n";
    lines(&format!("{plain}p = P(1)\nrecord(P(1) == P(1), p == p)"), &["False, True"]);
    let own = "class O:\n  def __init__(self, n):\n    self.n = n\n  def __eq__(self, other):\n    return self.n % 2 == other.n % 2\n";
    lines(&format!("{own}record(O(1) == O(3), O(1) == O(2))"), &["True, False"]);
}

#[test]
fn members_of_text_enums_are_their_texts() {
    lines(
        "from enum import StrEnum, auto\nclass S(StrEnum):\n  PROD = auto()\nrecord(S.PROD != 'prod', S.PROD.value)",
        &["False, 'prod'"],
    );
    let keys = "from enum import Enum\nclass T(str, Enum):\n  A = 'a'\n  B = 'b'\nd = {T.A: 1}\n";
    lines(
        &format!("{keys}record(d.get('a', 0), d['a'], 'a' in d, d.get('b', 0), d[T.A])"),
        &["1, 1, True, 0, 1"],
    );
    lines(&format!("{keys}d['a'] = 2\nrecord(len(d), [k.name for k in d])"), &["1, ['A']"]);
    lines(&format!("{keys}e = {{'b': 3}}\nrecord(e[T.B], T.B in e)"), &["3, True"]);
}
