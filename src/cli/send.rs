//! `wxreply send`: plays WeChat. Signs, encrypts, posts, and judges the answer as WeChat would.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::http_client::{CallError, HttpError, HttpReply};
use crate::cli::message::MessageArguments;
use crate::cli::secrets::Secrets;
use crate::cli::{Exit, Format, http_client, message, print_json};
use crate::http_client::BlockingClient;
use crate::report;
use crate::wechat::{Credentials, push};

/// Play WeChat: sign and post a message, and judge the answer
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
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
    /// Trust only the certificates in this file (PEM) instead of the usual authorities
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let url = &arguments.url;
    if !http_client::is_url(url) {
        let exit = usage(&CallError::NoUrl(url.clone()).to_string());
        if !arguments.message.has_text() && !url.contains(['/', ':']) {
            eprintln!(
                "help: the URL comes before the text: \
                 wxreply send http://127.0.0.1:8080/wx_flask {url}"
            );
        }
        return exit;
    }
    let credentials = match arguments.secrets.credentials() {
        Ok(credentials) => credentials,
        Err(error) => return usage(&error.to_string()),
    };
    let signing = match arguments.wrong_signature {
        true => http_client::strangers(&credentials),
        false => credentials.clone(),
    };
    let agent = match http_client::agent(arguments.cacert.as_deref()) {
        Ok(agent) => agent,
        Err(why) => return usage(&why.to_string()),
    };
    if arguments.verify_url {
        return handshake(&agent, arguments, &signing);
    }
    let message = match arguments.message.message() {
        Ok(message) => message,
        Err(why) => return usage(&why.to_string()),
    };
    let now = Timestamp::now().as_second().to_string();
    let mut message = message::with_default(message, "CreateTime", &now);
    if !message.is_event() {
        let id = http_client::stamp().nonce.to_string();
        message = message::with_default(message, "MsgId", &id);
    }
    let xml = push::message_xml(&push::in_wire_names(&message));
    let mut exit = Exit::Success;
    let mut results = Vec::new();
    for _ in 0..arguments.deliveries {
        let push = push::push(&signing, &xml, &http_client::stamp());
        let said = http_client::request(&agent, &arguments.url, &push.query, Some(&push.body));
        let (fine, shown, value) = match said {
            Ok(said) if arguments.wrong_signature => judge_refusal(&said),
            Ok(said) => judge(&credentials, &said),
            Err(CallError::Http(fault)) => unjudged(&fault, arguments.wrong_signature),
            Err(why) => {
                // What came before is not lost to a program.
                if arguments.format == Format::Json && !results.is_empty() {
                    print_json(&json!({ "ok": false, "answers": results }));
                }
                return usage(&why.to_string());
            }
        };
        if !fine {
            exit = Exit::RulesInvalid;
        }
        match arguments.format {
            Format::Human => println!("{shown}"),
            Format::Json => results.push(value),
        }
    }
    if arguments.format == Format::Json {
        print_json(&json!({ "ok": exit == Exit::Success, "answers": results }));
    }
    exit
}

fn handshake(agent: &BlockingClient, arguments: &Arguments, signing: &Credentials) -> Exit {
    let (said, echostr) = match http_client::handshake(agent, &arguments.url, signing) {
        Ok(answered) => answered,
        Err(CallError::Http(fault)) => {
            let shown = format!("WeChat would refuse this URL: {fault}");
            match arguments.format {
                Format::Human => println!("{shown}"),
                Format::Json => print_json(&json!({ "ok": false, "status": null, "said": shown })),
            }
            return Exit::RulesInvalid;
        }
        Err(why) => return usage(&why.to_string()),
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
    if fine {
        Exit::Success
    } else {
        Exit::RulesInvalid
    }
}

fn judge(credentials: &Credentials, said: &HttpReply) -> (bool, String, Value) {
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

/// Somebody was reached, and gave nothing to judge.
fn unjudged(fault: &HttpError, must_refuse: bool) -> (bool, String, Value) {
    let fault = fault.to_string();
    let shown = match must_refuse {
        true => format!("not refused: {fault}"),
        false => format!("WeChat would show a fault: {fault}"),
    };
    let value = json!({ "ok": false, "status": null, "fault": fault });
    (false, shown, value)
}

fn judge_refusal(said: &HttpReply) -> (bool, String, Value) {
    let fine = said.status == 403;
    let shown = match fine {
        true => "refused, as it must be: 403".to_owned(),
        false => format!("not refused: status {}", said.status),
    };
    (fine, shown, json!({ "ok": fine, "status": said.status }))
}

fn usage(why: &str) -> Exit {
    eprintln!("error: {why}");
    Exit::Error
}
