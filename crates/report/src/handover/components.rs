//! What is affected, as tools name it: ids, and names of the whole cloud where all of their parts are known.

use super::line;
use crate::data::{Topic, label};
use std::collections::BTreeSet;
use tidegate_audit::{Affected, Finding, Subject};
use tidegate_estate::Provider;

/// Characters that a name may have.
const NAME: usize = 2000;

/// Kinds of EC2 resources by the beginning of their ids, and what an ARN calls them
/// (Service Authorization Reference, "Resource types defined by Amazon EC2").
const KINDS: [(&str, &str); 4] =
    [("i-", "instance"), ("eni-", "network-interface"), ("sg-", "security-group"), ("acl-", "network-acl")];

/// The systems of a topic, else its policies; sorted, each once.
pub fn of_topic(topic: &Topic<'_>) -> Vec<String> {
    let all: BTreeSet<String> = topic.findings.iter().flat_map(|finding| of_finding(finding)).collect();
    all.into_iter().collect()
}

/// The systems of a finding, else its policies.
fn of_finding(finding: &Finding) -> BTreeSet<String> {
    if finding.affected.is_empty() {
        return finding.subjects.iter().flat_map(of_subject).collect();
    }
    finding.affected.iter().map(|affected| of_workload(affected, provider(finding))).collect()
}

/// A policy; a union has several.
pub fn of_subject(subject: &Subject) -> Vec<String> {
    let Some(path) = &subject.path else { return vec![line(&label(subject), NAME)] };
    let name = |id: &str| match arn(id, subject.provider, &subject.account, &subject.region) {
        Some(arn) => arn,
        None => line(id, NAME),
    };
    path.split(" + ").map(name).collect()
}

/// A workload.
pub fn of_workload(affected: &Affected, provider: Option<Provider>) -> String {
    provider
        .and_then(|provider| arn(&affected.id, provider, &affected.account, &affected.region))
        .unwrap_or_else(|| line(&affected.id, NAME))
}

/// The platform of a finding.
pub fn provider(finding: &Finding) -> Option<Provider> {
    finding.subjects.first().map(|subject| subject.provider)
}

/// The ARN of an EC2 resource, where account, region and id are known.
fn arn(id: &str, provider: Provider, account: &Option<String>, region: &Option<String>) -> Option<String> {
    if provider != Provider::Aws {
        return None;
    }
    let (start, kind) = KINDS.iter().find(|(start, _)| id.starts_with(start))?;
    let (account, region) = (account.as_deref()?, region.as_deref()?);
    let word = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let known = account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && word(region)
        && id
            .get(start.len()..)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric()));
    known.then(|| format!("arn:{}:ec2:{region}:{account}:{kind}/{id}", partition(region)))
}

/// The partition of a region.
pub fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str, account: &str, region: &str) -> Option<String> {
        arn(id, Provider::Aws, &Some(account.to_owned()), &Some(region.to_owned()))
    }

    #[test]
    fn an_arn_is_made_only_of_what_is_known() {
        let account = "111122223333";
        assert_eq!(
            of("i-0abc", account, "eu-west-1").as_deref(),
            Some("arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc")
        );
        assert!(of("sg-1", account, "cn-north-1").is_some_and(|arn| arn.starts_with("arn:aws-cn:")));
        assert_eq!(of("i-0abc", "account-1", "eu-west-1"), None);
        assert_eq!(of("i-0abc/*", account, "eu-west-1"), None);
        assert_eq!(of("i-0abc", account, "eu west"), None);
        assert_eq!(of("Stack/Web", account, "eu-west-1"), None);
        assert_eq!(arn("i-0abc", Provider::Aws, &None, &None), None);
    }
}
