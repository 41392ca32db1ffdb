//! What can go wrong with a call, and whether asking again can help.

use aws_smithy_runtime_api::client::result::ConnectorError;
use std::error::Error;
use std::time::Duration;

/// The longest message that is told, in characters.
const LONGEST: usize = 400;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{told}")]
pub struct Fault {
    pub kind: Kind,
    /// For people.
    pub told: String,
    /// The service's own word, if it had one.
    pub code: String,
    /// How long the service wants to be left alone.
    pub wait: Option<Duration>,
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// These credentials may not ask, or not here.
    Refused,
    /// The account does not use the service.
    Unused,
    /// These credentials have run out.
    Expired,
    /// There are no credentials.
    NoKeys,
    /// Too many calls.
    Throttled,
    /// The service has a problem of its own.
    Unavailable,
    /// No connection, or it broke off.
    Network,
    /// The answer cannot be read.
    Garbled,
    /// The service does not like the call.
    Rejected,
}

impl Kind {
    /// Whether it may be different the next time.
    pub fn passes(self) -> bool {
        matches!(self, Kind::Throttled | Kind::Unavailable | Kind::Network | Kind::Garbled)
    }

    /// What a status of HTTP says by itself, where the service's own words say no more.
    pub fn of_status(status: u16) -> Self {
        match status {
            429 => Kind::Throttled,
            401 | 403 => Kind::Refused,
            501 => Kind::Rejected,
            408 | 500.. => Kind::Unavailable,
            _ => Kind::Rejected,
        }
    }
}

impl Fault {
    pub fn new(kind: Kind, told: impl Into<String>) -> Self {
        Self { kind, told: told.into(), code: String::new(), wait: None }
    }

    /// From the service's own words: `code` is one, `message` a sentence. `after` is the header `Retry-After`.
    pub fn of_words(kind: Kind, status: u16, code: &str, message: &str, after: Option<&str>) -> Self {
        let what = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
        let message = one_line(message);
        let told = match message.is_empty() {
            true => what,
            false => format!("{what}: {message}"),
        };
        let wait = after.and_then(|after| after.trim().parse().ok()).map(Duration::from_secs);
        Self { kind, told, code: code.to_owned(), wait }
    }

    /// From an address that sends elsewhere: what carries credentials follows nobody.
    pub fn of_redirection(status: u16) -> Self {
        Self::new(Kind::Rejected, format!("the address answers with a redirection (HTTP {status})"))
    }

    /// From a connection that did not come about, or broke.
    pub fn of_connection(error: &ConnectorError) -> Self {
        // The innermost cause says what happened; those around it say that something did.
        let mut cause: &dyn Error = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let what = if error.is_timeout() { "no answer in time" } else { "no connection" };
        Self::new(Kind::Network, format!("{what}: {cause}"))
    }

    /// Takes out what nobody else may see, should a service have put it into its message.
    pub fn scrub<'a>(&mut self, secrets: impl IntoIterator<Item = &'a str>) {
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            self.told = self.told.replace(secret, "…");
        }
    }
}

/// A message without line breaks, and not too long.
fn one_line(message: &str) -> String {
    let one_line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &one_line[..at]),
        None => one_line.trim_end_matches(['.', ' ']).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_says_whether_asking_again_helps() {
        for (status, kind) in [
            (429, Kind::Throttled),
            (408, Kind::Unavailable),
            (500, Kind::Unavailable),
            (503, Kind::Unavailable),
            (501, Kind::Rejected),
            (404, Kind::Rejected),
            (403, Kind::Refused),
        ] {
            assert_eq!(Kind::of_status(status), kind, "{status}");
        }
    }

    #[test]
    fn messages_are_one_line_of_bounded_length_without_secrets() {
        let mut fault = Fault::of_words(Kind::Rejected, 400, "X", "s3cr3t is\n  wrong.", Some("3"));
        fault.scrub(["s3cr3t", ""]);
        assert_eq!(fault.told, "X: … is wrong");
        assert_eq!(fault.wait, Some(Duration::from_secs(3)));
        assert_eq!(Fault::of_words(Kind::Rejected, 400, "", "", None).told, "HTTP 400");
        let long = "é".repeat(10_000);
        assert!(Fault::of_words(Kind::Rejected, 400, "X", &long, None).told.chars().count() < 500);
    }
}
