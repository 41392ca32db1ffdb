//! Findings for the tools in which teams write reports and track weaknesses.
//!
//! The text is the report's, told by the same templates and taken apart by its headings (`sections`). Tools in which
//! people write reports get one entry a rule and platform; trackers one a finding.

mod components;
mod defectdojo;
mod ghostwriter;
mod ocsf;
mod pwndoc;
mod rich;
mod sections;
mod sysreptor;
mod told;

pub use sections::{Part, Reference, Sections};

use crate::compose::Unfilled;
use crate::data::Data;
use crate::document::Picture;
use crate::escape;
use crate::fill::Wishes;
use crate::retest::{self, Outcome};
use crate::texts::Texts;
use serde_json::Value;
use std::time::SystemTime;
use tidegate_audit::{Finding, Level};

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// SysReptor: a list for `reptor finding`.
    SysReptor,
    /// Ghostwriter: a request to its GraphQL interface.
    Ghostwriter,
    /// PwnDoc: a list of vulnerabilities to import.
    PwnDoc,
    /// DefectDojo: its Generic Findings Import.
    DefectDojo,
    /// Whatever reads OCSF Detection Findings.
    Ocsf,
}

/// A drawing as PNG; `None` if it cannot be drawn.
pub type ToPng<'a> = &'a dyn Fn(&Picture) -> Option<Vec<u8>>;

/// What is handed over.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// The report's data.
    pub data: Data<'a>,
    /// The findings.
    pub findings: &'a [&'a Finding],
    /// What tells them.
    pub texts: &'a Texts,
    /// How templates are filled in. `REPORTID` (Ghostwriter) and `LOCALE` (PwnDoc) among the values go to the tool.
    pub wishes: &'a Wishes,
    /// When the findings were made.
    pub time: SystemTime,
    /// How pictures become files that the tools take; without it they stay out.
    pub png: Option<ToPng<'a>>,
}

/// What a tool is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandedOver {
    /// The file.
    pub text: String,
    /// What its reader should know, one sentence each.
    pub warnings: Vec<String>,
}

/// Writes findings for a tool.
///
/// # Errors
/// A template that cannot be filled in.
pub fn write(tool: Tool, order: &Order<'_>) -> Result<HandedOver, Unfilled> {
    let mut warnings = Vec::new();
    let value = match tool {
        Tool::SysReptor => sysreptor::findings(order, &mut warnings)?,
        Tool::Ghostwriter => ghostwriter::request(order, &mut warnings)?,
        Tool::PwnDoc => pwndoc::vulnerabilities(order, &mut warnings)?,
        Tool::DefectDojo => defectdojo::findings(order, &mut warnings)?,
        Tool::Ocsf => ocsf::findings(order, &mut warnings)?,
    };
    let mut seen = std::collections::BTreeSet::new();
    warnings.retain(|warning| seen.insert(warning.clone()));
    let json = serde_json::to_string_pretty(&value).unwrap_or_else(|_| Value::Null.to_string());
    Ok(HandedOver { text: format!("{}\n", escape::json(&json)), warnings })
}

/// What became of a finding in a retest; `None` without one.
fn retest_status<'a>(data: &Data<'a>, finding: &Finding) -> Option<&'a Outcome> {
    retest::of_finding(data.retest?, data, finding)
}

/// The longest title that all tools keep (Ghostwriter's column has 255 characters).
const TITLE: usize = 250;

/// A text on one line, cut to what a column holds.
fn line(text: &str, most: usize) -> String {
    let text = escape::line(text);
    if text.chars().count() <= most {
        return text.into_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// `Low`: a level with a capital.
fn capital(level: Level) -> String {
    tidegate_audit::words::sentence(level.name())
}
