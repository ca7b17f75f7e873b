//! Where and how log records are written.

mod queue;

use std::io::Write;
use std::{env, io, panic};

use clap::ValueEnum;
use env_logger::fmt::Formatter;
use env_logger::{Builder, DEFAULT_FILTER_ENV, Target, WriteStyle};
use jiff::Timestamp;
use log::kv::{Key, Value, VisitSource};
use log::{Level, LevelFilter, Record};
use serde_json::{Map, json};

use crate::cli::logging::queue::LogQueue;
use crate::cli::paint;
use crate::i18n::phrase;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum LogFormat {
    Text,
    Json,
}

/// What was started, and has lines to write before the process ends.
#[derive(Clone)]
pub(super) struct Logging(Option<LogQueue>);

/// Begins to write what is logged to standard error. `RUST_LOG` chooses, as usual, and what it
/// does not name stays as it is without it; a level is for libraries, too, only from `debug` on.
/// Logging never waits for whoever reads it.
pub(super) fn start(format: LogFormat) -> Logging {
    let mut builder = builder(&env::var(DEFAULT_FILTER_ENV).unwrap_or_default());
    let missing = match format {
        LogFormat::Text => missing_as_text,
        LogFormat::Json => {
            builder.format(write_json);
            missing_as_json
        }
    };
    // Without a thread there is nothing left but to write at once.
    let queue = LogQueue::start(io::stderr(), missing).ok();
    if let Some(queue) = queue.clone() {
        builder.write_style(match paint::is_colored(&io::stderr()) {
            true => WriteStyle::Always,
            false => WriteStyle::Never,
        });
        builder.target(Target::Pipe(Box::new(queue)));
    }
    builder.init();
    panic::set_hook(Box::new(|panic| {
        // What it says could be the words of a follower.
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        log::error!("{}", phrase!(log_panic, place));
    }));
    Logging(queue)
}

/// Shows what goes wrong beside what a command says itself.
pub(super) fn show_errors() {
    let mut builder = Builder::new();
    builder.filter_level(LevelFilter::Error);
    builder.format(|out, record| writeln!(out, "{}", record.args()));
    // A command may open several databases.
    let _ = builder.try_init();
}

impl Logging {
    /// Waits a moment for the last lines to be written.
    pub(super) fn finish(&self) {
        if let Some(queue) = &self.0 {
            queue.finish();
        }
    }
}

fn builder(asked: &str) -> Builder {
    let level = asked
        .split(',')
        .find_map(|filter| filter.trim().parse().ok())
        .unwrap_or(LevelFilter::Info);
    let of_libraries = match level >= LevelFilter::Debug {
        true => level,
        false => LevelFilter::Off,
    };
    let mut builder = Builder::new();
    builder
        .filter_module(env!("CARGO_CRATE_NAME"), level)
        // It alone knows that no connection can be accepted.
        .filter_module("actix_server", LevelFilter::Warn.min(level))
        // It logs an error for every non-HTTP request, which strangers send all day.
        .filter_module("actix_http", LevelFilter::Off)
        .parse_filters(asked)
        .filter_level(of_libraries);
    builder
}

fn write_json(formatter: &mut Formatter, record: &Record) -> io::Result<()> {
    writeln!(formatter, "{}", as_json(record))
}

fn as_json(record: &Record) -> serde_json::Value {
    let mut fields = Fields::default();
    // Collecting never fails.
    let _ = record.key_values().visit(&mut fields);
    let mut line = Map::new();
    line.insert("time".to_owned(), json!(Timestamp::now().to_string()));
    line.insert("level".to_owned(), json!(record.level().as_str()));
    line.insert("target".to_owned(), json!(record.target()));
    line.insert("message".to_owned(), json!(record.args().to_string()));
    line.extend(fields.0);
    line.into()
}

fn missing_as_text(lines: u64) -> String {
    phrase!(log_lines_missing, lines).to_string()
}

fn missing_as_json(lines: u64) -> String {
    let (said, missing) = (missing_as_text(lines), [("missing", lines)]);
    let mut warning = Record::builder();
    warning.level(Level::Warn).target(module_path!());
    warning.key_values(&missing);
    as_json(&warning.args(format_args!("{said}")).build()).to_string()
}

#[derive(Default)]
struct Fields(Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
        let value = match value.to_u64() {
            Some(number) => json!(number),
            None => json!(value.to_string()),
        };
        // The only account has no name.
        if value == "" {
            return Ok(());
        }
        self.0.insert(key.to_string(), value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use log::{Level, Log, Metadata};

    use super::*;

    #[test]
    fn what_is_asked_for_is_added_and_silence_is_for_all() {
        let (rules, wire, accept) = (
            "wxreply::live_rules",
            "actix_http::h1",
            "actix_server::accept",
        );
        let (query, watch) = ("sqlx::query", "notify::inotify");
        for (asked, target, level, is_written) in [
            ("", rules, Level::Info, true),
            ("", rules, Level::Debug, false),
            ("", wire, Level::Error, false),
            ("", accept, Level::Warn, true),
            ("", query, Level::Warn, false),
            ("", watch, Level::Info, false),
            ("wxreply=debug", watch, Level::Warn, false),
            ("warn", rules, Level::Warn, true),
            ("warn", rules, Level::Info, false),
            ("warn", query, Level::Warn, false),
            ("info,sqlx=warn", query, Level::Warn, true),
            ("sqlx=warn", watch, Level::Warn, false),
            ("debug", query, Level::Debug, true),
            ("debug", query, Level::Trace, false),
            ("trace", watch, Level::Trace, true),
            ("debug", rules, Level::Debug, true),
            ("debug", wire, Level::Error, false),
            ("wxreply=debug", rules, Level::Debug, true),
            ("wxreply=debug", wire, Level::Error, false),
            ("actix_http=error", wire, Level::Error, true),
            ("error", rules, Level::Warn, false),
            ("error", accept, Level::Warn, false),
            ("off", rules, Level::Error, false),
            ("off", accept, Level::Error, false),
            ("off,actix_server=info", accept, Level::Info, true),
        ] {
            let metadata = Metadata::builder().target(target).level(level).build();
            let logger = builder(asked).build();
            assert_eq!(
                logger.enabled(&metadata),
                is_written,
                "{asked}: {target} {level}"
            );
        }
    }
}
