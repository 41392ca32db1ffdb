//! The review in a terminal: one finding after the other, one key a question.

use super::{decision, list};
use crate::output::{Detail, text};
use crate::pipeline::Scanned;
use crate::rulebook::Page;
use crate::{decisions, plain};
use anyhow::Result;
use console::{Key, Term};
use std::io::{self, ErrorKind};
use tidegate_audit::{Answers, Date, Finding, Status};

/// What to do after a question.
enum Answer<T> {
    Given(T),
    /// On to the next finding.
    Skip,
    /// Nothing more.
    Quit,
}

/// Passes what a question gave on, and leaves where it gave nothing.
macro_rules! given {
    ($question:expr) => {
        match $question? {
            Answer::Given(answer) => answer,
            Answer::Skip => return Ok(Answer::Skip),
            Answer::Quit => return Ok(Answer::Quit),
        }
    };
}

/// What was decided about one finding.
struct Decided {
    status: Status,
    because: String,
    until: Option<Date>,
    answers: Answers,
}

/// Asks about every finding that awaits a decision. Each decision is written at once: whatever ends the
/// dialog, those before stay.
pub fn run(scanned: &Scanned, author: impl FnOnce() -> Result<String>, today: Date) -> Result<()> {
    let term = Term::stderr();
    let waiting = list::waiting(scanned);
    if waiting.is_empty() {
        term.write_line("Nothing awaits a decision.")?;
        return Ok(());
    }
    let by = author()?;
    let sources = scanned.sources();
    let run = scanned.as_run(&sources, Detail::Normal, false);
    let mut made = 0;
    for (at, finding) in waiting.iter().enumerate() {
        term.write_line(&format!("Finding {} of {}\n", at + 1, waiting.len()))?;
        term.write_str(&coloured(&text::in_full(&run, finding)))?;
        let Decided { status, because, until, answers } = match one(&term, finding, today)? {
            Answer::Given(decided) => decided,
            Answer::Skip => continue,
            Answer::Quit => break,
        };
        let decision = decision(status, &by, today, &because, until, answers);
        decisions::update(&scanned.root, |reviews| reviews.decide(finding, &decision))?;
        made += 1;
        term.write_line(&list::told(finding, status))?;
    }
    let count = crate::words::counted(made, "decision");
    term.write_line(&format!("{count} made, {} left", waiting.len() - made))?;
    Ok(())
}

fn coloured(text: &str) -> String {
    let colour = anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    if colour { text.to_owned() } else { crate::print::plain(text) }
}

fn one(term: &Term, finding: &Finding, today: Date) -> Result<Answer<Decided>> {
    let sensitive = "Does the resource hold sensitive data, or has it access to it?";
    let private = "Is it in a private network?";
    let answers = Answers {
        sensitive_data: given!(question(term, finding, sensitive)),
        private_network: given!(question(term, finding, private)),
    };
    match answers.suggestion() {
        Some(Status::Safe) => term.write_line("Two times no: this is probably safe here.")?,
        Some(_) => term.write_line("A yes makes it a risk: close it, or say who carries it and why.")?,
        None => {}
    }
    let status = given!(key(
        term,
        finding,
        "Decision",
        &[
            ('s', "safe", Status::Safe),
            ('a', "acknowledge", Status::Acknowledged),
            ('f', "fixed", Status::Fixed),
        ]
    ));
    let because = given!(line(term, "Why? ", |text| match text {
        "" => Err("a decision needs a reason".to_owned()),
        text => Ok(text.to_owned()),
    }));
    let until = given!(line(term, "Until when (2026-12-31; nothing: for good)? ", |text| {
        if text.is_empty() {
            return Ok(None);
        }
        let until: Date = text.parse().map_err(|error: tidegate_audit::NoDate| error.to_string())?;
        if until < today { Err(format!("{until} is over already")) } else { Ok(Some(until)) }
    }));
    Ok(Answer::Given(Decided { status, because, until, answers }))
}

fn question(term: &Term, finding: &Finding, text: &str) -> Result<Answer<Option<bool>>> {
    key(term, finding, text, &[('y', "yes", Some(true)), ('n', "no", Some(false)), ('u', "unknown", None)])
}

/// Waits for one of the keys. `?` shows the rule, `k` skips the finding, `q` ends the review.
fn key<T: Copy>(term: &Term, finding: &Finding, text: &str, keys: &[(char, &str, T)]) -> Result<Answer<T>> {
    let words: Vec<String> = keys.iter().map(|(key, word, _)| format!("{key} {word}")).collect();
    let prompt = format!("{text} [{}, k skip, q quit, ? the rule] ", words.join(", "));
    term.write_str(&prompt)?;
    loop {
        let pressed = match term.read_key_raw() {
            Ok(Key::Char(pressed)) => pressed.to_ascii_lowercase(),
            Ok(Key::CtrlC | Key::Escape) => 'q',
            Ok(_) => continue,
            Err(error) if is_end(&error) => 'q',
            Err(error) => return Err(error.into()),
        };
        match pressed {
            // Ctrl-D
            'q' | '\u{4}' => {
                term.write_line("quit")?;
                return Ok(Answer::Quit);
            }
            'k' => {
                term.write_line("skip")?;
                return Ok(Answer::Skip);
            }
            '?' => {
                let page = plain::render(Page::of(finding.rule).body);
                term.write_line(&format!("the rule\n\n{page}\n"))?;
                term.write_str(&prompt)?;
            }
            pressed => {
                if let Some((_, word, answer)) = keys.iter().find(|(key, ..)| *key == pressed) {
                    term.write_line(word)?;
                    return Ok(Answer::Given(*answer));
                }
            }
        }
    }
}

/// Asks for a line until it can be used.
fn line<T>(term: &Term, prompt: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Answer<T>> {
    loop {
        term.write_str(prompt)?;
        let text = match term.read_line() {
            Ok(text) => text,
            Err(error) if is_end(&error) => {
                term.write_line("quit")?;
                return Ok(Answer::Quit);
            }
            Err(error) => return Err(error.into()),
        };
        match read(text.trim()) {
            Ok(answer) => return Ok(Answer::Given(answer)),
            Err(wrong) => term.write_line(&wrong)?,
        }
    }
}

/// Whether nobody is there any more, or wants to leave.
fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::UnexpectedEof | ErrorKind::NotConnected)
}
