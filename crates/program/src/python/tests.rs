//! What each construct of Python is in core.

use super::lower;
use super::print::Printer;
use crate::core::{Argument, ExprKind, Module, StmtKind};
use crate::names::Names;
use std::sync::Arc;
use tidegate_estate::{Severity, Span};

fn lowered(source: &str) -> (Module, Names) {
    let mut names = Names::default();
    let module = lower(&Arc::from("app.py"), source, &mut names, 200);
    (module, names)
}

/// The core of `source`, which must have no errors.
fn core(source: &str) -> String {
    let (module, names) = lowered(source);
    assert!(module.diagnostics.is_empty(), "{source}: {:?}", module.diagnostics);
    Printer(&names).block(&module.body)
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(core(source), *expected, "of {source:?}");
    }
}

fn text(source: &str, span: Span) -> &str {
    &source[span.start as usize..span.end as usize]
}

#[test]
fn literals() {
    check(&[
        ("x = 1", "(= x 1)"),
        ("x = 0x_ff", "(= x 255)"),
        ("x = 9223372036854775808", "(= x 9.223372036854776e18)"),
        ("x = 0xffffffffffffffffff", "(= x 4.722366482869645e21)"),
        ("x = 1.5, 2j", "(= x (tuple 1.5 <a complex number>))"),
        ("x = True, False, None, ...", "(= x (tuple True False None ...))"),
        ("x = b'a' b'b'", "(= x bytes)"),
        ("x = 'a' \"b\" r'\\n' '\\x41'", "(= x \"ab\\\\nA\")"),
        ("x = '''a\nb'''", "(= x \"a\\nb\")"),
        ("'documentation'", "pass"),
        ("x = t'{a}'", "(= x <a template string>)"),
    ]);
}

#[test]
fn displays() {
    check(&[
        ("x = [1, *y]", "(= x [1 *y])"),
        ("x = ()", "(= x (tuple ))"),
        ("x = {1, 2}", "(= x (set 1 2))"),
        ("x = {'a': 1, **y}", "(= x {\"a\":1 **y})"),
        ("a, (b, *c) = x", "(= (tuple a (tuple b *c)) x)"),
        ("a = b[0] = c.d = x", "(= a (index b 0) c.d x)"),
    ]);
}

#[test]
fn operators() {
    check(&[
        ("x = a + b * c", "(= x (Add a (Multiply b c)))"),
        ("x = a - b - c", "(= x (Subtract (Subtract a b) c))"),
        ("x = a // b % c / d @ e", "(= x (MatrixMultiply (Divide (Modulo (FloorDivide a b) c) d) e))"),
        ("x = a ** b ** c", "(= x (Power a (Power b c)))"),
        ("x = a | b & c ^ d", "(= x (BitOr a (BitXor (BitAnd b c) d)))"),
        ("x = a << 1 >> 2", "(= x (ShiftRight (ShiftLeft a 1) 2))"),
        ("x = not -a", "(= x (Not (Minus a)))"),
        ("x = +a, ~a", "(= x (tuple (Plus a) (Invert a)))"),
        ("x = a and b and c or d", "(= x (or (and a b c) d))"),
        ("x = a < b <= c != d", "(= x (compare a Less b LessEqual c NotEqual d))"),
        (
            "x = a is not b, a not in b, a is b, a in b",
            "(= x (tuple (compare a IsNot b) (compare a NotIn b) (compare a Is b) (compare a In b)))",
        ),
        (
            "x = a == b, a > b, a >= b",
            "(= x (tuple (compare a Equal b) (compare a Greater b) (compare a GreaterEqual b)))",
        ),
        ("x = a if b else c", "(= x (ifelse b a c))"),
        ("x += 1", "(Add= x 1)"),
        ("(y := f(x))", "(:= y (call f x))"),
    ]);
}

#[test]
fn chains_keep_their_order() {
    check(&[
        ("a.b.c(1)[2](k=3).d", "(call (index (call a.b.c 1) 2) k=3).d"),
        ("f(1, *a, k=2, **m)", "(call f 1 *a k=2 **m)"),
        ("f(k=1, *a)", "(call f k=1 *a)"),
        ("('a' + b).c() + d", "(Add (call (Add \"a\" b).c) d)"),
    ]);
}

#[test]
fn indexes_and_slices() {
    check(&[
        ("x[1:2:3]", "(index x (slice 1 2 3))"),
        ("x[:]", "(index x (slice _ _ _))"),
        ("x[a, b]", "(index x (tuple a b))"),
        ("x[1:, 2]", "(index x (tuple <a slice in a tuple> 2))"),
    ]);
}

#[test]
fn format_strings() {
    check(&[
        ("x = f'a{b}c'", "(= x (format \"a\" b \"c\"))"),
        ("x = f''", "(= x \"\")"),
        ("x = f'a' 'b'", "(= x \"ab\")"),
        ("x = 'a' f'{b}{{' 'c'", "(= x (format \"a\" b \"{c\"))"),
        ("x = f'{a!s}{a!r}{a!a}{a:}{a:02d}{a:>10}'", "(= x (format a ~a ~a a ~02d a ~>10 a))"),
        ("x = f'{a=}'", "(= x (format \"a=\" ~a))"),
        ("x = f'{a[\"k\"]}-{f(1)}'", "(= x (format (index a \"k\") \"-\" (call f 1)))"),
        ("x = f\"{f'{a}'}\"", "(= x (format (format a)))"),
    ]);
}

#[test]
fn comprehensions() {
    check(&[
        ("x = [a for a in b if a if c]", "(= x (list a for a b [a c]))"),
        ("x = {a for a in b}", "(= x (set a for a b []))"),
        ("x = {k: v for k, v in d for z in v}", "(= x (dict k:v for (tuple k v) d [] for z v []))"),
        ("f(a for a in b)", "(call f (list a for a b []))"),
        ("x = [a async for a in b]", "(= x (list a for a b []))"),
    ]);
}

#[test]
fn functions() {
    check(&[
        ("def f(): pass", "(def f () [pass])"),
        (
            "def f(a, /, b: int = 1, *c, d, e=2, **g) -> int:\n  return a",
            "(def f (/a b:int=1 *c !d !e=2 **g) [(return a)])",
        ),
        ("@a.b\n@c(1)\ndef f():\n  return", "@a.b @(call c 1) (def f () [(return _)])"),
        ("async def f():\n  x = await g()", "(def f () [(= x (call g))])"),
        ("x = lambda a, *b: a", "(= x (lambda <lambda> (a *b) [(return a)]))"),
        ("def f():\n  global a, b\n  nonlocal c", "(def f () [(global a b) (nonlocal c)])"),
    ]);
}

#[test]
fn only_a_functions_own_yield_makes_it_a_generator() {
    check(&[
        ("def f():\n  yield 1", "(def* f () [(yield 1)])"),
        ("def f():\n  x = yield\n  yield from y", "(def* f () [(= x (yield _)) (yield-each y)])"),
        ("def f():\n  def g():\n    yield\n  return g", "(def f () [(def* g () [(yield _)]) (return g)])"),
        (
            "def f():\n  if a:\n    yield\n  def g(): pass",
            "(def* f () [(if a [(yield _)] else []) (def g () [pass])])",
        ),
        (
            "def f():\n  return lambda: (yield)",
            "(def f () [(return (lambda* <lambda> () [(return (yield _))]))])",
        ),
    ]);
}

#[test]
fn classes() {
    check(&[
        ("class A: pass", "(class A () [pass])"),
        (
            "@d\nclass A(B, metaclass=M):\n  x: int = 1\n  y: str\n  def f(self): pass",
            "@d (class A (B metaclass=M) [(: x int 1) (: y str _) (def f (self) [pass])])",
        ),
    ]);
}

#[test]
fn imports() {
    check(&[
        ("import a.b, c as d, e.f as g", "(import a.b c->d e.f->g)"),
        ("from a.b import c, d as e", "(import a.b:c->c a.b:d->e)"),
        ("from .. import a", "(import ..:a->a)"),
        ("from .m import *", "(import .m:*)"),
    ]);
}

#[test]
fn branches_are_one_if() {
    check(&[
        ("if a: b\nelif c: d\nelif e: f\nelse: g", "(if a [b] c [d] e [f] else [g])"),
        ("if a:\n  b", "(if a [b] else [])"),
    ]);
}

#[test]
fn loops() {
    check(&[
        ("while a:\n  break\nelse:\n  b", "(while a [break] else [b])"),
        ("for a, b in c:\n  continue\nelse: d", "(for (tuple a b) c [continue] else [d])"),
        ("async def f():\n  async for a in b: c", "(def f () [(for a b [c] else [])])"),
    ]);
}

#[test]
fn exceptions_and_contexts() {
    check(&[
        (
            "try: a\nexcept B as c: d\nexcept: e\nelse: f\nfinally: g",
            "(try [a] except c [d] except _ [e] else [f] finally [g])",
        ),
        ("try: a\nexcept* B: c", "(try [a] except _ [c] else [] finally [])"),
        ("raise A(1) from b", "(raise (call A 1))"),
        ("raise", "(raise _)"),
        ("with a as b, c(): d", "(with a b (call c) _ [d])"),
        ("async def f():\n  async with a as (b, c): d", "(def f () [(with a (tuple b c) [d])])"),
        ("assert a, 'b'", "(assert a)"),
        ("del a, b[0]", "(del a (index b 0))"),
    ]);
}

#[test]
fn a_type_alias_does_nothing() {
    check(&[("type X[T] = list[T]\npass", "pass pass")]);
}

#[test]
fn match_on_values_is_exact() {
    check(&[
        (
            "match f(x):\n  case 1: a\n  case 'b' | c.D: b\n  case None: c\n  case _: d",
            "(= <match 1> (call f x)) (if (compare <match 1> Equal 1) [a] \
             (or (compare <match 1> Equal \"b\") (compare <match 1> Equal c.D)) [b] \
             (compare <match 1> Is None) [c] else [d])",
        ),
        (
            "match x:\n  case True: a\n  case y: b",
            "(= <match 1> x) (if (compare <match 1> Is True) [a] else [(= y <match 1>) b])",
        ),
        (
            "match x:\n  case (1 | 2) as y: a",
            "(= <match 1> x) (if (or (compare <match 1> Equal 1) (compare <match 1> Equal 2)) \
             [(= y <match 1>) a] else [])",
        ),
        ("match x:\n  case _: a", "(= <match 1> x) a"),
        ("match x:\n  case -1: a", "(= <match 1> x) (if (compare <match 1> Equal (Minus 1)) [a] else [])"),
    ]);
}

#[test]
fn a_guard_sees_what_its_pattern_binds() {
    check(&[
        (
            "match x:\n  case y if y > 1: a\n  case _ if b: c",
            "(= <match 1> x) (if (and (tuple (:= y <match 1>)) (compare y Greater 1)) [a] b [c] else [])",
        ),
        (
            "match x:\n  case 1 if b: c",
            "(= <match 1> x) (if (and (compare <match 1> Equal 1) b) [c] else [])",
        ),
    ]);
}

#[test]
fn patterns_against_a_written_tuple_are_exact() {
    check(&[
        (
            "match a, b:\n  case 1, x: c\n  case (1, 2, 3): d\n  case [*_, 2]: e\n  case _: f",
            "(= <match 1.0> a) (= <match 1.1> b) (= <match 1> (tuple <match 1.0> <match 1.1>)) \
             (if (compare <match 1.0> Equal 1) [(= x <match 1.1>) c] (compare <match 1.1> Equal 2) [e] else [f])",
        ),
        (
            "match (a, b):\n  case (x, 1) | (1, x): c",
            "(= <match 1.0> a) (= <match 1.1> b) (= <match 1> (tuple <match 1.0> <match 1.1>)) \
             (if (or (and (compare <match 1.1> Equal 1) (tuple (:= x <match 1.0>))) \
             (and (compare <match 1.0> Equal 1) (tuple (:= x <match 1.1>)))) [c] else [])",
        ),
    ]);
}

#[test]
fn patterns_that_look_into_other_subjects_are_tests_on_their_parts() {
    check(&[
        (
            "match x:\n  case [1, y]: a",
            "(= <match 1> x) (if (and (call <isinstance> <match 1> (tuple <list> <tuple>)) \
             (compare (call <len> <match 1>) Equal 2) (tuple (:= <match 2> (index <match 1> 0))) \
             (compare <match 2> Equal 1) (tuple (:= <match 3> (index <match 1> 1)))) [(= y <match 3>) a] else [])",
        ),
        (
            "match x:\n  case {'k': y, **z}: a",
            "(= <match 1> x) (if (and (call <isinstance> <match 1> (tuple <dict>)) (compare \"k\" In <match 1>) \
             (tuple (:= <match 2> (index <match 1> \"k\")))) \
             [(= y <match 2>) (= z <part of a matched value>) a] else [])",
        ),
        (
            "match x:\n  case str(z): b\n  case str('c'): d",
            "(= <match 1> x) (if (call <isinstance> <match 1> str) [(= z <match 1>) b] \
             (and (call <isinstance> <match 1> str) (compare <match 1> Equal \"c\")) [d] else [])",
        ),
    ]);
}

#[test]
fn every_match_has_its_own_subject() {
    let nested = "match x:\n  case 1:\n    match y:\n      case 2: a";
    check(&[(
        nested,
        "(= <match 1> x) (if (compare <match 1> Equal 1) \
         [(= <match 2> y) (if (compare <match 2> Equal 2) [a] else [])] else [])",
    )]);
}

#[test]
fn a_syntax_error_costs_its_own_part() {
    for (source, expected) in [
        ("a = 1\nb = = 2\nc = 3\n", "(= c 3)"),
        ("def f(:\n  pass\nc = 3\n", "(= c 3)"),
        ("x = foo(1,\nclass C: pass\nd = 4\n", "(= d 4)"),
        ("x = [1, 2\ndef f():\n  return 1\n", "(def f () [(return 1)])"),
        ("class A:\n  x = \n  y = 2\nc = 3\n", "(= c 3)"),
        ("x = 'abc\nc = 3\n", "(= c 3)"),
        ("if True\n  a\nc = 3\n", "(= c 3)"),
        ("x = f'{a'\nc = 3\n", "(= c 3)"),
    ] {
        let (module, names) = lowered(source);
        let text = Printer(&names).block(&module.body);
        assert!(text.contains(expected), "{source:?}: {text}");
        assert!(!module.diagnostics.is_empty(), "{source:?}");
        for diagnostic in &module.diagnostics {
            assert_eq!(diagnostic.severity, Severity::Warning, "{source:?}");
            assert!(diagnostic.message.ends_with(": this part was not read"), "{}", diagnostic.message);
            assert!(diagnostic.span.is_some());
        }
    }
}

#[test]
fn what_the_parser_made_up_is_opaque() {
    for (source, expected) in [
        ("x = \ny = 1", "(= x <a syntax error>) (= y 1)"),
        ("f(a=)", "(call f a=<a syntax error>)"),
        ("a.", "<a syntax error>"),
        ("x = 1 +", "(= x (Add 1 <a syntax error>))"),
        ("f(1=2)", "(call f **<a syntax error>)"),
    ] {
        let (module, names) = lowered(source);
        assert_eq!(Printer(&names).block(&module.body), expected, "of {source:?}");
        assert!(!module.diagnostics.is_empty(), "{source:?}");
    }
}

#[test]
fn many_syntax_errors_are_summed_up() {
    let (module, _) = lowered(&"x = = 1\n".repeat(100));
    assert_eq!(module.diagnostics.len(), 21);
    assert!(
        module.diagnostics[20].message.starts_with("80 more syntax errors"),
        "{:?}",
        module.diagnostics[20]
    );
}

/// The arguments of the call that `source` ends with.
fn arguments(module: &Module) -> &[Argument] {
    match module.body.last().map(|stmt| &stmt.kind) {
        Some(StmtKind::Expr(expr)) => match &expr.kind {
            ExprKind::Call { arguments, .. } => arguments,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn spans_are_bytes_of_the_source() {
    for prefix in ["", "\u{feff}", "# ü€😀\r\n", "x = '''é\r\n'''\r\n", "\u{feff}# ß\r\n"] {
        let source = format!("{prefix}gröup.add(pört = (80), *(rest), **more, ip=\"é\")\r\n");
        let (module, names) = lowered(&source);
        assert!(module.diagnostics.is_empty(), "{:?}", module.diagnostics);
        let spans: Vec<_> = arguments(&module).iter().map(|one| text(&source, one.span)).collect();
        assert_eq!(spans, ["pört = (80)", "*(rest)", "**more", "ip=\"é\""]);
        let values: Vec<_> = arguments(&module).iter().map(|one| text(&source, one.value.span)).collect();
        assert_eq!(values, ["80", "rest", "more", "\"é\""]);
        let last = module.body.last().map(|stmt| text(&source, stmt.span));
        assert_eq!(last, Some(source[prefix.len()..].trim_end()));
        assert!(Printer(&names).block(&module.body).ends_with("ip=\"é\")"));
    }
}

#[test]
fn spans_of_names() {
    let source = "@d\ndef föö(a):\n  return (a.bär)[(0)]\nx = lambda: 1\nfrom m import (n as o)\n";
    let (module, _) = lowered(source);
    let StmtKind::Def(function) = &module.body[0].kind else { panic!() };
    assert_eq!(text(source, function.name_span), "föö");
    assert!(text(source, function.span).ends_with("[(0)]"));
    let StmtKind::Return(Some(value)) = &function.body[0].kind else { panic!() };
    assert_eq!(text(source, value.span), "(a.bär)[(0)]");
    let ExprKind::Index { object, index } = &value.kind else { panic!() };
    assert_eq!((text(source, object.span), text(source, index.span)), ("a.bär", "0"));
    let ExprKind::Attribute { name_span, .. } = &object.kind else { panic!() };
    assert_eq!(text(source, *name_span), "bär");
    let StmtKind::Assign { value, .. } = &module.body[1].kind else { panic!() };
    let ExprKind::Lambda(lambda) = &value.kind else { panic!() };
    assert_eq!(text(source, lambda.name_span), "lambda: 1");
    let StmtKind::Import(imports) = &module.body[2].kind else { panic!() };
    assert_eq!(text(source, imports[0].span), "n as o");
}

#[test]
fn line_ends_in_strings_are_as_python_reads_them() {
    check(&[
        ("x = \"\"\"a\r\nb\"\"\"", "(= x \"a\\nb\")"),
        ("x = 'a\\\r\nb'", "(= x \"ab\")"),
        ("x = '\\r'\r\n", "(= x \"\\r\")"),
        ("x = f\"\"\"a\r\n{b}\"\"\"", "(= x (format \"a\\n\" b))"),
    ]);
}
