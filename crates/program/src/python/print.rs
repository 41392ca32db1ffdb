//! Core as compact text, for tests.

use crate::core::{
    Argument, ArgumentKind, Block, ComprehensionKind, Const, Expr, ExprKind, FormatPart, Function, Import,
    Imported, Look, Param, ParamKind, Stmt, StmtKind,
};
use crate::names::{Names, Symbol};

/// Prints with the names of one analysis.
pub(super) struct Printer<'a>(pub(super) &'a Names);

impl Printer<'_> {
    fn name(&self, symbol: Symbol) -> &str {
        self.0.text(symbol)
    }

    fn join<T>(&self, items: &[T], print: impl Fn(&T) -> String) -> String {
        items.iter().map(print).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn block(&self, block: &Block) -> String {
        self.join(block, |stmt| self.stmt(stmt))
    }

    fn exprs(&self, exprs: &[Expr]) -> String {
        self.join(exprs, |expr| self.expr(expr))
    }

    fn maybe(&self, expr: Option<&Expr>) -> String {
        expr.map_or("_".to_owned(), |expr| self.expr(expr))
    }

    pub(super) fn stmt(&self, stmt: &Stmt) -> String {
        match &stmt.kind {
            StmtKind::Expr(expr) => self.expr(expr),
            StmtKind::Assign { targets, value } => {
                format!("(= {} {})", self.exprs(targets), self.expr(value))
            }
            StmtKind::Annotated { target, annotation, value } => {
                format!("(: {} {} {})", self.expr(target), self.expr(annotation), self.maybe(value.as_ref()))
            }
            StmtKind::Augment { target, op, value } => {
                format!("({op:?}= {} {})", self.expr(target), self.expr(value))
            }
            StmtKind::If { branches, otherwise } => {
                let branch =
                    |(test, body): &(Expr, Block)| format!("{} [{}]", self.expr(test), self.block(body));
                format!("(if {} else [{}])", self.join(branches, branch), self.block(otherwise))
            }
            StmtKind::While { test, body, otherwise } => {
                format!("(while {} [{}] else [{}])", self.expr(test), self.block(body), self.block(otherwise))
            }
            StmtKind::For { target, iter, body, otherwise } => format!(
                "(for {} {} [{}] else [{}])",
                self.expr(target),
                self.expr(iter),
                self.block(body),
                self.block(otherwise)
            ),
            StmtKind::Def(function) => self.function("def", function),
            StmtKind::Class(class) => format!(
                "{}(class {} ({}) [{}])",
                class.decorators.iter().map(|one| format!("@{} ", self.expr(one))).collect::<String>(),
                self.name(class.name),
                self.arguments(&class.bases),
                self.block(&class.body)
            ),
            StmtKind::Return(value) => format!("(return {})", self.maybe(value.as_ref())),
            StmtKind::Raise(value) => format!("(raise {})", self.maybe(value.as_ref())),
            StmtKind::Break => "break".to_owned(),
            StmtKind::Continue => "continue".to_owned(),
            StmtKind::Pass => "pass".to_owned(),
            StmtKind::Import(imports) => {
                format!("(import {})", self.join(imports, |import| self.import(import)))
            }
            StmtKind::Try { body, handlers, otherwise, finally } => {
                let handlers: String = (handlers.iter())
                    .map(|handler| {
                        let name = handler.name.map_or("_", |name| self.name(name));
                        format!(" except {name} [{}]", self.block(&handler.body))
                    })
                    .collect();
                let (body, otherwise, finally) =
                    (self.block(body), self.block(otherwise), self.block(finally));
                format!("(try [{body}]{handlers} else [{otherwise}] finally [{finally}])")
            }
            StmtKind::With { items, body } => {
                let item = |(manager, target): &(Expr, Option<Expr>)| {
                    format!("{} {}", self.expr(manager), self.maybe(target.as_ref()))
                };
                format!("(with {} [{}])", self.join(items, item), self.block(body))
            }
            StmtKind::Outer { names, global } => {
                let kind = if *global { "global" } else { "nonlocal" };
                format!("({kind} {})", self.join(names, |name| self.name(*name).to_owned()))
            }
            StmtKind::Delete(targets) => format!("(del {})", self.exprs(targets)),
            StmtKind::Assert(test) => format!("(assert {})", self.expr(test)),
        }
    }

    fn import(&self, import: &Import) -> String {
        let module = format!("{}{}", ".".repeat(import.level as usize), import.module);
        match &import.what {
            Imported::Top => module,
            Imported::Module(bind) => format!("{module}->{}", self.name(*bind)),
            Imported::Member { name, bind } => format!("{module}:{}->{}", self.name(*name), self.name(*bind)),
            Imported::Star => format!("{module}:*"),
        }
    }

    fn function(&self, keyword: &str, function: &Function) -> String {
        let decorators: String =
            function.decorators.iter().map(|decorator| format!("@{} ", self.expr(decorator))).collect();
        let star = if function.generator { "*" } else { "" };
        let params = self.join(&function.params, |param| self.param(param));
        let (name, body) = (self.name(function.name), self.block(&function.body));
        format!("{decorators}({keyword}{star} {name} ({params}) [{body}])")
    }

    fn param(&self, param: &Param) -> String {
        let mut text = match param.kind {
            ParamKind::PositionalOnly => "/",
            ParamKind::Either => "",
            ParamKind::Keyword => "!",
            ParamKind::Rest => "*",
            ParamKind::RestKeywords => "**",
        }
        .to_owned();
        text.push_str(self.name(param.name));
        if let Some(annotation) = &param.annotation {
            text.push_str(&format!(":{}", self.expr(annotation)));
        }
        if let Some(default) = &param.default {
            text.push_str(&format!("={}", self.expr(default)));
        }
        text
    }

    fn arguments(&self, arguments: &[Argument]) -> String {
        let argument = |argument: &Argument| {
            let value = self.expr(&argument.value);
            match argument.kind {
                ArgumentKind::Positional => value,
                ArgumentKind::Keyword(name) => format!("{}={value}", self.name(name)),
                ArgumentKind::Splat => format!("*{value}"),
                ArgumentKind::SplatMap => format!("**{value}"),
            }
        };
        self.join(arguments, argument)
    }

    pub(super) fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Const(value) => constant(value),
            ExprKind::Name(name) => self.name(*name).to_owned(),
            ExprKind::Attribute { object, name, .. } => format!("{}.{}", self.expr(object), self.name(*name)),
            ExprKind::Index { object, index } => {
                format!("(index {} {})", self.expr(object), self.expr(index))
            }
            ExprKind::Slice { from, to, step } => format!(
                "(slice {} {} {})",
                self.maybe(from.as_deref()),
                self.maybe(to.as_deref()),
                self.maybe(step.as_deref())
            ),
            ExprKind::Call { callee, arguments } => {
                let arguments = self.arguments(arguments);
                let space = if arguments.is_empty() { "" } else { " " };
                format!("(call {}{space}{arguments})", self.expr(callee))
            }
            ExprKind::Unary { op, operand } => format!("({op:?} {})", self.expr(operand)),
            ExprKind::Binary { op, left, right } => {
                format!("({op:?} {} {})", self.expr(left), self.expr(right))
            }
            ExprKind::Compare { first, rest } => {
                let rest = self.join(rest, |(op, right)| format!("{op:?} {}", self.expr(right)));
                format!("(compare {} {rest})", self.expr(first))
            }
            ExprKind::And(values) => format!("(and {})", self.exprs(values)),
            ExprKind::Or(values) => format!("(or {})", self.exprs(values)),
            ExprKind::IfElse { test, then, otherwise } => {
                format!("(ifelse {} {} {})", self.expr(test), self.expr(then), self.expr(otherwise))
            }
            ExprKind::Lambda(function) => self.function("lambda", function),
            ExprKind::List(values) => format!("[{}]", self.exprs(values)),
            ExprKind::Tuple(values) => format!("(tuple {})", self.exprs(values)),
            ExprKind::Set(values) => format!("(set {})", self.exprs(values)),
            ExprKind::Dict(entries) => {
                let entry = |(key, value): &(Option<Expr>, Expr)| match key {
                    Some(key) => format!("{}:{}", self.expr(key), self.expr(value)),
                    None => format!("**{}", self.expr(value)),
                };
                format!("{{{}}}", self.join(entries, entry))
            }
            ExprKind::Splat(value) => format!("*{}", self.expr(value)),
            ExprKind::Comprehension(comprehension) => {
                let kind = match comprehension.kind {
                    ComprehensionKind::List => "list",
                    ComprehensionKind::Set => "set",
                    ComprehensionKind::Dict => "dict",
                };
                let value = comprehension
                    .value
                    .as_ref()
                    .map_or(String::new(), |value| format!(":{}", self.expr(value)));
                let loops = self.join(&comprehension.loops, |one| {
                    format!(
                        "for {} {} [{}]",
                        self.expr(&one.target),
                        self.expr(&one.iter),
                        self.exprs(&one.tests)
                    )
                });
                format!("({kind} {}{value} {loops})", self.expr(&comprehension.element))
            }
            ExprKind::Format(parts) => {
                let part = |part: &FormatPart| match part {
                    FormatPart::Text(text) => format!("{text:?}"),
                    FormatPart::Value { value, look: Look::Plain } => self.expr(value),
                    FormatPart::Value { value, look: Look::Specified(how) } => {
                        format!("~{how} {}", self.expr(value))
                    }
                    FormatPart::Value { value, look: Look::Other } => format!("~{}", self.expr(value)),
                };
                format!("(format {})", self.join(parts, part))
            }
            ExprKind::Bind { name, value } => format!("(:= {} {})", self.name(*name), self.expr(value)),
            ExprKind::Yield { value, each } => {
                format!("(yield{} {})", if *each { "-each" } else { "" }, self.maybe(value.as_deref()))
            }
            ExprKind::Opaque(reason) => format!("<{reason}>"),
        }
    }
}

fn constant(value: &Const) -> String {
    match value {
        Const::None => "None".to_owned(),
        Const::Bool(true) => "True".to_owned(),
        Const::Bool(false) => "False".to_owned(),
        Const::Int(value) => value.to_string(),
        Const::Float(value) => format!("{value:?}"),
        Const::Str(text) => format!("{text:?}"),
        Const::Bytes => "bytes".to_owned(),
        Const::Ellipsis => "...".to_owned(),
    }
}
