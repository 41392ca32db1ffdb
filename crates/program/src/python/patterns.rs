//! `match` to `if`: the subject gets a name, patterns become tests on it.
//!
//! Exact are values, singletons, names, `|`, `as` and `_`, sequences and mappings, and classes with the attributes
//! they name. What `**rest` takes is opaque, and so are arguments of a class by position, unless the class is
//! a built-in one.

use super::lower::{Depth, Lowering, span};
use crate::core::{Argument, ArgumentKind, Block, CompareOp, Const, Expr, ExprKind, Stmt, StmtKind};
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
    /// Its variable, if it is one.
    fn name(&self) -> Option<Symbol> {
        match self {
            Subject::Name(name) | Subject::Tuple(name, _) => Some(*name),
            Subject::Opaque => None,
        }
    }

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
                self.capture(pattern.name.as_ref(), subject, captures);
                Test::Always
            }
            ast::Pattern::MatchOr(pattern) => {
                self.alternatives(&pattern.patterns, subject, inner, captures, whole)
            }
            ast::Pattern::MatchSequence(pattern) => {
                if let Subject::Tuple(_, elements) = subject {
                    return self.sequence(&pattern.patterns, elements, inner, captures, whole);
                }
                let Some(name) = subject.name() else {
                    for pattern in &pattern.patterns {
                        self.pattern(pattern, &Subject::Opaque, inner, captures);
                    }
                    return opaque("a sequence pattern");
                };
                self.elements(&pattern.patterns, name, inner, captures, whole)
            }
            ast::Pattern::MatchMapping(pattern) => {
                let name = subject.name();
                let mut tests = vec![match name {
                    Some(name) => self.is_instance(name, &["dict"], whole),
                    None => Expr { span: whole, kind: ExprKind::Opaque("a mapping pattern") },
                }];
                for (key, pattern) in pattern.keys.iter().zip(&pattern.patterns) {
                    let part = match name {
                        Some(name) => {
                            let key_again = self.expr(key, inner);
                            let key = self.expr(key, inner);
                            let has = vec![(CompareOp::In, name_of(name, whole))];
                            let has = ExprKind::Compare { first: Box::new(key_again), rest: has };
                            tests.push(Expr { span: whole, kind: has });
                            self.part(name, key, whole, &mut tests)
                        }
                        None => Subject::Opaque,
                    };
                    match self.pattern(pattern, &part, inner, captures) {
                        Test::Always => {}
                        Test::Never => return Test::Never,
                        Test::When(test) => tests.push(test),
                    }
                }
                self.capture(pattern.rest.as_ref(), &Subject::Opaque, captures);
                Test::When(all(tests, whole))
            }
            ast::Pattern::MatchClass(pattern) => {
                let matches_itself = pattern.cls.as_name_expr();
                let matches_itself =
                    matches_itself.is_some_and(|class| SELF_MATCHING.contains(&class.id.as_str()));
                let name = subject.name();
                let mut tests = vec![match name {
                    Some(name) => {
                        let class = self.expr(&pattern.cls, inner);
                        self.call("<isinstance>", vec![name_of(name, whole), class], whole)
                    }
                    None => Expr { span: whole, kind: ExprKind::Opaque("a class pattern") },
                }];
                for argument in &pattern.arguments.patterns {
                    let part = if matches_itself { subject } else { &Subject::Opaque };
                    match self.pattern(argument, part, inner, captures) {
                        Test::Always => {}
                        Test::Never => return Test::Never,
                        Test::When(test) => tests.push(test),
                    }
                }
                for keyword in &pattern.arguments.keywords {
                    let part = match name {
                        Some(name) => {
                            let object = Box::new(name_of(name, whole));
                            let attribute = self.identifier(&keyword.attr);
                            let name_span = span(keyword.attr.range);
                            let kind = ExprKind::Attribute { object, name: attribute, name_span };
                            self.under_a_name(Expr { span: whole, kind }, &mut tests)
                        }
                        None => Subject::Opaque,
                    };
                    match self.pattern(&keyword.pattern, &part, inner, captures) {
                        Test::Always => {}
                        Test::Never => return Test::Never,
                        Test::When(test) => tests.push(test),
                    }
                }
                Test::When(all(tests, whole))
            }
        }
    }

    /// A sequence pattern against a subject of which nothing is written out.
    fn elements(
        &mut self,
        patterns: &[ast::Pattern],
        name: Symbol,
        inner: Depth,
        captures: &mut Vec<Capture>,
        whole: Span,
    ) -> Test {
        let star = patterns.iter().position(ast::Pattern::is_match_star);
        let count = patterns.len() as i64;
        let (op, least) = match star {
            Some(_) => (CompareOp::GreaterEqual, count - 1),
            None => (CompareOp::Equal, count),
        };
        let length = self.call("<len>", vec![name_of(name, whole)], whole);
        let fits = ExprKind::Compare { first: Box::new(length), rest: vec![(op, number(least, whole))] };
        let mut tests =
            vec![self.is_instance(name, &["list", "tuple"], whole), Expr { span: whole, kind: fits }];
        for (index, pattern) in patterns.iter().enumerate() {
            let part = match star {
                Some(star) if index == star => {
                    let after = count - 1 - index as i64;
                    let to = (after > 0).then(|| Box::new(number(-after, whole)));
                    let from = Some(Box::new(number(index as i64, whole)));
                    let slice = Expr { span: whole, kind: ExprKind::Slice { from, to, step: None } };
                    self.part(name, slice, whole, &mut tests)
                }
                // Behind the star, elements count from the end.
                Some(star) if index > star => {
                    self.part(name, number(index as i64 - count, whole), whole, &mut tests)
                }
                _ => self.part(name, number(index as i64, whole), whole, &mut tests),
            };
            match self.pattern(pattern, &part, inner, captures) {
                Test::Always => {}
                Test::Never => return Test::Never,
                Test::When(test) => tests.push(test),
            }
        }
        Test::When(all(tests, whole))
    }

    /// `name[index]` under a name of its own, bound as a part of the test.
    fn part(&mut self, name: Symbol, index: Expr, whole: Span, tests: &mut Vec<Expr>) -> Subject {
        let object = Box::new(name_of(name, whole));
        self.under_a_name(
            Expr { span: whole, kind: ExprKind::Index { object, index: Box::new(index) } },
            tests,
        )
    }

    fn under_a_name(&mut self, value: Expr, tests: &mut Vec<Expr>) -> Subject {
        self.matches += 1;
        let name = self.names.intern(&format!("<match {}>", self.matches));
        let span = value.span;
        tests.extend(bind(vec![Capture { span, name, value }], span));
        Subject::Name(name)
    }

    fn is_instance(&mut self, name: Symbol, classes: &[&str], whole: Span) -> Expr {
        let classes = classes.iter().map(|class| name_of(self.names.intern(&format!("<{class}>")), whole));
        let classes = Expr { span: whole, kind: ExprKind::Tuple(classes.collect()) };
        self.call("<isinstance>", vec![name_of(name, whole), classes], whole)
    }

    /// A call of a built-in function, whatever the program calls by its name.
    fn call(&mut self, function: &str, arguments: Vec<Expr>, span: Span) -> Expr {
        let callee = Box::new(name_of(self.names.intern(function), span));
        let arguments = arguments
            .into_iter()
            .map(|value| Argument { kind: ArgumentKind::Positional, span: value.span, value })
            .collect();
        Expr { span, kind: ExprKind::Call { callee, arguments } }
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

fn name_of(name: Symbol, span: Span) -> Expr {
    Expr { span, kind: ExprKind::Name(name) }
}

fn number(number: i64, span: Span) -> Expr {
    Expr { span, kind: ExprKind::Const(Const::Int(number)) }
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
