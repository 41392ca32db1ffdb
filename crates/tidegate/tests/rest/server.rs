//! A server on this machine: what it answers is up to the test.

use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Decoded.
    pub query: BTreeMap<String, String>,
    pub headers: HashMap<String, String>,
    pub body: String,
    /// How often this was asked before.
    pub before: usize,
    /// Where the server is: `http://127.0.0.1:PORT`.
    pub here: String,
}

impl Asked {
    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A part of the query, or nothing.
    pub fn field(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// The fields of a form.
    pub fn form(&self) -> BTreeMap<String, String> {
        pairs(&self.body)
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// This answer.
    Json(Value),
    /// This status, further headers, and body.
    Status(u16, &'static str, String),
    /// The connection closes before anything came.
    Close,
    /// The connection closes in the middle of this answer.
    Cut(Value),
    /// This answer after a while.
    Slowly(Duration, Value),
}

impl Reply {
    /// An error of this status, in a body of JSON.
    pub fn error(status: u16, body: Value) -> Self {
        Reply::Status(status, "", body.to_string())
    }
}

type Rule = dyn Fn(&Asked) -> Reply + Send + Sync;

/// The server. It ends with this value.
pub struct Server {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    over: Arc<AtomicBool>,
}

impl Server {
    pub fn start(rule: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let rule: Arc<Rule> = Arc::new(rule);
        let (log, ended) = (asked.clone(), over.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let (rule, log) = (rule.clone(), log.clone());
                std::thread::spawn(move || {
                    let _ = serve(&stream, port, &*rule, &log);
                });
            }
        });
        Self { port, asked, over }
    }

    /// Where it is.
    pub fn here(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: &TcpStream, port: u16, rule: &Rule, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    while let Some(mut asked) = read(&mut reader, port)? {
        {
            let mut log = log.lock().unwrap();
            let same = |other: &&Asked| {
                (&other.method, &other.path, &other.query, &other.body)
                    == (&asked.method, &asked.path, &asked.query, &asked.body)
            };
            asked.before = log.iter().filter(same).count();
            log.push(asked.clone());
        }
        let answer = match rule(&asked) {
            Reply::Close => return Ok(()),
            Reply::Json(value) => response(200, "", &value.to_string()),
            Reply::Status(status, headers, body) => response(status, headers, &body),
            Reply::Slowly(wait, value) => {
                std::thread::sleep(wait);
                response(200, "", &value.to_string())
            }
            Reply::Cut(value) => {
                let whole = response(200, "", &value.to_string());
                out.write_all(&whole[..whole.len() - value.to_string().len() / 2 - 1])?;
                return Ok(());
            }
        };
        out.write_all(&answer)?;
        out.flush()?;
    }
    Ok(())
}

fn response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

fn read(reader: &mut BufReader<&TcpStream>, port: u16) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace().map(str::to_owned);
    let (method, address) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    Ok(Some(Asked {
        method,
        path: decoded(path),
        query: pairs(query),
        headers,
        body: String::from_utf8(body).unwrap(),
        before: 0,
        here: format!("http://127.0.0.1:{port}"),
    }))
}

fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = more.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (first, hex) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
