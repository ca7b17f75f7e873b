//! `wxreply try`: which rule answers a message, with what, and why not the earlier ones.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::Exit;
use crate::cli::Format;
use crate::cli::NoRules;
use crate::cli::load;
use crate::cli::message;
use crate::cli::message::MessageArguments;
use crate::cli::print_json;
use crate::cli::unreadable;
use crate::engine;
use crate::moment::Moment;
use crate::report;
use crate::rules::condition::Asked;
use crate::server;
use crate::wechat;

/// Show which rule answers a message, with what, and why each earlier rule does not
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The rule file
    file: PathBuf,
    #[command(flatten)]
    message: MessageArguments,
    /// What is stored of the follower; repeated for one key, it is a list
    #[arg(long = "user", value_name = "KEY=VALUE", value_parser = message::pair)]
    user: Vec<(String, String)>,
    /// The local time, such as 2026-01-02 03:04, or 22:30 today; default: now
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Show the answer as the XML that WeChat would get
    #[arg(long, conflicts_with = "format")]
    xml: bool,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

pub fn run(arguments: &Arguments) -> Exit {
    let (rules, sources) = match load(&arguments.file) {
        Ok(loaded) => loaded,
        Err(NoRules::Unreadable(error)) => return unreadable(&error),
        Err(NoRules::Wrong(diagnostics)) => {
            match arguments.format {
                Format::Human => {
                    for diagnostic in diagnostics {
                        eprintln!("{}\n", diagnostic.render(false));
                    }
                }
                Format::Json => {
                    let all: Vec<_> = diagnostics.iter().map(report::diagnostic).collect();
                    print_json(&json!({ "diagnostics": all }));
                }
            }
            return Exit::Wrong;
        }
    };
    let message = match arguments.message.message() {
        Ok(message) => message,
        Err(why) => return usage(&why),
    };
    let zone = &rules.settings.zone;
    let moment = match &arguments.at {
        None => Moment::new(Timestamp::now(), zone),
        Some(text) => match local_time(text, zone).and_then(|time| Moment::local(time, zone)) {
            Some(moment) => moment,
            None => {
                return usage("--at is no local time; write it like 2026-01-02 03:04:05 or 03:04");
            }
        },
    };
    let seconds = moment.unix_seconds();
    let message = message::with_default(message, "CreateTime", &seconds.to_string());
    let user = message::user(&arguments.user);
    let (decision, passed_over) =
        engine::explain(&rules, &message, &moment, &user, &mut server::dice);
    let sent = wechat::answer_in_the_clear(&message, &decision.reply, seconds);
    if arguments.xml {
        println!("{}", String::from_utf8_lossy(&sent.body));
        return Exit::Fine;
    }
    let shortfall = sent.shortfall.map(|shortfall| shortfall.to_string());
    let asked = Asked::new(&message, &moment, Some(&user), rules.settings.folding);
    let reasons = report::passed_over(&rules, &passed_over, &asked);
    let rule = decision.rule.and_then(|id| rules.rule(id));
    let changes: Vec<String> = decision.changes.iter().map(report::change).collect();
    match arguments.format {
        Format::Human => {
            let named = rule.map(|rule| format!("{} ({})", rule.name, sources.place(rule.origin)));
            let mut rows = vec![
                ("rule".to_owned(), named.unwrap_or("none".to_owned())),
                ("reply".to_owned(), report::reply(&decision.reply)),
            ];
            // Tests compare the reply as the rule gives it; followers see what WeChat takes.
            rows.extend(shortfall.map(|why| ("sent".to_owned(), why)));
            rows.extend(
                changes
                    .into_iter()
                    .map(|change| ("stores".to_owned(), change)),
            );
            print!("{}", report::columns(&rows, 0));
            if !reasons.is_empty() {
                print!("passed over:\n{}", report::columns(&reasons, 2));
            }
        }
        Format::Json => print_json(&json!({
            "rule": rule.map(|rule| &rule.name),
            "place": rule.map(|rule| report::place(&sources.place(rule.origin))),
            "reply": report::reply_json(&decision.reply),
            "shortfall": shortfall,
            "changes": changes,
            "passed_over": reasons
                .into_iter()
                .map(|(rule, why)| json!({ "rule": rule, "why": why }))
                .collect::<Vec<_>>(),
        })),
    }
    Exit::Fine
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

fn usage(why: &str) -> Exit {
    eprintln!("error: {why}");
    Exit::Failed
}
