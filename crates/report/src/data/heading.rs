//! What stands around the picture of a policy.

use super::{Data, systems::label};
use tidegate_audit::{Finding, Subject};

pub use crate::evidence::Heading;

impl Heading {
    /// The heading of a finding's subject; `name` becomes the picture's file name.
    pub fn of(data: &Data<'_>, finding: &Finding, subject: &Subject, name: String) -> Self {
        let mut facts = Vec::new();
        let mut fact = |name: &str, value: Option<&str>| {
            facts.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        };
        let account = match subject.provider_name() {
            "azure" => "Subscription",
            "gcp" => "Project",
            "kubernetes" => "Cluster",
            _ => "Account",
        };
        fact(account, subject.account.as_deref());
        fact("Region", subject.region.as_deref());
        let file = data.origins.file(&finding.place.path);
        fact("Data of", file.as_ref().and_then(|file| file.modified.as_deref()));
        let mut footer = vec![format!("{}:{}", finding.place.path, data.origins.line(&finding.place))];
        if let Some(file) = file {
            footer.push(format!("SHA-256 {}", file.sha256));
        }
        footer.push(format!(
            "{} --explain {}",
            data.inputs.command,
            finding.fingerprint.get(..12).unwrap_or(&finding.fingerprint)
        ));
        Self { file_name: name, title: label(subject), kind: kind(subject), facts, footer }
    }
}

/// `Security group`, in the words of its cloud.
pub fn kind(subject: &Subject) -> String {
    let mut words = subject.kind_name().replace('-', " ");
    if let Some(first) = words.get(..1) {
        let upper = first.to_uppercase();
        words.replace_range(..1, &upper);
    }
    words.replace("acl", "ACL").replace("Vpc", "VPC")
}
