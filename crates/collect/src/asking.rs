//! One question to a cloud, asked for as long as that makes sense.

use crate::Watch;
use crate::fault::{Fault, Kind};
use crate::keys::{Key as _, Keys, Provide};
use crate::patience::Patience;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How long one try may take as a whole.
const WHOLE: Duration = Duration::from_secs(300);

/// Asks with one provider's credentials.
pub struct Asking<P: Provide> {
    keys: Keys<P>,
    patience: Patience,
    watch: Arc<dyn Watch>,
    random: Mutex<fastrand::Rng>,
    /// Nothing more can come: the credentials have run out.
    over: OnceLock<Fault>,
}

impl<P: Provide> Asking<P> {
    pub fn new(provider: P, patience: Patience, watch: Arc<dyn Watch>) -> Self {
        let random = Mutex::new(fastrand::Rng::new());
        Self { keys: Keys::new(provider), patience, watch, random, over: OnceLock::new() }
    }

    /// Finds credentials, so that it is told at once if there are none.
    pub async fn sign_in(&self, place: &str) -> Result<(), Fault> {
        self.ask(place, "sign-in", |_| async { Ok(()) }).await
    }

    /// The answer of `once`, which is tried again for as long as that makes sense. `place` and `call` are for the watcher.
    pub async fn ask<T, F>(&self, place: &str, call: &str, once: impl Fn(P::Key) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let mut failed = 0;
        let mut renewed = false;
        loop {
            if let Some(over) = self.over.get() {
                return Err(over.clone());
            }
            let mut fault = match self.keys.get().await {
                Err(fault) => {
                    if !fault.kind.passes() {
                        return Err(self.over.get_or_init(|| fault).clone());
                    }
                    fault
                }
                Ok(key) => {
                    let mut fault = match tokio::time::timeout(WHOLE, once(key.clone())).await {
                        Ok(Ok(answer)) => return Ok(answer),
                        Ok(Err(fault)) => fault,
                        Err(_) => Fault::new(Kind::Network, "no answer within five minutes"),
                    };
                    fault.scrub(key.secrets());
                    if fault.kind == Kind::Expired {
                        // Whoever hands out keys may have new ones; it is asked once.
                        if !renewed && self.keys.renew(&key).await {
                            renewed = true;
                            continue;
                        }
                        return Err(self.over.get_or_init(|| fault).clone());
                    }
                    fault
                }
            };
            if !fault.kind.passes() {
                return Err(fault);
            }
            failed += 1;
            let wait = {
                let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
                self.patience.wait(failed, fault.wait, &mut random)
            };
            let Some(wait) = wait else {
                fault.told = format!("{} (tried {failed} times)", fault.told);
                return Err(fault);
            };
            self.watch.waiting(place, call, &fault.told);
            tokio::time::sleep(wait).await;
        }
    }
}
