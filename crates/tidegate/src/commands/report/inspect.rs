//! `tidegate report --template FILE --inspect`: what a template asks for, and what would fill it.

use super::settings::Settings;
use crate::escape::line;
use std::fmt::Write as _;
use tidegate_report::data::{Data, topics};
use tidegate_report::fill::BUILT_IN;
use tidegate_report::template::Fill;
use tidegate_report::texts::Text;

/// Describes the named template, else each of the texts in use.
pub fn render(data: &Data<'_>, settings: &Settings) -> String {
    let mut out = String::new();
    match &settings.template {
        Some(template) => {
            let rules: Vec<&str> = template.rules.iter().map(|rule| rule.name()).collect();
            let findings =
                data.report.findings.iter().filter(|finding| template.rules.contains(&finding.rule));
            let fills: Vec<(String, Fill)> =
                topics(findings).iter().map(|topic| (topic.id(), settings.wishes.fill(topic))).collect();
            describe(&mut out, &template.text, &rules, &fills, settings);
        }
        None => {
            for rule in tidegate_audit::RuleId::ALL {
                let Some(text) = settings.texts.of(rule) else { continue };
                describe(&mut out, text, &[rule.name()], &[], settings);
                out.push('\n');
            }
        }
    }
    out
}

fn describe(out: &mut String, text: &Text, rules: &[&str], fills: &[(String, Fill)], settings: &Settings) {
    let _ = writeln!(out, "{}\n  for findings of {}", line(&text.name), rules.join(", "));
    let empty = Fill {
        labels: settings.wishes.options.clone(),
        without: settings.wishes.without.clone(),
        ..Fill::default()
    };
    let found = text.template.inspect(&empty);
    if !found.options.is_empty() {
        out.push_str("\n  Options\n");
    }
    for (at, option) in found.options.iter().enumerate() {
        let label = match option.labels.as_slice() {
            [] => "the author's choice".to_owned(),
            [one] => one.clone(),
            [one, around @ ..] => format!("{one} (in {})", around.join(", in ")),
        };
        let _ = writeln!(
            out,
            "  {:>3}. line {:<4} {:<22} {}",
            option.number,
            option.line,
            line(&label),
            line(&option.begins)
        );
        for (topic, fill) in fills {
            let kept = text.template.inspect(fill).options.get(at).is_some_and(|option| option.kept);
            let _ = writeln!(out, "       {topic}: {}", if kept { "kept" } else { "dropped" });
        }
    }
    if !found.values.is_empty() {
        out.push_str("\n  Values\n");
    }
    for value in &found.values {
        let lines: Vec<String> = value.lines.iter().map(ToString::to_string).collect();
        let filled = match (
            settings.wishes.values.get(&value.name),
            BUILT_IN.iter().find(|(name, _)| *name == value.name),
        ) {
            (Some(given), _) => format!("\"{}\"", line(given)),
            (None, Some((_, what))) => (*what).to_owned(),
            (None, None) if !value.alternatives.is_empty() => {
                format!(
                    "nothing yet: --set \"{}={}\"",
                    value.name,
                    value.alternatives.first().map_or("", String::as_str)
                )
            }
            (None, None) => format!("nothing yet: --set {}=…", value.name),
        };
        let _ =
            writeln!(out, "       {:<24} {} (line {})", line(&value.name), line(&filled), lines.join(", "));
    }
    if !found.evidence.is_empty() {
        out.push_str("\n  Evidence\n");
    }
    for evidence in &found.evidence {
        let lines: Vec<String> = evidence.lines.iter().map(ToString::to_string).collect();
        let _ = writeln!(
            out,
            "       [{}] the outbound rules of an affected policy (line {})",
            line(&evidence.name),
            lines.join(", ")
        );
    }
    let several = |name: &str, lines: &[usize], out: &mut String| {
        if !lines.is_empty() {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let _ = writeln!(out, "\n  {name}: line {}", lines.join(", "));
        }
    };
    several("Author's notes, which never come out", &found.notes, out);
    several("Plurals, by the number of affected systems", &found.plurals, out);
    several("Markers that are never closed", &found.unclosed, out);
}
