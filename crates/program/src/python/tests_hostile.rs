//! Hostile nesting neither overflows the stack nor takes long, wherever it sits.

use super::lower;
use super::print::Printer;
use crate::core::{Module, StmtKind};
use crate::names::Names;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tidegate_estate::Severity;

/// Reads and drops `source` on a stack of 8 MiB; what `look` says of the result.
fn on_small_stack<T: Send + 'static>(
    source: String,
    look: impl FnOnce(&Module, &Names) -> T + Send + 'static,
) -> T {
    let work = move || {
        let started = Instant::now();
        let mut names = Names::default();
        let module = lower(&Arc::from("app.py"), &source, &mut names, 200);
        let seen = look(&module, &names);
        drop(module);
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        seen
    };
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap()
}

/// Sources with something nested or repeated `n` times.
fn hostile(n: usize) -> Vec<String> {
    let around =
        |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(n), close.repeat(n));
    let indents: String = (0..n.min(1500)).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    vec![
        format!("x = {}", around("(", "1", ")")),
        format!("x = {}", around("[", "1", "]")),
        format!("x = {}", around("{1:", "1", "}")),
        format!("x = {}", around("f(", "1", ")")),
        format!("x = {}", around("f(a=", "1", ")")),
        format!("x = {}", around("a[", "1", "]")),
        format!("x = {}", around("(1+", "1", ")")),
        format!("x = {}", around("[x for x in ", "1", "]")),
        format!("x = {}", around("f\"{", "1", "}\"")),
        format!("x = f\"{}\"", around("{x:", "1", "}")),
        format!("x = f\"{}", "{x:".repeat(n)),
        "[".repeat(n),
        "{".repeat(n),
        "f\"{".repeat(n),
        format!("f\"\"\"{{\"\"\"\n{}", "[".repeat(n)),
        format!("x = {}1", "lambda: ".repeat(n)),
        format!("x = {}", around("lambda x=", "1", ": 0")),
        format!("x = {}", "lambda x=".repeat(n)),
        "(1,]\nlambda x=".repeat(n),
        "(1, ]\n".repeat(n),
        format!("x = {}1", "not ".repeat(n)),
        format!("x = {}1", "-~".repeat(n)),
        format!("x = {}1", "1 ** ".repeat(n)),
        format!("x = {}1", "1 + -".repeat(n)),
        format!("x = {}1", "1 if 1 else ".repeat(n)),
        format!("x = {}1", "1 if ".repeat(n)),
        format!("x = {}1", "await ".repeat(n)),
        format!("x = {}1", "yield ".repeat(n)),
        format!("f({}1)", "* ".repeat(n)),
        format!("({}1)", "x := ".repeat(n)),
        format!("{}x = 1", "async ".repeat(n)),
        format!("{}pass", "if x: ".repeat(n)),
        format!("x = {}1", "1 + ".repeat(n)),
        format!("x = a{}", ".b".repeat(n)),
        format!("x = a{}", "()".repeat(n)),
        format!("x = a{}", "[0]".repeat(n)),
        format!("x = a{}", ".b()[0]".repeat(n)),
        format!("x = {}1", "1 and 1 or ".repeat(n)),
        format!("x = {}1", "1 < ".repeat(n)),
        format!("{}1", "x = ".repeat(n)),
        format!("x = {}", "'a' ".repeat(n)),
        format!("with {}: pass", around("(", "x", ")")),
        format!("with {}", "(".repeat(n)),
        format!("for {} in y: pass", around("[", "x", "]")),
        format!("def f() -> {}: pass", around("[", "x", "]")),
        format!("def f(x: {}): pass", around("[", "x", "]")),
        format!("def f[T: {}](): pass", around("[", "x", "]")),
        format!("type X = {}", around("[", "x", "]")),
        format!("raise x from {}", around("[", "x", "]")),
        format!("assert x, {}", around("[", "x", "]")),
        format!("x = t'{{{}}}'", around("[", "x", "]")),
        format!("x = f'{{x:{{{}}}}}'", around("[", "x", "]")),
        format!("match x:\n case {}: pass", around("(", "y", ")")),
        format!("match x:\n case {}: pass", around("[", "y", "]")),
        format!("match x:\n case {}: pass", around("C(", "y", ")")),
        format!("match x:\n case {}: pass", around("{1: ", "y", "}")),
        format!("match x:\n case {}y: pass", "1 | ".repeat(n)),
        format!("match x:\n case a{}: pass", ".b".repeat(n)),
        format!("{}x", "match(".repeat(n)),
        format!("if x: pass\n{}", "elif x: pass\n".repeat(n)),
        format!("{indents}{}pass", " ".repeat(n.min(1500))),
        "@".repeat(n),
        "\\\n".repeat(n),
    ]
}

#[test]
fn nothing_overflows_or_hangs() {
    for n in [150, 1_000, 12_000] {
        for source in hostile(n) {
            let start: String = source.chars().take(40).collect();
            on_small_stack(source, |_, _| ());
            eprintln!("read {n} of {start:?}");
        }
    }
}

#[test]
fn large_hostile_files_are_refused() {
    for source in [
        "[".repeat(300_000),
        format!("x = {}1", "not ".repeat(300_000)),
        format!("x = {}1", "1 if 1 else ".repeat(100_000)),
        format!("x = {}", "lambda x=".repeat(100_000)),
        format!("x = {}", "f\"{".repeat(100_000)),
    ] {
        on_small_stack(source, |module, _| {
            assert!(module.body.is_empty());
            assert_eq!(module.diagnostics.len(), 1);
            assert_eq!(module.diagnostics[0].severity, Severity::Error);
        });
    }
}

#[test]
fn nesting_beyond_the_limit_costs_its_own_part() {
    let nested = |depth: usize| format!("a = 1\nx = {}1{}\nb = 2\n", "[".repeat(depth), "]".repeat(depth));
    on_small_stack(nested(199), |module, _| assert!(module.diagnostics.is_empty()));
    on_small_stack(nested(400), |module, names| {
        assert_eq!(module.diagnostics.len(), 1);
        assert_eq!(module.diagnostics[0].severity, Severity::Warning);
        let text = Printer(names).block(&module.body);
        assert!(text.starts_with("(= a 1) ") && text.ends_with(" (= b 2)"), "{text}");
        assert!(text.contains("<nested too deeply>"), "{text}");
    });
}

#[test]
fn nested_blocks_beyond_the_limit_are_opaque() {
    let indents: String = (0..400).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    on_small_stack(format!("{indents}{}pass\nb = 2\n", " ".repeat(400)), |module, names| {
        assert_eq!(module.diagnostics.len(), 1);
        let text = Printer(names).block(&module.body);
        assert!(text.contains("<nested too deeply>") && text.ends_with(" (= b 2)"));
    });
}

#[test]
fn chains_of_thousands_are_read() {
    for source in [
        format!("x = {}'z'", "'a' + ".repeat(8_000)),
        format!("x = a{}", ".b(1)".repeat(4_000)),
        format!("x = a{}", "[0]".repeat(8_000)),
        format!("if x: pass\n{}", "elif x: pass\n".repeat(20_000)),
    ] {
        on_small_stack(source, |module, _| {
            assert!(module.diagnostics.is_empty(), "{:?}", module.diagnostics);
            assert_eq!(module.body.len(), 1);
        });
    }
}

#[test]
fn chains_beyond_all_measure_are_opaque() {
    on_small_stack(format!("x = {}'z'\ny = 1", "'a' + ".repeat(200_000)), |module, names| {
        assert_eq!(Printer(names).block(&module.body), "(= x <a chain that is too long>) (= y 1)");
        assert_eq!(module.diagnostics.len(), 1);
    });
}

#[test]
fn large_plain_files_are_read() {
    let many = "x = [-1, lambda a, b=1: (a, not b), f'{a}', {'k': f(1, *a)}]\n".repeat(5_000);
    let flat = format!("x = [\n{}]\n", "  (-1, 'a', lambda x: -x, {'k': 1 if a else 2}),\n".repeat(20_000));
    for source in [many, flat] {
        on_small_stack(source, |module, _| {
            assert!(module.diagnostics.is_empty(), "{:?}", module.diagnostics);
            assert!(matches!(module.body[0].kind, StmtKind::Assign { .. }));
        });
    }
}
