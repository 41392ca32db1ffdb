//! The one table that says which id of another scanner mutes which rules.
//!
//! Sources: Checkov's policy index; the Trivy checks (AWS-0104, formerly AVD-AWS-0104, and its tfsec names);
//! cfn_nag's rules (F1000 missing egress, W5 open CIDR, W40 all protocols); the AWS Guard Rules Registry.

use crate::rules::RuleId::{
    self, InternetEgress, Ipv6EgressForgotten, OpenDefaultGroup, OpenEgress, OpenEgressByDefault,
};

const OPEN: &[RuleId] = &[OpenEgressByDefault, OpenEgress];
const ANY_OPEN_BLOCK: &[RuleId] = &[OpenEgressByDefault, OpenEgress, InternetEgress, Ipv6EgressForgotten];
const WRITTEN_OPEN_BLOCK: &[RuleId] = &[OpenEgress, InternetEgress, Ipv6EgressForgotten];

const TABLE: &[(&str, &[RuleId])] = &[
    // Checkov
    ("CKV_AWS_382", OPEN),
    ("CKV2_AWS_12", &[OpenDefaultGroup]),
    // Trivy and tfsec
    ("AWS-0104", ANY_OPEN_BLOCK),
    ("AVD-AWS-0104", ANY_OPEN_BLOCK),
    ("aws-ec2-no-public-egress-sgr", ANY_OPEN_BLOCK),
    ("aws-vpc-no-public-egress-sgr", ANY_OPEN_BLOCK),
    // cfn_nag
    ("F1000", &[OpenEgressByDefault]),
    ("W5", WRITTEN_OPEN_BLOCK),
    ("W40", OPEN),
    // AWS Guard Rules Registry
    ("SECURITY_GROUP_MISSING_EGRESS_RULE", &[OpenEgressByDefault]),
    ("EC2_SECURITY_GROUP_EGRESS_OPEN_TO_WORLD_RULE", ANY_OPEN_BLOCK),
    ("SECURITY_GROUP_EGRESS_ALL_PROTOCOLS_RULE", OPEN),
];

/// The rules that an id mutes; none for ids of other concerns.
pub(super) fn muted_by(id: &str) -> &'static [RuleId] {
    TABLE.iter().find(|(known, _)| known.eq_ignore_ascii_case(id.trim())).map_or(&[], |(_, rules)| rules)
}

/// What tfsec's and Trivy's `*` mutes.
pub(super) fn everything() -> &'static [RuleId] {
    ANY_OPEN_BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_egress_id_mutes_only_what_was_left_out() {
        assert_eq!(muted_by("F1000"), [OpenEgressByDefault]);
        assert!(!muted_by("W5").contains(&OpenEgressByDefault));
        assert_eq!(muted_by("ckv_aws_382"), OPEN);
        assert!(muted_by("CKV_AWS_24").is_empty(), "an ingress check mutes nothing");
    }
}
