//! Credentials: asked for once, and again when they run out.

use crate::fault::Fault;
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex;

/// New ones are asked for when the old ones last no longer than this.
const MARGIN: Duration = Duration::from_secs(120);

/// What opens a cloud for a while.
pub trait Key: Clone + Send + Sync {
    /// Until when, if that is known.
    fn until(&self) -> Option<SystemTime>;
    /// Whether another one is the same.
    fn is(&self, other: &Self) -> bool;
    /// What nobody else may see.
    fn secrets(&self) -> Vec<&str>;
}

/// Whoever hands out keys.
pub trait Provide: Send + Sync {
    type Key: Key;
    /// A key, as fresh as there is one.
    fn provide(&self) -> impl Future<Output = Result<Self::Key, Fault>> + Send;
}

/// The keys of one provider.
pub struct Keys<P: Provide> {
    provider: P,
    known: Mutex<Option<P::Key>>,
}

impl<P: Provide> Keys<P> {
    pub fn new(provider: P) -> Self {
        Self { provider, known: Mutex::default() }
    }

    /// A key that lasts for a while.
    pub async fn get(&self) -> Result<P::Key, Fault> {
        let mut known = self.known.lock().await;
        let lasts = |key: &&P::Key| key.until().is_none_or(|end| end > SystemTime::now() + MARGIN);
        if let Some(key) = known.as_ref().filter(lasts) {
            return Ok(key.clone());
        }
        Ok(known.insert(self.provider.provide().await?).clone())
    }

    /// Asks for another one than this. Says whether there is.
    pub async fn renew(&self, old: &P::Key) -> bool {
        let mut known = self.known.lock().await;
        // Somebody else may have done it meanwhile.
        if known.as_ref().is_some_and(|key| !key.is(old)) {
            return true;
        }
        match self.provider.provide().await {
            Ok(key) if !key.is(old) => {
                *known = Some(key);
                true
            }
            // Whoever hands them out cannot just now: they are asked for again, with patience.
            Err(fault) if fault.kind.passes() => {
                *known = None;
                true
            }
            _ => false,
        }
    }
}

/// A bearer token.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub text: String,
    pub until: Option<SystemTime>,
}

impl Key for Token {
    fn until(&self) -> Option<SystemTime> {
        self.until
    }

    fn is(&self, other: &Self) -> bool {
        self.text == other.text
    }

    fn secrets(&self) -> Vec<&str> {
        vec![&self.text]
    }
}
