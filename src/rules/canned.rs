//! What a service answers in a test, as `answers` has it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::rules::compile::options::{duration, in_words};
use crate::rules::file::Json;
use crate::service::{Service, ServiceAnswer, ServiceError, ServiceKind};
use crate::waiting;

/// What stands beside a canned answer, or in its place.
pub(crate) const FAILS: &str = "fails";
pub(crate) const AFTER: &str = "after";

#[derive(Clone, Debug)]
pub struct Canned {
    pub service: Box<str>,
    pub answer: Result<ServiceAnswer, ServiceError>,
    /// How long after it was asked.
    pub after: Duration,
}

/// Why something written is no canned answer.
#[derive(Debug)]
pub(crate) enum CannedError {
    /// Neither an answer of such a service nor a description of one.
    Invalid,
    /// `after` is no length of time.
    After,
    /// A service does not fail like this.
    Failure(String),
}

impl Canned {
    /// JSON, or the text of a model; or a description of it, which says when it comes or how it
    /// fails.
    pub(crate) fn read(service: &Service, json: &Json) -> Result<Canned, CannedError> {
        let is_model = matches!(service.kind, ServiceKind::LanguageModel(_));
        let canned = |answer, after| Canned {
            service: (&*service.name).into(),
            answer,
            after,
        };
        let now = |value: Value| Ok(canned(Ok(ServiceAnswer(value)), Duration::ZERO));
        let content = content(is_model);
        let entries = match json {
            Json::Mapping(entries) => entries,
            Json::Text(_) | Json::Number(_) if is_model => return now(spelled(json)),
            _ if is_model => return Err(CannedError::Invalid),
            json => return now(json.value()),
        };
        let get = |key: &str| {
            let entry = entries.iter().find(|(known, _)| known == key);
            entry.map(|(_, value)| value)
        };
        let is_described = entries
            .iter()
            .all(|(key, _)| [content, FAILS, AFTER].contains(&key.as_str()))
            && (get(content).is_some() || get(FAILS).is_some());
        if !is_described {
            let has_time = get(AFTER).and_then(length_of_time).is_some();
            return match is_model || has_time {
                true => Err(CannedError::Invalid),
                false => now(json.value()),
            };
        }
        let after = match get(AFTER) {
            None => Duration::ZERO,
            Some(after) => length_of_time(after).ok_or(CannedError::After)?,
        };
        match (get(content), get(FAILS)) {
            (Some(text @ (Json::Text(_) | Json::Number(_))), None) if is_model => {
                Ok(canned(Ok(ServiceAnswer(spelled(text))), after))
            }
            (Some(json), None) if !is_model => Ok(canned(Ok(ServiceAnswer(json.value())), after)),
            (None, Some(kind)) => Ok(canned(Err(failure(kind)?), after)),
            _ => Err(CannedError::Invalid),
        }
    }

    /// What a service has just answered, and how long it took, as far as that matters.
    pub(crate) fn heard(
        service: &Service,
        answer: Result<ServiceAnswer, ServiceError>,
        took: Duration,
    ) -> Canned {
        let whole_seconds = Duration::from_secs(took.as_secs() + 1).min(service.timeout);
        Canned {
            service: (&*service.name).into(),
            answer,
            after: match waiting::outcome(Some(took)) {
                waiting::Outcome::Answered(_) => Duration::ZERO,
                waiting::Outcome::Slow(_) => whole_seconds,
            },
        }
    }

    /// What reads as this answer.
    pub(crate) fn written(&self, service: &Service) -> Value {
        let content = content(matches!(service.kind, ServiceKind::LanguageModel(_)));
        let (key, value) = match &self.answer {
            Err(ServiceError::Status(status)) => (FAILS, json!(status)),
            Err(error) => (FAILS, json!(error.word())),
            Ok(ServiceAnswer(value)) => (content, value.clone()),
        };
        // Words that describe an answer may be those of the answer itself.
        let is_ambiguous = [content, FAILS, AFTER]
            .iter()
            .any(|key| value.get(key).is_some());
        if key == content && !is_ambiguous && self.after.is_zero() {
            return value;
        }
        let mut written = json!({ key: value });
        if !self.after.is_zero() {
            written[AFTER] = json!(in_words(self.after));
        }
        written
    }
}

fn content(is_model: bool) -> &'static str {
    if is_model { "text" } else { "json" }
}

fn failure(kind: &Json) -> Result<ServiceError, CannedError> {
    let word = spelled(kind);
    let word = word.as_str().unwrap_or_default();
    ServiceError::named(word).ok_or_else(|| CannedError::Failure(word.to_owned()))
}

/// A number is a text where only a text can be.
pub(crate) fn spelled(json: &Json) -> Value {
    match json {
        Json::Number(number) => Value::String(number.to_string()),
        json => json.value(),
    }
}

fn length_of_time(json: &Json) -> Option<Duration> {
    match json {
        Json::Text(text) => duration(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Webhook;

    #[test]
    fn what_is_written_reads_as_the_same_answer() {
        let service = Service {
            name: "快递".into(),
            kind: ServiceKind::Webhook(Webhook {
                headers: Vec::new(),
                sign: None,
            }),
            timeout: Duration::from_secs(10),
            retries: 0,
            at_once: 20,
            sends_plain_openid: false,
        };
        let soon = Duration::ZERO;
        let late = Duration::from_secs(90);
        for (answer, after, written) in [
            (
                Ok(json!({ "a": [1, null] })),
                soon,
                json!({ "a": [1, null] }),
            ),
            (Ok(json!("text")), soon, json!("text")),
            (
                Ok(json!({ "json": 1 })),
                soon,
                json!({ "json": { "json": 1 } }),
            ),
            (
                Ok(json!({ "after": "5s" })),
                soon,
                json!({ "json": { "after": "5s" } }),
            ),
            (
                Ok(json!({ "fails": 404 })),
                soon,
                json!({ "json": { "fails": 404 } }),
            ),
            (Ok(json!([1])), late, json!({ "json": [1], "after": "90s" })),
            (
                Err(ServiceError::Status(404)),
                soon,
                json!({ "fails": 404 }),
            ),
            (
                Err(ServiceError::Timeout),
                late,
                json!({ "fails": "timeout", "after": "90s" }),
            ),
        ] {
            let canned = Canned {
                service: "快递".into(),
                answer: answer.map(ServiceAnswer),
                after,
            };
            assert_eq!(canned.written(&service), written);
            let read = Canned::read(&service, &Json::from(&written)).unwrap();
            assert_eq!(
                (read.answer, read.after),
                (canned.answer, after),
                "{written}"
            );
        }
    }
}
