//! JSON as a rule file has it.

use serde_json::{Map, Value};

use crate::case_writer::WIDTH;
use crate::rules::scalar::{inline, lines};

/// On one line.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => inline(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| format!("{}: {}", inline(key), flow(value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Under a key, on as many lines as it needs to be readable.
pub(super) fn under(margin: &str, key: &str, value: &Value) -> String {
    let start = format!("{margin}{}:", inline(key));
    let deeper = format!("{margin}  ");
    let line = format!("{start} {}\n", flow(value));
    if line.chars().count() <= WIDTH {
        return line;
    }
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            format!("{start}\n{}", mapping(&deeper, entries))
        }
        Value::Array(items) if !items.is_empty() => {
            let items = items.iter().map(|item| self::item(&deeper, item));
            format!("{start}\n{}", items.collect::<String>())
        }
        Value::String(text) => format!("{start} {}\n", lines(text, deeper.len())),
        _ => line,
    }
}

fn mapping(margin: &str, entries: &Map<String, Value>) -> String {
    let entries = entries.iter();
    entries
        .map(|(key, value)| under(margin, key, value))
        .collect()
}

fn item(margin: &str, value: &Value) -> String {
    let line = format!("{margin}- {}\n", flow(value));
    match value {
        Value::Object(entries) if line.chars().count() > WIDTH && !entries.is_empty() => {
            let entries = mapping(&format!("{margin}  "), entries);
            format!("{margin}- {}", entries.trim_start())
        }
        _ => line,
    }
}
