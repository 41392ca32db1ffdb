//! A plain evaluator of the small programs in one world.

use super::syntax::{Number, Program, Statement, Test};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How a block ended.
enum End {
    Through,
    Broke,
    Continued,
    Returned(i64),
}

/// An exception on its way.
struct Raised;

struct World<'p> {
    program: &'p Program,
    flags: &'p [bool],
    numbers: [i64; 3],
    attributes: [i64; 2],
    /// The list that `l` names now: what was named before may still be added to.
    list: Rc<RefCell<Vec<i64>>>,
    dict: BTreeMap<usize, i64>,
    records: Vec<String>,
    steps: usize,
}

/// A program that takes more statements is not run to its end: lists can grow at a terrible pace.
const MAX_STEPS: usize = 20_000;

/// What the program tells the library where the flags are these; `None` if it takes too long.
pub fn run(program: &Program, flags: &[bool]) -> Option<Vec<String>> {
    let mut world = World {
        program,
        flags,
        numbers: [0; 3],
        attributes: [0; 2],
        list: Rc::default(),
        dict: BTreeMap::new(),
        records: Vec::new(),
        steps: 0,
    };
    let last = match world.block(&program.main, false) {
        Ok(End::Returned(value)) => value,
        Ok(_) => 0,
        Err(Raised) => -77,
    };
    world.records.push(last.to_string());
    world.record_list();
    (world.steps <= MAX_STEPS).then_some(world.records)
}

impl World<'_> {
    fn record_list(&mut self) {
        let items: Vec<String> = self.list.borrow().iter().map(i64::to_string).collect();
        self.records.push(format!("[{}]", items.join(",")));
    }

    fn block(&mut self, statements: &[Statement], in_loop: bool) -> Result<End, Raised> {
        for statement in statements {
            match self.statement(statement, in_loop)? {
                End::Through => {}
                end => return Ok(end),
            }
        }
        Ok(End::Through)
    }

    fn statement(&mut self, statement: &Statement, in_loop: bool) -> Result<End, Raised> {
        use Statement::*;
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Raised);
        }
        match statement {
            Record(n) => {
                let n = self.number(n)?;
                self.records.push(n.to_string());
            }
            RecordList => self.record_list(),
            RecordDict => {
                let items: Vec<String> = self.dict.iter().map(|(k, v)| format!("'k{k}':{v}")).collect();
                self.records.push(format!("{{{}}}", items.join(",")));
            }
            Set(v, n) => self.numbers[*v] = self.number(n)?,
            Add(v, n) => {
                // Python reads the variable before it evaluates the right side.
                let old = self.numbers[*v];
                self.numbers[*v] = old + self.number(n)?;
            }
            SetAttribute(a, n) => self.attributes[usize::from(!*a)] = self.number(n)?,
            Append(n) => {
                // Python looks the list up before it evaluates the argument.
                let list = self.list.clone();
                let n = self.number(n)?;
                list.borrow_mut().push(n);
            }
            InsertFirst(n) => {
                let list = self.list.clone();
                let n = self.number(n)?;
                list.borrow_mut().insert(0, n);
            }
            Pop => {
                self.list.borrow_mut().pop();
            }
            PopFirst => {
                if !self.list.borrow().is_empty() {
                    self.list.borrow_mut().remove(0);
                }
            }
            Replace(at, n) => {
                if self.list.borrow().len() > *at {
                    // And here the other way round: the list may be another one by then, and too short.
                    let n = self.number(n)?;
                    *self.list.borrow_mut().get_mut(*at).ok_or(Raised)? = n;
                }
            }
            Remove(n) => {
                self.list.borrow_mut().retain({
                    let mut left = 1;
                    move |e| e != n || std::mem::take(&mut left) == 0
                });
            }
            Reverse => self.list.borrow_mut().reverse(),
            Clear => self.list.borrow_mut().clear(),
            Comprehend(n) => {
                let list = self.list.borrow().iter().filter(|e| *e < n).map(|e| e.wrapping_add(1)).collect();
                self.list = Rc::new(RefCell::new(list));
            }
            Tail => {
                let list = self.list.borrow().iter().skip(1).copied().collect();
                self.list = Rc::new(RefCell::new(list));
            }
            Put(k, n) => {
                let n = self.number(n)?;
                self.dict.insert(*k, n);
            }
            Take(k) | Delete(k) => {
                self.dict.remove(k);
            }
            Default(k, n) => {
                let n = self.number(n)?;
                self.dict.entry(*k).or_insert(n);
            }
            Break if in_loop => return Ok(End::Broke),
            Continue if in_loop => return Ok(End::Continued),
            Break | Continue => {}
            Return(n) => return Ok(End::Returned(self.number(n)?)),
            Raise => return Err(Raised),
            Assert(t) => {
                if !self.test(t)? {
                    return Err(Raised);
                }
            }
            If(t, yes, no) => {
                let side = if self.test(t)? { yes } else { no };
                return self.block(side, in_loop);
            }
            Repeat(times, body, otherwise) => {
                for _ in 0..*times {
                    match self.block(body, true)? {
                        End::Through | End::Continued => {}
                        End::Broke => return Ok(End::Through),
                        end => return Ok(end),
                    }
                }
                return self.block(otherwise, in_loop);
            }
            Each(v, body) => {
                let elements = self.list.borrow().clone();
                for element in elements {
                    self.numbers[*v] = element;
                    match self.block(body, true)? {
                        End::Through | End::Continued => {}
                        End::Broke => return Ok(End::Through),
                        end => return Ok(end),
                    }
                }
            }
            While(times, t, body) => {
                let mut left = *times;
                while left > 0 && self.test(t)? {
                    left -= 1;
                    match self.block(body, true)? {
                        End::Through | End::Continued => {}
                        End::Broke => return Ok(End::Through),
                        end => return Ok(end),
                    }
                }
            }
            Try(body, handler, otherwise, finally) => {
                let result = match self.block(body, in_loop) {
                    Ok(End::Through) => self.block(otherwise, in_loop),
                    Err(Raised) => self.block(handler, in_loop),
                    other => other,
                };
                return match self.block(finally, in_loop)? {
                    End::Through => result,
                    end => Ok(end),
                };
            }
        }
        Ok(End::Through)
    }

    fn number(&mut self, number: &Number) -> Result<i64, Raised> {
        use Number::*;
        Ok(match number {
            Literal(n) => *n,
            Variable(v) => self.numbers[*v],
            Attribute(a) => self.attributes[usize::from(!*a)],
            // What is too large for 64 bits is unknown to the interpreter.
            Plus(a, b) => self.number(a)?.wrapping_add(self.number(b)?),
            Either(t, a, b) => {
                if self.test(t)? {
                    self.number(a)?
                } else {
                    self.number(b)?
                }
            }
            Element(at) => self.list.borrow().get(*at).copied().unwrap_or(-9),
            Last => self.list.borrow().last().copied().unwrap_or(-9),
            Length => self.list.borrow().len() as i64,
            Sum => self.list.borrow().iter().copied().fold(0, i64::wrapping_add),
            Entry(k) => self.dict.get(k).copied().unwrap_or(-1),
            Call(f, n) => {
                let n = self.number(n)?;
                self.numbers[0] = self.numbers[0].wrapping_add(n);
                let program = self.program;
                match self.block(&program.functions[*f], false)? {
                    End::Returned(value) => value,
                    _ => 0,
                }
            }
        })
    }

    fn test(&mut self, test: &Test) -> Result<bool, Raised> {
        use Test::*;
        Ok(match test {
            Flag(f) => self.flags[*f],
            Not(t) => !self.test(t)?,
            And(a, b) => self.test(a)? && self.test(b)?,
            Or(a, b) => self.test(a)? || self.test(b)?,
            Less(a, b) => self.number(a)? < self.number(b)?,
            Equal(a, b) => self.number(a)? == self.number(b)?,
            HasKey(k) => self.dict.contains_key(k),
            HasElement(n) => self.list.borrow().contains(n),
            ListIsFull => !self.list.borrow().is_empty(),
            DictIsFull => !self.dict.is_empty(),
        })
    }
}
