//! Findings for reporting tools and trackers.

use super::settings::Settings;
use super::write::{Output, PNG_SCALE};
use super::{not_one, nothing_for};
use crate::cli::{PictureKind, ReportArgs, ReportFormat};
use anyhow::Result;
use std::time::SystemTime;
use tidegate_audit::{Finding, RuleId, Status};
use tidegate_report::compose::{self, Unfilled};
use tidegate_report::data::Data;
use tidegate_report::document::Picture;
use tidegate_report::fill::Wishes;
use tidegate_report::handover::{self, Order, ToPng, Tool};

/// The tool that a format is for.
pub fn tool(format: ReportFormat) -> Option<Tool> {
    match format {
        ReportFormat::Sysreptor => Some(Tool::SysReptor),
        ReportFormat::Ghostwriter => Some(Tool::Ghostwriter),
        ReportFormat::Pwndoc => Some(Tool::PwnDoc),
        ReportFormat::Defectdojo => Some(Tool::DefectDojo),
        ReportFormat::Ocsf => Some(Tool::Ocsf),
        _ => None,
    }
}

/// The findings that are asked for, told by the templates that are asked for.
pub fn made(
    tool: Tool,
    args: &ReportArgs,
    data: &Data<'_>,
    settings: &Settings,
    wishes: &Wishes,
    time: SystemTime,
) -> Result<Result<Output>, Unfilled> {
    let mut texts = settings.texts.clone();
    let mut findings: Vec<&Finding> = match &args.single {
        Some(which) => compose::chosen(data, which),
        None => data.report.findings.iter().filter(|finding| finding.status != Status::Safe).collect(),
    };
    if let Some(which) = &args.single
        && (findings.is_empty() || (findings.len() > 1 && RuleId::from_name(which).is_none()))
    {
        return Ok(not_one(which, findings.len()));
    }
    if let Some(template) = &settings.template {
        texts.set(&template.rules, &template.text);
        if args.single.is_none() {
            findings.retain(|finding| template.rules.contains(&finding.rule));
        }
        if findings.is_empty() {
            return Ok(nothing_for(template, data));
        }
    }
    let png = |picture: &Picture| tidegate_png::png(&picture.svg, PNG_SCALE).ok();
    let png: Option<ToPng<'_>> = (args.pictures == PictureKind::Png).then_some(&png);
    let order = Order { data: *data, findings: &findings, texts: &texts, wishes, time, png };
    let handed = handover::write(tool, &order)?;
    Ok(Ok(Output { handed_over: Some(handed.text), warnings: handed.warnings, ..Output::default() }))
}
