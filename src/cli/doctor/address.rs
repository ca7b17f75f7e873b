//! The public URL: everything that WeChat will meet there, called as WeChat calls it.

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::cli::doctor::finding::Finding;
use crate::cli::http_client;
use crate::cli::http_client::{CallError, HttpReply, UnreadAnswerError};
use crate::http_client::{BlockingClient, Uri};
use crate::i18n::{Language, Phrase, phrase};
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
            phrase!(about_url),
            phrase!(url_of_other_path, of_url = uri.path(), path),
            phrase!(help_url_of_other_path),
        ));
    }
    let Some(credentials) = credentials else {
        let (said, remedy) = (phrase!(handshake_untried), phrase!(help_handshake_untried));
        findings.push(Finding::doubtful(phrase!(about_handshake), said, remedy));
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
    let said = phrase!(is_no_url, url);
    Finding::wrong(phrase!(about_url), said, phrase!(help_url))
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
        let (said, remedy) = (
            phrase!(address_is_near, host),
            phrase!(help_address_is_near),
        );
        return Some(Finding::doubtful(phrase!(about_url), said, remedy));
    }
    let port = uri.port_u16()?;
    let usual = match uri.scheme_str() {
        Some("https") => 443,
        _ => 80,
    };
    (port != usual).then(|| {
        let (said, remedy) = (phrase!(url_with_port, port), phrase!(help_url_with_port));
        Finding::wrong(phrase!(about_url), said, remedy)
    })
}

fn unreached(unanswered: &CallError, host: &str) -> Finding {
    let (said, remedy) = match unanswered {
        CallError::NoName(_) => (phrase!(name_unknown, host), phrase!(help_name_unknown)),
        CallError::NoConnection { url } => (http_client::silence(url), phrase!(help_no_connection)),
        CallError::Http(fault) => (
            Phrase::verbatim(fault.to_string()),
            match fault {
                UnreadAnswerError::Late => phrase!(help_late),
                UnreadAnswerError::Cut(_) => phrase!(help_cut),
                UnreadAnswerError::TooLarge | UnreadAnswerError::NoHttp(_) => {
                    phrase!(help_another_program)
                }
            },
        ),
        CallError::Tls { fault, .. } => (Phrase::verbatim(fault.to_string()), fault.remedy()),
        CallError::Other { why, .. } => said_by_the_network(why.clone(), host),
        error @ CallError::NoUrl(_) => {
            let said = Phrase::verbatim(error.to_string());
            (said, phrase!(help_unreachable))
        }
    };
    Finding::wrong(phrase!(about_handshake), said, remedy)
}

/// The network's words, and what one does about them.
fn said_by_the_network(said: Phrase, host: &str) -> (Phrase, Phrase) {
    let text = said.text(Language::English).to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&["lookup address", "host not found", "resolve"]) {
        return (phrase!(dns_unknown, host), phrase!(help_dns_unknown));
    }
    if has(&["refused"]) {
        return (phrase!(nobody_listens), phrase!(help_nobody_listens));
    }
    (said, phrase!(help_unreachable))
}

/// What WeChat would make of the answer.
fn judge(said: &HttpReply, echostr: &str, path: &str) -> Finding {
    let status = said.status;
    let (said, remedy) = match status {
        200 => return judge_body(said, echostr),
        300..=399 => {
            let place = said.header("location").map(|place| place.chars().take(200));
            let said = match place.map(|place| place.collect::<String>()) {
                Some(place) => phrase!(redirected_to, status, place),
                None => phrase!(redirected, status),
            };
            (said, phrase!(help_redirected))
        }
        401 | 403 => (phrase!(url_refused, status), phrase!(help_url_refused)),
        404 => (phrase!(url_not_found), phrase!(help_url_not_found, path)),
        400 => (phrase!(url_damaged), phrase!(help_url_damaged)),
        502..=504 => (phrase!(url_gateway, status), phrase!(help_url_gateway)),
        _ => (phrase!(url_status, status), phrase!(help_url_status)),
    };
    Finding::wrong(phrase!(about_handshake), said, remedy)
}

fn judge_body(said: &HttpReply, echostr: &str) -> Finding {
    let took = said.took.as_millis();
    let body = said.body.as_slice();
    if body == echostr.as_bytes() {
        let milliseconds = took.to_string();
        let said = phrase!(handshake_fine, milliseconds);
        return match took {
            0..2000 => Finding::fine(phrase!(about_handshake), said),
            _ => Finding::doubtful(phrase!(about_handshake), said, phrase!(help_handshake_slow)),
        };
    }
    let text = String::from_utf8_lossy(body);
    let trimmed = text.trim();
    let is_compressed =
        body.starts_with(&[0x1f, 0x8b]) || said.header("content-encoding").is_some();
    let begins_with_mark = text
        .strip_prefix('\u{FEFF}')
        .is_some_and(|rest| rest.trim() == echostr);
    let (what, remedy) = if is_compressed {
        (phrase!(body_compressed), phrase!(help_body_compressed))
    } else if trimmed.is_empty() {
        (phrase!(body_empty), phrase!(help_body_empty))
    } else if begins_with_mark {
        (phrase!(body_with_mark), phrase!(help_body_not_ours))
    } else if trimmed == echostr {
        (phrase!(body_with_space), phrase!(help_body_not_ours))
    } else if trimmed.trim_matches(['"', '\'']) == echostr {
        (phrase!(body_in_quotes), phrase!(help_body_not_ours))
    } else if trimmed.starts_with('<') {
        (phrase!(body_is_page), phrase!(help_body_is_page))
    } else if text.contains(echostr) {
        (phrase!(body_with_more), phrase!(help_body_not_ours))
    } else {
        (phrase!(body_of_another), phrase!(help_another_program))
    };
    let shown: String = text.chars().take(60).collect();
    let said = phrase!(body_shown, what, shown = format!("{shown:?}"));
    Finding::wrong(phrase!(about_handshake), said, remedy)
}

/// Whoever echoes what is wrongly signed lets everyone in.
fn strangers(agent: &BlockingClient, url: &str, credentials: &Credentials) -> Finding {
    let about = phrase!(about_signature);
    match http_client::handshake(agent, url, &http_client::strangers(credentials)) {
        Ok((said, echostr)) if said.body == echostr.as_bytes() => {
            let (said, remedy) = (phrase!(stranger_answered), phrase!(help_stranger_answered));
            Finding::wrong(about, said, remedy)
        }
        Ok((said, _)) => Finding::fine(about, phrase!(stranger_refused, status = said.status)),
        Err(error) => {
            let said = phrase!(stranger_unanswered, error = error.to_string());
            Finding::doubtful(about, said, phrase!(help_stranger_unanswered))
        }
    }
}

/// Our clock against theirs.
fn clocks(said: &HttpReply) -> Option<Finding> {
    let date = rfc2822::parse(said.header("date")?).ok()?;
    let behind = date.timestamp().as_second() - Timestamp::now().as_second();
    (behind.abs() > CLOCK_DIFFERENCE).then(|| {
        let seconds = behind.unsigned_abs();
        let said = match behind > 0 {
            true => phrase!(clock_behind, seconds),
            false => phrase!(clock_ahead, seconds),
        };
        Finding::wrong(phrase!(about_clock), said, phrase!(help_both_clocks))
    })
}
