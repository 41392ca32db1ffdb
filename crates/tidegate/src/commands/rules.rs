//! `tidegate rules [RULE]`: what there is, and what one means.

use crate::cli::{RulesArgs, RulesFormat};
use crate::exit::Exit;
use crate::rulebook::{self, Page};
use crate::{escape, plain, print};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::fmt::Write as _;
use tidegate_audit::RuleId;

/// Lists the rules, or shows the page of one.
pub fn run(args: &RulesArgs) -> Result<Exit> {
    let text = match &args.rule {
        None => match args.format {
            RulesFormat::Text => table(),
            RulesFormat::Markdown => markdown_table(),
            RulesFormat::Json => json_text(&Value::Array(RuleId::ALL.into_iter().map(described).collect()))?,
        },
        Some(name) => {
            let rules = RuleId::by_name_or_alias(name.trim());
            if rules.is_empty() {
                bail!("{}", unknown(name));
            }
            match args.format {
                RulesFormat::Text => {
                    let pages: Vec<String> = rules
                        .iter()
                        .map(|rule| format!("{}\n\n{}\n", header(*rule), plain::render(Page::of(*rule).body)))
                        .collect();
                    pages.join("\n\n")
                }
                RulesFormat::Markdown => {
                    rules.iter().map(|rule| Page::of(*rule).body).collect::<Vec<_>>().join("\n")
                }
                RulesFormat::Json => match rules.as_slice() {
                    [rule] => json_text(&described(*rule))?,
                    several => json_text(&Value::Array(several.iter().copied().map(described).collect()))?,
                },
            }
        }
    };
    print::result(&text, args.color.into())?;
    Ok(Exit::Clean)
}

/// What to say about a rule that is not there.
pub fn unknown(name: &str) -> String {
    let mut text = format!("there is no rule called `{}`", escape::line(name.trim()));
    match rulebook::nearest(name) {
        Some(near) => {
            let _ = write!(text, "; did you mean `{near}`?");
        }
        None => text.push_str("; `tidegate rules` lists them"),
    }
    text
}

fn header(rule: RuleId) -> String {
    let aliases = rule.aliases().join(", ");
    if aliases.is_empty() { rule.name().to_owned() } else { format!("{} (also {aliases})", rule.name()) }
}

fn table() -> String {
    let width = RuleId::ALL.into_iter().map(|rule| rule.name().len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in RuleId::ALL {
        let _ = writeln!(out, "{:width$}  {}", rule.name(), rule.summary());
        if !rule.aliases().is_empty() {
            let _ = writeln!(out, "{:width$}  also {}", "", rule.aliases().join(", "));
        }
    }
    out.push_str("\nOne in full: tidegate rules RULE\n");
    out
}

fn markdown_table() -> String {
    let mut out = String::from("| Rule | Also known as | Fires when |\n|---|---|---|\n");
    for rule in RuleId::ALL {
        let aliases: Vec<String> = rule.aliases().iter().map(|alias| format!("`{alias}`")).collect();
        let _ = writeln!(
            out,
            "| [`{0}`]({1}) | {2} | {3} |",
            rule.name(),
            rulebook::url(rule),
            aliases.join(", "),
            rule.summary()
        );
    }
    out
}

fn described(rule: RuleId) -> Value {
    let page = Page::of(rule);
    json!({
        "name": rule.name(),
        "aliases": rule.aliases(),
        "title": page.title,
        "summary": rule.summary(),
        "standards": page.standards(),
        "url": rulebook::url(rule),
        "documentation": page.body,
    })
}

fn json_text(value: &Value) -> Result<String> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}
