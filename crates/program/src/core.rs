//! The core language: the little that every source language is lowered into.
//!
//! It keeps what decides values (names, calls, branches, loops, classes) and the span of everything
//! a finding may point at. What a language has beyond that is lowered away (`match` becomes `if`,
//! decorators become calls) or becomes [`ExprKind::Opaque`] with the reason.

use crate::names::Symbol;
use std::rc::Rc;
use std::sync::Arc;
use tidegate_estate::{Diagnostic, Span};

/// One source file.
#[derive(Debug)]
pub struct Module {
    /// Path relative to the run's root.
    pub path: Arc<str>,
    /// Its statements.
    pub body: Block,
    /// What could not be parsed; the rest was.
    pub diagnostics: Vec<Diagnostic>,
}

/// Statements in order.
pub type Block = Vec<Stmt>;

/// A statement with its bytes.
#[derive(Debug)]
pub struct Stmt {
    /// The whole statement.
    pub span: Span,
    /// What it does.
    pub kind: StmtKind,
}

/// What a statement does.
#[derive(Debug)]
#[allow(missing_docs, reason = "the variants' documentation names the fields")]
pub enum StmtKind {
    /// Evaluates for effect.
    Expr(Expr),
    /// `a = b = value`; targets are names, attributes, indexes, tuples, splats.
    Assign { targets: Vec<Expr>, value: Expr },
    /// `name: annotation` or `name: annotation = value`.
    Annotated { target: Expr, annotation: Expr, value: Option<Expr> },
    /// `target op= value`.
    Augment { target: Expr, op: BinaryOp, value: Expr },
    /// The first branch whose test holds, else `otherwise`.
    If { branches: Vec<(Expr, Block)>, otherwise: Block },
    /// Repeats while the test holds.
    While { test: Expr, body: Block, otherwise: Block },
    /// Once for each element.
    For { target: Expr, iter: Expr, body: Block, otherwise: Block },
    /// Defines a function in the current scope.
    Def(Rc<Function>),
    /// Defines a class in the current scope.
    Class(Rc<ClassDef>),
    /// Leaves the function with a value.
    Return(Option<Expr>),
    /// Leaves by an exception.
    Raise(Option<Expr>),
    /// Leaves the loop.
    Break,
    /// Goes on with the loop's next round.
    Continue,
    /// Does nothing.
    Pass,
    /// Binds modules or their members.
    Import(Vec<Import>),
    /// Body; handlers if it raises; `otherwise` if not; `finally` in any case.
    Try { body: Block, handlers: Vec<Handler>, otherwise: Block, finally: Block },
    /// Context managers with their targets, then the body.
    With { items: Vec<(Expr, Option<Expr>)>, body: Block },
    /// Names that mean the module's or an outer function's variable.
    Outer { names: Vec<Symbol>, global: bool },
    /// Unbinds.
    Delete(Vec<Expr>),
    /// Raises where the test does not hold.
    Assert(Expr),
}

/// One `except` clause.
#[derive(Debug)]
pub struct Handler {
    /// `as` name.
    pub name: Option<Symbol>,
    /// Its statements.
    pub body: Block,
}

/// One name bound by an import statement.
#[derive(Debug)]
pub struct Import {
    /// The import's own bytes (the alias, not the whole statement).
    pub span: Span,
    /// Leading dots of a relative import; 0 = absolute.
    pub level: u32,
    /// Dotted module (may be empty in a relative import).
    pub module: Rc<str>,
    /// What of it.
    pub what: Imported,
}

/// What an import binds.
#[derive(Debug)]
#[allow(missing_docs, reason = "the variants' documentation names the fields")]
pub enum Imported {
    /// `import a.b.c`: binds `a`.
    Top,
    /// `import a.b.c as x`: binds `x` to `a.b.c`.
    Module(Symbol),
    /// `from m import name as x`.
    Member { name: Symbol, bind: Symbol },
    /// `from m import *`.
    Star,
}

/// A function, method or lambda.
#[derive(Debug)]
pub struct Function {
    /// Its name; `<lambda>` for lambdas.
    pub name: Symbol,
    /// Bytes of the name (lambda: of the whole).
    pub name_span: Span,
    /// Bytes of the whole definition.
    pub span: Span,
    /// Parameters in order.
    pub params: Vec<Param>,
    /// Statements (a lambda has one `return`).
    pub body: Block,
    /// Decorators, outermost first.
    pub decorators: Vec<Expr>,
    /// Whether it has `yield`: a call gives the list of what it yields.
    pub generator: bool,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name.
    pub name: Symbol,
    /// How arguments reach it.
    pub kind: ParamKind,
    /// Default value, evaluated where the function is defined.
    pub default: Option<Expr>,
    /// Annotation, kept for unknown arguments.
    pub annotation: Option<Expr>,
}

/// How arguments reach a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    /// By position only.
    PositionalOnly,
    /// By position or name.
    Either,
    /// By name only.
    Keyword,
    /// `*args`.
    Rest,
    /// `**kwargs`.
    RestKeywords,
}

/// A class.
#[derive(Debug)]
pub struct ClassDef {
    /// Its name.
    pub name: Symbol,
    /// Bytes of the name.
    pub name_span: Span,
    /// Bytes of the whole definition.
    pub span: Span,
    /// Base classes and class keywords (`metaclass=`).
    pub bases: Vec<Argument>,
    /// Statements of the class body.
    pub body: Block,
    /// Decorators, outermost first.
    pub decorators: Vec<Expr>,
}

/// An expression with its bytes.
#[derive(Debug)]
pub struct Expr {
    /// The expression, without parentheses around it.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an expression is.
#[derive(Debug)]
#[allow(missing_docs, reason = "the variants' documentation names the fields")]
pub enum ExprKind {
    /// A literal.
    Const(Const),
    /// A variable.
    Name(Symbol),
    /// `object.name`, with the bytes of the name.
    Attribute { object: Box<Expr>, name: Symbol, name_span: Span },
    /// `object[index]`.
    Index { object: Box<Expr>, index: Box<Expr> },
    /// `from:to:step`, only as an index.
    Slice { from: Option<Box<Expr>>, to: Option<Box<Expr>>, step: Option<Box<Expr>> },
    /// A call.
    Call { callee: Box<Expr>, arguments: Vec<Argument> },
    /// `op operand`.
    Unary { op: UnaryOp, operand: Box<Expr> },
    /// `left op right`.
    Binary { op: BinaryOp, left: Box<Expr>, right: Box<Expr> },
    /// `first op second op third …`, all must hold.
    Compare { first: Box<Expr>, rest: Vec<(CompareOp, Expr)> },
    /// The first that is false, else the last.
    And(Vec<Expr>),
    /// The first that is true, else the last.
    Or(Vec<Expr>),
    /// `then if test else otherwise`.
    IfElse { test: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// An anonymous function.
    Lambda(Rc<Function>),
    /// A list display.
    List(Vec<Expr>),
    /// A tuple display.
    Tuple(Vec<Expr>),
    /// A set display.
    Set(Vec<Expr>),
    /// A dict display; a key of `None` splats a mapping.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `*value` in a display or target.
    Splat(Box<Expr>),
    /// A comprehension or generator expression.
    Comprehension(Box<Comprehension>),
    /// A string put together from parts (f-string).
    Format(Vec<FormatPart>),
    /// `name := value`.
    Bind { name: Symbol, value: Box<Expr> },
    /// `yield value` (`each`: `yield from value`).
    Yield { value: Option<Box<Expr>>, each: bool },
    /// Something the core language does not follow, with the reason.
    Opaque(&'static str),
}

/// A literal.
#[derive(Debug, Clone)]
pub enum Const {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A float, or an integer that does not fit.
    Float(f64),
    /// A string.
    Str(Rc<str>),
    /// Bytes, which nothing here looks into.
    Bytes,
    /// `...`
    Ellipsis,
}

/// An argument of a call.
#[derive(Debug)]
pub struct Argument {
    /// How it is passed.
    pub kind: ArgumentKind,
    /// Its value.
    pub value: Expr,
    /// The whole argument (`name=value`).
    pub span: Span,
}

/// How an argument is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// By position.
    Positional,
    /// `name=value`.
    Keyword(Symbol),
    /// `*value`.
    Splat,
    /// `**value`.
    SplatMap,
}

/// A comprehension.
#[derive(Debug)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// The element (the key of a dict).
    pub element: Expr,
    /// The value of a dict.
    pub value: Option<Expr>,
    /// `for target in iter if tests`, outermost first.
    pub loops: Vec<ComprehensionLoop>,
}

/// What a comprehension makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComprehensionKind {
    /// A list, also for generator expressions.
    List,
    /// A set.
    Set,
    /// A dict.
    Dict,
}

/// One `for` of a comprehension.
#[derive(Debug)]
pub struct ComprehensionLoop {
    /// Loop variable(s).
    pub target: Expr,
    /// What is looped over.
    pub iter: Expr,
    /// All must hold.
    pub tests: Vec<Expr>,
}

/// A part of an f-string.
#[derive(Debug)]
#[allow(missing_docs, reason = "the variants' documentation names the fields")]
pub enum FormatPart {
    /// Text as it stands.
    Text(Rc<str>),
    /// `{value}`, `{value:03d}`.
    Value { value: Expr, look: Look },
}

/// How a value in a string that is put together becomes text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// As `str` writes it.
    Plain,
    /// By a specification that is written out.
    Specified(Rc<str>),
    /// As `repr` writes it, or by a specification that is put together itself.
    Other,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
    /// `~`
    Invert,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `//`
    FloorDivide,
    /// `%`
    Modulo,
    /// `**`
    Power,
    /// `|`
    BitOr,
    /// `&`
    BitAnd,
    /// `^`
    BitXor,
    /// `<<`
    ShiftLeft,
    /// `>>`
    ShiftRight,
    /// `@`
    MatrixMultiply,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `is`
    Is,
    /// `is not`
    IsNot,
    /// `in`
    In,
    /// `not in`
    NotIn,
}
