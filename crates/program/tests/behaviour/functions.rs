//! Functions: arguments, closures, recursion, generators.

use crate::host::records;

#[track_caller]
fn lines(text: &str, expected: &[&str]) {
    assert_eq!(
        records(&format!("from lib import record, prod\nfrom functools import partial\n{text}")),
        expected
    );
}

#[test]
fn arguments_find_their_parameters() {
    lines(
        "def f(a, b=2, *args, c, d=4, **kw): record(a, b, args, c, d, kw)\nf(1, c=3)\nf(1, 5, 6, 7, c=3, x=8)",
        &["1, 2, (), 3, 4, {}", "1, 5, (6, 7), 3, 4, {'x': 8}"],
    );
    lines("def f(a, /, b, *, c): record(a, b, c)\nf(1, b=2, c=3)", &["1, 2, 3"]);
    lines("def f(*a, **k): record(*a, **k)\nf(1, *[2, 3], **{'x': 4}, y=5)", &["1, 2, 3, x=4, y=5"]);
}

#[test]
fn props_are_merged_in_order() {
    lines(
        "base = {'open': True, 'vpc': 1}\nprops = {**base, 'open': False}\nrecord(**props)",
        &["open=False, vpc=1"],
    );
    lines(
        "p = dict(a=1)\np['b'] = 2\np.update({'c': 3}, d=4)\np.setdefault('a', 9)\np |= {'e': 5}\nrecord(**p)",
        &["a=1, b=2, c=3, d=4, e=5"],
    );
    lines("p = {}\nif prod:\n  p['open'] = False\nrecord(**p)", &["open=False if prod | nothing if !prod"]);
    lines(
        "def make(**kw):\n  kw.setdefault('open', False)\n  kw.pop('name', None)\n  record(**kw)\nmake(name='x')\nmake(open=True)",
        &["open=False", "open=True"],
    );
}

#[test]
fn defaults_are_made_once() {
    lines("x = 1\ndef f(a=x): return a\nx = 2\nrecord(f())", &["1"]);
    lines("def f(l=[]):\n  l.append(1)\n  return l\nf()\nrecord(f())", &["[1, 1]"]);
}

#[test]
fn closures_see_and_change_what_is_around_them() {
    lines(
        "def outer():\n  n = 0\n  def inc():\n    nonlocal n\n    n += 1\n    return n\n  inc()\n  return inc()\nrecord(outer())",
        &["2"],
    );
    lines("n = 0\ndef f():\n  global n\n  n = 5\nf()\nrecord(n)", &["5"]);
    lines("fs = [lambda x=i: x for i in range(3)]\nrecord([f() for f in fs])", &["[0, 1, 2]"]);
    lines("fs = [lambda: i for i in range(3)]\nrecord([f() for f in fs])", &["[2, 2, 2]"]);
    lines("def f(x):\n  x = x + 1\n  return x\nx = 1\nf(x)\nrecord(x)", &["1"]);
}

#[test]
fn callables_are_values() {
    lines("g = lambda a, b=2: a + b\nrecord(g(1), (lambda: 3)())", &["3, 3"]);
    lines("p = partial(record, 1, x=2)\np(3, y=4)\np(x=5)", &["1, 3, x=2, y=4", "1, x=5"]);
    lines("table = {'a': lambda: 1}\nrecord(table['a']())", &["1"]);
    lines("f = record if prod else (lambda *a: None)\nf(1)", &["1 when prod"]);
    lines(
        "def twice(f):\n  def inner(*a):\n    f(*a)\n    return f(*a)\n  return inner\n@twice\ndef g(x): record(x)\ng(1)",
        &["1", "1"],
    );
}

#[test]
fn recursion_ends() {
    lines("def fact(n): return 1 if n <= 1 else n * fact(n - 1)\nrecord(fact(5))", &["120"]);
    assert_eq!(
        records("from lib import record\ndef f(n): return f(n + 1)\nrecord(f(0))"),
        ["?the calls are nested too deeply to follow"]
    );
    let mutual = records("from lib import record\ndef f(): return g()\ndef g(): return f()\nrecord(f())");
    assert_eq!(mutual.len(), 1);
}

#[test]
fn generators_give_what_they_yield() {
    lines(
        "def g(n):\n  for i in range(n):\n    yield i\n  yield from ['x']\nfor v in g(2):\n  record(v)",
        &["0", "1", "'x'"],
    );
    lines("def g():\n  yield 1\n  if prod:\n    yield 2\nrecord(list(g()))", &["[1, 2 if prod]"]);
}
