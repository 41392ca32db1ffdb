//! What the command line, `tidegate.toml` and a file of own texts say about a report.

use crate::cli::ReportArgs;
use crate::pipeline::Scanned;
use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tidegate_audit::RuleId;
use tidegate_report::data::{About, OwnText};
use tidegate_report::fill::Wishes;
use tidegate_report::template::Template;
use tidegate_report::texts::{Text, Texts};

/// The file of a reviewer's own texts, in the root.
const OWN_TEXTS: &str = "report.toml";
/// Rules that a template is for if it does not say so itself: those that say that everything gets out.
const USUAL: [RuleId; 2] = [RuleId::OpenEgressByDefault, RuleId::OpenEgress];

/// Everything that is said about a report.
pub struct Settings {
    /// What stands on its cover.
    pub about: About,
    /// How templates are filled in.
    pub wishes: Wishes,
    /// The texts of the rules.
    pub texts: Texts,
    /// The template that was named.
    pub template: Option<OwnTemplate>,
}

/// A template that was named.
pub struct OwnTemplate {
    /// Its file.
    pub name: String,
    /// The template.
    pub text: Text,
    /// The rules whose findings it tells.
    pub rules: Vec<RuleId>,
}

/// `report.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OwnTexts {
    findings: BTreeMap<String, OwnTextOf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct OwnTextOf {
    title: Option<String>,
    text: Option<String>,
    note: Option<String>,
}

impl Settings {
    /// Puts together what is said; the command line goes before the settings.
    pub fn of(args: &ReportArgs, scanned: &Scanned) -> Result<Self> {
        let config = &scanned.config.report;
        let folder = scanned.root.folder();
        let mut texts = Texts::default();
        let own = args.templates.clone().or_else(|| config.templates.as_ref().map(|path| folder.join(path)));
        if let Some(own) = own {
            replace_all(&mut texts, &own)?;
        }
        let mut values = config.values.clone();
        for pair in &args.set {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| anyhow!("`{pair}` sets nothing: write --set NAME=VALUE"))?;
            values.insert(name.trim().to_owned(), value.to_owned());
        }
        let client = args
            .client
            .clone()
            .or_else(|| config.client.clone())
            .or_else(|| ["CLIENTNAME", "CLIENT"].into_iter().find_map(|name| values.get(name).cloned()));
        let (numbers, labels): (Vec<&String>, Vec<&String>) =
            args.without_option.iter().partition(|one| one.parse::<usize>().is_ok());
        if let Some(label) = labels.first() {
            bail!("`{label}` is no number of an option: --inspect lists them with their numbers");
        }
        let wishes = Wishes {
            values,
            options: args.option.iter().chain(&config.options).cloned().collect(),
            without: numbers.iter().filter_map(|number| number.parse().ok()).collect(),
            draft: args.draft,
            computed: args.rating == crate::cli::Ratings::Computed,
        };
        let template = args.template.as_ref().map(|name| own_template(name, args)).transpose()?;
        if let Some(template) = &template {
            check_numbers(&wishes.without, template)?;
        }
        Ok(Self {
            about: About {
                client,
                title: args.title.clone().or_else(|| config.title.clone()),
                author: args.author.clone().or_else(|| config.author.clone()),
                date: crate::output::date(scanned.time.start),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                facts: config.facts.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
                texts: own_texts(&folder.join(OWN_TEXTS), args.texts.as_deref())?,
            },
            wishes,
            texts,
            template,
        })
    }
}

fn check_numbers(without: &BTreeSet<usize>, template: &OwnTemplate) -> Result<()> {
    let count = template.text.template.options().len();
    match without.iter().find(|number| **number == 0 || **number > count) {
        Some(number) => bail!("{} has {count} options, and none with the number {number}", template.name),
        None => Ok(()),
    }
}

fn own_template(name: &str, args: &ReportArgs) -> Result<OwnTemplate> {
    let path = Path::new(name);
    let text = if path.is_file() || name.contains(['/', '\\']) {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read the template {name}"))?;
        let template = Template::parse(&bytes).map_err(|error| anyhow!("{name}: {error}"))?;
        Text { name: name.to_owned(), template, shipped: false }
    } else {
        Texts::shipped(name).ok_or_else(|| {
            let names: Vec<&str> = Texts::names().collect();
            anyhow!(
                "there is no file {name}, and no template of that name ships along ({})",
                names.join(", ")
            )
        })?
    };
    let mut rules = Vec::new();
    for name in &args.for_rules {
        let named = RuleId::by_name_or_alias(name);
        if named.is_empty() {
            bail!(crate::commands::rules::unknown(name));
        }
        rules.extend(named);
    }
    if rules.is_empty() {
        rules = text.template.front().rules.iter().filter_map(|rule| RuleId::from_name(rule)).collect();
    }
    if rules.is_empty() {
        rules = USUAL.to_vec();
    }
    Ok(OwnTemplate { name: name.to_owned(), text, rules })
}

/// Every Markdown file of a folder instead of ours.
fn replace_all(texts: &mut Texts, folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read the templates in {}", folder.display()))?;
    let mut paths: Vec<std::path::PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let mut any = false;
    for path in paths.iter().filter(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("md"))) {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read the template {name}"))?;
        let taken = texts.replace(&name, &bytes).map_err(|error| anyhow!("{name}: {error}"))?;
        any |= !taken.is_empty();
        if taken.is_empty() {
            crate::print::aside(
                &format!(
                    "warning: {name} is for no rule: name it after one, or list `rules` in its front matter\n"
                ),
                anstream::ColorChoice::Auto,
            );
        }
    }
    if !any {
        bail!("no template in {} is for a rule; `tidegate rules` lists the rules", folder.display());
    }
    Ok(())
}

fn own_texts(usual: &Path, named: Option<&Path>) -> Result<BTreeMap<String, OwnText>> {
    let path = named.unwrap_or(usual);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(BTreeMap::new());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let own: OwnTexts = toml::from_str(&text).map_err(|error| anyhow!("{}: {error}", path.display()))?;
    let text_of = |of: OwnTextOf| OwnText { title: of.title, text: of.text, note: of.note };
    Ok(own.findings.into_iter().map(|(key, of)| (key.to_lowercase(), text_of(of))).collect())
}
