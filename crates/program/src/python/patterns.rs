//! `match` to `if`: the subject gets a name, patterns become tests on it.
//!
//! Values, singletons, names, `|`, `as` and `_` are exact, and so are sequence patterns against a tuple
//! written out in the `match` line. What looks into other subjects (sequences, mappings, classes) is opaque.

use super::lower::{Depth, Lowering, span};
use crate::core::{Block, CompareOp, Const, Expr, ExprKind, Stmt, StmtKind};
use crate::names::Symbol;
use ruff_python_ast as ast;
use ruff_text_size::Ranged;
use tidegate_estate::Span;

/// Classes whose pattern with one argument, `str(x)`, matches the subject itself with that argument.
const SELF_MATCHING: [&str; 11] =
    ["bool", "bytearray", "bytes", "dict", "float", "frozenset", "int", "list", "set", "str", "tuple"];

/// What a pattern is matched against.
enum Subject {
    /// A variable.
    Name(Symbol),
    /// A variable that is the tuple of others.
    Tuple(Symbol, Vec<Symbol>),
    /// Part of something that is not looked into.
    Opaque,
}

impl Subject {
    fn expr(&self, span: Span) -> Expr {
        let kind = match self {
            Subject::Name(name) | Subject::Tuple(name, _) => ExprKind::Name(*name),
            Subject::Opaque => ExprKind::Opaque("part of a matched value"),
        };
        Expr { span, kind }
    }
}

/// When a pattern matches.
enum Test {
    Always,
    Never,
    When(Expr),
}

/// A name that a pattern binds, and to what.
struct Capture {
    span: Span,
    name: Symbol,
    value: Expr,
}

impl Lowering<'_> {
    /// Appends to `block` what `stmt` is in core: assignments for the subject, then an `if`.
    pub(super) fn match_statement(&mut self, stmt: &ast::StmtMatch, at: Depth, block: &mut Block) {
        let subject = self.subject(&stmt.subject, at, block);
        let mut branches = Vec::with_capacity(stmt.cases.len());
        let mut otherwise = Block::new();
        for case in &stmt.cases {
            let mut captures = Vec::new();
            let test = self.pattern(&case.pattern, &subject, at, &mut captures);
            let whole = span(case.pattern.range());
            let Some(guard) = &case.guard else {
                let test = match test {
                    Test::Always => None,
                    Test::Never => continue,
                    Test::When(test) => Some(test),
                };
                let mut body: Block = captures.into_iter().map(assign).collect();
                body.extend(self.block(&case.body, at.inner()));
                match test {
                    Some(test) => branches.push((test, body)),
                    None => {
                        otherwise = body;
                        break;
                    }
                }
                continue;
            };
            let mut tests = Vec::new();
            match test {
                Test::Always => {}
                Test::Never => continue,
                Test::When(test) => tests.push(test),
            }
            tests.extend(bind(captures, whole));
            tests.push(self.expr(guard, at));
            branches.push((all(tests, whole), self.block(&case.body, at.inner())));
        }
        if branches.is_empty() {
            block.append(&mut otherwise);
        } else {
            block.push(Stmt { span: span(stmt.range), kind: StmtKind::If { branches, otherwise } });
        }
    }

    /// Binds the subject to names that no program can write.
    fn subject(&mut self, expr: &ast::Expr, at: Depth, block: &mut Block) -> Subject {
        self.matches += 1;
        let number = self.matches;
        let whole = self.names.intern(&format!("<match {number}>"));
        let span = span(expr.range());
        let elements = match expr {
            ast::Expr::Tuple(tuple) if !tuple.elts.iter().any(ast::Expr::is_starred_expr) => &tuple.elts[..],
            _ => {
                block.push(assign(Capture { span, name: whole, value: self.expr(expr, at) }));
                return Subject::Name(whole);
            }
        };
        let mut names = Vec::with_capacity(elements.len());
        let mut values = Vec::with_capacity(elements.len());
        for (index, element) in elements.iter().enumerate() {
            let name = self.names.intern(&format!("<match {number}.{index}>"));
            let value = self.expr(element, at);
            values.push(Expr { span: value.span, kind: ExprKind::Name(name) });
            block.push(assign(Capture { span: value.span, name, value }));
            names.push(name);
        }
        let value = Expr { span, kind: ExprKind::Tuple(values) };
        block.push(assign(Capture { span, name: whole, value }));
        Subject::Tuple(whole, names)
    }

    fn pattern(
        &mut self,
        pattern: &ast::Pattern,
        subject: &Subject,
        at: Depth,
        captures: &mut Vec<Capture>,
    ) -> Test {
        let whole = span(pattern.range());
        let opaque = |reason| Test::When(Expr { span: whole, kind: ExprKind::Opaque(reason) });
        if self.is_too_deep(at, pattern.range()) {
            return opaque("nested too deeply");
        }
        let inner = at.inner();
        match pattern {
            ast::Pattern::MatchValue(pattern) => {
                let value = self.expr(&pattern.value, inner);
                self.compare(subject, CompareOp::Equal, value, whole)
            }
            ast::Pattern::MatchSingleton(pattern) => {
                let value = match pattern.value {
                    ast::Singleton::None => Const::None,
                    ast::Singleton::True => Const::Bool(true),
                    ast::Singleton::False => Const::Bool(false),
                };
                let value = Expr { span: whole, kind: ExprKind::Const(value) };
                self.compare(subject, CompareOp::Is, value, whole)
            }
            ast::Pattern::MatchAs(pattern) => {
                let test = match &pattern.pattern {
                    Some(pattern) => self.pattern(pattern, subject, inner, captures),
                    None => Test::Always,
                };
                self.capture(pattern.name.as_ref(), subject, captures);
                test
            }
            ast::Pattern::MatchStar(pattern) => {
                self.capture(pattern.name.as_ref(), &Subject::Opaque, captures);
                Test::Always
            }
            ast::Pattern::MatchOr(pattern) => {
                self.alternatives(&pattern.patterns, subject, inner, captures, whole)
            }
            ast::Pattern::MatchSequence(pattern) => {
                if let Subject::Tuple(_, elements) = subject {
                    return self.sequence(&pattern.patterns, elements, inner, captures, whole);
                }
                for pattern in &pattern.patterns {
                    self.pattern(pattern, &Subject::Opaque, inner, captures);
                }
                opaque("a sequence pattern")
            }
            ast::Pattern::MatchMapping(pattern) => {
                for pattern in &pattern.patterns {
                    self.pattern(pattern, &Subject::Opaque, inner, captures);
                }
                self.capture(pattern.rest.as_ref(), &Subject::Opaque, captures);
                opaque("a mapping pattern")
            }
            ast::Pattern::MatchClass(pattern) => {
                let matches_itself = pattern.cls.as_name_expr();
                let matches_itself =
                    matches_itself.is_some_and(|class| SELF_MATCHING.contains(&class.id.as_str()));
                let mut tests = vec![Expr { span: whole, kind: ExprKind::Opaque("a class pattern") }];
                for argument in &pattern.arguments.patterns {
                    let part = if matches_itself { subject } else { &Subject::Opaque };
                    match self.pattern(argument, part, inner, captures) {
                        Test::When(test) if matches_itself => tests.push(test),
                        Test::Never if matches_itself => return Test::Never,
                        _ => {}
                    }
                }
                for keyword in &pattern.arguments.keywords {
                    self.pattern(&keyword.pattern, &Subject::Opaque, inner, captures);
                }
                Test::When(all(tests, whole))
            }
        }
    }

    fn compare(&self, subject: &Subject, op: CompareOp, value: Expr, span: Span) -> Test {
        let kind = ExprKind::Compare { first: Box::new(subject.expr(span)), rest: vec![(op, value)] };
        Test::When(Expr { span, kind })
    }

    fn capture(&mut self, name: Option<&ast::Identifier>, subject: &Subject, captures: &mut Vec<Capture>) {
        if let Some(name) = name.filter(|name| !name.id.is_empty()) {
            let span = span(name.range);
            captures.push(Capture { span, name: self.identifier(name), value: subject.expr(span) });
        }
    }

    /// `a | b`. What an alternative binds is bound in its test, as another alternative may bind it otherwise.
    fn alternatives(
        &mut self,
        patterns: &[ast::Pattern],
        subject: &Subject,
        inner: Depth,
        captures: &mut Vec<Capture>,
        whole: Span,
    ) -> Test {
        let mut tests = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            let mut bound = Vec::new();
            let test = self.pattern(pattern, subject, inner, &mut bound);
            let mut both = Vec::new();
            match test {
                Test::Never => continue,
                // Alternatives after one that always matches are never tried.
                Test::Always if tests.is_empty() => {
                    captures.append(&mut bound);
                    return Test::Always;
                }
                Test::Always if bound.is_empty() => return Test::Always,
                Test::Always => {}
                Test::When(test) => both.push(test),
            }
            both.extend(bind(bound, span(pattern.range())));
            tests.push(all(both, span(pattern.range())));
        }
        match tests.len() {
            0 => Test::Never,
            1 => tests.pop().map_or(Test::Never, Test::When),
            _ => Test::When(Expr { span: whole, kind: ExprKind::Or(tests) }),
        }
    }

    /// A sequence pattern against as many `elements`.
    fn sequence(
        &mut self,
        patterns: &[ast::Pattern],
        elements: &[Symbol],
        inner: Depth,
        captures: &mut Vec<Capture>,
        whole: Span,
    ) -> Test {
        let star = patterns.iter().position(ast::Pattern::is_match_star);
        let fits = match star {
            Some(_) => patterns.len() <= elements.len() + 1,
            None => patterns.len() == elements.len(),
        };
        if !fits {
            return Test::Never;
        }
        let mut tests = Vec::new();
        for (index, pattern) in patterns.iter().enumerate() {
            // Behind the star, elements count from the end.
            let element = match star {
                Some(star) if index > star => elements.len().checked_sub(patterns.len() - index),
                _ => Some(index),
            };
            let part = element.and_then(|element| elements.get(element)).copied();
            let part = part.map_or(Subject::Opaque, Subject::Name);
            match self.pattern(pattern, &part, inner, captures) {
                Test::Always => {}
                Test::Never => return Test::Never,
                Test::When(test) => tests.push(test),
            }
        }
        if tests.is_empty() { Test::Always } else { Test::When(all(tests, whole)) }
    }
}

fn assign(capture: Capture) -> Stmt {
    let Capture { span, name, value } = capture;
    let targets = vec![Expr { span, kind: ExprKind::Name(name) }];
    Stmt { span, kind: StmtKind::Assign { targets, value } }
}

/// An expression that binds and is true: a tuple that is not empty.
fn bind(captures: Vec<Capture>, span: Span) -> Option<Expr> {
    if captures.is_empty() {
        return None;
    }
    let binding = |capture: Capture| {
        let kind = ExprKind::Bind { name: capture.name, value: Box::new(capture.value) };
        Expr { span: capture.span, kind }
    };
    Some(Expr { span, kind: ExprKind::Tuple(captures.into_iter().map(binding).collect()) })
}

/// All of `tests`, of which there is at least one.
fn all(mut tests: Vec<Expr>, span: Span) -> Expr {
    if tests.len() == 1
        && let Some(test) = tests.pop()
    {
        return test;
    }
    Expr { span, kind: ExprKind::And(tests) }
}
