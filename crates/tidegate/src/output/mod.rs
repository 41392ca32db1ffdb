//! The result of a scan, written for people and for other tools: one module per format.

mod csv;
pub mod explain;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod sarif;
mod sonarqube;
pub mod text;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use crate::files::Skipped;
use crate::positions::Sources;
use anyhow::Result;
use clap::ValueEnum;
use std::time::{Duration, SystemTime};
use tidegate_audit::Report;

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Format {
    /// For people, on a terminal
    Text,
    /// Everything, in the documented shape of Tidegate
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// GitLab SAST report
    Gitlab,
    /// SonarQube generic issues
    Sonarqube,
    /// A table for spreadsheets
    Csv,
    /// A summary for a pull request
    Markdown,
}

/// Everything a format may need.
pub struct Run<'a> {
    /// What the audit found.
    pub report: &'a Report,
    /// Lines and columns of its places.
    pub sources: &'a Sources<'a>,
    /// Files that were read.
    pub files: usize,
    /// Their size together.
    pub bytes: u64,
    /// What could not be read.
    pub skipped: &'a [Skipped],
    /// When the scan began and how long it took.
    pub time: Time,
    /// Whether what could not be decided fails the run: then it is shown however quiet the output is.
    pub strict: bool,
    /// How talkative text output is.
    pub detail: Detail,
    /// Columns of the terminal.
    pub width: usize,
}

/// When a scan ran.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    /// Its beginning.
    pub start: SystemTime,
    /// Its end.
    pub end: SystemTime,
    /// What to print as its duration.
    pub took: Duration,
}

/// How talkative text output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Findings only.
    Quiet,
    /// Findings, what is unresolved, and the summary.
    Normal,
    /// Notes and ratings too.
    Verbose,
}

impl Time {
    /// The time of a scan that began at `start` and ends now. With `SOURCE_DATE_EPOCH` set both ends
    /// are that time, so that equal input gives equal output.
    pub fn since(start: SystemTime, took: Duration) -> Self {
        match fixed_time() {
            Some(fixed) => Self { start: fixed, end: fixed, took },
            None => Self { start, end: start + took, took },
        }
    }
}

/// The time that `SOURCE_DATE_EPOCH` asks to take for now.
fn fixed_time() -> Option<SystemTime> {
    let seconds = std::env::var("SOURCE_DATE_EPOCH").ok()?.trim().parse::<u32>().ok()?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.into()))
}

/// Today's date (`2026-01-31`), as `SOURCE_DATE_EPOCH` or the clock says.
pub fn date(clock: SystemTime) -> String {
    utc(fixed_time().unwrap_or(clock)).chars().take(10).collect()
}

/// When a file was written. With `SOURCE_DATE_EPOCH` set, never later than that.
pub fn file_time(time: SystemTime) -> String {
    utc(fixed_time().map_or(time, |fixed| fixed.min(time)))
}

/// A time as `2026-01-31T12:00:00Z`.
fn utc(time: SystemTime) -> String {
    // A clock before 1970 or after 9999 is not worth an error.
    let time = time.max(SystemTime::UNIX_EPOCH);
    humantime::format_rfc3339_seconds(time).to_string()
}

/// Writes a run in one of the formats.
pub fn render(format: Format, run: &Run<'_>) -> Result<String> {
    match format {
        Format::Text => Ok(text::render(run)),
        Format::Json => json::render(run),
        Format::Sarif => sarif::render(run),
        Format::Junit => junit::render(run),
        Format::Gitlab => gitlab::render(run),
        Format::Sonarqube => sonarqube::render(run),
        Format::Csv => csv::render(run),
        Format::Markdown => Ok(markdown::render(run)),
    }
}

/// JSON with two spaces, deceptive characters escaped, and a final line feed.
pub fn to_json(value: &impl serde::Serialize) -> Result<String> {
    let mut text = crate::escape::json(&serde_json::to_string_pretty(value)?).into_owned();
    text.push('\n');
    Ok(text)
}
