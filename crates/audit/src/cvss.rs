//! The CVSS 3.1 score of unrestricted outbound traffic, and the same with a confidentiality requirement.
//!
//! Source: FIRST, "Common Vulnerability Scoring System v3.1: Specification Document", section 7 and
//! appendix A (rounding up in whole tenths, on integers so that no float error adds a tenth).

/// The base vector of unrestricted outbound traffic. High attack complexity: a foothold comes first.
pub const VECTOR: &str = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N";

/// How much confidentiality matters where the workload runs (metric CR).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Not defined, or Medium.
    Medium,
    /// High: sensitive data.
    High,
}

/// Weights of the metrics in [`VECTOR`].
mod weight {
    pub const NETWORK: f64 = 0.85;
    pub const HIGH_COMPLEXITY: f64 = 0.44;
    pub const NO_PRIVILEGES: f64 = 0.85;
    pub const NO_INTERACTION: f64 = 0.85;
    pub const LOW_IMPACT: f64 = 0.22;
    pub const HIGH_REQUIREMENT: f64 = 1.5;
}

/// The base score.
pub fn base() -> f64 {
    score(weight::LOW_IMPACT)
}

/// The environmental score under `requirement`.
pub fn environmental(requirement: Requirement) -> f64 {
    match requirement {
        Requirement::Medium => base(),
        Requirement::High => score((weight::LOW_IMPACT * weight::HIGH_REQUIREMENT).min(0.915)),
    }
}

/// The score for an impact sub-score, scope unchanged. With one metric of three above None the sub-score
/// is that metric's weight.
fn score(impact_sub_score: f64) -> f64 {
    let impact = 6.42 * impact_sub_score;
    let exploitability =
        8.22 * weight::NETWORK * weight::HIGH_COMPLEXITY * weight::NO_PRIVILEGES * weight::NO_INTERACTION;
    round_up((impact + exploitability).min(10.0))
}

fn round_up(score: f64) -> f64 {
    let hundred_thousandths = (score * 100_000.0).round() as u64;
    let tenths = hundred_thousandths.div_ceil(10_000);
    tenths as f64 / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unrestricted_outbound_scores_3_7() {
        assert_eq!(base(), 3.7);
        assert_eq!(environmental(Requirement::Medium), 3.7);
    }

    #[test]
    fn sensitive_data_lifts_the_environmental_score_to_4_4() {
        assert_eq!(environmental(Requirement::High), 4.4);
    }

    #[test]
    fn rounding_up_does_not_add_a_tenth_to_an_exact_tenth() {
        assert_eq!(round_up(4.0), 4.0);
        assert_eq!(round_up(4.02), 4.1);
    }
}
