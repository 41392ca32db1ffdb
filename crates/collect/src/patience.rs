//! When a call is tried again, and how long to wait.

use anyhow::{Context as _, Result};
use std::time::Duration;

/// The variable that says how often a call is tried, where the vendor's own tools have none.
pub const TRIES: &str = "TIDEGATE_MAX_ATTEMPTS";

/// How often, and how long at most.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Tries in all; at least one.
    pub tries: u32,
    /// The longest first wait. Each further one may be twice as long.
    pub first: Duration,
    /// No wait is longer.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 10, first: Duration::from_millis(500), longest: Duration::from_secs(20) }
    }
}

impl Patience {
    /// As the environment has it: [`TRIES`].
    ///
    /// # Errors
    /// It is no number.
    pub fn of_environment() -> Result<Self> {
        let mut patience = Self::default();
        if let Some(tries) = std::env::var_os(TRIES).filter(|tries| !tries.is_empty()) {
            let tries = tries.to_str().and_then(|tries| tries.trim().parse().ok());
            patience.tries = tries.with_context(|| format!("{TRIES} is no number"))?;
        }
        Ok(patience)
    }

    /// The wait after so many tries that failed, or nothing if it was the last. `asked` is what the server wants.
    ///
    /// Waits are drawn evenly from nothing to a bound that doubles ("full jitter"), so that calls that were turned away
    /// together do not come back together.
    pub fn wait(&self, failed: u32, asked: Option<Duration>, random: &mut fastrand::Rng) -> Option<Duration> {
        if failed >= self.tries {
            return None;
        }
        let bound = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16)).min(self.longest);
        let drawn = bound.mul_f64(random.f64());
        Some(asked.map_or(drawn, |asked| drawn.max(asked.min(self.longest))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_end_with_the_last_try() {
        let patience = Patience { tries: 8, ..Patience::default() };
        let mut random = fastrand::Rng::with_seed(7);
        for failed in 1..8 {
            let waits: Vec<_> = (0..500).map(|_| patience.wait(failed, None, &mut random).unwrap()).collect();
            let bound = Duration::from_millis(500 << (failed - 1)).min(patience.longest);
            assert!(waits.iter().all(|wait| *wait <= bound));
            assert!(waits.iter().any(|wait| *wait > bound / 2) && waits.iter().any(|wait| *wait < bound / 2));
        }
        assert_eq!(patience.wait(8, None, &mut random), None);
        assert_eq!(Patience { tries: 0, ..patience }.wait(1, None, &mut random), None);
    }

    #[test]
    fn a_server_that_says_how_long_is_heeded_up_to_a_bound() {
        let patience = Patience::default();
        let mut random = fastrand::Rng::with_seed(7);
        let wait =
            |asked| patience.wait(1, Some(Duration::from_secs(asked)), &mut fastrand::Rng::with_seed(1));
        assert_eq!(wait(3), Some(Duration::from_secs(3)));
        assert_eq!(wait(3600), Some(patience.longest));
        assert!(patience.wait(40, None, &mut random).is_none());
    }
}
