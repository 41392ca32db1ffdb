//! Clocks: code within this process, and whole commands.

use anyhow::{Context, Result};
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wait4::Wait4 as _;

/// How long the two sides of a comparison take, run by turns so that both meet the same machine. The
/// least of the runs counts: what disturbs a run only ever adds to it.
pub fn by_turns<A, B>(mut ours: impl FnMut() -> A, mut theirs: impl FnMut() -> B) -> (Duration, Duration) {
    const LONG_ENOUGH: Duration = Duration::from_millis(400);
    const TURNS: usize = 7;
    let (mut least_ours, mut least_theirs) = (Duration::MAX, Duration::MAX);
    let start = Instant::now();
    let mut turns = 0;
    while turns < TURNS || start.elapsed() < LONG_ENOUGH {
        least_ours = least_ours.min(once(&mut ours));
        least_theirs = least_theirs.min(once(&mut theirs));
        turns += 1;
    }
    (least_ours, least_theirs)
}

fn once<R>(f: &mut impl FnMut() -> R) -> Duration {
    let start = Instant::now();
    black_box(f());
    start.elapsed()
}

/// What one run of a command cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From start to finish.
    pub wall: Duration,
    /// Of all its threads.
    pub processor: Duration,
    /// The most memory it held, in bytes.
    pub memory: u64,
    /// Its exit status.
    pub status: Option<i32>,
}

/// Runs a command to its end; what it prints is thrown away.
pub fn command(command: &mut Command) -> Result<Cost> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let (id, ended, peak) = (child.id(), AtomicBool::new(false), AtomicU64::new(0));
    let (used, wall) = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                peak.fetch_max(held_by(id).unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(3));
            }
        });
        let used = child.wait4();
        let wall = start.elapsed();
        ended.store(true, Ordering::Relaxed);
        (used, wall)
    });
    let used = used.with_context(|| format!("cannot wait for {name}"))?;
    let peak = peak.into_inner();
    Ok(Cost {
        wall,
        processor: used.rusage.utime + used.rusage.stime,
        memory: if peak > 0 { peak } else { used.rusage.maxrss },
        status: used.status.code(),
    })
}

/// The most memory that a running process has held, in bytes, where the system tells. What it tells after the end counts what
/// this process held when it started the other one. (Linux: proc(5), `VmHWM`; getrusage(2), "BUGS".)
fn held_by(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

/// The run in the middle, by time.
pub fn median(mut costs: Vec<Cost>) -> Option<Cost> {
    costs.sort_by_key(|cost| cost.wall);
    costs.get(costs.len() / 2).copied()
}

/// Whether there is such a command at all.
pub fn is_installed(program: &std::path::Path) -> bool {
    let version = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    version.is_ok_and(|status| status.success())
}

/// How many times as long.
pub fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64().max(f64::MIN_POSITIVE)
}

/// A time in a unit that suits it.
pub fn shown(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds < 1e-3 => format!("{:.0} µs", seconds * 1e6),
        seconds if seconds < 1.0 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{seconds:.2} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_run_in_the_middle() {
        let cost = |ms| Cost {
            wall: Duration::from_millis(ms),
            processor: Duration::ZERO,
            memory: 0,
            status: Some(0),
        };
        assert_eq!(median(vec![cost(9), cost(1), cost(5)]).unwrap().wall, Duration::from_millis(5));
        assert!(median(Vec::new()).is_none());
    }
}
