//! The exit status: 0 nothing to report, 1 findings, 2 wrong usage or a named path that cannot be read,
//! 3 finished but incomplete.

use tidegate_audit::{Level, Report};
use tidegate_estate::Severity;

/// From which risk on a finding makes the run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// From this level on.
    Risk(Level),
    /// Never because of findings.
    Never,
}

impl FailOn {
    /// What counts where nobody says otherwise.
    pub const DEFAULT: FailOn = FailOn::Risk(Level::Low);
}

/// What a run ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above the limit.
    Clean = 0,
    /// Findings at or above the limit.
    Findings = 1,
    /// Wrong usage, or a path the user named cannot be read.
    Usage = 2,
    /// Something that was walked could not be read, and nothing was found.
    Incomplete = 3,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        std::process::ExitCode::from(exit as u8)
    }
}

/// What the status of a scan depends on besides its report.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// From which risk on findings count.
    pub fail_on: FailOn,
    /// Whether what could not be decided counts like a finding.
    pub strict: bool,
    /// Whether a path the user named could not be read.
    pub named_unreadable: bool,
    /// Whether a walked file was skipped.
    pub skipped: bool,
}

/// The status of a scan. A named path that cannot be read goes first (a typing mistake must not look
/// like a result), then findings that nobody decided about, then an incomplete run.
pub fn status(report: &Report, terms: &Terms) -> Exit {
    let counts = |risk: Level| match terms.fail_on {
        FailOn::Risk(limit) => risk >= limit,
        FailOn::Never => false,
    };
    if terms.named_unreadable {
        Exit::Usage
    } else if report.findings.iter().any(|finding| !finding.status.settles() && counts(finding.rating.risk))
        || (terms.strict && !report.unresolved.is_empty())
    {
        Exit::Findings
    } else if terms.skipped || report.diagnostics.iter().any(|d| d.severity == Severity::Error) {
        Exit::Incomplete
    } else {
        Exit::Clean
    }
}
