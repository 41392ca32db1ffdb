//! CVSS 3.1: the vector of unrestricted outbound traffic, its score, and the score where it matters more.
//!
//! The base vector never changes. What is known of the environment is told by the environmental metrics beside
//! it, and only what CVSS has a metric for: a confidentiality requirement for sensitive data. That a workload can
//! be reached, or is private, says nothing about the attack that a metric of CVSS would mean.

use std::str::FromStr as _;

/// The base vector of unrestricted outbound traffic. High attack complexity: a foothold comes first.
pub const VECTOR: &str = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N";

/// The same where the loss of confidentiality would be a disaster: sensitive data (metric CR).
pub const SENSITIVE: &str = "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:L/I:N/A:N/CR:H";

/// The base score of a vector of CVSS 3.1; `None` if it is none.
pub fn base_score(vector: &str) -> Option<f64> {
    cvss::v3::Vector::from_str(vector).ok().map(|vector| vector.base_score().value())
}

/// The environmental score of a vector of CVSS 3.1; `None` if it is none.
pub fn environmental_score(vector: &str) -> Option<f64> {
    cvss::v3::Vector::from_str(vector).ok().map(|vector| vector.environmental_score().value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unrestricted_outbound_scores_3_7_and_4_4_with_sensitive_data() {
        assert_eq!(base_score(VECTOR), Some(3.7));
        assert_eq!(environmental_score(VECTOR), Some(3.7));
        assert_eq!(base_score(SENSITIVE), Some(3.7));
        assert_eq!(environmental_score(SENSITIVE), Some(4.4));
        assert_eq!(SENSITIVE.strip_suffix("/CR:H"), Some(VECTOR));
        assert_eq!(base_score("CVSS:3.1/AV:Q"), None);
    }

    /// The equations of FIRST's "Common Vulnerability Scoring System v3.1: Specification Document", sections 7.1,
    /// 7.3 and 7.4 and appendix A, as they are written there, for vectors of base metrics and one requirement.
    mod specification {
        type Metric = [(char, f64)];
        pub const AV: &Metric = &[('N', 0.85), ('A', 0.62), ('L', 0.55), ('P', 0.2)];
        pub const AC: &Metric = &[('L', 0.77), ('H', 0.44)];
        pub const UI: &Metric = &[('N', 0.85), ('R', 0.62)];
        pub const SCOPE: &[char] = &['U', 'C'];
        pub const IMPACT: &Metric = &[('H', 0.56), ('L', 0.22), ('N', 0.0)];
        pub const REQUIREMENT: &Metric = &[('X', 1.0), ('H', 1.5), ('M', 1.0), ('L', 0.5)];

        pub fn pr(scope: char) -> &'static Metric {
            match scope {
                'C' => &[('N', 0.85), ('L', 0.68), ('H', 0.5)],
                _ => &[('N', 0.85), ('L', 0.62), ('H', 0.27)],
            }
        }

        pub fn roundup(input: f64) -> f64 {
            let int_input = (input * 100_000.0).round() as i64;
            if int_input % 10_000 == 0 {
                int_input as f64 / 100_000.0
            } else {
                ((int_input as f64 / 10_000.0).floor() + 1.0) / 10.0
            }
        }

        pub fn base(scope: char, exploitability: [f64; 4], [c, i, a]: [f64; 3]) -> f64 {
            let iss = 1.0 - ((1.0 - c) * (1.0 - i) * (1.0 - a));
            let impact = match scope {
                'C' => 7.52 * (iss - 0.029) - 3.25 * (iss - 0.02).powi(15),
                _ => 6.42 * iss,
            };
            total(scope, exploitability, impact)
        }

        pub fn environmental(
            scope: char,
            exploitability: [f64; 4],
            [c, i, a]: [f64; 3],
            requirement: f64,
        ) -> f64 {
            let miss = (1.0 - (1.0 - requirement * c) * (1.0 - i) * (1.0 - a)).min(0.915);
            let impact = match scope {
                'C' => 7.52 * (miss - 0.029) - 3.25 * (miss * 0.9731 - 0.02).powi(13),
                _ => 6.42 * miss,
            };
            roundup(total(scope, exploitability, impact) * 1.0 * 1.0 * 1.0)
        }

        fn total(scope: char, [av, ac, pr, ui]: [f64; 4], impact: f64) -> f64 {
            let exploitability = 8.22 * av * ac * pr * ui;
            if impact <= 0.0 {
                0.0
            } else if scope == 'C' {
                roundup((1.08 * (impact + exploitability)).min(10.0))
            } else {
                roundup((impact + exploitability).min(10.0))
            }
        }
    }

    #[test]
    fn all_base_vectors_score_as_the_specification_says_with_every_confidentiality_requirement() {
        use specification::{AC, AV, IMPACT, REQUIREMENT, SCOPE, UI, pr};
        let mut count = 0;
        let mut scored_3_7 = 0;
        let mut wrong = Vec::new();
        for &s in SCOPE {
            for &(av, av_weight) in AV {
                for &(ac, ac_weight) in AC {
                    for &(privileges, pr_weight) in pr(s) {
                        for &(ui, ui_weight) in UI {
                            for &(c, c_weight) in IMPACT {
                                for &(i, i_weight) in IMPACT {
                                    for &(a, a_weight) in IMPACT {
                                        let vector = format!(
                                            "CVSS:3.1/AV:{av}/AC:{ac}/PR:{privileges}/UI:{ui}/S:{s}/C:{c}/I:{i}/A:{a}"
                                        );
                                        let ease = [av_weight, ac_weight, pr_weight, ui_weight];
                                        let loss = [c_weight, i_weight, a_weight];
                                        let expected = specification::base(s, ease, loss);
                                        count += 1;
                                        scored_3_7 += usize::from(expected == 3.7);
                                        let scored = base_score(&vector);
                                        if scored != Some(expected) {
                                            wrong.push(format!("{vector}: {scored:?}, not {expected}"));
                                        }
                                        for &(cr, weight) in REQUIREMENT {
                                            let vector = format!("{vector}/CR:{cr}");
                                            let expected =
                                                specification::environmental(s, ease, loss, weight);
                                            let scored = environmental_score(&vector);
                                            if scored != Some(expected) {
                                                wrong.push(format!("{vector}: {scored:?}, not {expected}"));
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        assert_eq!((count, scored_3_7), (2592, 23));
        assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    }
}
