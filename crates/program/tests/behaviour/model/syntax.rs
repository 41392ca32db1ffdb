//! Small programs: what they are made of, how they are made up, and how they look in Python.

use proptest::prelude::*;
use std::fmt::Write;

/// Truth values that nobody can know.
pub const FLAGS: [&str; 3] = ["fa", "fb", "fc"];

/// Variables that hold numbers.
pub const NUMBERS: [&str; 3] = ["x", "y", "z"];

/// A number.
#[derive(Debug, Clone)]
pub enum Number {
    Literal(i64),
    Variable(usize),
    /// `o.a` or `o.b`.
    Attribute(bool),
    Plus(Box<Number>, Box<Number>),
    /// `a if test else b`.
    Either(Box<Test>, Box<Number>, Box<Number>),
    /// `l[at] if len(l) > at else -9`.
    Element(usize),
    /// `l[-1] if l else -9`.
    Last,
    Length,
    Sum,
    /// `d.get(key, -1)`.
    Entry(usize),
    /// A call of a function above this one, with an argument.
    Call(usize, Box<Number>),
}

/// A test.
#[derive(Debug, Clone)]
pub enum Test {
    Flag(usize),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
    Less(Number, Number),
    Equal(Number, Number),
    HasKey(usize),
    HasElement(i64),
    ListIsFull,
    DictIsFull,
}

/// A statement.
#[derive(Debug, Clone)]
pub enum Statement {
    Record(Number),
    RecordList,
    RecordDict,
    Set(usize, Number),
    Add(usize, Number),
    SetAttribute(bool, Number),
    If(Test, Vec<Statement>, Vec<Statement>),
    Append(Number),
    InsertFirst(Number),
    /// `if l: l.pop()`.
    Pop,
    /// `if l: l.pop(0)`.
    PopFirst,
    /// `if len(l) > at: l[at] = value`.
    Replace(usize, Number),
    /// `l.remove(n) if n in l`.
    Remove(i64),
    Reverse,
    Clear,
    /// `l = [e + 1 for e in l if e < n]`.
    Comprehend(i64),
    /// `l[1:]`.
    Tail,
    Put(usize, Number),
    /// `d.pop(key, None)`.
    Take(usize),
    /// `if key in d: del d[key]`.
    Delete(usize),
    /// `d.setdefault(key, value)`.
    Default(usize, Number),
    /// `for i in range(n)`.
    Repeat(usize, Vec<Statement>, Vec<Statement>),
    /// `for x in list(l)`.
    Each(usize, Vec<Statement>),
    /// `w = n; while w > 0 and test: w -= 1; …`.
    While(usize, Test, Vec<Statement>),
    Break,
    Continue,
    Return(Number),
    Raise,
    Assert(Test),
    Try(Vec<Statement>, Vec<Statement>, Vec<Statement>, Vec<Statement>),
}

/// Functions, each calling only those above it, and what runs.
#[derive(Debug, Clone)]
pub struct Program {
    pub functions: Vec<Vec<Statement>>,
    pub main: Vec<Statement>,
}

fn test(number: BoxedStrategy<Number>) -> BoxedStrategy<Test> {
    let leaf = prop_oneof![
        6 => (0..FLAGS.len()).prop_map(Test::Flag),
        1 => (number.clone(), number.clone()).prop_map(|(a, b)| Test::Less(a, b)),
        1 => (number.clone(), number).prop_map(|(a, b)| Test::Equal(a, b)),
        1 => (0..3usize).prop_map(Test::HasKey),
        1 => (0..4i64).prop_map(Test::HasElement),
        1 => Just(Test::ListIsFull),
        1 => Just(Test::DictIsFull),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Test::Not(Box::new(a))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Test::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Test::Or(Box::new(a), Box::new(b))),
        ]
    })
    .boxed()
}

fn number(functions: usize) -> BoxedStrategy<Number> {
    let leaf = prop_oneof![
        4 => (0..5i64).prop_map(Number::Literal),
        4 => (0..NUMBERS.len()).prop_map(Number::Variable),
        1 => any::<bool>().prop_map(Number::Attribute),
        1 => (0..3usize).prop_map(Number::Element),
        1 => Just(Number::Last),
        1 => Just(Number::Length),
        1 => Just(Number::Sum),
        1 => (0..3usize).prop_map(Number::Entry),
    ]
    .boxed();
    let simple = leaf.clone();
    let calls = if functions == 0 {
        leaf.clone()
    } else {
        (0..functions, simple.clone()).prop_map(|(f, n)| Number::Call(f, Box::new(n))).boxed()
    };
    prop_oneof![
        6 => leaf,
        1 => (simple.clone(), simple.clone()).prop_map(|(a, b)| Number::Plus(Box::new(a), Box::new(b))),
        1 => (test(simple.clone()), simple.clone(), simple)
            .prop_map(|(t, a, b)| Number::Either(Box::new(t), Box::new(a), Box::new(b))),
        1 => calls,
    ]
    .boxed()
}

fn statement(functions: usize) -> BoxedStrategy<Statement> {
    let n = number(functions);
    let t = test(n.clone());
    let leaf = prop_oneof![
        4 => n.clone().prop_map(Statement::Record),
        1 => Just(Statement::RecordList),
        1 => Just(Statement::RecordDict),
        4 => (0..NUMBERS.len(), n.clone()).prop_map(|(v, n)| Statement::Set(v, n)),
        2 => (0..NUMBERS.len(), n.clone()).prop_map(|(v, n)| Statement::Add(v, n)),
        1 => (any::<bool>(), n.clone()).prop_map(|(a, n)| Statement::SetAttribute(a, n)),
        4 => n.clone().prop_map(Statement::Append),
        1 => n.clone().prop_map(Statement::InsertFirst),
        1 => Just(Statement::Pop),
        1 => Just(Statement::PopFirst),
        1 => (0..3usize, n.clone()).prop_map(|(at, n)| Statement::Replace(at, n)),
        1 => (0..4i64).prop_map(Statement::Remove),
        1 => Just(Statement::Reverse),
        1 => Just(Statement::Clear),
        1 => (0..5i64).prop_map(Statement::Comprehend),
        1 => Just(Statement::Tail),
        3 => (0..3usize, n.clone()).prop_map(|(k, n)| Statement::Put(k, n)),
        1 => (0..3usize).prop_map(Statement::Take),
        1 => (0..3usize).prop_map(Statement::Delete),
        1 => (0..3usize, n.clone()).prop_map(|(k, n)| Statement::Default(k, n)),
        2 => n.prop_map(Statement::Return),
        1 => Just(Statement::Break),
        1 => Just(Statement::Continue),
        1 => Just(Statement::Raise),
        1 => t.clone().prop_map(Statement::Assert),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let block = |most: usize| prop::collection::vec(inner.clone(), 0..most);
        prop_oneof![
            5 => (t.clone(), block(4), block(3)).prop_map(|(t, a, b)| Statement::If(t, a, b)),
            1 => (1..4usize, block(4), block(2)).prop_map(|(n, b, o)| Statement::Repeat(n, b, o)),
            1 => (0..NUMBERS.len(), block(4)).prop_map(|(v, b)| Statement::Each(v, b)),
            1 => (1..4usize, t.clone(), block(3)).prop_map(|(n, t, b)| Statement::While(n, t, b)),
            1 => (block(4), block(3), block(2), block(2))
                .prop_map(|(a, b, c, d)| Statement::Try(a, b, c, d)),
        ]
    })
    .boxed()
}

/// Any program.
pub fn program() -> BoxedStrategy<Program> {
    let functions = prop_oneof![
        2 => Just(Vec::new()).boxed(),
        1 => prop::collection::vec(statement(0), 0..5).prop_map(|f| vec![f]).boxed(),
        1 => (prop::collection::vec(statement(0), 0..4), prop::collection::vec(statement(1), 0..4))
            .prop_map(|(f, g)| vec![f, g]).boxed(),
    ];
    functions
        .prop_flat_map(|functions| {
            prop::collection::vec(statement(functions.len()), 1..8)
                .prop_map(move |main| Program { functions: functions.clone(), main })
        })
        .boxed()
}

impl Program {
    /// The program in Python.
    pub fn python(&self) -> String {
        let mut text = String::from(
            "import lib\n\nlib.fa, lib.fb, lib.fc\n\nclass O:\n    pass\n\no = O()\no.a = 0\no.b = 0\nx = y = z = 0\nl = []\nd = {}\n\n",
        );
        for (at, body) in self.functions.iter().chain([&self.main]).enumerate() {
            let name = if at == self.functions.len() { "main".to_owned() } else { format!("f{at}") };
            let parameter = if name == "main" { "" } else { "p" };
            let _ = writeln!(text, "def {name}({parameter}):\n    global x, y, z, l");
            if name != "main" {
                text.push_str("    x = x + p\n");
            }
            block(body, 1, false, &mut text);
            text.push_str("    return 0\n\n");
        }
        text.push_str(
            "try:\n    lib.record(main())\nexcept Exception:\n    lib.record(-77)\nlib.record(list(l))\n",
        );
        text
    }
}

fn block(statements: &[Statement], depth: usize, in_loop: bool, text: &mut String) {
    if statements.is_empty() {
        let _ = writeln!(text, "{}pass", "    ".repeat(depth));
    }
    for statement in statements {
        line(statement, depth, in_loop, text);
    }
}

fn line(statement: &Statement, depth: usize, in_loop: bool, text: &mut String) {
    use Statement::*;
    let pad = "    ".repeat(depth);
    let key = |k: &usize| format!("'k{k}'");
    let mut put = |line: String| {
        let _ = writeln!(text, "{pad}{line}");
    };
    match statement {
        Record(n) => put(format!("lib.record({})", n.text())),
        RecordList => put("lib.record(l)".into()),
        RecordDict => put("lib.record(d)".into()),
        Set(v, n) => put(format!("{} = {}", NUMBERS[*v], n.text())),
        Add(v, n) => put(format!("{} += {}", NUMBERS[*v], n.text())),
        SetAttribute(a, n) => put(format!("o.{} = {}", if *a { "a" } else { "b" }, n.text())),
        Append(n) => put(format!("l.append({})", n.text())),
        InsertFirst(n) => put(format!("l.insert(0, {})", n.text())),
        Pop => put("if l: l.pop()".into()),
        PopFirst => put("if l: l.pop(0)".into()),
        Replace(at, n) => put(format!("if len(l) > {at}: l[{at}] = {}", n.text())),
        Remove(n) => put(format!("if {n} in l: l.remove({n})")),
        Reverse => put("l.reverse()".into()),
        Clear => put("l.clear()".into()),
        Comprehend(n) => put(format!("l = [e + 1 for e in l if e < {n}]")),
        Tail => put("l = l[1:]".into()),
        Put(k, n) => put(format!("d[{}] = {}", key(k), n.text())),
        Take(k) => put(format!("d.pop({}, None)", key(k))),
        Delete(k) => put(format!("if {0} in d: del d[{0}]", key(k))),
        Default(k, n) => put(format!("d.setdefault({}, {})", key(k), n.text())),
        Break => put(if in_loop { "break" } else { "pass" }.into()),
        Continue => put(if in_loop { "continue" } else { "pass" }.into()),
        Return(n) => put(format!("return {}", n.text())),
        Raise => put("raise ValueError('x')".into()),
        Assert(t) => put(format!("assert {}", t.text())),
        If(t, yes, no) => {
            put(format!("if {}:", t.text()));
            block(yes, depth + 1, in_loop, text);
            if !no.is_empty() {
                let _ = writeln!(text, "{pad}else:");
                block(no, depth + 1, in_loop, text);
            }
        }
        Repeat(n, body, otherwise) => {
            put(format!("for i in range({n}):"));
            block(body, depth + 1, true, text);
            if !otherwise.is_empty() {
                let _ = writeln!(text, "{pad}else:");
                block(otherwise, depth + 1, in_loop, text);
            }
        }
        Each(v, body) => {
            put(format!("for {} in list(l):", NUMBERS[*v]));
            block(body, depth + 1, true, text);
        }
        While(n, t, body) => {
            put(format!("w{depth} = {n}"));
            put(format!("while w{depth} > 0 and {}:", t.text()));
            put(format!("    w{depth} -= 1"));
            block(body, depth + 1, true, text);
        }
        Try(body, handler, otherwise, finally) => {
            put("try:".into());
            block(body, depth + 1, in_loop, text);
            let _ = writeln!(text, "{pad}except Exception:");
            block(handler, depth + 1, in_loop, text);
            if !otherwise.is_empty() {
                let _ = writeln!(text, "{pad}else:");
                block(otherwise, depth + 1, in_loop, text);
            }
            if !finally.is_empty() {
                let _ = writeln!(text, "{pad}finally:");
                block(finally, depth + 1, in_loop, text);
            }
        }
    }
}

impl Number {
    fn text(&self) -> String {
        use Number::*;
        match self {
            Literal(n) => n.to_string(),
            Variable(v) => NUMBERS[*v].into(),
            Attribute(a) => format!("o.{}", if *a { "a" } else { "b" }),
            Plus(a, b) => format!("({} + {})", a.text(), b.text()),
            Either(t, a, b) => format!("({} if {} else {})", a.text(), t.text(), b.text()),
            Element(at) => format!("(l[{at}] if len(l) > {at} else -9)"),
            Last => "(l[-1] if l else -9)".into(),
            Length => "len(l)".into(),
            Sum => "sum(l)".into(),
            Entry(k) => format!("d.get('k{k}', -1)"),
            Call(f, n) => format!("f{f}({})", n.text()),
        }
    }
}

impl Test {
    fn text(&self) -> String {
        use Test::*;
        match self {
            Flag(f) => format!("lib.{}", FLAGS[*f]),
            Not(t) => format!("(not {})", t.text()),
            And(a, b) => format!("({} and {})", a.text(), b.text()),
            Or(a, b) => format!("({} or {})", a.text(), b.text()),
            Less(a, b) => format!("({} < {})", a.text(), b.text()),
            Equal(a, b) => format!("({} == {})", a.text(), b.text()),
            HasKey(k) => format!("('k{k}' in d)"),
            HasElement(n) => format!("({n} in l)"),
            ListIsFull => "(len(l) > 0 and bool(l))".into(),
            DictIsFull => "bool(d)".into(),
        }
    }
}
