//! `wxreply try`: which rule answers a message, with what, and why not the earlier ones.

mod live;

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::message::MessageArguments;
use crate::cli::paint::Ink;
use crate::cli::secrets::{SecretsError, TokenArguments};
use crate::cli::service_flags::OutsideArguments;
use crate::cli::try_message::live::LiveTrial;
use crate::cli::{Exit, OutputFormat, RulesFileError, fail, load, message, paint, print_json};
use crate::i18n::phrase;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::condition::MatchContext;
use crate::rules::{Rule, explain};
use crate::service::Question;
use crate::{engine, report, server, wechat};

/// Show which rule answers a message, its reply, and why earlier rules do not match
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The rule file; - for standard input
    file: PathBuf,
    #[command(flatten)]
    message: MessageArguments,
    /// A stored value of the follower; repeat a key for a list
    #[arg(long = "user", value_name = "KEY=VALUE", value_parser = message::pair)]
    user: Vec<(String, String)>,
    /// The local time, such as 2026-01-02 03:04, or 22:30 today; default: now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Show the answer as the XML that WeChat gets
    #[arg(long, conflicts_with = "format")]
    xml: bool,
    /// Ask the service that the rule asks, and show its answer and a test of it
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    token: TokenArguments,
    #[command(flatten)]
    outside: OutsideArguments,
    /// Output for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let (rules, sources) = match load(&arguments.file) {
        Ok(loaded) => loaded,
        Err(RulesFileError::Unreadable(error)) => {
            let exit = fail(&error);
            let file = &arguments.file;
            if !arguments.message.has_text() && !file.exists() {
                let text = file.display();
                let help = phrase!(try_file_first, text = text.to_string());
                eprintln!("{}: {help}", phrase!(level_help));
            }
            return exit;
        }
        Err(RulesFileError::Wrong(diagnostics)) => {
            match arguments.format {
                OutputFormat::Human => {
                    let colored = paint::is_colored(&std::io::stderr());
                    for diagnostic in diagnostics {
                        eprintln!("{}\n", diagnostic.render(colored));
                    }
                }
                OutputFormat::Json => {
                    let all: Vec<_> = diagnostics.iter().map(report::diagnostic).collect();
                    print_json(&json!({ "diagnostics": all }));
                }
            }
            return Exit::RulesInvalid;
        }
    };
    let message = match arguments.message.message() {
        Ok(message) => message,
        Err(why) => return fail(&why),
    };
    let zone = &rules.settings.zone;
    let at = arguments.at.as_ref().map(|text| local_time(text, zone));
    let moment = match at {
        None => Some(Moment::new(Timestamp::now(), zone)),
        Some(time) => time.and_then(|time| Moment::local(time, zone)),
    };
    let Some(moment) = moment else {
        return fail(&phrase!(invalid_at));
    };
    let seconds = moment.unix_seconds();
    let message = message::with_default(message, "CreateTime", &seconds.to_string());
    let user = message::user(&arguments.user);
    let (mut decision, passed_over) =
        engine::explain(&rules, &message, &moment, &user, &mut server::choose);
    let tried = LiveTrial {
        rules: &rules,
        sent: arguments.message.pairs(),
        message: &message,
        moment: &moment,
        at: at.flatten(),
        user: &user,
    };
    let mut heard = None;
    if let Some(question) = &mut decision.question {
        let follower = match arguments.follower(&message, question) {
            Ok(follower) => follower,
            Err(error) => return fail(&error),
        };
        question.set_openid(&follower);
        if arguments.live {
            heard = match live::ask(arguments.outside.outside(), question, &follower) {
                Ok(heard) => Some(heard),
                Err(why) => return fail(&why),
            };
        }
    }
    if let Some(heard) = &heard {
        decision = heard.complete(&tried, decision);
    }
    let shown = decision.reply.with_file_names();
    let sent = wechat::answer_in_the_clear(&message, &shown, seconds);
    if arguments.xml {
        println!("{}", String::from_utf8_lossy(sent.body.as_bytes()));
        return Exit::Success;
    }
    let degradation = sent.degradation.map(|degradation| degradation.to_string());
    let asked = MatchContext::new(&message, &moment, Some(&user), rules.settings.folding);
    let reasons = report::passed_over(&rules, &passed_over, &asked);
    let rule = decision.rule.and_then(|id| rules.rule(id));
    let changes: Vec<String> = decision
        .changes
        .iter()
        .map(|change| report::change(change).to_string())
        .collect();
    match arguments.format {
        OutputFormat::Human => {
            let colored = paint::stdout_is_colored();
            let faint = |text: &str| paint::paint(colored, Ink::Faint, text);
            let named = rule.map(|rule| {
                let name = paint::paint(colored, Ink::Good, &rule.title());
                let place = faint(&format!("({})", sources.place(rule.origin)));
                format!("{name} {place}")
            });
            let none = || paint::paint(colored, Ink::Doubtful, &phrase!(try_none).to_string());
            let mut rows = Vec::new();
            // In a pipe nothing could be marked in it.
            if let Some(text) = rule
                .filter(|_| colored)
                .and_then(|rule| marked(rule, &asked))
            {
                rows.push((phrase!(try_text).to_string(), text));
            }
            rows.push((phrase!(try_rule).to_string(), named.unwrap_or_else(none)));
            if let Some(question) = &decision.question {
                rows.extend(asks(question));
                rows.extend(heard.iter().flat_map(|heard| heard.rows(&question.service)));
            }
            if decision.question.is_none() || heard.is_some() {
                let reply = report::reply(&decision.reply);
                rows.push((phrase!(try_reply).to_string(), reply));
            }
            // Tests compare the reply as the rule gives it; followers see what WeChat takes.
            rows.extend(degradation.map(|why| {
                let why = paint::paint(colored, Ink::Doubtful, &why);
                (phrase!(try_sent).to_string(), why)
            }));
            rows.extend(
                changes
                    .into_iter()
                    .map(|change| (phrase!(try_stores).to_string(), change)),
            );
            rows.extend(report::why_failed(&decision).map(|why| {
                let why = paint::paint(colored, Ink::Doubtful, &why);
                (phrase!(try_failed).to_string(), why)
            }));
            print!("{}", report::columns(&rows, 0, faint));
            if !reasons.is_empty() {
                let reasons: Vec<_> = reasons
                    .into_iter()
                    .map(|(rule, why)| (rule, faint(&why)))
                    .collect();
                let reasons = report::columns(&reasons, 2, str::to_owned);
                print!("{}\n{reasons}", faint(&phrase!(passed_over).to_string()));
            }
            if let Some(test) = heard.and_then(|heard| heard.test(&tried)) {
                print!("\n{}\n{test}", faint(&phrase!(try_test).to_string()));
            }
        }
        OutputFormat::Json => {
            let place = rule.map(|rule| sources.place(rule.origin));
            let place = place.as_ref();
            let mut page = report::decision::json(&rules, place, &asked, &decision, &passed_over);
            if let Some(heard) = heard {
                page["live"] = heard.json(&tried);
            }
            print_json(&page);
        }
    }
    Exit::Success
}

/// Stands for the keyed hash of an openid where nobody says the token, which is its key.
const HASHED: &str = "…";

/// What a service gets instead, which has to be something.
const SOMEBODY: &str = "try";

impl Arguments {
    /// The follower as the service knows them.
    fn follower(&self, message: &Message, question: &Question) -> Result<String, SecretsError> {
        if question.service.sends_plain_openid {
            return Ok(message.openid().to_owned());
        }
        let credentials = self.token.credentials()?;
        let unknown = if self.live { SOMEBODY } else { HASHED };
        Ok(credentials.map_or_else(
            || unknown.to_owned(),
            |credentials| credentials.keyed_openid(message.openid()),
        ))
    }
}

/// What would be asked, and where.
fn asks(question: &Question) -> Vec<(String, String)> {
    let service = &*question.service.name;
    let asked = report::question(service, Some(&question.request));
    let mut rows = vec![(phrase!(try_asks).to_string(), asked.to_string())];
    if !question.url.is_empty() {
        rows.push((phrase!(try_at).to_string(), question.url.clone()));
    }
    rows
}

/// The text that was sent, in it what the rule asked for.
fn marked(rule: &Rule, asked: &MatchContext) -> Option<String> {
    let (text, found) = explain::matched(rule, asked)?;
    let mut shown = String::from("\"");
    let mut end = 0;
    for range in found {
        let start = range.start.max(end);
        let (between, part) = (
            text.get(end..start)?,
            text.get(start..range.end.max(start))?,
        );
        shown.push_str(&between.escape_debug().to_string());
        shown.push_str(&paint::paint(
            true,
            Ink::Mark,
            &part.escape_debug().to_string(),
        ));
        end = range.end.max(start);
    }
    shown.push_str(&text.get(end..)?.escape_debug().to_string());
    Some(shown + "\"")
}

/// A date and a time, or a time of today.
fn local_time(text: &str, zone: &TimeZone) -> Option<DateTime> {
    let text = text.trim();
    let today = || Timestamp::now().to_zoned(zone.clone()).date();
    match text.parse::<DateTime>() {
        Ok(time) => Some(time),
        Err(_) => Some(today().to_datetime(text.parse::<Time>().ok()?)),
    }
}
