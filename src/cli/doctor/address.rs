//! The public URL: everything that WeChat will meet there, called as WeChat calls it.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::cli::doctor::finding::Finding;
use crate::cli::http_client;
use crate::cli::http_client::{CallError, HttpError, HttpReply};
use crate::http_client::{BlockingClient, Uri};
use crate::wechat::Credentials;

/// Further from another clock than this, ours is wrong, or that one.
const CLOCK_DIFFERENCE: i64 = 60;

pub(super) fn findings(
    agent: &BlockingClient,
    url: &str,
    path: &str,
    credentials: Option<&Credentials>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let uri: Uri = match url.parse() {
        Ok(uri) => uri,
        Err(_) => return vec![no_url(url)],
    };
    let (Some("http" | "https"), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return vec![no_url(url)];
    };
    findings.extend(place(&uri, host));
    if uri.path() != path {
        findings.push(Finding::doubtful(
            "url",
            format!(
                "the path of the URL is {}, and --path is {path}",
                uri.path()
            ),
            "make them the same, unless the proxy in front turns one into the other",
        ));
    }
    let Some(credentials) = credentials else {
        let remedy = "mend what is said of token, key and mode first";
        findings.push(Finding::doubtful("handshake", "it was not tried", remedy));
        return findings;
    };
    match http_client::handshake(agent, url, credentials) {
        Ok((said, echostr)) => {
            let answered = said.body == echostr.as_bytes() && said.status == 200;
            findings.extend(clocks(&said));
            findings.push(judge(&said, &echostr, path));
            if answered {
                findings.push(strangers(agent, url, credentials));
            }
        }
        Err(unanswered) => findings.push(unreached(&unanswered, host)),
    }
    findings
}

fn no_url(url: &str) -> Finding {
    let remedy = "write it as on WeChat's page: https://your.domain/wx_flask";
    Finding::wrong("url", format!("{url} is no URL"), remedy)
}

/// Whether WeChat could reach the place at all.
fn place(uri: &Uri, host: &str) -> Option<Finding> {
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let is_near = match address {
        Some(IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
        Some(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        None => host == "localhost" || host.ends_with(".local"),
    };
    if is_near {
        let said = format!("{host} is an address that WeChat cannot reach");
        let remedy = "for WeChat's page you need a public one";
        return Some(Finding::doubtful("url", said, remedy));
    }
    let port = uri.port_u16()?;
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    (port != usual).then(|| {
        Finding::wrong(
            "url",
            format!("port {port}: WeChat calls http:// on port 80 and https:// on 443 only"),
            "put a proxy on that port in front, and leave the port out of the URL",
        )
    })
}

fn unreached(unanswered: &CallError, host: &str) -> Finding {
    let (said, remedy) = match unanswered {
        CallError::NoName(_) => (
            format!("no name server says where {host} is"),
            "look at the name servers of this machine",
        ),
        CallError::NoConnection { url } => (
            http_client::silence(url).to_owned(),
            "open the port in the firewall, let DNS lead to this machine, \
             and look whether the proxy still answers",
        ),
        CallError::Http(fault) => (
            fault.to_string(),
            match fault {
                HttpError::Late => {
                    "open the port in the firewall, let DNS lead to this machine, \
                     and let the proxy pass the request on"
                }
                HttpError::Cut(_) => {
                    "look into the log of what listens there; a firewall may do it too"
                }
                HttpError::TooLarge | HttpError::NoHttp(_) => {
                    "another program answers; let the proxy pass this path on to wxreply"
                }
            },
        ),
        CallError::Tls { fault, .. } => (fault.to_string(), fault.remedy()),
        CallError::Other { why, .. } => said_by_the_network(why, host),
        error @ CallError::NoUrl(_) => said_by_the_network(&error.to_string(), host),
    };
    Finding::wrong("handshake", said, remedy)
}

/// The network's words, and what one does about them.
fn said_by_the_network(text: &str, host: &str) -> (String, &'static str) {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["lookup address", "host not found", "resolve"]) {
        let said = format!("DNS knows no address of {host}");
        return (said, "mend the name in the URL, or its DNS record");
    }
    if has(&["refused"]) {
        let said = "nobody listens there: the connection was refused".to_owned();
        return (
            said,
            "start the proxy or wxreply, and open the port in the firewall",
        );
    }
    (
        text.to_owned(),
        "WeChat would not get through either; look at DNS, firewall and proxy",
    )
}

/// What WeChat would make of the answer.
fn judge(said: &HttpReply, echostr: &str, path: &str) -> Finding {
    let wrong = |said: &str, remedy: &str| Finding::wrong("handshake", said, remedy);
    let status = said.status;
    match status {
        200 => return judge_body(said, echostr),
        300..=399 => {
            let to: String = said
                .header("location")
                .unwrap_or("elsewhere")
                .chars()
                .take(200)
                .collect();
            return wrong(
                &format!("status {status} sends on to {to}; WeChat does not follow"),
                "enter on WeChat's page the URL that answers itself, or except this path",
            );
        }
        _ => {}
    }
    match status {
        401 | 403 => wrong(
            &format!("refused: {status}"),
            "give the server the same token, and start it again; \
             if a firewall refuses, let this path through",
        ),
        404 => wrong(
            "nothing is at this path: 404",
            &format!("--path (now {path}) must be the path of the URL, and the proxy must keep it"),
        ),
        400 => wrong(
            "the request arrived damaged: 400",
            "let the proxy pass the query on unchanged",
        ),
        502..=504 => wrong(
            &format!("the proxy reaches nobody behind it: {status}"),
            "start wxreply, and give the proxy its address (--listen)",
        ),
        _ => wrong(
            &format!("status {status}, and WeChat wants 200"),
            "look into the log of the proxy, and let it pass this path on to wxreply",
        ),
    }
}

fn judge_body(said: &HttpReply, echostr: &str) -> Finding {
    let took = said.took.as_millis();
    let body = said.body.as_slice();
    if body == echostr.as_bytes() {
        let said = format!("answered as WeChat wants, in {took} ms");
        return match took {
            0..2000 => Finding::fine("handshake", said),
            _ => Finding::doubtful(
                "handshake",
                said,
                "WeChat waits five seconds; look for what is slow on the way",
            ),
        };
    }
    let text = String::from_utf8_lossy(body);
    let trimmed = text.trim();
    let is_compressed =
        body.starts_with(&[0x1f, 0x8b]) || said.header("content-encoding").is_some();
    let (what, remedy) = if is_compressed {
        (
            "the answer is compressed",
            "switch compression off for this path; in nginx, gzip off",
        )
    } else if trimmed.is_empty() {
        (
            "the answer is empty",
            "let the proxy pass the query on unchanged, and the answer too",
        )
    } else if text
        .strip_prefix('\u{FEFF}')
        .is_some_and(|rest| rest.trim() == echostr)
    {
        ("a byte order mark stands before the echostr", NOT_OURS)
    } else if trimmed == echostr {
        (
            "white space stands around the echostr, such as a line break",
            NOT_OURS,
        )
    } else if trimmed.trim_matches(['"', '\'']) == echostr {
        ("the echostr comes back in quotes", NOT_OURS)
    } else if trimmed.starts_with('<') {
        (
            "a page of HTML or XML comes back",
            "another program answers, or the proxy itself; let it pass this path on to wxreply",
        )
    } else if text.contains(echostr) {
        ("something stands around the echostr", NOT_OURS)
    } else {
        (
            "something else comes back than the echostr",
            "another program answers; let the proxy pass this path on to wxreply",
        )
    };
    let shown: String = text.chars().take(60).collect();
    Finding::wrong("handshake", format!("{what}: {shown:?}"), remedy)
}

const NOT_OURS: &str = "wxreply answers the echostr alone: look for what adds that on the way, \
                        a proxy or another program";

/// Whoever echoes what is wrongly signed lets everyone in.
fn strangers(agent: &BlockingClient, url: &str, credentials: &Credentials) -> Finding {
    match http_client::handshake(agent, url, &http_client::strangers(credentials)) {
        Ok((said, echostr)) if said.body == echostr.as_bytes() => Finding::wrong(
            "signature",
            "what is signed with another token is answered too",
            "this is not wxreply, or a proxy answers from its cache: \
             everyone can speak as WeChat there",
        ),
        Ok((said, _)) => {
            let said = format!(
                "what is signed with another token is refused: {}",
                said.status
            );
            Finding::fine("signature", said)
        }
        Err(error) => Finding::doubtful(
            "signature",
            format!("a wrong one got no answer: {error}"),
            "run this again; if it stays, look into the log of the server",
        ),
    }
}

/// Our clock against theirs.
fn clocks(said: &HttpReply) -> Option<Finding> {
    let date = rfc2822::parse(said.header("date")?).ok()?;
    let behind = date.timestamp().as_second() - Timestamp::now().as_second();
    (behind.abs() > CLOCK_DIFFERENCE).then(|| {
        let (seconds, which) = (behind.abs(), if behind > 0 { "behind" } else { "ahead of" });
        Finding::wrong(
            "clock",
            format!("this machine is {seconds} s {which} the server at the URL"),
            "set both clocks, and let them be kept by NTP: timedatectl set-ntp true",
        )
    })
}
