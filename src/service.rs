//! What a rule asks of a service outside, and what comes back. Knows neither HTTP nor rules.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

/// A service that rules may ask, as the rule file describes it. Secrets are in it by name only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub name: Arc<str>,
    pub kind: ServiceKind,
    /// For everything that one question takes: connecting, retries, reading the answer.
    pub timeout: Duration,
    /// How often a call that cannot have had an effect is made again, within `timeout`.
    pub retries: u32,
    /// How many calls run at once; further questions wait, within `timeout`.
    pub at_once: usize,
    /// Whether the service learns the openid itself, and not a keyed hash of it.
    pub sends_plain_openid: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    Webhook(Webhook),
    LanguageModel(Box<LanguageModel>),
}

/// An HTTP endpoint that takes JSON and answers with JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub headers: Vec<(String, HeaderText)>,
    /// The secret with which calls are signed as Standard Webhooks describes it.
    pub sign: Option<String>,
}

/// The value of a header, with the secrets in it by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderText(pub Vec<HeaderPart>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderPart {
    Literal(String),
    Secret(String),
}

/// Anything that speaks OpenAI's chat completions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageModel {
    /// The base of the address, such as `https://api.deepseek.com/v1`.
    pub base_url: String,
    pub model: String,
    /// The name of the secret that is sent as a bearer token.
    pub key: Option<String>,
    pub system: Option<String>,
    pub memory: Option<Memory>,
    pub limits: Limits,
    /// What every answer begins with.
    pub label: Option<String>,
    /// Merged into the body of the request.
    pub extra: Map<String, Value>,
}

/// How much of the conversation with a follower the model is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    pub turns: usize,
    /// Since the last turn.
    pub expires: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Questions of one follower.
    pub follower: Option<Rate>,
    /// Questions of all followers of the account in one local day.
    pub day: Option<u64>,
    /// `max_tokens` of the request.
    pub tokens: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub count: u32,
    pub per: Duration,
}

/// One question to a service, with everything filled in. Followers' words are in it.
#[derive(Clone, PartialEq)]
pub struct Question {
    pub service: Arc<Service>,
    /// Where it goes: of a webhook, with what the query shows filled in; empty for a model.
    pub url: String,
    /// The JSON that a webhook gets; the text that a model gets, as a string.
    pub request: Value,
    /// Where in `request` the follower's openid, or the keyed hash of it, is still to be put: JSON
    /// Pointers, at each of which there is null.
    pub openid_at: Vec<String>,
    /// The dialogue that the follower was in, as it is stored. They may be in another by the time
    /// there is an answer.
    pub dialogue: Option<String>,
}

/// What a service answered: JSON from a webhook, a text from a model. Never a template.
#[derive(Clone, PartialEq)]
pub struct ServiceAnswer(pub Value);

/// Why a service gave no answer that could be used. The names are those of `failed` and of
/// `fails` in tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    #[error("status {0}")]
    Status(u16),
    #[error("no answer in time")]
    Timeout,
    /// The address cannot be reached, may not be, or cannot be trusted.
    #[error("no connection")]
    Refused,
    /// Too many questions: `at_once`, `limits`, an open breaker, or a question of the same
    /// follower that is still under way.
    #[error("busy")]
    Busy,
    #[error("the answer is too large")]
    TooLarge,
    #[error("the answer is not the JSON that was asked for")]
    NotJson,
    #[error("the answer is empty")]
    Empty,
}

impl Question {
    /// Puts in who asks, by the name that the service may know.
    pub fn set_openid(&mut self, name: &str) {
        for place in std::mem::take(&mut self.openid_at) {
            if let Some(value) = self.request.pointer_mut(&place) {
                *value = Value::from(name);
            }
        }
    }
}

impl ServiceError {
    /// The words for all that is no status.
    pub const WORDS: [&'static str; 6] = [
        "timeout",
        "refused",
        "busy",
        "too_large",
        "not_json",
        "empty",
    ];

    /// By the word for it, or the number of a status.
    pub fn named(word: &str) -> Option<ServiceError> {
        Some(match word {
            "timeout" => ServiceError::Timeout,
            "refused" => ServiceError::Refused,
            "busy" => ServiceError::Busy,
            "too_large" => ServiceError::TooLarge,
            "not_json" => ServiceError::NotJson,
            "empty" => ServiceError::Empty,
            status => {
                let status = status.parse().ok();
                ServiceError::Status(status.filter(|status| (100..=599).contains(status))?)
            }
        })
    }

    /// The word for it in rule files and metrics; a status is its number there.
    pub fn word(self) -> &'static str {
        match self {
            ServiceError::Status(_) => "status",
            ServiceError::Timeout => "timeout",
            ServiceError::Refused => "refused",
            ServiceError::Busy => "busy",
            ServiceError::TooLarge => "too_large",
            ServiceError::NotJson => "not_json",
            ServiceError::Empty => "empty",
        }
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Question")
            .field("service", &self.service.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ServiceAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ServiceAnswer")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_asks_is_put_where_the_rule_wants_it() {
        let service = Service {
            name: "订座".into(),
            kind: ServiceKind::Webhook(Webhook {
                headers: Vec::new(),
                sign: None,
            }),
            timeout: Duration::from_secs(10),
            retries: 0,
            at_once: 20,
            sends_plain_openid: false,
        };
        let mut question = Question {
            service: Arc::new(service),
            url: "https://example.com/".to_owned(),
            request: json!({ "who": { "openid": null }, "also": [1, null] }),
            openid_at: vec!["/who/openid".to_owned(), "/also/1".to_owned()],
            dialogue: None,
        };
        question.set_openid("f00");
        let expected = json!({ "who": { "openid": "f00" }, "also": [1, "f00"] });
        assert_eq!(question.request, expected);
    }
}
