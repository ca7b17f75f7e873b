//! The values of placeholders. Does not know the syntax of templates.

use std::fmt;

use jiff::civil::Weekday;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use serde_json::Value;

use crate::message::Message;
use crate::moment::Moment;
use crate::rules::dialogue::DialogueProgress;
use crate::rules::placeholder::{BuiltIn, ValueSource};
use crate::rules::{fold, untrusted_text};
use crate::user::{Stored, User};
use crate::waiting;

/// Characters with a special meaning in addresses: all but letters, digits, - . _ and ~.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Everything that an answer is rendered from.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    pub message: &'a Message,
    pub user: &'a User,
    /// The same after the changes of the rule.
    pub changed: &'a User,
    /// The answers kept by the dialogue, if the rule is part of one.
    pub(crate) progress: Option<&'a DialogueProgress>,
    pub moment: &'a Moment,
    /// What follows the matched prefix, trimmed.
    pub rest: Option<&'a str>,
    pub captures: &'a Captures<'a>,
    /// What the service has answered that the rule asks.
    pub answer: Option<Answered<'a>>,
    /// Whether punctuation at the ends of the follower's text is removed.
    pub tidied: bool,
}

/// The answer of a service, nothing of which is a template.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    pub value: &'a Value,
    pub is_of_model: bool,
}

/// The groups of a rule's regex, in the follower's spelling. Empty, without an allocation, for a
/// rule without a regex.
#[derive(Clone, Default)]
pub struct Captures<'a> {
    /// By number, the whole match first.
    pub groups: Vec<Option<&'a str>>,
    /// In the order of `Scope::names`.
    pub named: Vec<Option<&'a str>>,
}

impl Values<'_> {
    /// Adds the value of one placeholder; nothing when there is none.
    pub(super) fn write(&self, source: &ValueSource, output: &mut String) {
        let value = match source {
            ValueSource::BuiltIn(built_in) => self.built_in(*built_in),
            ValueSource::WhateverWasSent => self.whatever_was_sent(output),
            ValueSource::TimeAs(format) => {
                output.push_str(&self.moment.format(format));
                None
            }
            ValueSource::Group(number) => {
                let group = self.captures.groups.get(*number).copied().flatten();
                group.map(|text| self.tidy(text))
            }
            ValueSource::Named(place) => {
                let group = self.captures.named.get(*place).copied().flatten();
                group.map(|text| self.tidy(text))
            }
            ValueSource::Encoded(source) => {
                let mut value = String::new();
                self.write(source, &mut value);
                output.extend(utf8_percent_encode(&value, RESERVED));
                None
            }
            // An element that comes several times gives its first value.
            ValueSource::Element(name) => self.message.fields(name).next(),
            ValueSource::Stored(key) => write_stored(self.user.get(key), output),
            ValueSource::Answer(key) => {
                let kept = self
                    .progress
                    .and_then(|progress| progress.answers.get(&**key));
                match kept {
                    Some(answer) => Some(answer.as_str()),
                    None => write_stored(self.user.get(key), output),
                }
            }
            ValueSource::Changed(key) => write_stored(self.changed.get(key), output),
            ValueSource::Asked(path) => {
                if let Some(answer) = self.answer {
                    answer.write(path, output);
                }
                None
            }
            ValueSource::FetchLink(text) => {
                output.push_str(&waiting::fetch_link(text));
                None
            }
        };
        output.push_str(value.unwrap_or_default());
    }

    fn whatever_was_sent(&self, output: &mut String) -> Option<&str> {
        let field = |name| self.message.fields(name).next();
        match self.message.msg_type().to_ascii_lowercase().as_str() {
            "image" | "voice" | "video" | "shortvideo" => field("media_id"),
            "location" => {
                let (x, y) = (field("location_x"), field("location_y"));
                output.push_str(x.unwrap_or_default());
                output.push(',');
                y
            }
            "link" => field("url"),
            "event" => field("event_key"),
            _ => self.built_in(BuiltIn::Content),
        }
    }

    /// A text from the follower; kept unchanged if it is only punctuation.
    fn tidy<'t>(&self, text: &'t str) -> &'t str {
        match self.tidied && !fold::is_punctuation_only(text) {
            true => fold::trim_punctuation(text),
            false => text,
        }
    }

    fn built_in(&self, built_in: BuiltIn) -> Option<&str> {
        match built_in {
            BuiltIn::Content => self.message.content().map(|text| self.tidy(text)),
            BuiltIn::Rest => self.rest,
            BuiltIn::Time => Some(self.moment.text()),
            // The time begins with the date.
            BuiltIn::Date => self.moment.text().split(' ').next(),
            BuiltIn::Weekday => Some(in_chinese(self.moment.weekday())),
            BuiltIn::OpenId => Some(self.message.openid()),
            BuiltIn::Account => Some(self.message.account()),
            BuiltIn::Type => Some(self.message.msg_type()),
            BuiltIn::Event => self.message.event(),
            BuiltIn::Key => self.message.key(),
            BuiltIn::Scene => self.message.scene(),
            BuiltIn::Menu => self.message.menu(),
        }
    }
}

impl Answered<'_> {
    /// What is at the end of a path: a text, or several that are joined as those of a list are.
    /// A mapping is no text.
    fn write(&self, path: &[Box<str>], output: &mut String) {
        match step_through(self.value, path) {
            Some(Value::Array(items)) => {
                let texts: Vec<String> = items.iter().filter_map(|item| self.text(item)).collect();
                output.push_str(&texts.join("、"));
            }
            Some(value) => output.push_str(&self.text(value).unwrap_or_default()),
            None => {}
        }
    }

    fn text(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(untrusted_text::text(text, self.is_of_model)),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(boolean) => Some(boolean.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// What is at the end of a path.
pub(super) fn step_through<'v>(value: &'v Value, path: &[Box<str>]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, step| match value {
        Value::Object(entries) => entries.get(&**step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A value can be had as it is; a list is written at once.
fn write_stored<'a>(stored: Option<&'a Stored>, output: &mut String) -> Option<&'a str> {
    match stored? {
        Stored::Value(value) => Some(value),
        list => {
            output.push_str(&list.text());
            None
        }
    }
}

fn in_chinese(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "星期一",
        Weekday::Tuesday => "星期二",
        Weekday::Wednesday => "星期三",
        Weekday::Thursday => "星期四",
        Weekday::Friday => "星期五",
        Weekday::Saturday => "星期六",
        Weekday::Sunday => "星期日",
    }
}

/// Shows only the number of groups, to keep message text out of logs.
impl fmt::Debug for Captures<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Captures({} groups)", self.groups.len())
    }
}
