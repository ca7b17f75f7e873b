//! `answers` and `asked` of tests: what services answer there, and what they must have been asked.

use std::time::Duration;

use serde_json::Value;

use crate::i18n::phrase;
use crate::rules::compile::Compiler;
use crate::rules::compile::at::At;
use crate::rules::compile::options;
use crate::rules::file::{Json, Pairs};
use crate::rules::nearest::nearest;
use crate::rules::yaml::tree::Part;
use crate::rules::{Canned, ExpectedQuestion};
use crate::service::{ServiceAnswer, ServiceError, ServiceKind};

/// What stands beside a canned answer, or in its place.
const FAILS: &str = "fails";
const AFTER: &str = "after";

impl Compiler<'_> {
    pub(super) fn answers(&mut self, written: Option<&Pairs<Json>>, at: &At) -> Vec<Canned> {
        let list = at.key("answers");
        let pairs = written.map_or(&[][..], |Pairs(pairs)| pairs);
        let mut answers = Vec::with_capacity(pairs.len());
        for (name, json) in pairs {
            let at = list.key(name);
            let Some(known) = self.known_service(name, &at, Part::Key) else {
                continue;
            };
            let is_model = matches!(known.service.kind, ServiceKind::LanguageModel(_));
            let canned = self.canned(json, is_model, &at);
            answers.extend(canned.map(|(answer, after)| Canned {
                service: name.as_str().into(),
                answer,
                after,
            }));
        }
        answers
    }

    /// JSON, or the text of a model; or a description of it, which says when it comes or how it
    /// fails.
    fn canned(
        &mut self,
        json: &Json,
        is_model: bool,
        at: &At,
    ) -> Option<(Result<ServiceAnswer, ServiceError>, Duration)> {
        let content = if is_model { "text" } else { "json" };
        let now = |value: Value| Some((Ok(ServiceAnswer(value)), Duration::ZERO));
        let entries = match json {
            Json::Mapping(entries) => entries,
            Json::Text(_) | Json::Number(_) if is_model => return now(spelled(json)),
            _ if is_model => return self.invalid_canned(is_model, at),
            json => return now(json.value()),
        };
        let get = |key: &str| entries.iter().find(|(known, _)| known == key);
        let is_described = entries
            .iter()
            .all(|(key, _)| [content, FAILS, AFTER].contains(&key.as_str()))
            && (get(content).is_some() || get(FAILS).is_some());
        if !is_described {
            let duration = get(AFTER).and_then(|(_, after)| duration(after));
            if is_model || duration.is_some() {
                return self.invalid_canned(is_model, at);
            }
            return now(json.value());
        }
        let after = match get(AFTER) {
            None => Duration::ZERO,
            Some((_, after)) => match duration(after) {
                Some(duration) => duration,
                None => {
                    self.report
                        .error(&at.key(AFTER), Part::Value, phrase!(invalid_after))
                        .help(phrase!(help_later));
                    return None;
                }
            },
        };
        match (get(content), get(FAILS)) {
            (Some((_, content)), None) if is_model => match content {
                Json::Text(_) | Json::Number(_) => {
                    Some((Ok(ServiceAnswer(spelled(content))), after))
                }
                _ => self.invalid_canned(is_model, at),
            },
            (Some((_, content)), None) => Some((Ok(ServiceAnswer(content.value())), after)),
            (None, Some((_, kind))) => {
                let error = self.failure(kind, &at.key(FAILS))?;
                Some((Err(error), after))
            }
            _ => self.invalid_canned(is_model, at),
        }
    }

    fn failure(&mut self, kind: &Json, at: &At) -> Option<ServiceError> {
        let word = spelled(kind);
        let word = word.as_str().unwrap_or_default();
        let error = ServiceError::named(word);
        if error.is_none() {
            let help = match nearest(word, ServiceError::WORDS) {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None => phrase!(help_fails),
            };
            self.report
                .error(at, Part::Value, phrase!(unknown_failure, kind = word))
                .help(help);
        }
        error
    }

    fn invalid_canned<T>(&mut self, is_model: bool, at: &At) -> Option<T> {
        let help = match is_model {
            true => phrase!(help_canned_text),
            false => phrase!(help_canned_json),
        };
        self.report
            .error(at, Part::Value, phrase!(invalid_canned))
            .help(help);
        None
    }

    /// One service, with what it is asked or without; null when none is asked.
    pub(super) fn expected_question(&mut self, json: &Json, at: &At) -> Option<ExpectedQuestion> {
        match json {
            Json::Null => Some(ExpectedQuestion::None),
            Json::Text(name) => {
                let known = self.known_service(name, at, Part::Value)?;
                Some(ExpectedQuestion::Of {
                    service: (&*known.service.name).into(),
                    request: None,
                })
            }
            Json::Mapping(entries) => match entries.as_slice() {
                [(name, request)] => {
                    let known = self.known_service(name, &at.key(name), Part::Key)?;
                    let request = match known.service.kind {
                        ServiceKind::LanguageModel(_) => spelled(request),
                        ServiceKind::Webhook(_) => request.value(),
                    };
                    Some(ExpectedQuestion::Of {
                        service: name.as_str().into(),
                        request: Some(request),
                    })
                }
                _ => self.invalid_asked(at),
            },
            _ => self.invalid_asked(at),
        }
    }

    fn invalid_asked<T>(&mut self, at: &At) -> Option<T> {
        self.report
            .error(at, Part::Value, phrase!(invalid_asked))
            .help(phrase!(help_asked));
        None
    }
}

/// A number is a text where only a text can be.
fn spelled(json: &Json) -> Value {
    match json {
        Json::Number(number) => Value::String(number.to_string()),
        json => json.value(),
    }
}

fn duration(json: &Json) -> Option<Duration> {
    match json {
        Json::Text(text) => options::duration(text),
        _ => None,
    }
}
