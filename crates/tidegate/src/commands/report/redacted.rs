//! A report in which accounts, addresses and names are replaced.

use crate::pipeline::Scanned;
use tidegate_audit::Report;
use tidegate_estate::Estate;
use tidegate_report::data::Inputs;
use tidegate_report::redact::Redactor;
use tidegate_report::retest::Retested;

/// What was read and found, with other names.
pub struct Redacted {
    /// Who is called what.
    pub redactor: Redactor,
    /// The findings.
    pub report: Report,
    /// What was read.
    pub estates: Vec<Estate>,
    /// What was named.
    pub inputs: Inputs,
}

impl Redacted {
    /// Replaces every name.
    pub fn of(scanned: &Scanned, inputs: &Inputs) -> Self {
        let skipped = inputs.skipped.iter().map(|(path, _)| path.clone());
        let paths: Vec<String> = inputs.files.iter().cloned().chain(skipped).collect();
        let redactor = Redactor::of(&scanned.report, &scanned.estates, &paths);
        Self {
            report: redactor.report(&scanned.report),
            estates: redactor.estates(&scanned.estates),
            inputs: Inputs {
                files: inputs.files.iter().map(|path| redactor.text(path)).collect(),
                skipped: inputs
                    .skipped
                    .iter()
                    .map(|(path, why)| (redactor.text(path), redactor.text(why)))
                    .collect(),
                paths: vec!["PATH".to_owned()],
                command: "tidegate scan PATH".to_owned(),
            },
            redactor,
        }
    }

    /// Replaces the names in one line of a retest.
    pub fn retested(&self, one: &mut Retested) {
        one.policy = self.redactor.text(&one.policy);
        one.before = one.before.as_deref().map(|before| self.redactor.text(before));
    }
}
