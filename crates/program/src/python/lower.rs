//! Files and statements to core.

use super::nesting;
use crate::core::{
    Argument, Block, ClassDef, Expr, ExprKind, Function, Handler, Import, Imported, Module, Stmt, StmtKind,
};
use crate::names::{Names, Symbol};
use ruff_python_ast as ast;
use ruff_python_ast::PySourceType;
use ruff_python_parser::{ParseError, parse_unchecked_source};
use ruff_text_size::{Ranged, TextRange};
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Severity, Span};

/// Diagnostics of one kind that are listed one by one.
const LISTED: usize = 20;
/// Levels of a core tree in all: nesting, and the links of chains such as `a + b + c` and `a.b().c()`.
const LEVELS: usize = 10_000;

/// Lowers the Python file `path` with text `source`.
///
/// What the parser or `depth_limit` (nested blocks, brackets, operators; not chains) leaves out becomes
/// [`ExprKind::Opaque`] and a warning; the rest of the file is kept. Only text that is too hostile to
/// parse at all gives an empty module and an error.
pub fn lower(path: &Arc<str>, source: &str, names: &mut Names, depth_limit: usize) -> Module {
    let mut lowering = Lowering {
        lambda: names.intern("<lambda>"),
        source_with_returns: memchr::memchr(b'\r', source.as_bytes()).map(|_| source),
        names,
        depth_limit,
        yields: false,
        matches: 0,
        too_deep: 0,
        path,
        diagnostics: Vec::new(),
    };
    let mut body = Block::new();
    match parse(source) {
        Ok((module, tokens, errors)) => {
            lowering.syntax_errors(&errors);
            body = lowering.block(&module.body, Depth::default());
            nesting::take_apart(module, tokens);
        }
        Err(reason) => lowering.diagnose(Severity::Error, None, reason.to_owned()),
    }
    lowering.summarize_too_deep();
    Module { path: path.clone(), body, diagnostics: lowering.diagnostics }
}

/// The tree, its number of tokens, and what could not be parsed.
fn parse(source: &str) -> Result<(ast::ModModule, usize, Vec<ParseError>), &'static str> {
    if let Some(reason) = nesting::refuse(source) {
        return Err(reason);
    }
    // The parser asserts that it makes progress; a failure there must cost this file only.
    let parsed = std::panic::catch_unwind(|| parse_unchecked_source(source, PySourceType::Python))
        .map_err(|_| "the parser gave up on the file, so it was not read")?;
    let (tokens, errors) = (parsed.tokens().len(), parsed.errors().to_vec());
    Ok((parsed.into_syntax(), tokens, errors))
}

/// What one file's lowering knows.
pub(super) struct Lowering<'a> {
    pub(super) names: &'a mut Names,
    /// The source, if it has carriage returns at all.
    pub(super) source_with_returns: Option<&'a str>,
    /// The name of lambdas.
    pub(super) lambda: Symbol,
    /// Whether the function being lowered has `yield`.
    pub(super) yields: bool,
    /// `match` statements seen, to name their subjects.
    pub(super) matches: usize,
    depth_limit: usize,
    too_deep: usize,
    path: &'a Arc<str>,
    diagnostics: Vec<Diagnostic>,
}

/// How deep a node is.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Depth {
    /// Nested blocks, brackets, operators.
    nested: usize,
    /// All levels above it in the core tree.
    levels: usize,
}

impl Depth {
    /// One level further in.
    pub(super) fn inner(self) -> Self {
        Self { nested: self.nested + 1, levels: self.levels + 1 }
    }

    /// `links` further along a chain.
    pub(super) fn along(self, links: usize) -> Self {
        Self { nested: self.nested, levels: self.levels + links }
    }
}

/// The bytes of `range`.
pub(super) fn span(range: TextRange) -> Span {
    Span::new(range.start().to_usize(), range.end().to_usize())
}

impl Lowering<'_> {
    fn diagnose(&mut self, severity: Severity, span: Option<Span>, message: String) {
        self.diagnostics.push(Diagnostic { severity, path: self.path.clone(), span, message });
    }

    fn syntax_errors(&mut self, errors: &[ParseError]) {
        for error in errors.iter().take(LISTED) {
            let message = format!("{}: this part was not read", error.error);
            self.diagnose(Severity::Warning, Some(span(error.location)), message);
        }
        if errors.len() > LISTED {
            let message =
                format!("{} more syntax errors: those parts were not read either", errors.len() - LISTED);
            self.diagnose(Severity::Warning, None, message);
        }
    }

    /// Whether something at `at` is too deep to be kept; if so, a diagnostic tells.
    pub(super) fn is_too_deep(&mut self, at: Depth, range: TextRange) -> bool {
        if at.nested <= self.depth_limit && at.levels <= LEVELS {
            return false;
        }
        self.too_deep += 1;
        if self.too_deep <= LISTED {
            let message = "nested too deeply: this part was not read".to_owned();
            self.diagnose(Severity::Warning, Some(span(range)), message);
        }
        true
    }

    fn summarize_too_deep(&mut self) {
        if self.too_deep > LISTED {
            let message = format!(
                "{} more parts are nested too deeply and were not read either",
                self.too_deep - LISTED
            );
            self.diagnose(Severity::Warning, None, message);
        }
    }

    pub(super) fn identifier(&mut self, identifier: &ast::Identifier) -> Symbol {
        self.names.intern(identifier.id.as_str())
    }

    /// Statements of a body that is itself at `at`.
    pub(super) fn block(&mut self, body: &[ast::Stmt], at: Depth) -> Block {
        let mut block = Block::with_capacity(body.len());
        for stmt in body {
            self.statement(stmt, at, &mut block);
        }
        block
    }

    fn statement(&mut self, stmt: &ast::Stmt, at: Depth, block: &mut Block) {
        let kind = if self.is_too_deep(at, stmt.range()) {
            StmtKind::Expr(Expr { span: span(stmt.range()), kind: ExprKind::Opaque("nested too deeply") })
        } else if let ast::Stmt::Match(stmt) = stmt {
            return self.match_statement(stmt, at, block);
        } else {
            self.statement_kind(stmt, at)
        };
        block.push(Stmt { span: span(stmt.range()), kind });
    }

    fn statement_kind(&mut self, stmt: &ast::Stmt, at: Depth) -> StmtKind {
        let inner = at.inner();
        match stmt {
            // A lone string is documentation.
            ast::Stmt::Expr(stmt) if stmt.value.is_string_literal_expr() => StmtKind::Pass,
            ast::Stmt::Expr(stmt) => StmtKind::Expr(self.expr(&stmt.value, at)),
            ast::Stmt::Assign(stmt) => {
                StmtKind::Assign { targets: self.exprs(&stmt.targets, at), value: self.expr(&stmt.value, at) }
            }
            ast::Stmt::AnnAssign(stmt) => StmtKind::Annotated {
                target: self.expr(&stmt.target, at),
                annotation: self.expr(&stmt.annotation, at),
                value: stmt.value.as_ref().map(|value| self.expr(value, at)),
            },
            ast::Stmt::AugAssign(stmt) => StmtKind::Augment {
                target: self.expr(&stmt.target, at),
                op: super::lower_expr::binary_op(stmt.op),
                value: self.expr(&stmt.value, at),
            },
            ast::Stmt::If(stmt) => self.if_statement(stmt, at),
            ast::Stmt::While(stmt) => StmtKind::While {
                test: self.expr(&stmt.test, at),
                body: self.block(&stmt.body, inner),
                otherwise: self.block(&stmt.orelse, inner),
            },
            ast::Stmt::For(stmt) => StmtKind::For {
                target: self.expr(&stmt.target, at),
                iter: self.expr(&stmt.iter, at),
                body: self.block(&stmt.body, inner),
                otherwise: self.block(&stmt.orelse, inner),
            },
            ast::Stmt::FunctionDef(stmt) => StmtKind::Def(Rc::new(self.function(stmt, at))),
            ast::Stmt::ClassDef(stmt) => StmtKind::Class(Rc::new(self.class(stmt, at))),
            ast::Stmt::Return(stmt) => {
                StmtKind::Return(stmt.value.as_ref().map(|value| self.expr(value, at)))
            }
            ast::Stmt::Raise(stmt) => StmtKind::Raise(stmt.exc.as_ref().map(|raised| self.expr(raised, at))),
            ast::Stmt::Import(stmt) => {
                StmtKind::Import(stmt.names.iter().filter_map(|alias| self.import(alias)).collect())
            }
            ast::Stmt::ImportFrom(stmt) => StmtKind::Import(self.import_from(stmt)),
            ast::Stmt::Try(stmt) => StmtKind::Try {
                body: self.block(&stmt.body, inner),
                handlers: stmt.handlers.iter().map(|handler| self.handler(handler, inner)).collect(),
                otherwise: self.block(&stmt.orelse, inner),
                finally: self.block(&stmt.finalbody, inner),
            },
            ast::Stmt::With(stmt) => {
                let items = stmt.items.iter().map(|item| {
                    let manager = self.expr(&item.context_expr, at);
                    (manager, item.optional_vars.as_ref().map(|target| self.expr(target, at)))
                });
                StmtKind::With { items: items.collect(), body: self.block(&stmt.body, inner) }
            }
            ast::Stmt::Global(stmt) => StmtKind::Outer { names: self.identifiers(&stmt.names), global: true },
            ast::Stmt::Nonlocal(stmt) => {
                StmtKind::Outer { names: self.identifiers(&stmt.names), global: false }
            }
            ast::Stmt::Delete(stmt) => StmtKind::Delete(self.exprs(&stmt.targets, at)),
            ast::Stmt::Assert(stmt) => StmtKind::Assert(self.expr(&stmt.test, at)),
            ast::Stmt::Break(_) => StmtKind::Break,
            ast::Stmt::Continue(_) => StmtKind::Continue,
            // `match` is lowered by the caller; the others have no effect on values.
            ast::Stmt::Match(_)
            | ast::Stmt::Pass(_)
            | ast::Stmt::TypeAlias(_)
            | ast::Stmt::IpyEscapeCommand(_) => StmtKind::Pass,
        }
    }

    fn if_statement(&mut self, stmt: &ast::StmtIf, at: Depth) -> StmtKind {
        let mut branches = Vec::with_capacity(1 + stmt.elif_else_clauses.len());
        branches.push((self.expr(&stmt.test, at), self.block(&stmt.body, at.inner())));
        let mut otherwise = Block::new();
        for clause in &stmt.elif_else_clauses {
            let body = self.block(&clause.body, at.inner());
            match &clause.test {
                Some(test) => branches.push((self.expr(test, at), body)),
                None => otherwise = body,
            }
        }
        StmtKind::If { branches, otherwise }
    }

    fn handler(&mut self, handler: &ast::ExceptHandler, inner: Depth) -> Handler {
        let ast::ExceptHandler::ExceptHandler(handler) = handler;
        Handler {
            name: handler.name.as_ref().map(|name| self.identifier(name)),
            body: self.block(&handler.body, inner),
        }
    }

    fn identifiers(&mut self, identifiers: &[ast::Identifier]) -> Vec<Symbol> {
        identifiers.iter().map(|identifier| self.identifier(identifier)).collect()
    }

    fn function(&mut self, stmt: &ast::StmtFunctionDef, at: Depth) -> Function {
        // Decorators, defaults and annotations are evaluated outside of the function.
        let decorators =
            stmt.decorator_list.iter().map(|decorator| self.expr(&decorator.expression, at)).collect();
        let params = self.params(&stmt.parameters, at);
        let outer = std::mem::take(&mut self.yields);
        let body = self.block(&stmt.body, at.inner());
        let generator = std::mem::replace(&mut self.yields, outer);
        Function {
            name: self.identifier(&stmt.name),
            name_span: span(stmt.name.range),
            span: span(stmt.range),
            params,
            body,
            decorators,
            generator,
        }
    }

    fn class(&mut self, stmt: &ast::StmtClassDef, at: Depth) -> ClassDef {
        let decorators =
            stmt.decorator_list.iter().map(|decorator| self.expr(&decorator.expression, at)).collect();
        let bases: Vec<Argument> = match &stmt.arguments {
            Some(arguments) => self.arguments(arguments, at),
            None => Vec::new(),
        };
        let outer = std::mem::take(&mut self.yields);
        let body = self.block(&stmt.body, at.inner());
        self.yields = outer;
        ClassDef {
            name: self.identifier(&stmt.name),
            name_span: span(stmt.name.range),
            span: span(stmt.range),
            bases,
            body,
            decorators,
        }
    }

    /// Nothing for a name that is missing.
    fn import(&mut self, alias: &ast::Alias) -> Option<Import> {
        let module = alias.name.id.as_str();
        if module.is_empty() {
            return None;
        }
        let what = match &alias.asname {
            Some(name) => Imported::Module(self.identifier(name)),
            None => Imported::Top,
        };
        Some(Import { span: span(alias.range), level: 0, module: module.into(), what })
    }

    fn import_from(&mut self, stmt: &ast::StmtImportFrom) -> Vec<Import> {
        let module: Rc<str> = stmt.module.as_ref().map_or("", |module| module.id.as_str()).into();
        let mut imports = Vec::with_capacity(stmt.names.len());
        for alias in &stmt.names {
            let what = match alias.name.id.as_str() {
                "" => continue,
                "*" => Imported::Star,
                _ => {
                    let name = self.identifier(&alias.name);
                    let bind = alias.asname.as_ref().map_or(name, |bind| self.identifier(bind));
                    Imported::Member { name, bind }
                }
            };
            imports.push(Import { span: span(alias.range), level: stmt.level, module: module.clone(), what });
        }
        imports
    }
}
