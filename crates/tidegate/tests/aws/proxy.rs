//! A proxy before the stand-in: it fills the gaps that the stand-in is known to have, and goes wrong on purpose.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
    /// From the signature.
    pub region: String,
    pub service: String,
    /// `DescribeVpcs`.
    pub operation: String,
    /// How often this call was asked before, with these parameters.
    pub before: usize,
}

impl Asked {
    /// A field of a form.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The stand-in answers; what it cannot do is answered for it.
    Forward,
    /// The stand-in answers after a while.
    Slowly(Duration),
    /// This status and body, in the form of the service's protocol.
    Error(u16, &'static str, &'static str),
    /// This body.
    Body(String),
    /// The connection closes before anything came.
    Close,
    /// The connection closes in the middle of the stand-in's answer.
    Cut,
}

type Rule = dyn Fn(&Asked) -> Reply + Send + Sync;

/// The proxy. It ends with this value.
pub struct Proxy {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    over: Arc<AtomicBool>,
}

impl Proxy {
    /// Starts it before the server on port `to`.
    pub fn start(to: u16, rule: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
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
                    let _ = serve(&stream, to, &*rule, &log);
                });
            }
        });
        Self { port, asked, over }
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(stream: &TcpStream, to: u16, rule: &Rule, log: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    loop {
        let Some(mut asked) = read(&mut reader)? else { return Ok(()) };
        {
            let mut log = log.lock().unwrap();
            let same = |other: &&Asked| {
                (&other.service, &other.operation, &other.region, &other.body, &other.path)
                    == (&asked.service, &asked.operation, &asked.region, &asked.body, &asked.path)
            };
            asked.before = log.iter().filter(same).count();
            log.push(asked.clone());
        }
        let answered = match rule(&asked) {
            Reply::Close => return Ok(()),
            Reply::Forward => answer(&asked, to)?,
            Reply::Slowly(wait) => {
                std::thread::sleep(wait);
                answer(&asked, to)?
            }
            Reply::Cut => {
                let whole = answer(&asked, to)?;
                let mut out = stream;
                out.write_all(&whole[..whole.len() / 2])?;
                return Ok(());
            }
            Reply::Body(body) => response(200, "text/xml", &body),
            Reply::Error(status, code, message) => {
                response(status, "text/xml", &error(&asked, code, message))
            }
        };
        let mut out = stream;
        out.write_all(&answered)?;
        out.flush()?;
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut parts = line.split_whitespace().map(str::to_owned);
    let (method, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
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
    let body = String::from_utf8(body).unwrap();
    // Credential=KEY/20261128/eu-west-1/ec2/aws4_request
    let scope: Vec<String> = headers
        .get("authorization")
        .and_then(|text| text.split("Credential=").nth(1)?.split(',').next().map(str::to_owned))
        .unwrap_or_default()
        .split('/')
        .map(str::to_owned)
        .collect();
    let part = |at: usize| scope.get(at).cloned().unwrap_or_default();
    let target = headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let operation = action.or(target).unwrap_or("ListFunctions").to_owned();
    Ok(Some(Asked { region: part(2), service: part(3), operation, method, path, headers, body, before: 0 }))
}

fn response(status: u16, kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Told\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn error(asked: &Asked, code: &str, message: &str) -> String {
    match asked.service.as_str() {
        "ec2" => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
        ),
        "sts" => format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        ),
        _ => format!(r#"{{"__type": "{code}", "message": "{message}"}}"#),
    }
}

/// What the stand-in says, or would if it could.
fn answer(asked: &Asked, to: u16) -> std::io::Result<Vec<u8>> {
    if let Some(body) = gap(asked) {
        return Ok(response(200, "text/xml", &body));
    }
    let mut stream = TcpStream::connect(("127.0.0.1", to))?;
    write!(stream, "{} {} HTTP/1.1\r\n", asked.method, asked.path)?;
    for (name, value) in &asked.headers {
        if !matches!(name.as_str(), "connection" | "content-length") {
            write!(stream, "{name}: {value}\r\n")?;
        }
    }
    // The stand-in trips over the size of a page of routes.
    let body = match asked.operation.as_str() {
        "SearchTransitGatewayRoutes" => asked.body.replace("&MaxResults=1000", ""),
        _ => asked.body.clone(),
    };
    write!(stream, "content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    // The answer's own `Connection: close` would end the connection to us.
    let end = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(all.len());
    let head = String::from_utf8_lossy(&all[..end]).into_owned();
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(500);
    let body = String::from_utf8_lossy(all.get(end + 4..).unwrap_or_default()).into_owned();
    Ok(response(status, "text/xml", &body))
}

/// Calls that the stand-in has not learned. Shapes as in the vendor's API references.
fn gap(asked: &Asked) -> Option<String> {
    let ec2 =
        |inner: &str| format!("<{0}Response><requestId>r</requestId>{inner}</{0}Response>", asked.operation);
    Some(match asked.operation.as_str() {
        "DescribeVpcBlockPublicAccessOptions" => ec2(&format!(
            "<vpcBlockPublicAccessOptions><awsAccountId>{}</awsAccountId><awsRegion>{}</awsRegion>\
             <internetGatewayBlockMode>off</internetGatewayBlockMode><state>default-state</state>\
             <lastUpdateTimestamp>2026-01-02T03:04:05.678Z</lastUpdateTimestamp></vpcBlockPublicAccessOptions>",
            super::ACCOUNT,
            asked.region
        )),
        "DescribeVpcBlockPublicAccessExclusions" => ec2("<vpcBlockPublicAccessExclusionSet/>"),
        "ListFirewallPolicies" => {
            r#"{"FirewallPolicies": [{"Name": "egress", "Arn": "arn:aws:network-firewall:eu-west-1:123456789012:firewall-policy/egress"}]}"#.to_owned()
        }
        "DescribeFirewallPolicy" => {
            r#"{"UpdateToken": "t", "FirewallPolicyResponse": {"FirewallPolicyName": "egress", "LastModifiedTime": 1767323045.0}, "FirewallPolicy": {"StatelessDefaultActions": ["aws:forward_to_sfe"]}}"#.to_owned()
        }
        "ListRuleGroups" => r#"{"RuleGroups": []}"#.to_owned(),
        "ListFirewalls" => r#"{"Firewalls": []}"#.to_owned(),
        "ListFirewallConfigs" => r#"{"FirewallConfigs": []}"#.to_owned(),
        "ListFirewallRuleGroupAssociations" => {
            r#"{"FirewallRuleGroupAssociations": [{"Id": "rslvr-frgassoc-1", "FirewallRuleGroupId": "rslvr-frg-1", "VpcId": "vpc-1", "Priority": 101}]}"#.to_owned()
        }
        "ListFirewallRules" => r#"{"FirewallRules": []}"#.to_owned(),
        _ => return None,
    })
}
