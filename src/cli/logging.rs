//! Where the records of `log` go, and how they look there.

use std::env;
use std::io;
use std::io::Write;

use clap::ValueEnum;
use env_logger::Builder;
use env_logger::DEFAULT_FILTER_ENV;
use env_logger::fmt::Formatter;
use jiff::Timestamp;
use log::LevelFilter;
use log::Record;
use log::kv::Key;
use log::kv::Value;
use log::kv::VisitSource;
use serde_json::Map;
use serde_json::json;

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Begins to write what is logged to standard error. `RUST_LOG` chooses, as usual, and what it
/// does not name stays as it is without it.
pub fn start(format: LogFormat) {
    let asked = env::var(DEFAULT_FILTER_ENV).unwrap_or_default();
    // `off` and `error` are meant for all.
    let least = asked
        .split(',')
        .find_map(|filter| filter.trim().parse().ok())
        .unwrap_or(LevelFilter::Trace);
    let mut builder = Builder::new();
    builder
        .filter_level(LevelFilter::Info)
        .filter_module("actix_server", LevelFilter::Warn.min(least))
        // It calls it an error when a stranger sends no HTTP; the internet does so all day.
        .filter_module("actix_http", LevelFilter::Off)
        .parse_filters(&asked);
    if let LogFormat::Json = format {
        builder.format(write_json);
    }
    builder.init();
}

fn write_json(formatter: &mut Formatter, record: &Record) -> io::Result<()> {
    let mut fields = Fields::default();
    // Collecting never fails.
    let _ = record.key_values().visit(&mut fields);
    let mut line = Map::new();
    line.insert("time".to_owned(), json!(Timestamp::now().to_string()));
    line.insert("level".to_owned(), json!(record.level().as_str()));
    line.insert("target".to_owned(), json!(record.target()));
    line.insert("message".to_owned(), json!(record.args().to_string()));
    line.extend(fields.0);
    writeln!(formatter, "{}", serde_json::Value::from(line))
}

#[derive(Default)]
struct Fields(Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
        let value = match value.to_u64() {
            Some(number) => json!(number),
            None => json!(value.to_string()),
        };
        self.0.insert(key.to_string(), value);
        Ok(())
    }
}
