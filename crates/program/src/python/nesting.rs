//! Keeps hostile nesting from exhausting stack or memory: before the parser runs, and when its tree is dropped.
//!
//! Ruff's parser moves to fresh stack memory when it recurses deeply, about 2 KiB for each level. Three things
//! are left to us: lambdas in defaults of lambdas recurse without that care, f-strings within f-strings take
//! quadratic time, and a deep tree is dropped recursively. Chains (`a + b + c`, `a.b.c`) are parsed in a loop,
//! only the tree they leave is deep.

use memchr::memmem;
use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::transformer::{
    Transformer, walk_expr, walk_interpolated_string_element, walk_pattern, walk_stmt,
};
use ruff_python_ast::{
    AtomicNodeIndex, Expr, ExprNoneLiteral, InterpolatedStringElement, ModModule, Pattern,
    PatternMatchSingleton, Singleton, Stmt, StmtPass,
};
use ruff_python_parser::{Mode, lexer};
use ruff_text_size::TextRange;
use std::cell::{Cell, RefCell};

/// Levels at which something in a file may nest for the parser.
const LEVELS: usize = 2_000;
/// Lambdas that may nest in the parameters of lambdas: the parser's own stack bears about 5000 in 8 MiB.
const LAMBDAS: usize = 500;
/// F-strings, or format specifications, that may nest: time grows with the square.
const FORMATS: usize = 500;

/// Files up to this size cannot nest brackets so deeply that it hurts: 2 KiB of stack for each byte.
const SMALL: usize = 16 << 10;
/// The same for `not`, `if` and the like: 1 KiB of stack for at least four bytes.
const SMALL_FOR_WORDS: usize = 128 << 10;
/// Tokens that may open a level in a file that is not looked at more closely.
const FEW: usize = 10_000;

/// Why `source` must not be given to the parser, if so.
pub(super) fn refuse(source: &str) -> Option<&'static str> {
    if u32::try_from(source.len()).is_err() {
        return Some("the file is larger than 4 GiB and was not read");
    }
    // Counting is far cheaper than reading tokens, and settles it for all but large or hostile files.
    if is_shallow(source) || fits(source) {
        return None;
    }
    Some("the file is nested too deeply and was not read")
}

/// Whether `source` has too few openers of any kind to nest deeply.
fn is_shallow(source: &str) -> bool {
    let bytes = source.as_bytes();
    let count = |word: &str| memmem::find_iter(bytes, word).count();
    if count("lambda") > LAMBDAS || memchr::memchr_iter(b'{', bytes).count() > FORMATS {
        return false;
    }
    if bytes.len() <= SMALL {
        return true;
    }
    let is_mark = |byte: &u8| u8::from(matches!(byte, b'(' | b'[' | b'{' | b'+' | b'-' | b'~' | b'*'));
    // Sums of bytes compile to vector instructions; 255 of them cannot overflow.
    let marks = bytes.chunks(255).map(|chunk| usize::from(chunk.iter().map(is_mark).sum::<u8>()));
    let marks = marks.sum::<usize>();
    if bytes.len() <= SMALL_FOR_WORDS {
        return marks <= FEW;
    }
    let words = ["lambda", "not", "if", "await", "yield", "async"];
    marks + words.iter().map(|word| count(word)).sum::<usize>() <= FEW
}

/// A bracket or interpolated string that is open.
struct Level {
    /// What closes it.
    closer: TokenKind,
    /// Prefix operators and the like that are pending in it.
    pending: usize,
    /// Lambdas whose parameters have not ended.
    parameters: usize,
    /// Whether it is an f-string, or a bracket in one (which may have a format specification).
    format: bool,
}

impl Level {
    fn new(closer: TokenKind, in_format: bool) -> Self {
        let format = in_format || matches!(closer, TokenKind::FStringEnd | TokenKind::TStringEnd);
        Self { closer, pending: 0, parameters: 0, format }
    }
}

/// Whether nothing in `source` nests deeper than the parser may be asked to go.
///
/// Errs on the side of deeper: the parser does not leave a bracket at a closer that does not match.
fn fits(source: &str) -> bool {
    let mut tokens = lexer::lex(source, Mode::Module);
    let mut levels = vec![Level::new(TokenKind::EndOfFile, false)];
    let (mut formats, mut pending, mut lambdas) = (0usize, 0usize, 0usize);
    let (mut after_string, mut after_operand) = (false, false);
    loop {
        let token = tokens.next_token();
        let closer = match token {
            TokenKind::Lpar => Some(TokenKind::Rpar),
            TokenKind::Lsqb => Some(TokenKind::Rsqb),
            TokenKind::Lbrace => Some(TokenKind::Rbrace),
            TokenKind::FStringStart => Some(TokenKind::FStringEnd),
            TokenKind::TStringStart => Some(TokenKind::TStringEnd),
            _ => None,
        };
        if let Some(closer) = closer {
            let opened = Level::new(closer, formats > 0);
            formats += usize::from(opened.format);
            levels.push(opened);
        } else if let Some(closed) = levels.pop_if(|top| top.closer == token) {
            if token == TokenKind::EndOfFile {
                return true;
            }
            formats -= usize::from(closed.format);
            pending -= closed.pending;
            lambdas -= closed.parameters;
        } else if let Some(top) = levels.last_mut() {
            match token {
                // An unclosed string in an f-string hides the rest of the file, but not from the parser.
                TokenKind::EndOfFile => return !(after_string && formats > 0),
                TokenKind::Lambda => {
                    top.pending += 1;
                    top.parameters += 1;
                    pending += 1;
                    lambdas += 1;
                }
                TokenKind::Colon if top.parameters > 0 => {
                    top.parameters -= 1;
                    lambdas -= 1;
                }
                TokenKind::Plus | TokenKind::Minus | TokenKind::Star if after_operand => {}
                TokenKind::Not
                | TokenKind::Plus
                | TokenKind::Minus
                | TokenKind::Tilde
                | TokenKind::Star
                | TokenKind::DoubleStar
                | TokenKind::If
                | TokenKind::Await
                | TokenKind::Yield
                | TokenKind::Async => {
                    top.pending += 1;
                    pending += 1;
                }
                TokenKind::Comma | TokenKind::Newline => {
                    pending -= top.pending - top.parameters;
                    top.pending = top.parameters;
                }
                _ => {}
            }
        }
        if levels.len() + pending > LEVELS || lambdas > LAMBDAS || formats > FORMATS {
            return false;
        }
        if !token.is_trivia() {
            after_string = token == TokenKind::String;
            after_operand = ends_operand(token);
        }
    }
}

/// Whether an operator after `token` has two operands.
fn ends_operand(token: TokenKind) -> bool {
    matches!(
        token,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
            | TokenKind::Ellipsis
            | TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
    )
}

/// Tokens of a file whose tree is surely shallow enough to be dropped as it is.
const FEW_TOKENS: usize = 10_000;
/// Levels of a tree that are dropped in one go.
const DROP_LEVELS: usize = 2_000;

/// Drops a parsed module of `tokens` tokens without deep recursion.
pub(super) fn take_apart(mut module: ModModule, tokens: usize) {
    // Every level of a tree has at least one token of its own.
    if tokens <= FEW_TOKENS {
        return;
    }
    let cutter = Cutter { depth: Cell::new(0), cut: RefCell::default() };
    cutter.visit_body(&mut module.body);
    loop {
        let next = cutter.cut.borrow_mut().pop();
        let Some(mut piece) = next else { return };
        match &mut piece {
            Piece::Stmt(stmt) => walk_stmt(&cutter, stmt),
            Piece::Expr(expr) => walk_expr(&cutter, expr),
            Piece::Pattern(pattern) => walk_pattern(&cutter, pattern),
        }
    }
}

/// Takes out what is deeper than [`DROP_LEVELS`].
struct Cutter {
    depth: Cell<usize>,
    cut: RefCell<Vec<Piece>>,
}

/// Part of a tree that was too deep.
enum Piece {
    Stmt(Stmt),
    Expr(Expr),
    Pattern(Pattern),
}

impl Cutter {
    /// Whether one more level may be entered; if so, it was.
    fn enter(&self) -> bool {
        let depth = self.depth.get();
        let enters = depth < DROP_LEVELS;
        self.depth.set(depth + usize::from(enters));
        enters
    }

    fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    fn keep(&self, piece: Piece) {
        self.cut.borrow_mut().push(piece);
    }
}

impl Transformer for Cutter {
    fn visit_stmt(&self, stmt: &mut Stmt) {
        if self.enter() {
            walk_stmt(self, stmt);
            self.leave();
        } else {
            let nothing = StmtPass { node_index: AtomicNodeIndex::NONE, range: TextRange::default() };
            self.keep(Piece::Stmt(std::mem::replace(stmt, Stmt::Pass(nothing))));
        }
    }

    fn visit_expr(&self, expr: &mut Expr) {
        if self.enter() {
            walk_expr(self, expr);
            self.leave();
        } else {
            let nothing = ExprNoneLiteral { node_index: AtomicNodeIndex::NONE, range: TextRange::default() };
            self.keep(Piece::Expr(std::mem::replace(expr, Expr::NoneLiteral(nothing))));
        }
    }

    fn visit_pattern(&self, pattern: &mut Pattern) {
        if self.enter() {
            walk_pattern(self, pattern);
            self.leave();
        } else {
            let nothing = PatternMatchSingleton {
                node_index: AtomicNodeIndex::NONE,
                range: TextRange::default(),
                value: Singleton::None,
            };
            self.keep(Piece::Pattern(std::mem::replace(pattern, Pattern::MatchSingleton(nothing))));
        }
    }

    // Format specifications nest in each other; `refuse` keeps that shallow.
    fn visit_interpolated_string_element(&self, element: &mut InterpolatedStringElement) {
        walk_interpolated_string_element(self, element);
    }
}
