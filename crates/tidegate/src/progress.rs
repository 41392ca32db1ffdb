//! A sign of life on standard error: only on a terminal, and only when a run takes longer than a second.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long a run stays quiet.
const QUIET: Duration = Duration::from_millis(1000);
const TICK: Duration = Duration::from_millis(120);

/// The sign of life; it goes away when dropped.
pub struct Progress {
    /// Files looked at so far.
    pub looked_at: Arc<AtomicUsize>,
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts counting; draws nothing unless `wanted` and standard error is a terminal.
    pub fn start(wanted: bool) -> Self {
        let looked_at = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let thread = (wanted && std::io::stderr().is_terminal()).then(|| {
            let (looked_at, stop) = (looked_at.clone(), stop.clone());
            std::thread::spawn(move || draw(&looked_at, &stop))
        });
        Self { looked_at, stop, thread }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn draw(looked_at: &AtomicUsize, (stopped, changed): &(Mutex<bool>, Condvar)) {
    let mut guard = stopped.lock().unwrap_or_else(PoisonError::into_inner);
    let mut bar: Option<ProgressBar> = None;
    let mut pause = QUIET;
    loop {
        let (next, waited) = match changed.wait_timeout_while(guard, pause, |stopped| !*stopped) {
            Ok(result) => result,
            Err(poisoned) => poisoned.into_inner(),
        };
        guard = next;
        if !waited.timed_out() {
            break;
        }
        let bar = bar.get_or_insert_with(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_message(format!("{} files looked at", looked_at.load(Ordering::Relaxed)));
        bar.tick();
        pause = TICK;
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}
