//! How marks are spelled in comments.

use super::{Mutes, foreign};
use crate::rules::RuleId;
use crate::select::S6463;

/// Text without which a file has no mark worth a closer look.
pub(super) const SIGNS: [&str; 5] = ["tidegate:", "NOSONAR", "checkov:skip", "trivy:ignore", "tfsec:ignore"];

/// A mark as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub spelled: String,
    pub reason: Option<String>,
    pub mutes: Mutes,
    pub own: bool,
}

/// The marks in one comment; an error is a mark of ours that cannot be read. `today` (`2026-01-31`) decides
/// about marks that expire; where nobody knows the date they mute nothing.
pub(super) fn read(comment: &str, today: Option<&str>) -> Vec<Result<Read, String>> {
    let mut marks = Vec::new();
    marks.extend(own(comment));
    marks.extend(sonar(comment).map(Ok));
    marks.extend(checkov(comment).map(Ok));
    marks.extend(trivy(comment, today).into_iter().map(Ok));
    marks
}

/// `tidegate: allow[open-egress, internet-egress] the partner's range changes daily`
fn own(comment: &str) -> Option<Result<Read, String>> {
    let (before, rest) = comment.split_once("tidegate:")?;
    // In running text the word may well be followed by a colon.
    let leads = before.trim_start_matches('#').trim().is_empty();
    let Some(rest) = rest.trim_start().strip_prefix("allow") else {
        return leads.then(|| Err("a mark is written `tidegate: allow[rule] reason`".to_owned()));
    };
    let Some((names, reason)) = rest.trim_start().strip_prefix('[').and_then(|names| names.split_once(']'))
    else {
        return Some(Err("name the rules to allow: `tidegate: allow[rule] reason`".to_owned()));
    };
    let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    Some(allow(&names, Some(reason)))
}

/// A mark of ours that allows what the names say.
pub(super) fn allow(names: &[&str], reason: Option<&str>) -> Result<Read, String> {
    if names.is_empty() {
        return Err("a mark that names no rule mutes nothing: `tidegate: allow[rule] reason`".to_owned());
    }
    let mut rules = Vec::new();
    let mut s6463 = false;
    for name in names {
        if name.rsplit(':').next().is_some_and(|key| key.eq_ignore_ascii_case(S6463)) {
            s6463 = true;
            continue;
        }
        let found = RuleId::by_name_or_alias(name);
        if found.is_empty() {
            return Err(format!("there is no rule called `{name}`, so this mark mutes nothing"));
        }
        rules.extend(found);
    }
    Ok(Read {
        spelled: format!("tidegate: allow[{}]", names.join(", ")),
        reason: text(reason),
        mutes: Mutes::Rules { rules, s6463 },
        own: true,
    })
}

/// `NOSONAR`, or `NOSONAR(python:S6463)` for these rules only.
fn sonar(comment: &str) -> Option<Read> {
    let (before, after) = comment.split_once("NOSONAR")?;
    let joined = |c: char| c.is_alphanumeric() || c == '_';
    if before.ends_with(joined) || after.starts_with(joined) {
        return None;
    }
    let (keys, reason) = match after.trim_start().strip_prefix('(').and_then(|keys| keys.split_once(')')) {
        Some((keys, reason)) => (Some(keys), reason),
        None => (None, after),
    };
    if let Some(keys) = keys
        && !keys.split(',').any(|key| key.trim().rsplit(':').next() == Some(S6463))
    {
        return None;
    }
    Some(Read {
        spelled: keys.map_or_else(|| "NOSONAR".to_owned(), |keys| format!("NOSONAR({keys})")),
        reason: text(Some(reason.trim_start_matches([':', '-', ' ']))),
        mutes: Mutes::SonarLine,
        own: false,
    })
}

/// `checkov:skip=CKV_AWS_382,CKV_AWS_24: reason`
fn checkov(comment: &str) -> Option<Read> {
    let (_, rest) = comment.split_once("checkov:skip=")?;
    let (ids, reason) = match rest.split_once(':') {
        Some((ids, reason)) => (ids, Some(reason)),
        None => (rest.split_whitespace().next().unwrap_or_default(), None),
    };
    foreign_mark("checkov:skip=", ids.split(','), reason)
}

/// `trivy:ignore:AVD-AWS-0104`, `tfsec:ignore:aws-ec2-no-public-egress-sgr:exp:2026-01-31`, more than one in a
/// comment.
fn trivy(comment: &str, today: Option<&str>) -> Vec<Read> {
    let mut marks = Vec::new();
    for word in comment.split_whitespace() {
        let word = word.trim_start_matches('#');
        let Some((tool, rest)) =
            ["trivy:ignore:", "tfsec:ignore:"].iter().find_map(|tool| Some((tool, word.strip_prefix(tool)?)))
        else {
            continue;
        };
        let mut parts = rest.split(':');
        // Trivy lets an id carry parameters: `AVD-AWS-0104[port=443]`.
        let Some(id) = parts.next().and_then(|id| id.split('[').next()) else { continue };
        let options: Vec<&str> = parts.collect();
        let until = options.iter().position(|part| *part == "exp").and_then(|at| options.get(at + 1));
        let over = until.is_some_and(|until| today.is_none_or(|today| today > *until));
        if over {
            continue;
        }
        let rules = if id == "*" { foreign::everything() } else { foreign::muted_by(id) };
        if !rules.is_empty() {
            marks.push(Read {
                spelled: format!("{tool}{id}"),
                reason: None,
                mutes: Mutes::Rules { rules: rules.to_vec(), s6463: false },
                own: false,
            });
        }
    }
    marks
}

/// A mark of another tool, if one of its ids concerns us.
pub(super) fn foreign_mark<'a>(
    tool: &str,
    ids: impl Iterator<Item = &'a str>,
    reason: Option<&str>,
) -> Option<Read> {
    let known: Vec<&str> = ids.map(str::trim).filter(|id| !foreign::muted_by(id).is_empty()).collect();
    if known.is_empty() {
        return None;
    }
    let rules = known.iter().flat_map(|id| foreign::muted_by(id)).copied().collect();
    Some(Read {
        spelled: format!("{tool}{}", known.join(",")),
        reason: text(reason),
        mutes: Mutes::Rules { rules, s6463: false },
        own: false,
    })
}

fn text(reason: Option<&str>) -> Option<String> {
    reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(comment: &str) -> Read {
        let mut marks = read(comment, None);
        assert_eq!(marks.len(), 1, "{comment}");
        marks.remove(0).unwrap()
    }

    fn rules(read: &Read) -> Vec<RuleId> {
        match &read.mutes {
            Mutes::Rules { rules, .. } => rules.clone(),
            Mutes::SonarLine => vec![],
        }
    }

    #[test]
    fn our_mark_names_rules_and_gives_a_reason() {
        let mark = one("# tidegate: allow[open-egress, internet-egress] pulls from many mirrors");
        assert_eq!(rules(&mark), [RuleId::OpenEgress, RuleId::InternetEgress]);
        assert_eq!(mark.reason.as_deref(), Some("pulls from many mirrors"));
        assert!(mark.own);
        assert_eq!(
            rules(&one("#tidegate:allow[CKV_AWS_382]")),
            [RuleId::OpenEgressByDefault, RuleId::OpenEgress]
        );
        assert_eq!(one("# tidegate: allow[S6463]").mutes, Mutes::Rules { rules: vec![], s6463: true });
    }

    #[test]
    fn a_mark_of_ours_that_cannot_be_read_is_an_error_and_a_sentence_is_not() {
        assert!(read("# tidegate: ignore this", None)[0].is_err());
        assert!(read("# tidegate: allow open-egress", None)[0].is_err());
        assert!(read("# tidegate: allow[open-ingress]", None)[0].is_err());
        assert!(read("# tidegate: allow[]", None)[0].is_err());
        assert!(read("# checked with tidegate: fine", None).is_empty());
    }

    #[test]
    fn nosonar_counts_alone_or_with_our_key() {
        assert_eq!(one("# NOSONAR").mutes, Mutes::SonarLine);
        assert_eq!(one("# NOSONAR: reviewed").reason.as_deref(), Some("reviewed"));
        assert_eq!(one("# NOSONAR(python:S6463, S1)").mutes, Mutes::SonarLine);
        assert!(read("# NOSONAR(S1234)", None).is_empty());
        assert!(read("# NOSONARS", None).is_empty());
    }

    #[test]
    fn checkov_marks_name_one_or_more_checks() {
        let mark = one("#checkov:skip=CKV_AWS_382:needs the Internet");
        assert_eq!(rules(&mark), [RuleId::OpenEgressByDefault, RuleId::OpenEgress]);
        assert_eq!(mark.reason.as_deref(), Some("needs the Internet"));
        assert!(!mark.own);
        assert_eq!(one("# checkov:skip=CKV_AWS_23,CKV_AWS_382").spelled, "checkov:skip=CKV_AWS_382");
        assert!(read("# checkov:skip=CKV_AWS_23:no", None).is_empty());
    }

    #[test]
    fn trivy_and_tfsec_marks_may_share_a_comment_and_may_expire() {
        assert_eq!(
            read("#trivy:ignore:AVD-AWS-0104 #tfsec:ignore:aws-ec2-no-public-egress-sgr", None).len(),
            2
        );
        assert_eq!(read("#trivy:ignore:AWS-0104[port=443]", None).len(), 1);
        let expires = "#trivy:ignore:AWS-0104:exp:2026-01-31";
        assert!(read(expires, None).is_empty(), "nobody knows the date");
        assert_eq!(read(expires, Some("2026-01-31")).len(), 1);
        assert!(read(expires, Some("2026-02-01")).is_empty());
        assert!(read("#trivy:ignore:AVD-AWS-0107", None).is_empty());
    }
}
