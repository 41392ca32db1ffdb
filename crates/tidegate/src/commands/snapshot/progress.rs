//! How far a snapshot is: a line on standard error, on a terminal, after a second.

use crate::escape;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tidegate_collect::Watch;
use tidegate_collect::manifest::Part;

/// How long it stays quiet.
const QUIET: Duration = Duration::from_secs(1);

/// The line.
pub struct Bar {
    bar: ProgressBar,
    begun: Instant,
    drawn: OnceLock<()>,
    wanted: bool,
}

impl Bar {
    /// Begins; draws nothing unless `wanted` and standard error is a terminal.
    pub fn start(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} answers  {wide_msg}") {
            bar.set_style(style);
        }
        let wanted = wanted && std::io::stderr().is_terminal();
        Self { bar, begun: Instant::now(), drawn: OnceLock::new(), wanted }
    }

    /// Takes the line away.
    pub fn stop(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, message: String) {
        self.bar.set_message(message);
        if self.wanted && self.begun.elapsed() >= QUIET {
            self.drawn.get_or_init(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
    }
}

impl Watch for Bar {
    fn planned(&self, answers: usize) {
        self.bar.inc_length(answers as u64);
    }

    fn done(&self, place: &str, part: &Part) {
        self.bar.inc(1);
        self.show(format!("{} {}", escape::line(place), escape::line(&part.call)));
    }

    fn waiting(&self, place: &str, call: &str, because: &str) {
        self.show(format!("{} {call} is tried again: {}", escape::line(place), escape::line(because)));
    }
}
