//! How diagnostics, replies and stored values look on a terminal and as JSON.

use serde_json::Value;
use serde_json::json;

use crate::engine::PassedOver;
use crate::reply::Reply;
use crate::rules::RuleSet;
use crate::rules::condition::Asked;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::diagnostic::Place;
use crate::rules::diagnostic::Severity;
use crate::rules::explain;
use crate::user::Change;
use crate::user::Stored;

pub fn print(value: &Value) {
    println!("{value:#}");
}

pub fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let other = diagnostic.other.as_ref().map(|(place_of, label)| {
        let mut other = place(place_of);
        other["label"] = json!(label);
        other
    });
    let mut value = place(&diagnostic.place);
    value["severity"] = json!(match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    });
    value["message"] = json!(diagnostic.message);
    value["notes"] = json!(diagnostic.notes);
    value["help"] = json!(diagnostic.help);
    value["other"] = json!(other);
    value
}

pub fn place(place: &Place) -> Value {
    json!({ "file": place.path, "line": place.line, "column": place.column })
}

/// A reply as a rule file would write it, on one line.
pub fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Silence => "success".to_owned(),
        Reply::Text(text) => format!("{text:?}"),
        reply => reply_json(reply).to_string(),
    }
}

pub fn reply_json(reply: &Reply) -> Value {
    match reply {
        Reply::Silence => json!("success"),
        Reply::Text(text) => json!({ "text": text }),
        Reply::Image { media_id } => json!({ "image": media_id }),
        Reply::Voice { media_id } => json!({ "voice": media_id }),
        Reply::Video(video) => json!({ "video": {
            "media_id": video.media_id,
            "title": video.title,
            "description": video.description,
        } }),
        Reply::Music(music) => json!({ "music": {
            "title": music.title,
            "description": music.description,
            "music_url": music.music_url,
            "hq_music_url": music.hq_music_url,
            "thumb_media_id": music.thumb_media_id,
        } }),
        Reply::News(articles) => {
            let articles = articles.iter().map(|article| {
                json!({
                    "title": article.title,
                    "description": article.description,
                    "pic_url": article.pic_url,
                    "url": article.url,
                })
            });
            json!({ "news": articles.collect::<Vec<_>>() })
        }
        Reply::CustomerService { account: None } => json!("transfer_customer_service"),
        Reply::CustomerService { account } => json!({ "transfer_customer_service": account }),
    }
}

/// `set threshold = "10"`
pub fn change(change: &Change) -> String {
    match change {
        Change::Set {
            key,
            value,
            expires,
        } => {
            let expires = expires.map(|expires| format!(", for {} s", expires.as_secs()));
            format!("set {key} = {value:?}{}", expires.unwrap_or_default())
        }
        Change::Add { key, item } => format!("add {item:?} to {key}"),
        Change::Remove { key, item } => format!("remove {item:?} from {key}"),
        Change::Clear { key } => format!("clear {key}"),
        Change::ClearAll => "clear all".to_owned(),
    }
}

pub fn stored(stored: Option<&Stored>) -> String {
    match stored {
        None => "nothing".to_owned(),
        Some(Stored::Value(value)) => format!("{value:?}"),
        Some(Stored::List(items)) => format!("{items:?}"),
    }
}

/// Every rule that was passed over with its reason, names aligned.
pub fn passed_over(
    rules: &RuleSet,
    passed_over: &[PassedOver],
    asked: &Asked,
) -> Vec<(String, String)> {
    passed_over
        .iter()
        .filter_map(|passed| {
            let rule = rules.rule(passed.rule)?;
            let why = explain::why_not(rule, passed.miss, asked);
            Some((rule.name.to_string(), why))
        })
        .collect()
}

/// Pairs of a name and a reason as two columns, indented.
pub fn columns(rows: &[(String, String)], indent: usize) -> String {
    let width = rows
        .iter()
        .map(|(name, _)| display_width(name))
        .max()
        .unwrap_or(0);
    let lines = rows.iter().map(|(name, why)| {
        let padding = " ".repeat(indent + width - display_width(name) + 2);
        let (start, gap) = padding.split_at(indent);
        format!("{start}{name}{gap}{why}\n")
    });
    lines.collect()
}

/// How many columns a terminal gives a text: Chinese letters take two.
fn display_width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
