//! Expressions to core.

use super::lower::{Depth, Lowering, span};
use crate::core::{
    Argument, ArgumentKind, BinaryOp, CompareOp, Comprehension, ComprehensionKind, ComprehensionLoop, Const,
    Expr, ExprKind, FormatPart, Function, Look, Param, ParamKind, Stmt, StmtKind, UnaryOp,
};
use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::rc::Rc;

/// Why a part that the parser invented to go on is opaque.
const SYNTAX_ERROR: ExprKind = ExprKind::Opaque("a syntax error");

impl Lowering<'_> {
    pub(super) fn exprs(&mut self, exprs: &[ast::Expr], at: Depth) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(expr, at)).collect()
    }

    fn boxed(&mut self, expr: &ast::Expr, at: Depth) -> Box<Expr> {
        Box::new(self.expr(expr, at))
    }

    /// The expression `expr`, which is itself at `at`.
    pub(super) fn expr(&mut self, expr: &ast::Expr, at: Depth) -> Expr {
        if self.is_too_deep(at, expr.range()) {
            return opaque(expr, "nested too deeply");
        }
        // Names are every second expression: this way they are written once, not copied.
        if let ast::Expr::Name(name) = expr
            && !name.id.is_empty()
        {
            return Expr {
                span: span(name.range),
                kind: ExprKind::Name(self.names.intern(name.id.as_str())),
            };
        }
        let inner = at.inner();
        let kind = match expr {
            ast::Expr::Name(_) => SYNTAX_ERROR,
            ast::Expr::Attribute(_) | ast::Expr::Call(_) | ast::Expr::Subscript(_) | ast::Expr::BinOp(_) => {
                return self.chain(expr, at);
            }
            ast::Expr::StringLiteral(string) => self.string_literal(string),
            ast::Expr::FString(string) => self.format(&string.value, inner),
            ast::Expr::NumberLiteral(number) => number_literal(&number.value),
            ast::Expr::BooleanLiteral(literal) => ExprKind::Const(Const::Bool(literal.value)),
            ast::Expr::NoneLiteral(_) => ExprKind::Const(Const::None),
            ast::Expr::EllipsisLiteral(_) => ExprKind::Const(Const::Ellipsis),
            ast::Expr::BytesLiteral(_) => ExprKind::Const(Const::Bytes),
            ast::Expr::List(list) => ExprKind::List(self.exprs(&list.elts, inner)),
            ast::Expr::Tuple(tuple) => ExprKind::Tuple(self.exprs(&tuple.elts, inner)),
            ast::Expr::Set(set) => ExprKind::Set(self.exprs(&set.elts, inner)),
            ast::Expr::Dict(dict) => {
                let entry = |item: &ast::DictItem| {
                    let key = item.key.as_ref().map(|key| self.expr(key, inner));
                    (key, self.expr(&item.value, inner))
                };
                ExprKind::Dict(dict.items.iter().map(entry).collect())
            }
            ast::Expr::Starred(starred) => ExprKind::Splat(self.boxed(&starred.value, inner)),
            ast::Expr::Lambda(lambda) => ExprKind::Lambda(Rc::new(self.lambda(lambda, at))),
            ast::Expr::BoolOp(operation) => {
                let values = self.exprs(&operation.values, inner);
                match operation.op {
                    ast::BoolOp::And => ExprKind::And(values),
                    ast::BoolOp::Or => ExprKind::Or(values),
                }
            }
            ast::Expr::Compare(compare) => ExprKind::Compare {
                first: self.boxed(&compare.left, inner),
                rest: (compare.ops.iter().zip(&compare.comparators))
                    .map(|(op, right)| (compare_op(*op), self.expr(right, inner)))
                    .collect(),
            },
            ast::Expr::UnaryOp(operation) => {
                ExprKind::Unary { op: unary_op(operation.op), operand: self.boxed(&operation.operand, inner) }
            }
            ast::Expr::If(choice) => ExprKind::IfElse {
                test: self.boxed(&choice.test, inner),
                then: self.boxed(&choice.body, inner),
                otherwise: self.boxed(&choice.orelse, inner),
            },
            ast::Expr::Named(named) => self.named(named, inner),
            // What an awaitable gives is what it was made from.
            ast::Expr::Await(awaited) => return self.expr(&awaited.value, inner),
            ast::Expr::Yield(yielded) => {
                self.yields = true;
                let value = yielded.value.as_ref().map(|value| self.boxed(value, inner));
                ExprKind::Yield { value, each: false }
            }
            ast::Expr::YieldFrom(yielded) => {
                self.yields = true;
                ExprKind::Yield { value: Some(self.boxed(&yielded.value, inner)), each: true }
            }
            ast::Expr::ListComp(list) => {
                self.comprehension(&list.elt, &list.generators, ComprehensionKind::List, at)
            }
            ast::Expr::Generator(list) => {
                self.comprehension(&list.elt, &list.generators, ComprehensionKind::List, at)
            }
            ast::Expr::SetComp(set) => {
                self.comprehension(&set.elt, &set.generators, ComprehensionKind::Set, at)
            }
            ast::Expr::DictComp(dict) => self.dict_comprehension(dict, at),
            ast::Expr::Slice(_) => ExprKind::Opaque("a slice in a tuple"),
            ast::Expr::TString(_) => ExprKind::Opaque("a template string"),
            ast::Expr::IpyEscapeCommand(_) => ExprKind::Opaque("an IPython command"),
        };
        Expr { span: span(expr.range()), kind }
    }

    /// Attributes, calls, indexes and operators one on another, from the innermost left end outwards.
    fn chain(&mut self, outermost: &ast::Expr, at: Depth) -> Expr {
        let mut links: SmallVec<[&ast::Expr; 8]> = SmallVec::new();
        let mut head = outermost;
        loop {
            let next: &ast::Expr = match head {
                ast::Expr::Attribute(attribute) => &attribute.value,
                ast::Expr::Call(call) => &call.func,
                ast::Expr::Subscript(subscript) => &subscript.value,
                ast::Expr::BinOp(operation) => &operation.left,
                _ => break,
            };
            links.push(head);
            head = next;
        }
        if self.is_too_deep(at.along(links.len()), outermost.range()) {
            return opaque(outermost, "a chain that is too long");
        }
        let mut built = self.expr(head, at.along(links.len()));
        for (above, link) in links.iter().enumerate().rev() {
            let inner = at.along(above).inner();
            let left = Box::new(built);
            let kind = match link {
                ast::Expr::Attribute(attribute) if attribute.attr.id.is_empty() => SYNTAX_ERROR,
                ast::Expr::Attribute(attribute) => ExprKind::Attribute {
                    object: left,
                    name: self.identifier(&attribute.attr),
                    name_span: span(attribute.attr.range),
                },
                ast::Expr::Call(call) => {
                    ExprKind::Call { callee: left, arguments: self.arguments(&call.arguments, inner) }
                }
                ast::Expr::Subscript(subscript) => {
                    ExprKind::Index { object: left, index: Box::new(self.index(&subscript.slice, inner)) }
                }
                ast::Expr::BinOp(operation) => ExprKind::Binary {
                    op: binary_op(operation.op),
                    left,
                    right: self.boxed(&operation.right, inner),
                },
                _ => SYNTAX_ERROR,
            };
            built = Expr { span: span(link.range()), kind };
        }
        built
    }

    fn index(&mut self, index: &ast::Expr, at: Depth) -> Expr {
        let ast::Expr::Slice(slice) = index else { return self.expr(index, at) };
        let mut bound =
            |bound: &Option<Box<ast::Expr>>| bound.as_ref().map(|expr| self.boxed(expr, at.inner()));
        let kind =
            ExprKind::Slice { from: bound(&slice.lower), to: bound(&slice.upper), step: bound(&slice.step) };
        Expr { span: span(slice.range), kind }
    }

    /// Arguments in source order.
    pub(super) fn arguments(&mut self, arguments: &ast::Arguments, at: Depth) -> Vec<Argument> {
        let mut lowered = Vec::with_capacity(arguments.args.len() + arguments.keywords.len());
        for argument in arguments.iter_source_order() {
            let span = span(argument.range());
            let (kind, value) = match argument {
                ast::ArgOrKeyword::Arg(ast::Expr::Starred(starred)) => {
                    (ArgumentKind::Splat, self.expr(&starred.value, at))
                }
                ast::ArgOrKeyword::Arg(value) => (ArgumentKind::Positional, self.expr(value, at)),
                ast::ArgOrKeyword::Keyword(keyword) => match &keyword.arg {
                    // It may have been meant as any name.
                    Some(name) if name.id.is_empty() => {
                        (ArgumentKind::SplatMap, Expr { span, kind: SYNTAX_ERROR })
                    }
                    Some(name) => {
                        let name = self.identifier(name);
                        (ArgumentKind::Keyword(name), self.expr(&keyword.value, at))
                    }
                    None => (ArgumentKind::SplatMap, self.expr(&keyword.value, at)),
                },
            };
            lowered.push(Argument { kind, value, span });
        }
        lowered
    }

    /// Parameters in the order of their kinds; defaults and annotations are at `at`.
    pub(super) fn params(&mut self, parameters: &ast::Parameters, at: Depth) -> Vec<Param> {
        let mut params = Vec::new();
        let named = |lowering: &mut Self, kind, param: &ast::ParameterWithDefault| Param {
            default: param.default.as_ref().map(|default| lowering.expr(default, at)),
            ..lowering.param(kind, &param.parameter, at)
        };
        params
            .extend(parameters.posonlyargs.iter().map(|param| named(self, ParamKind::PositionalOnly, param)));
        params.extend(parameters.args.iter().map(|param| named(self, ParamKind::Either, param)));
        params.extend(parameters.vararg.iter().map(|param| self.param(ParamKind::Rest, param, at)));
        params.extend(parameters.kwonlyargs.iter().map(|param| named(self, ParamKind::Keyword, param)));
        params.extend(parameters.kwarg.iter().map(|param| self.param(ParamKind::RestKeywords, param, at)));
        params
    }

    fn param(&mut self, kind: ParamKind, parameter: &ast::Parameter, at: Depth) -> Param {
        Param {
            name: self.identifier(&parameter.name),
            kind,
            default: None,
            annotation: parameter.annotation.as_ref().map(|annotation| self.expr(annotation, at)),
        }
    }

    fn lambda(&mut self, lambda: &ast::ExprLambda, at: Depth) -> Function {
        let inner = at.inner();
        let params = match &lambda.parameters {
            Some(parameters) => self.params(parameters, inner),
            None => Vec::new(),
        };
        let outer = std::mem::take(&mut self.yields);
        let value = self.expr(&lambda.body, inner);
        let generator = std::mem::replace(&mut self.yields, outer);
        let whole = span(lambda.range);
        Function {
            name: self.lambda,
            name_span: whole,
            span: whole,
            params,
            body: vec![Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }],
            decorators: Vec::new(),
            generator,
        }
    }

    fn named(&mut self, named: &ast::ExprNamed, inner: Depth) -> ExprKind {
        match &*named.target {
            ast::Expr::Name(name) if !name.id.is_empty() => ExprKind::Bind {
                name: self.names.intern(name.id.as_str()),
                value: self.boxed(&named.value, inner),
            },
            _ => SYNTAX_ERROR,
        }
    }

    fn comprehension(
        &mut self,
        element: &ast::Expr,
        loops: &[ast::Comprehension],
        kind: ComprehensionKind,
        at: Depth,
    ) -> ExprKind {
        if element.is_starred_expr() {
            return ExprKind::Opaque("a comprehension with `*`");
        }
        let inner = at.inner();
        let element = self.expr(element, inner);
        let loops = self.comprehension_loops(loops, inner);
        ExprKind::Comprehension(Box::new(Comprehension { kind, element, value: None, loops }))
    }

    fn dict_comprehension(&mut self, dict: &ast::ExprDictComp, at: Depth) -> ExprKind {
        let Some(key) = &dict.key else { return ExprKind::Opaque("a comprehension with `**`") };
        let inner = at.inner();
        ExprKind::Comprehension(Box::new(Comprehension {
            kind: ComprehensionKind::Dict,
            element: self.expr(key, inner),
            value: Some(self.expr(&dict.value, inner)),
            loops: self.comprehension_loops(&dict.generators, inner),
        }))
    }

    fn comprehension_loops(&mut self, loops: &[ast::Comprehension], inner: Depth) -> Vec<ComprehensionLoop> {
        let lower = |one: &ast::Comprehension| ComprehensionLoop {
            target: self.expr(&one.target, inner),
            iter: self.expr(&one.iter, inner),
            tests: self.exprs(&one.ifs, inner),
        };
        loops.iter().map(lower).collect()
    }

    fn string_literal(&self, string: &ast::ExprStringLiteral) -> ExprKind {
        if string.value.iter().any(|literal| literal.flags.is_invalid()) {
            return SYNTAX_ERROR;
        }
        let text = self.with_plain_lines(string.value.to_str(), string.range);
        ExprKind::Const(Const::Str((*text).into()))
    }

    /// A string's text with line ends as Python reads them; `range` is where it was written.
    fn with_plain_lines<'t>(&self, text: &'t str, range: TextRange) -> Cow<'t, str> {
        // Escapes such as `\r` stay, except in the odd string that has both.
        let written = |source: &str| source.get(range.to_std_range()).is_some_and(|text| text.contains('\r'));
        if self.source_with_returns.is_some_and(|source| text.contains('\r') && written(source)) {
            return Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
        }
        Cow::Borrowed(text)
    }

    fn format(&mut self, value: &ast::FStringValue, inner: Depth) -> ExprKind {
        let mut parts = Vec::new();
        let mut text = String::new();
        for part in value {
            let string = match part {
                ast::FStringPart::Literal(literal) if literal.flags.is_invalid() => return SYNTAX_ERROR,
                ast::FStringPart::Literal(literal) => {
                    text.push_str(&self.with_plain_lines(literal.as_str(), literal.range));
                    continue;
                }
                ast::FStringPart::FString(string) => string,
            };
            for element in &string.elements {
                let value = match element {
                    ast::InterpolatedStringElement::Literal(literal) => {
                        text.push_str(&self.with_plain_lines(&literal.value, literal.range));
                        continue;
                    }
                    ast::InterpolatedStringElement::Interpolation(value) => value,
                };
                if let Some(source) = &value.debug_text {
                    text.push_str(source.as_str());
                }
                if !text.is_empty() {
                    parts.push(FormatPart::Text(text.as_str().into()));
                    text.clear();
                }
                parts.push(FormatPart::Value {
                    value: self.expr(&value.expression, inner),
                    look: look_of(value),
                });
            }
        }
        if parts.is_empty() {
            return ExprKind::Const(Const::Str(text.into()));
        }
        if !text.is_empty() {
            parts.push(FormatPart::Text(text.into()));
        }
        ExprKind::Format(parts)
    }
}

/// Whether a value in an f-string is written as `str` writes it.
fn look_of(value: &ast::InterpolatedElement) -> Look {
    let as_str = match value.conversion {
        ast::ConversionFlag::Str => true,
        // `{x=}` is written as `repr` writes it.
        ast::ConversionFlag::None => value.debug_text.is_none(),
        ast::ConversionFlag::Repr | ast::ConversionFlag::Ascii => false,
    };
    if !as_str {
        return Look::Other;
    }
    match value.format_spec.as_ref().map(|specification| &specification.elements[..]) {
        None | Some([]) => Look::Plain,
        Some([ast::InterpolatedStringElement::Literal(literal)]) => {
            Look::Specified(literal.value.as_ref().into())
        }
        Some(_) => Look::Other,
    }
}

/// `expr`, not followed for `reason`.
fn opaque(expr: &ast::Expr, reason: &'static str) -> Expr {
    Expr { span: span(expr.range()), kind: ExprKind::Opaque(reason) }
}

fn number_literal(value: &ast::Number) -> ExprKind {
    match value {
        ast::Number::Int(value) => ExprKind::Const(match value.as_i64() {
            Some(value) => Const::Int(value),
            None => Const::Float(big_int(&value.to_string())),
        }),
        ast::Number::Float(value) => ExprKind::Const(Const::Float(*value)),
        ast::Number::Complex { .. } => ExprKind::Opaque("a complex number"),
    }
}

/// A whole number as written, about.
fn big_int(text: &str) -> f64 {
    let radix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => return text.replace('_', "").parse().unwrap_or(f64::INFINITY),
    };
    let digits = text.chars().skip(2).filter_map(|digit| digit.to_digit(radix));
    digits.fold(0.0, |value, digit| value * f64::from(radix) + f64::from(digit))
}

pub(super) fn binary_op(op: ast::Operator) -> BinaryOp {
    match op {
        ast::Operator::Add => BinaryOp::Add,
        ast::Operator::Sub => BinaryOp::Subtract,
        ast::Operator::Mult => BinaryOp::Multiply,
        ast::Operator::MatMult => BinaryOp::MatrixMultiply,
        ast::Operator::Div => BinaryOp::Divide,
        ast::Operator::Mod => BinaryOp::Modulo,
        ast::Operator::Pow => BinaryOp::Power,
        ast::Operator::LShift => BinaryOp::ShiftLeft,
        ast::Operator::RShift => BinaryOp::ShiftRight,
        ast::Operator::BitOr => BinaryOp::BitOr,
        ast::Operator::BitXor => BinaryOp::BitXor,
        ast::Operator::BitAnd => BinaryOp::BitAnd,
        ast::Operator::FloorDiv => BinaryOp::FloorDivide,
    }
}

fn unary_op(op: ast::UnaryOp) -> UnaryOp {
    match op {
        ast::UnaryOp::Invert => UnaryOp::Invert,
        ast::UnaryOp::Not => UnaryOp::Not,
        ast::UnaryOp::UAdd => UnaryOp::Plus,
        ast::UnaryOp::USub => UnaryOp::Minus,
    }
}

fn compare_op(op: ast::CmpOp) -> CompareOp {
    match op {
        ast::CmpOp::Eq => CompareOp::Equal,
        ast::CmpOp::NotEq => CompareOp::NotEqual,
        ast::CmpOp::Lt => CompareOp::Less,
        ast::CmpOp::LtE => CompareOp::LessEqual,
        ast::CmpOp::Gt => CompareOp::Greater,
        ast::CmpOp::GtE => CompareOp::GreaterEqual,
        ast::CmpOp::Is => CompareOp::Is,
        ast::CmpOp::IsNot => CompareOp::IsNot,
        ast::CmpOp::In => CompareOp::In,
        ast::CmpOp::NotIn => CompareOp::NotIn,
    }
}
