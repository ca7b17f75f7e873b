//! Calls a URL as WeChat does: directly, once, for five seconds. Judges no answer.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use ureq::http::{HeaderMap, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

use crate::cli::trust;
use crate::http_client::TlsError;
use crate::wechat::{Credentials, ResponseNonce, Token, push};

/// WeChat hangs up after this.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whoever has not taken the connection by then will not answer in time. It is less than the
/// whole, or nobody could tell a server that is late from one that is not there.
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(4);

/// Whoever speaks TLS does so at once.
const PATIENCE_TO_PROBE: Duration = Duration::from_secs(1);

/// No real answer comes near this.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// What the server said to one request.
pub(super) struct HttpReply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub took: Duration,
}

impl HttpReply {
    /// A header, as far as it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Why there is no answer that could be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("{0} is no URL; it begins with http:// or https://")]
    NoUrl(String),
    #[error("cannot reach {url}: {fault}; {}", fault.remedy())]
    Tls { url: String, fault: TlsError },
    #[error("cannot reach {url}: {why}")]
    Other { url: String, why: String },
    #[error("cannot reach {0}: no name server says where that is")]
    NoName(String),
    #[error("cannot reach {url}: {}", silence(url))]
    NoConnection { url: String },
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// Somebody was reached, and what came of it is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("no answer within five seconds; WeChat hangs up then")]
    Late,
    #[error("the answer is longer than a mebibyte")]
    TooLarge,
    #[error("the connection was cut before the answer was whole ({0})")]
    Cut(String),
    #[error("the answer is no HTTP ({0})")]
    NoHttp(String),
}

/// Connects anew for each request, as WeChat may. Trusts the usual authorities, or only those in
/// a file.
pub(super) fn agent(cacert: Option<&Path>) -> Result<Agent, String> {
    let roots = match cacert {
        Some(path) => trust::only(path)?,
        None => RootCerts::WebPki,
    };
    Ok(with_tls(TlsConfig::builder().root_certs(roots).build()))
}

pub(super) fn is_url(text: &str) -> bool {
    let schemes = ["http://", "https://"];
    schemes.iter().any(|scheme| text.starts_with(scheme))
}

/// Asks a server of this machine by its address, for which no certificate is made.
pub(super) fn agent_at_home() -> Agent {
    with_tls(TlsConfig::builder().disable_verification(true).build())
}

fn with_tls(tls: TlsConfig) -> Agent {
    Agent::new_with_config(
        Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .timeout_resolve(Some(PATIENCE_TO_CONNECT))
            .timeout_connect(Some(PATIENCE_TO_CONNECT))
            .http_status_as_error(false)
            .max_redirects(0)
            // WeChat knows no proxy of this machine, and one that is asked for 127.0.0.1 is lost.
            .proxy(None)
            .max_idle_connections(0)
            .tls_config(tls)
            .build(),
    )
}

/// The handshake, and the echostr that must come back.
pub(super) fn handshake(
    agent: &Agent,
    url: &str,
    signing: &Credentials,
) -> Result<(HttpReply, String), CallError> {
    let stamp = stamp();
    let echostr = format!("{}{:010}", stamp.unix_seconds, stamp.nonce);
    let query = push::handshake(signing, &echostr, &stamp);
    Ok((request(agent, url, &query, None)?, echostr))
}

pub(super) fn request(
    agent: &Agent,
    url: &str,
    query: &str,
    body: Option<&str>,
) -> Result<HttpReply, CallError> {
    if !is_url(url) {
        return Err(CallError::NoUrl(url.to_owned()));
    }
    // What stands behind a # never leaves a client.
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    let joint = if url.contains('?') { '&' } else { '?' };
    let address = format!("{url}{joint}{query}");
    let began = Instant::now();
    let response = match body {
        Some(body) => agent
            .post(&address)
            .header("Content-Type", "text/xml")
            .send(body),
        None => agent.get(&address).call(),
    };
    let only_tls = || CallError::Tls {
        url: url.to_owned(),
        fault: TlsError::OnlyTls,
    };
    let mut response = response.map_err(|error| match failed(url, error) {
        CallError::Http(HttpError::NoHttp(_) | HttpError::Cut(_)) if speaks_tls(url) => only_tls(),
        unanswered => unanswered,
    })?;
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
    let body = body.read_to_vec().map_err(|error| failed(url, error))?;
    if response.status() == 400 && wants_tls(url, &body) {
        return Err(only_tls());
    }
    Ok(HttpReply {
        status: response.status().as_u16(),
        took: began.elapsed(),
        headers: response.headers().clone(),
        body,
    })
}

fn failed(url: &str, error: ureq::Error) -> CallError {
    let url = url.to_owned();
    match error {
        ureq::Error::Timeout(Timeout::Resolve) => CallError::NoName(url),
        ureq::Error::Timeout(Timeout::Connect) => CallError::NoConnection { url },
        ureq::Error::Timeout(_) => HttpError::Late.into(),
        ureq::Error::BodyExceedsLimit(_) => HttpError::TooLarge.into(),
        ureq::Error::Protocol(error) => HttpError::NoHttp(error.to_string()).into(),
        ureq::Error::Io(source) if is_cut(&source) => HttpError::Cut(source.to_string()).into(),
        ureq::Error::Io(source) => match TlsError::of(&source) {
            Some(fault) => CallError::Tls { url, fault },
            None => CallError::Other {
                url,
                why: source.to_string(),
            },
        },
        error => CallError::Other {
            url,
            why: error.to_string(),
        },
    }
}

/// What a connection that does not come about can mean. With TLS, that is a part of it.
pub(super) fn silence(url: &str) -> &'static str {
    match url.starts_with("https:") {
        true => "nobody takes the connection, or who takes it says nothing to TLS",
        false => "nobody takes the connection, and nobody refuses it",
    }
}

/// Whether `http://` was written where it should be `https://`. What a TLS server says to plain
/// HTTP, if it says anything, is its own affair, so this tries it.
fn speaks_tls(url: &str) -> bool {
    let Some(authority) = url.strip_prefix("http://").and_then(|_| authority(url)) else {
        return false;
    };
    let request = agent_at_home().get(format!("https://{authority}/"));
    let request = request.config().timeout_global(Some(PATIENCE_TO_PROBE));
    let answered = request.build().call();
    matches!(answered, Ok(_) | Err(ureq::Error::Protocol(_)))
}

/// Host and port, which for the other scheme would be another one unless it is said.
fn authority(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let port = uri.port_u16().unwrap_or(80);
    Some(format!("{}:{port}", uri.host()?))
}

/// nginx, Go and Apache say in plain HTTP that they speak TLS there.
fn wants_tls(url: &str, body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body);
    let words = ["HTTPS port", "HTTPS server", "SSL-enabled server port"];
    url.starts_with("http://") && words.iter().any(|word| body.contains(word))
}

/// Only a connection that was there can be cut.
fn is_cut(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};

    let kinds = [
        BrokenPipe,
        ConnectionAborted,
        ConnectionReset,
        UnexpectedEof,
    ];
    kinds.contains(&error.kind())
}

/// The same account with a token that nobody knows.
pub(super) fn strangers(credentials: &Credentials) -> Credentials {
    let token = format!("stranger{}", stamp().nonce);
    match Token::new(token) {
        Ok(token) => credentials.clone().with_tokens(vec![token]),
        Err(_) => credentials.clone(),
    }
}

/// What is new in every request.
pub(super) fn stamp() -> ResponseNonce {
    let mut random = [0; 16];
    // A fixed envelope is still one that the server can open.
    let _ = getrandom::fill(&mut random);
    ResponseNonce {
        unix_seconds: Timestamp::now().as_second(),
        random,
        nonce: getrandom::u32().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_answer_is_told_from_who_answers_late() {
        for (url, missed, said) in [
            (
                "http://a/",
                Timeout::Resolve,
                "cannot reach http://a/: no name server",
            ),
            (
                "http://a/",
                Timeout::Connect,
                "nobody takes the connection, and nobody refuses it",
            ),
            (
                "https://a/",
                Timeout::Connect,
                "who takes it says nothing to TLS",
            ),
            (
                "https://a/",
                Timeout::Global,
                "no answer within five seconds",
            ),
        ] {
            let failed = failed(url, ureq::Error::Timeout(missed)).to_string();
            assert!(failed.contains(said), "{failed}");
        }
    }
}
