//! `wxreply send`: plays WeChat. Signs, encrypts, posts, and judges the answer as WeChat would.

use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::cli::Exit;
use crate::cli::Format;
use crate::cli::message;
use crate::cli::message::MessageArguments;
use crate::cli::print_json;
use crate::cli::secrets::Secrets;
use crate::report;
use crate::wechat::Credentials;
use crate::wechat::Stamp;
use crate::wechat::Token;
use crate::wechat::push;

/// Play WeChat: sign and post a message, and judge the answer
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The URL that WeChat's console has
    url: String,
    #[command(flatten)]
    message: MessageArguments,
    #[command(flatten)]
    secrets: Secrets,
    /// Try the handshake (GET) instead of sending a message
    #[arg(long, conflicts_with_all = ["text", "msg_type", "event", "key", "fields", "deliveries"])]
    verify_url: bool,
    /// Deliver the same message this many times, as WeChat does when no answer arrives
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    deliveries: u32,
    /// Sign wrongly; the server must refuse
    #[arg(long)]
    wrong_signature: bool,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// WeChat hangs up after this.
const PATIENCE: Duration = Duration::from_secs(5);

/// No real answer comes near this.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// What the server said to one request.
struct Said {
    status: u16,
    body: Vec<u8>,
    took: Duration,
}

pub fn run(arguments: &Arguments) -> Exit {
    let credentials = match arguments.secrets.credentials() {
        Ok(credentials) => credentials,
        Err(error) => return usage(&error.to_string()),
    };
    let signing = match arguments.wrong_signature {
        true => strangers(&credentials),
        false => credentials.clone(),
    };
    if arguments.verify_url {
        return handshake(arguments, &signing);
    }
    let message = match arguments.message.message() {
        Ok(message) => message,
        Err(why) => return usage(&why),
    };
    let now = Timestamp::now().as_second().to_string();
    let mut message = message::with_default(message, "CreateTime", &now);
    if !message.is_event() {
        let id = stamp().nonce.to_string();
        message = message::with_default(message, "MsgId", &id);
    }
    let xml = push::message_xml(&push::in_wire_names(&message));
    let mut exit = Exit::Fine;
    let mut results = Vec::new();
    for _ in 0..arguments.deliveries {
        let push = push::push(&signing, &xml, &stamp());
        let said = match request(&arguments.url, &push.query, Some(&push.body)) {
            Ok(said) => said,
            Err(why) => return usage(&why),
        };
        let (fine, shown, value) = match arguments.wrong_signature {
            true => judge_refusal(&said),
            false => judge(&credentials, &said),
        };
        if !fine {
            exit = Exit::Wrong;
        }
        match arguments.format {
            Format::Human => println!("{shown}"),
            Format::Json => results.push(value),
        }
    }
    if arguments.format == Format::Json {
        print_json(&json!({ "ok": exit == Exit::Fine, "answers": results }));
    }
    exit
}

fn handshake(arguments: &Arguments, signing: &Credentials) -> Exit {
    let stamp = stamp();
    let echostr = format!("{}{:010}", stamp.unix_seconds, stamp.nonce);
    let query = push::handshake(signing, &echostr, &stamp);
    let said = match request(&arguments.url, &query, None) {
        Ok(said) => said,
        Err(why) => return usage(&why),
    };
    let (fine, shown) = match said.status {
        200 if said.body == echostr.as_bytes() && !arguments.wrong_signature => {
            (true, "the URL answers the handshake".to_owned())
        }
        403 if arguments.wrong_signature => (true, "refused, as it must be: 403".to_owned()),
        200 => {
            let body = String::from_utf8_lossy(&said.body);
            let shown: String = body.chars().take(200).collect();
            (
                false,
                format!(
                    "WeChat would refuse this URL: it wants exactly {echostr:?} back, and got {shown:?}"
                ),
            )
        }
        403 => (false, "refused: 403; are both tokens the same?".to_owned()),
        status => (
            false,
            format!("WeChat would refuse this URL: status {status}"),
        ),
    };
    match arguments.format {
        Format::Human => println!("{shown}"),
        Format::Json => print_json(&json!({ "ok": fine, "status": said.status, "said": shown })),
    }
    if fine { Exit::Fine } else { Exit::Wrong }
}

fn judge(credentials: &Credentials, said: &Said) -> (bool, String, Value) {
    let took = said.took.as_millis();
    if said.status != 200 {
        let hint = match said.status {
            403 => "; are token, key, app id and mode the same on both sides?",
            404 => "; is this the path that the server was given?",
            _ => "",
        };
        let shown = format!("WeChat would show a fault: status {}{hint}", said.status);
        let value = json!({ "ok": false, "status": said.status, "milliseconds": took });
        return (false, shown, value);
    }
    match push::read_answer(credentials, &said.body) {
        Ok(answer) => {
            let sealed = if answer.encrypted { ", encrypted" } else { "" };
            let shown = format!("{} ({took} ms{sealed})", report::reply(&answer.reply));
            let value = json!({
                "ok": true,
                "status": said.status,
                "milliseconds": took,
                "encrypted": answer.encrypted,
                "reply": report::reply_json(&answer.reply),
            });
            (true, shown, value)
        }
        Err(bad) => {
            let shown = format!("WeChat would show a fault: {bad}");
            let value = json!({
                "ok": false,
                "status": said.status,
                "milliseconds": took,
                "fault": bad.to_string(),
            });
            (false, shown, value)
        }
    }
}

fn judge_refusal(said: &Said) -> (bool, String, Value) {
    let fine = said.status == 403;
    let shown = match fine {
        true => "refused, as it must be: 403".to_owned(),
        false => format!("not refused: status {}", said.status),
    };
    (fine, shown, json!({ "ok": fine, "status": said.status }))
}

fn request(url: &str, query: &str, body: Option<&str>) -> Result<Said, String> {
    if !["http://", "https://"]
        .iter()
        .any(|scheme| url.starts_with(scheme))
    {
        return Err(format!(
            "{url} is no URL; it begins with http:// or https://"
        ));
    }
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            // WeChat knows no proxy of this machine, and one that is asked for 127.0.0.1 is lost.
            .proxy(None)
            .build(),
    );
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
    let failed = |error: ureq::Error| match error {
        ureq::Error::Timeout(_) => "no answer within five seconds; WeChat hangs up then".to_owned(),
        error => format!("cannot reach {url}: {error}"),
    };
    let mut response = response.map_err(failed)?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
    Ok(Said {
        status,
        body: body.read_to_vec().map_err(failed)?,
        took: began.elapsed(),
    })
}

/// The same account with a token that nobody knows.
fn strangers(credentials: &Credentials) -> Credentials {
    let token = format!("stranger-{}", stamp().nonce);
    match Token::new(token) {
        Ok(token) => credentials.clone().with_tokens(vec![token]),
        Err(_) => credentials.clone(),
    }
}

fn stamp() -> Stamp {
    let mut random = [0; 16];
    // A fixed envelope is still one that the server can open.
    let _ = getrandom::fill(&mut random);
    Stamp {
        unix_seconds: Timestamp::now().as_second(),
        random,
        nonce: getrandom::u32().unwrap_or_default(),
    }
}

fn usage(why: &str) -> Exit {
    eprintln!("error: {why}");
    Exit::Failed
}
