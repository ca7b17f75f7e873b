//! `wxreply send`: plays WeChat. Signs, encrypts, posts, and judges the answer as WeChat would.

mod verdict;

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use crate::cli::accounts::AccountsArguments;
use crate::cli::http_client::{CallError, HttpReply, UnreadAnswerError};
use crate::cli::message::MessageArguments;
use crate::cli::secrets::{SecretArguments, milliseconds, whole_number};
use crate::cli::send::verdict::{DeliveryVerdict, Got};
use crate::cli::{Exit, OutputFormat, fail, http_client, message, print_json};
use crate::http_client::BlockingClient;
use crate::i18n::{Phrase, phrase};
use crate::reply::Reply;
use crate::wechat::{Credentials, push};
use crate::{report, waiting};

/// Act as WeChat: sign and post a message, and judge the answer
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The URL in WeChat's console
    url: String,
    #[command(flatten)]
    message: MessageArguments,
    #[command(flatten)]
    secrets: SecretArguments,
    #[command(flatten)]
    accounts: AccountsArguments,
    /// The account of the accounts file that is meant; path, token, key and mode are its own
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Try the handshake (GET) instead of sending a message
    #[arg(long, conflicts_with_all = ["text", "msg_type", "event", "key", "fields", "deliveries"])]
    verify_url: bool,
    /// Deliver the message up to this many times, every five seconds, until it is answered
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = |text: &str| whole_number(text, 1..=3))]
    deliveries: u32,
    /// When WeChat hangs up and delivers again; for tests
    #[arg(long, hide = true, default_value = "5s", value_name = "TIME", value_parser = milliseconds)]
    retry_after: Duration,
    /// Sign incorrectly; the server must refuse
    #[arg(long, conflicts_with = "deliveries")]
    wrong_signature: bool,
    /// Trust only the certificates in this file (PEM), not the usual authorities
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
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
    let agent = match http_client::agent(arguments.cacert.as_deref(), arguments.retry_after) {
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
    let post = || {
        let push = push::push(&signing, &xml, &http_client::stamp());
        match http_client::request(&agent, &url, &push.query, Some(&push.body)) {
            Ok(said) => Ok(Ok(said)),
            Err(CallError::Http(fault)) => Ok(Err(fault)),
            Err(why) => Err(why),
        }
    };
    match arguments.wrong_signature {
        true => stranger(arguments, post),
        false => deliver(arguments, &credentials, post),
    }
}

/// An answer, or a fault of one; otherwise nobody was reached.
type Posted = Result<Result<HttpReply, UnreadAnswerError>, CallError>;

/// Delivers until something is read, as WeChat does.
fn deliver(arguments: &Arguments, credentials: &Credentials, post: impl Fn() -> Posted) -> Exit {
    let is_human = arguments.format == OutputFormat::Human;
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut exit = Exit::RulesInvalid;
    for number in 0..arguments.deliveries {
        thread::sleep((arguments.retry_after * number).saturating_sub(began.elapsed()));
        let at = began.elapsed();
        let said = match post() {
            Ok(said) => said,
            Err(why) => {
                // What came before is not lost to a program.
                if !is_human && !answers.is_empty() {
                    print_json(&json!({ "ok": false, "answers": answers }));
                }
                return fail(&why);
            }
        };
        let verdict = DeliveryVerdict::of(credentials, said, began.elapsed().saturating_sub(at));
        if verdict.is_answer() {
            exit = Exit::Success;
        }
        let is_last = verdict.is_final() || number + 1 == arguments.deliveries;
        match (is_human, arguments.deliveries) {
            (false, _) => answers.push(verdict.json(at)),
            (true, 1) => println!("{}", verdict.alone()),
            (true, _) => {
                let (number, at) = (u64::from(number) + 1, verdict::seconds(at));
                let got = verdict.among_others();
                println!("{}", phrase!(delivery, number, at, got));
                if is_last {
                    println!("{}", seen(&verdict.got, began.elapsed()));
                }
            }
        }
        if is_last {
            break;
        }
    }
    if !is_human {
        print_json(&json!({ "ok": exit == Exit::Success, "answers": answers }));
    }
    exit
}

/// What the follower has before them in the end.
fn seen(got: &Got, after: Duration) -> Phrase {
    match got {
        Got::Answer(answer) => match &answer.reply {
            Reply::Silence => phrase!(follower_sees_nothing),
            reply => {
                let reply = match reply {
                    Reply::Text(text) => Reply::Text(waiting::as_seen(text).into_owned()),
                    other => other.clone(),
                };
                let seconds = verdict::seconds(after);
                phrase!(follower_sees, seconds, reply = report::reply(&reply))
            }
        },
        _ => phrase!(follower_sees_fault),
    }
}

/// Who signs with another token must be refused.
fn stranger(arguments: &Arguments, post: impl Fn() -> Posted) -> Exit {
    let (fine, shown, value) = match post() {
        Ok(Ok(said)) => {
            let (fine, status) = (said.status == 403, said.status);
            let shown = match fine {
                true => phrase!(refused_rightly),
                false => phrase!(not_refused, why = phrase!(http_status, status)),
            };
            (fine, shown, json!({ "ok": fine, "status": status }))
        }
        Ok(Err(fault)) => {
            let fault = fault.to_string();
            let value = json!({ "ok": false, "status": null, "fault": fault });
            (false, phrase!(not_refused, why = fault), value)
        }
        Err(why) => return fail(&why),
    };
    match arguments.format {
        OutputFormat::Human => println!("{shown}"),
        OutputFormat::Json => print_json(&json!({ "ok": fine, "answers": [value] })),
    }
    match fine {
        true => Exit::Success,
        false => Exit::RulesInvalid,
    }
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
                OutputFormat::Human => println!("{shown}"),
                OutputFormat::Json => {
                    print_json(&json!({ "ok": false, "status": null, "said": shown }))
                }
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
        OutputFormat::Human => println!("{shown}"),
        OutputFormat::Json => {
            print_json(&json!({ "ok": fine, "status": said.status, "said": shown }))
        }
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
