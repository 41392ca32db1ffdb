//! Where tokens come from: services that hand them out, the vendors' own command lines, and what is asked one after the
//! other until one has a token.

use crate::fault::{Fault, Kind};
use crate::keys::{Provide, Token};
use crate::{rest, web};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::{Map, Value};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// How long a command line may take. It may renew a token of its own.
const COMMAND: Duration = Duration::from_secs(60);

/// A place where there may be a token.
pub trait Source: Send + Sync {
    /// For people.
    fn name(&self) -> &'static str;
    /// A token from there.
    fn token(&self) -> impl Future<Output = Result<Token, Lack>> + Send;
}

/// Why there is no token.
#[derive(Debug)]
pub enum Lack {
    /// Nothing is set up there: the next place is asked.
    Absent(String),
    /// It should have one, and has not.
    Fault(Fault),
}

impl From<Fault> for Lack {
    fn from(fault: Fault) -> Self {
        Lack::Fault(fault)
    }
}

/// Places that are asked in this order. The first that has a token is asked again when it runs out.
pub struct Chain<S> {
    sources: Vec<S>,
    chosen: OnceLock<usize>,
}

impl<S: Source> Chain<S> {
    pub fn new(sources: Vec<S>) -> Self {
        Self { sources, chosen: OnceLock::new() }
    }
}

impl<S: Source> Provide for Chain<S> {
    type Key = Token;

    async fn provide(&self) -> Result<Token, Fault> {
        let mut told = Vec::new();
        for (at, source) in self.sources.iter().enumerate() {
            if self.chosen.get().is_some_and(|chosen| *chosen != at) {
                continue;
            }
            match source.token().await {
                Ok(token) => {
                    let _ = self.chosen.set(at);
                    return Ok(token);
                }
                Err(Lack::Absent(why)) => told.push(format!("{}: {why}", source.name())),
                Err(Lack::Fault(mut fault)) => {
                    fault.told = format!("{}: {}", source.name(), fault.told);
                    return Err(fault);
                }
            }
        }
        Err(Fault::new(Kind::NoKeys, told.join("; ")))
    }
}

/// A request for a token with a form, as OAuth 2.0 has it (RFC 6749, 4.4).
pub fn form(url: &str, fields: &[(&str, &str)]) -> Result<HttpRequest, Fault> {
    let kind = "application/x-www-form-urlencoded";
    rest::built("POST", url, &[], Some((kind, rest::fields(fields))))
}

/// Asks a service for a token. `secrets` are what it was sent, should it repeat them.
pub async fn asked(
    web: &SharedHttpConnector,
    request: HttpRequest,
    secrets: &[&str],
) -> Result<Token, Fault> {
    let answer = web::send(web, request).await?;
    let body = rest::object(&answer.body);
    if answer.is_good() {
        return read(&body?);
    }
    let body = body.unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let kind = match Kind::of_status(answer.status) {
        passes if passes.passes() => passes,
        _ => Kind::NoKeys,
    };
    let (code, message) = (text("error"), text("error_description"));
    let mut fault = Fault::of_words(kind, answer.status, code, message, answer.header("retry-after"));
    fault.scrub(secrets.iter().copied());
    Err(fault)
}

/// The token in an answer: for how many seconds it lasts, or until which second, as a number or a text.
pub fn read(answer: &Map<String, Value>) -> Result<Token, Fault> {
    let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let number = |key: &str| {
        let value = answer.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
    };
    let token = text("access_token").or_else(|| text("accessToken"));
    let token = token.ok_or_else(|| Fault::new(Kind::Garbled, "the answer holds no token"))?;
    let until = match (number("expires_in"), number("expires_on")) {
        (Some(seconds), _) => SystemTime::now().checked_add(Duration::from_secs(seconds)),
        (None, Some(second)) => SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(second)),
        (None, None) => None,
    };
    Ok(Token { text: token.to_owned(), until })
}

/// What a vendor's command line prints. It is run by itself, without a shell.
pub async fn printed(program: &str, arguments: &[&str]) -> Result<Vec<u8>, Lack> {
    // On Windows these programs are scripts, and found by their whole name only.
    let file = if cfg!(windows) { format!("{program}.cmd") } else { program.to_owned() };
    let mut command = tokio::process::Command::new(file);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.kill_on_drop(true).output();
    let output = match tokio::time::timeout(COMMAND, child).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Lack::Absent(format!("`{program}` is not installed")));
        }
        Ok(Err(error)) => return Err(Lack::Absent(format!("`{program}` cannot be run: {error}"))),
        Err(_) => return Err(Lack::Absent(format!("`{program}` does not come to an end"))),
    };
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    Err(Lack::Absent(format!(
        "`{program}` has none: {}",
        Fault::of_words(Kind::NoKeys, 0, "it says", said, None)
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token(value: Value) -> Result<Token, Fault> {
        read(value.as_object().unwrap())
    }

    #[test]
    fn a_token_lasts_as_long_as_its_answer_says() {
        let left = |value| {
            let until = token(value).unwrap().until.unwrap();
            until.duration_since(SystemTime::now()).unwrap().as_secs()
        };
        assert!((3590..=3600).contains(&left(json!({"access_token": "t", "expires_in": 3600}))));
        assert!((3590..=3600).contains(&left(json!({"access_token": "t", "expires_in": "3600"}))));
        let far = json!({"accessToken": "t", "expires_on": "32503680000"});
        assert!(left(far) > 1 << 30);
        assert_eq!(token(json!({"access_token": "t"})).unwrap().until, None);
        assert!(token(json!({"access_token": "t", "expires_in": u64::MAX})).unwrap().until.is_none());
        for none in [json!({}), json!({"access_token": ""}), json!({"access_token": 1})] {
            assert_eq!(token(none).err().unwrap().kind, Kind::Garbled);
        }
    }

    #[derive(Clone)]
    struct Fixed(&'static str, Result<&'static str, Option<&'static str>>);

    impl Source for Fixed {
        fn name(&self) -> &'static str {
            self.0
        }

        async fn token(&self) -> Result<Token, Lack> {
            match self.1 {
                Ok(text) => Ok(Token { text: text.to_owned(), until: None }),
                Err(None) => Err(Lack::Absent("not set".to_owned())),
                Err(Some(told)) => Err(Lack::Fault(Fault::new(Kind::NoKeys, told))),
            }
        }
    }

    #[tokio::test]
    async fn the_first_place_that_is_set_up_decides() {
        let (none, one, other, broken) =
            (Fixed("a", Err(None)), Fixed("b", Ok("1")), Fixed("c", Ok("2")), Fixed("d", Err(Some("wrong"))));
        let of = |sources: Vec<Fixed>| async move {
            let chain = Chain::new(sources);
            chain.provide().await.map(|token| token.text).map_err(|fault| fault.told)
        };
        assert_eq!(of(vec![none.clone(), one.clone(), other]).await, Ok("1".to_owned()));
        assert_eq!(of(vec![broken, one]).await, Err("d: wrong".to_owned()));
        assert_eq!(of(vec![none.clone(), none]).await, Err("a: not set; a: not set".to_owned()));
    }
}
