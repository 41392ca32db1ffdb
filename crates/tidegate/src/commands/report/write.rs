//! A composed report, written in a format.

use super::settings::Settings;
use super::{json, papers};
use crate::atomic;
use crate::cli::{PictureKind, ReportArgs, ReportFormat};
use crate::output::Detail;
use crate::pipeline::Scanned;
use crate::positions::Sources;
use crate::print;
use anyhow::{Context as _, Result, bail};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use tidegate_audit::Finding;
use tidegate_report::compose::{Composed, Unfilled};
use tidegate_report::data::{Data, Policies, topics};
use tidegate_report::document::{Document, Picture};
use tidegate_report::fill::{self, Evidence, Facts, Wishes, reach_in_words};
use tidegate_report::write_markdown::{self, Pictures};
use tidegate_report::{compose, html};

/// Pixels of a PNG for each of the picture's own.
pub const PNG_SCALE: f32 = 2.0;

/// What is to be written.
#[derive(Debug, Default)]
pub struct Output {
    /// The document.
    pub document: Document,
    /// Whether it is one finding and no whole report.
    pub alone: bool,
    /// Finished Markdown, where a template was filled in.
    pub markdown: Option<String>,
    /// The finished file, where findings are handed over to another tool.
    pub handed_over: Option<String>,
    /// Pictures that the Markdown refers to.
    pub pictures: Vec<Picture>,
    /// What the reader should know.
    pub warnings: Vec<String>,
}

impl Output {
    /// One finding.
    pub fn alone(composed: Composed) -> Self {
        Self { document: composed.document, warnings: composed.warnings, alone: true, ..Self::default() }
    }
}

/// The format that is asked for, else the one that the output's name ends in.
pub fn format(args: &ReportArgs) -> ReportFormat {
    let ending = args.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    args.format.unwrap_or(match ending.map(str::to_lowercase).as_deref() {
        Some("html" | "htm") => ReportFormat::Html,
        Some("json") => ReportFormat::Json,
        Some("pdf") => ReportFormat::Pdf,
        Some("docx") => ReportFormat::Docx,
        _ => ReportFormat::Md,
    })
}

/// Fills the named template in, once per rule and platform of these findings.
pub fn templates(
    args: &ReportArgs,
    data: &Data<'_>,
    settings: &Settings,
    wishes: &Wishes,
    findings: &[&Finding],
) -> Result<Output, Unfilled> {
    let Some(template) = &settings.template else { return Ok(Output::default()) };
    let policies = Policies::of(data.estates);
    let topics = topics(findings.iter().copied());
    let unfilled = |problems| Unfilled { template: template.name.clone(), problems };
    if format(args) != ReportFormat::Md {
        let composed =
            compose::with_template(*data, &topics, &policies, &template.text, wishes).map_err(unfilled)?;
        return Ok(Output::alone(composed));
    }
    let evidence = folder(args).map_or(Evidence::Table, |(name, _)| Evidence::Files(name, ending(args)));
    let mut output = Output::default();
    let mut texts = Vec::new();
    for topic in &topics {
        let facts = Facts { data: *data, policies: &policies, topic };
        let filled = fill::as_markdown(&facts, &template.text, wishes, &evidence).map_err(unfilled)?;
        output.pictures.extend(filled.pictures);
        for warning in filled.warnings {
            output.warnings.push(format!("{} for {}: {warning}", template.name, topic.id()));
        }
        texts.push((filled.front, filled.text));
    }
    // A front matter stands at the top of a file: several findings in one file cannot each have theirs.
    let markdown = match texts.as_slice() {
        [(front, text)] => format!("{front}{text}"),
        several => several.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("\n"),
    };
    output.markdown = Some(markdown);
    Ok(output)
}

/// The folder for pictures beside the output: its name in links, and its path.
fn folder(args: &ReportArgs) -> Option<(String, PathBuf)> {
    let output = args.output.as_deref()?;
    let stem = output.file_stem()?.to_str()?;
    let name = format!("{stem}-pictures");
    // A link must read as one word.
    let link: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    let path = output.parent().unwrap_or(Path::new("")).join(&link);
    Some((link, path))
}

/// Writes the output where it is wanted.
pub fn write(
    args: &ReportArgs,
    scanned: &Scanned,
    sources: &Sources<'_>,
    data: &Data<'_>,
    output: Output,
) -> Result<()> {
    match format(args) {
        ReportFormat::Md => {
            let folder = folder(args);
            let pictures = folder
                .as_ref()
                .map_or(Pictures::Described, |(name, _)| Pictures::Files(name.clone(), ending(args)));
            let text = match &output.markdown {
                Some(text) => text.clone(),
                None if output.alone => write_markdown::write_finding(&output.document, &pictures),
                None => write_markdown::write(&output.document, &pictures),
            };
            if let Some((_, path)) = folder {
                let pictures = output.document.pictures().into_iter().chain(&output.pictures);
                write_pictures(&path, args.pictures, pictures)?;
            }
            put(args, text.as_bytes())
        }
        ReportFormat::Html => put(args, html::write(&output.document).as_bytes()),
        ReportFormat::Pdf => put(args, &papers::pdf(&output.document, data, args)?),
        ReportFormat::Docx => put(args, &papers::docx(&output.document, data, args)?),
        ReportFormat::Sysreptor
        | ReportFormat::Ghostwriter
        | ReportFormat::Pwndoc
        | ReportFormat::Defectdojo
        | ReportFormat::Ocsf => put(args, output.handed_over.unwrap_or_default().as_bytes()),
        ReportFormat::Json => {
            let run = scanned.as_run(sources, Detail::Normal, false);
            put(args, json::render(&run, data, args.single.as_deref())?.as_bytes())
        }
    }
}

/// The ending of pictures' names.
fn ending(args: &ReportArgs) -> &'static str {
    match args.pictures {
        PictureKind::Svg => "svg",
        PictureKind::Png => "png",
    }
}

fn write_pictures<'a>(
    folder: &Path,
    kind: PictureKind,
    pictures: impl Iterator<Item = &'a Picture>,
) -> Result<()> {
    let mut pictures = pictures.peekable();
    if pictures.peek().is_none() {
        return Ok(());
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for picture in pictures {
        let name = |ending: &str| folder.join(format!("{}.{ending}", picture.name));
        match kind {
            PictureKind::Svg => atomic::write(&name("svg"), picture.svg.as_bytes())?,
            PictureKind::Png => atomic::write(&name("png"), &tidegate_png::png(&picture.svg, PNG_SCALE)?)?,
        }
    }
    Ok(())
}

fn put(args: &ReportArgs, content: &[u8]) -> Result<()> {
    match &args.output {
        Some(path) => atomic::write(path, content),
        None if matches!(format(args), ReportFormat::Pdf | ReportFormat::Docx)
            && std::io::stdout().is_terminal() =>
        {
            bail!("this format is not for a terminal: name a file with --output FILE")
        }
        None => Ok(print::document(content)?),
    }
}

/// Every affected system as a table for spreadsheets.
pub fn systems(data: &Data<'_>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "rule",
        "risk",
        "system",
        "id",
        "addresses",
        "account",
        "region",
        "through",
        "may reach",
        "fingerprints",
        "tags",
    ])?;
    for topic in topics(&data.report.findings) {
        for system in &topic.systems {
            let findings: Vec<&Finding> =
                system.findings.iter().filter_map(|at| topic.findings.get(*at).copied()).collect();
            let sets = findings.iter().map(|finding| finding.allows.set.clone());
            let prints: Vec<&str> = findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
            let tags: Vec<String> = system.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let through: Vec<String> = system.through.iter().cloned().collect();
            let cells = [
                topic.rule.name().to_owned(),
                system.risk.name().to_owned(),
                system.name.clone(),
                system.id.clone().unwrap_or_default(),
                system.addresses.join(" "),
                system.account.clone().unwrap_or_default(),
                system.region.clone().unwrap_or_default(),
                through.join("; "),
                data.shown(reach_in_words(&tidegate_space::PacketSet::union_all(sets))),
                prints.join(" "),
                tags.join("; "),
            ];
            writer.write_record(cells.iter().map(|cell| crate::escape::csv(cell)))?;
        }
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
