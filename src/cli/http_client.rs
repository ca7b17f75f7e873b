//! Calls a URL as WeChat does: directly, once, for at most five seconds. Does not judge the answer.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::cli::trust;
use crate::http_client::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use crate::http_client::{
    BlockingClient, BlockingError, ConnectError, HttpError, HttpRequest, Method, Timeouts,
    TlsError, Url, trust as trusted,
};
use crate::i18n::io_error::reason;
use crate::i18n::{Phrase, phrase};
use crate::wechat::{Credentials, Stamp, Token, push};

/// When WeChat hangs up.
pub(super) const HANGS_UP_AFTER: Duration = Duration::from_secs(5);

/// Whoever has not taken the connection after four of five seconds will not answer in time; it is
/// less than the whole, or nobody could tell a server that is late from one that is not there.
fn timeouts(whole: Duration) -> Timeouts {
    Timeouts {
        whole,
        to_connect: whole * 4 / 5,
    }
}

/// Whoever speaks TLS does so at once.
const PROBE_TIMEOUTS: Timeouts = Timeouts {
    whole: Duration::from_secs(1),
    to_connect: Duration::from_secs(1),
};

/// No real answer comes near this.
const MAX_ANSWER_BYTES: usize = 1 << 20;

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
    #[error("{}", phrase!(no_url, url = .0))]
    NoUrl(String),
    #[error("{}", phrase!(cannot_reach_and_help, url, why = fault.to_string(), help = fault.remedy()))]
    Tls { url: String, fault: TlsError },
    #[error("{}", phrase!(cannot_reach, url, why = why.clone()))]
    Other { url: String, why: Phrase },
    #[error("{}", phrase!(cannot_reach, url = .0, why = phrase!(no_name_server)))]
    NoName(String),
    #[error("{}", phrase!(cannot_reach, url, why = silence(url)))]
    NoConnection { url: String },
    #[error(transparent)]
    Http(#[from] UnreadAnswerError),
}

/// Somebody was reached, and what came of it is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadAnswerError {
    #[error("{}", phrase!(answer_late))]
    Late,
    #[error("{}", phrase!(answer_too_large))]
    TooLarge,
    #[error("{}", phrase!(answer_cut, why = .0))]
    Cut(String),
    #[error("{}", phrase!(answer_no_http, why = .0))]
    NoHttp(String),
}

/// Connects anew for each request, as WeChat may, without a proxy, which WeChat does not know and
/// which would look for 127.0.0.1 on its own machine. Trusts the usual authorities, or only those
/// in a file.
pub(super) fn agent(
    cacert: Option<&Path>,
    hangs_up_after: Duration,
) -> Result<BlockingClient, Phrase> {
    let client = BlockingClient::new(trust::settings(cacert)?, timeouts(hangs_up_after));
    client.map_err(|error| reason(&error))
}

pub(super) fn is_url(text: &str) -> bool {
    let schemes = ["http://", "https://"];
    schemes.iter().any(|scheme| text.starts_with(scheme))
}

/// Asks a server of this machine by its address, for which no certificate is made.
pub(super) fn agent_at_home() -> Option<BlockingClient> {
    BlockingClient::new(trusted::anybody().ok()?, timeouts(HANGS_UP_AFTER)).ok()
}

/// The handshake, and the echostr that must come back.
pub(super) fn handshake(
    agent: &BlockingClient,
    url: &str,
    signing: &Credentials,
) -> Result<(HttpReply, String), CallError> {
    let stamp = stamp();
    let echostr = format!("{}{:010}", stamp.unix_seconds, stamp.nonce);
    let query = push::handshake(signing, &echostr, &stamp);
    Ok((request(agent, url, &query, None)?, echostr))
}

pub(super) fn request(
    agent: &BlockingClient,
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
    let mut headers = HeaderMap::new();
    if body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    }
    let request = HttpRequest {
        method: body.map_or(Method::GET, |_| Method::POST),
        url: Url::parse(&address).map_err(|_| CallError::NoUrl(url.to_owned()))?,
        headers,
        body: body.unwrap_or_default().into(),
    };
    let only_tls = || CallError::Tls {
        url: url.to_owned(),
        fault: TlsError::OnlyTls,
    };
    let began = Instant::now();
    let said = agent.call(request, MAX_ANSWER_BYTES);
    let said = said.map_err(|fault| match failed(url, fault) {
        CallError::Http(UnreadAnswerError::NoHttp(_) | UnreadAnswerError::Cut(_))
            if speaks_tls(url) =>
        {
            only_tls()
        }
        unanswered => unanswered,
    })?;
    if said.status == 400 && wants_tls(url, &said.body) {
        return Err(only_tls());
    }
    Ok(HttpReply {
        status: said.status,
        headers: said.headers,
        body: said.body,
        took: began.elapsed(),
    })
}

fn failed(url: &str, fault: BlockingError) -> CallError {
    let url = url.to_owned();
    let fault = match fault {
        BlockingError::Late => return UnreadAnswerError::Late.into(),
        BlockingError::Http(fault) => fault,
    };
    match fault {
        HttpError::TooLarge => UnreadAnswerError::TooLarge.into(),
        HttpError::Cut(why) => UnreadAnswerError::Cut(why).into(),
        HttpError::NoHttp(why) => UnreadAnswerError::NoHttp(why).into(),
        HttpError::NoUrl | HttpError::Connect(ConnectError::NoHost) => CallError::NoUrl(url),
        HttpError::Connect(ConnectError::NoName) => CallError::NoName(url),
        HttpError::Connect(ConnectError::Late) => CallError::NoConnection { url },
        HttpError::Connect(ConnectError::Io(error)) => match TlsError::of(&error) {
            Some(fault) => CallError::Tls { url, fault },
            None => CallError::Other {
                url,
                why: reason(&error),
            },
        },
        HttpError::Connect(fault) => CallError::Other {
            url,
            why: Phrase::verbatim(fault.to_string()),
        },
    }
}

/// What a connection that does not come about can mean. With TLS, that is a part of it.
pub(super) fn silence(url: &str) -> Phrase {
    match url.starts_with("https:") {
        true => phrase!(silence_to_tls),
        false => phrase!(silence),
    }
}

/// Whether `http://` was written where it should be `https://`. What a TLS server says to plain
/// HTTP, if it says anything, is its own affair, so this tries it.
fn speaks_tls(url: &str) -> bool {
    // Without a port it would be another one for the other scheme.
    let tried = url.strip_prefix("http://").and_then(|_| {
        let plain = Url::parse(url).ok()?;
        let port = plain.port().unwrap_or(80);
        let url = Url::parse(&format!("https://{}:{port}/", plain.host_str()?)).ok()?;
        let client = BlockingClient::new(trusted::anybody().ok()?, PROBE_TIMEOUTS).ok()?;
        let request = HttpRequest {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        Some(client.call(request, MAX_ANSWER_BYTES))
    });
    matches!(
        tried,
        Some(Ok(_) | Err(BlockingError::Http(HttpError::NoHttp(_))))
    )
}

/// nginx, Go and Apache say in plain HTTP that they speak TLS there.
fn wants_tls(url: &str, body: &[u8]) -> bool {
    let body = String::from_utf8_lossy(body);
    let words = ["HTTPS port", "HTTPS server", "SSL-enabled server port"];
    url.starts_with("http://") && words.iter().any(|word| body.contains(word))
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
pub(super) fn stamp() -> Stamp {
    let mut random = [0; 16];
    // A fixed envelope is still one that the server can open.
    let _ = getrandom::fill(&mut random);
    Stamp {
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
        for (url, fault, said) in [
            (
                "http://a/",
                ConnectError::NoName.into(),
                "cannot reach http://a/: the host name cannot be resolved",
            ),
            (
                "http://a/",
                ConnectError::Late.into(),
                "cannot reach http://a/: the connection timed out",
            ),
            (
                "https://a/",
                ConnectError::Late.into(),
                "the connection or its TLS handshake timed out",
            ),
        ] {
            let fault: HttpError = fault;
            let failed = failed(url, fault.into()).to_string();
            assert!(failed.contains(said), "{failed}");
        }
        let failed = failed("https://a/", BlockingError::Late).to_string();
        assert!(failed.contains("no answer within five seconds"), "{failed}");
    }
}
