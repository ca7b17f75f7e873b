//! `wxreply try`: which rule answers a message, with what, and why not the earlier ones.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::message::MessageArguments;
use crate::cli::paint::Ink;
use crate::cli::{Exit, Format, RulesFileError, load, message, paint, print_json, unreadable};
use crate::moment::Moment;
use crate::rules::condition::MatchContext;
use crate::rules::{Rule, explain};
use crate::{engine, report, server, wechat};

/// Show which rule answers a message, with what, and why each earlier rule does not
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The rule file; - for standard input
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

pub(super) fn run(arguments: &Arguments) -> Exit {
    let (rules, sources) = match load(&arguments.file) {
        Ok(loaded) => loaded,
        Err(RulesFileError::Unreadable(error)) => {
            let exit = unreadable(&error);
            let file = &arguments.file;
            if !arguments.message.has_text() && !file.exists() {
                let text = file.display();
                eprintln!(
                    "help: the rule file comes before the text: wxreply try rules.yaml {text}"
                );
            }
            return exit;
        }
        Err(RulesFileError::Wrong(diagnostics)) => {
            match arguments.format {
                Format::Human => {
                    let colored = paint::is_colored(&std::io::stderr());
                    for diagnostic in diagnostics {
                        eprintln!("{}\n", diagnostic.render(colored));
                    }
                }
                Format::Json => {
                    let all: Vec<_> = diagnostics.iter().map(report::diagnostic).collect();
                    print_json(&json!({ "diagnostics": all }));
                }
            }
            return Exit::RulesInvalid;
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
        engine::explain(&rules, &message, &moment, &user, &mut server::choose);
    let sent = wechat::answer_in_the_clear(&message, &decision.reply, seconds);
    if arguments.xml {
        println!("{}", String::from_utf8_lossy(sent.body.as_bytes()));
        return Exit::Success;
    }
    let degradation = sent.degradation.map(|degradation| degradation.to_string());
    let asked = MatchContext::new(&message, &moment, Some(&user), rules.settings.folding);
    let reasons = report::passed_over(&rules, &passed_over, &asked);
    let rule = decision.rule.and_then(|id| rules.rule(id));
    let changes: Vec<String> = decision.changes.iter().map(report::change).collect();
    match arguments.format {
        Format::Human => {
            let colored = paint::stdout_is_colored();
            let faint = |text: &str| paint::paint(colored, Ink::Faint, text);
            let named = rule.map(|rule| {
                let name = paint::paint(colored, Ink::Good, &rule.title());
                let place = faint(&format!("({})", sources.place(rule.origin)));
                format!("{name} {place}")
            });
            let none = || paint::paint(colored, Ink::Doubtful, "none");
            let mut rows = Vec::new();
            // In a pipe nothing could be marked in it.
            if let Some(text) = rule
                .filter(|_| colored)
                .and_then(|rule| marked(rule, &asked))
            {
                rows.push(("text".to_owned(), text));
            }
            rows.push(("rule".to_owned(), named.unwrap_or_else(none)));
            rows.push(("reply".to_owned(), report::reply(&decision.reply)));
            // Tests compare the reply as the rule gives it; followers see what WeChat takes.
            rows.extend(degradation.map(|why| {
                let why = paint::paint(colored, Ink::Doubtful, &why);
                ("sent".to_owned(), why)
            }));
            rows.extend(
                changes
                    .into_iter()
                    .map(|change| ("stores".to_owned(), change)),
            );
            rows.extend(decision.failure.as_ref().map(|why| {
                let why = paint::paint(colored, Ink::Doubtful, &why.to_string());
                ("failed".to_owned(), why)
            }));
            print!("{}", report::columns(&rows, 0, faint));
            if !reasons.is_empty() {
                let reasons: Vec<_> = reasons
                    .into_iter()
                    .map(|(rule, why)| (rule, faint(&why)))
                    .collect();
                let reasons = report::columns(&reasons, 2, str::to_owned);
                print!("{}\n{reasons}", faint("passed over:"));
            }
        }
        Format::Json => {
            let place = rule.map(|rule| sources.place(rule.origin));
            let place = place.as_ref();
            print_json(&report::decision::json(
                &rules,
                place,
                &asked,
                &decision,
                &passed_over,
            ));
        }
    }
    Exit::Success
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

fn usage(why: &str) -> Exit {
    eprintln!("error: {why}");
    Exit::Error
}
