//! `wxreply send`: plays WeChat. Signs, encrypts, posts, and judges the answer as WeChat would.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::accounts::AccountsArguments;
use crate::cli::http_client::{CallError, HttpError, HttpReply};
use crate::cli::message::MessageArguments;
use crate::cli::secrets::Secrets;
use crate::cli::{Exit, Format, fail, http_client, message, print_json};
use crate::http_client::BlockingClient;
use crate::i18n::phrase;
use crate::report;
use crate::wechat::{Credentials, push};

/// Act as WeChat: sign and post a message, and judge the answer
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The URL in WeChat's console
    url: String,
    #[command(flatten)]
    message: MessageArguments,
    #[command(flatten)]
    secrets: Secrets,
    #[command(flatten)]
    accounts: AccountsArguments,
    /// The account of the accounts file that is meant; path, token, key and mode are its own
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Try the handshake (GET) instead of sending a message
    #[arg(long, conflicts_with_all = ["text", "msg_type", "event", "key", "fields", "deliveries"])]
    verify_url: bool,
    /// Deliver the message this many times, as WeChat does without an answer
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    deliveries: u32,
    /// Sign incorrectly; the server must refuse
    #[arg(long)]
    wrong_signature: bool,
    /// Trust only the certificates in this file (PEM), not the usual authorities
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let url = &arguments.url;
    if !http_client::is_url(url) {
        let exit = fail(&CallError::NoUrl(url.clone()));
        if !arguments.message.has_text() && !url.contains(['/', ':']) {
            let help = phrase!(send_url_first, text = url);
            eprintln!("{}: {help}", phrase!(level_help));
        }
        return exit;
    }
    let account = match arguments.accounts.unlocked(arguments.account.as_deref()) {
        Ok(account) => account,
        Err(error) => return error.tell(),
    };
    let (url, credentials) = match account {
        Some(account) => (with_path(url, &account.account.path), account.credentials),
        None => match arguments.secrets.credentials() {
            Ok(credentials) => (url.clone(), credentials),
            Err(error) => return fail(&error),
        },
    };
    let signing = match arguments.wrong_signature {
        true => http_client::strangers(&credentials),
        false => credentials.clone(),
    };
    let agent = match http_client::agent(arguments.cacert.as_deref()) {
        Ok(agent) => agent,
        Err(why) => return fail(&why),
    };
    if arguments.verify_url {
        return handshake(&agent, arguments, &url, &signing);
    }
    let message = match arguments.message.message() {
        Ok(message) => message,
        Err(why) => return fail(&why),
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
        let said = http_client::request(&agent, &url, &push.query, Some(&push.body));
        let (fine, shown, value) = match said {
            Ok(said) if arguments.wrong_signature => judge_refusal(&said),
            Ok(said) => judge(&credentials, &said),
            Err(CallError::Http(fault)) => unjudged(&fault, arguments.wrong_signature),
            Err(why) => {
                // What came before is not lost to a program.
                if arguments.format == Format::Json && !results.is_empty() {
                    print_json(&json!({ "ok": false, "answers": results }));
                }
                return fail(&why);
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

fn handshake(
    agent: &BlockingClient,
    arguments: &Arguments,
    url: &str,
    signing: &Credentials,
) -> Exit {
    let (said, echostr) = match http_client::handshake(agent, url, signing) {
        Ok(answered) => answered,
        Err(CallError::Http(fault)) => {
            let shown = phrase!(url_would_be_refused, why = fault.to_string()).to_string();
            match arguments.format {
                Format::Human => println!("{shown}"),
                Format::Json => print_json(&json!({ "ok": false, "status": null, "said": shown })),
            }
            return Exit::RulesInvalid;
        }
        Err(why) => return fail(&why),
    };
    let (fine, shown) = match said.status {
        200 if said.body == echostr.as_bytes() && !arguments.wrong_signature => {
            (true, phrase!(handshake_answered))
        }
        403 if arguments.wrong_signature => (true, phrase!(refused_rightly)),
        200 => {
            let body = String::from_utf8_lossy(&said.body);
            let shown: String = body.chars().take(200).collect();
            let (wanted, got) = (format!("{echostr:?}"), format!("{shown:?}"));
            let why = phrase!(wrong_echostr, wanted, got);
            (false, phrase!(url_would_be_refused, why))
        }
        403 => (false, phrase!(handshake_forbidden)),
        status => {
            let why = phrase!(http_status, status);
            (false, phrase!(url_would_be_refused, why))
        }
    };
    let shown = shown.to_string();
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

/// A URL that says only where the server is gets the path of the account.
fn with_path(url: &str, path: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    match rest.split_once('/') {
        Some((_, behind)) if !behind.is_empty() => url.to_owned(),
        Some((host, _)) => format!("{scheme}://{host}{path}"),
        None => format!("{scheme}://{rest}{path}"),
    }
}

fn judge(credentials: &Credentials, said: &HttpReply) -> (bool, String, Value) {
    let took = u64::try_from(said.took.as_millis()).unwrap_or(u64::MAX);
    if said.status != 200 {
        let why = match said.status {
            403 => phrase!(status_forbidden),
            404 => phrase!(status_not_found),
            status => phrase!(http_status, status),
        };
        let shown = phrase!(fault_would_be_shown, why).to_string();
        let value = json!({ "ok": false, "status": said.status, "milliseconds": took });
        return (false, shown, value);
    }
    match push::read_answer(credentials, &said.body) {
        Ok(answer) => {
            let reply = report::reply(&answer.reply);
            let shown = match answer.encrypted {
                true => phrase!(answered_encrypted, reply, milliseconds = took),
                false => phrase!(answered, reply, milliseconds = took),
            };
            let value = json!({
                "ok": true,
                "status": said.status,
                "milliseconds": took,
                "encrypted": answer.encrypted,
                "reply": report::reply_json(&answer.reply),
            });
            (true, shown.to_string(), value)
        }
        Err(bad) => {
            let shown = phrase!(fault_would_be_shown, why = bad.to_string()).to_string();
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
        true => phrase!(not_refused, why = &fault),
        false => phrase!(fault_would_be_shown, why = &fault),
    };
    let value = json!({ "ok": false, "status": null, "fault": fault });
    (false, shown.to_string(), value)
}

fn judge_refusal(said: &HttpReply) -> (bool, String, Value) {
    let fine = said.status == 403;
    let shown = match fine {
        true => phrase!(refused_rightly),
        false => phrase!(
            not_refused,
            why = phrase!(http_status, status = said.status)
        ),
    };
    (
        fine,
        shown.to_string(),
        json!({ "ok": fine, "status": said.status }),
    )
}
