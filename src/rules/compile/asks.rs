//! `ask` and `failed`: what a rule asks of a service, and what it says when that fails.

use serde_json::Value;

use crate::i18n::phrase;
use crate::reply::Reply;
use crate::rules::answer::Answer;
use crate::rules::ask::{Ask, FailedReplies, JsonTemplate, KnownService, RequestTemplate};
use crate::rules::compile::Compiler;
use crate::rules::compile::path::At;
use crate::rules::file;
use crate::rules::file::{Entry, Json, Pairs, Text};
use crate::rules::nearest::nearest;
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree::EntryPart;
use crate::service::{ServiceError, ServiceKind};

impl Compiler<'_> {
    /// What a rule asks, if it asks anything and nothing about that is wrong.
    pub(super) fn ask(&mut self, written: &Entry, scope: &Scope, at: &At) -> Option<Ask> {
        let Some(ask) = written.ask.as_ref() else {
            if written.failed.is_some() {
                self.report
                    .error(
                        &at.key("failed"),
                        EntryPart::Key,
                        phrase!(failed_without_ask),
                    )
                    .help(phrase!(help_failed_without_ask));
            }
            return None;
        };
        let scope = &Scope {
            changes: false,
            asks: false,
            ..*scope
        };
        let failed = written.failed.as_ref();
        let failed = failed.map(|failed| self.failed(failed, scope, &at.key("failed")));
        let (of, request) = self.asked(ask, scope, &at.key("ask"))?;
        let is_webhook = matches!(of.service.kind, ServiceKind::Webhook(_));
        Some(Ask {
            of,
            request,
            failed: failed.unwrap_or_default(),
            answers_as_rule: is_webhook && written.reply.is_none(),
        })
    }

    fn asked(
        &mut self,
        ask: &file::AskEntry,
        scope: &Scope,
        at: &At,
    ) -> Option<(KnownService, RequestTemplate)> {
        let (name, json) = match ask {
            file::AskEntry::Service(Text(name)) => (name, None),
            file::AskEntry::With(Pairs(pairs)) => match pairs.as_slice() {
                [(name, json)] => (name, Some(json)),
                [] => {
                    self.report
                        .missing(at, phrase!(empty_mapping))
                        .help(phrase!(help_ask));
                    return None;
                }
                [_, (second, _), ..] => {
                    self.report
                        .error(&at.key(second), EntryPart::Key, phrase!(several_services))
                        .help(phrase!(help_several_services));
                    return None;
                }
            },
        };
        let own = at.key(name);
        let (place, part) = match json {
            Some(_) => (&own, EntryPart::Key),
            None => (at, EntryPart::Value),
        };
        let of = self.known_service(name, place, part)?;
        let is_model = matches!(of.service.kind, ServiceKind::LanguageModel(_));
        let is_plain = of.service.sends_plain_openid;
        let request = match json {
            None if is_model => {
                let template = self.template("<content>", scope, at)?;
                RequestTemplate::Json(JsonTemplate::Text(template))
            }
            None => RequestTemplate::Message,
            Some(Json::Text(text)) if is_model => {
                if text.trim().is_empty() {
                    self.report
                        .error(&own, EntryPart::Key, phrase!(empty_text))
                        .help(phrase!(help_model_takes_text));
                    return None;
                }
                let template = self.template(text, scope, &own)?;
                if template.shows_openid() {
                    self.openid_to_service(&own);
                    return None;
                }
                RequestTemplate::Json(JsonTemplate::Text(template))
            }
            Some(_) if is_model => {
                self.report
                    .error(&own, EntryPart::Value, phrase!(model_takes_text))
                    .help(phrase!(help_model_takes_text));
                return None;
            }
            Some(json) => RequestTemplate::Json(self.json(json, is_plain, scope, &own)?),
        };
        Some((of, request))
    }

    /// A service by its name. Nothing, and nothing more said, where it has mistakes of its own.
    pub(super) fn known_service(
        &mut self,
        name: &str,
        at: &At,
        part: EntryPart,
    ) -> Option<KnownService> {
        let found = self.services.iter().find(|(known, _)| known == name);
        if let Some((_, service)) = found {
            return service.clone();
        }
        let names = self.services.iter().map(|(known, _)| known.as_str());
        let help = match nearest(name, names) {
            Some(meant) => phrase!(help_did_you_mean, meant),
            None => phrase!(help_unknown_service),
        };
        let message = phrase!(unknown_service, name);
        // Where services could not be read, nobody knows which there are.
        let root = self.sources.files.first();
        if root.is_none_or(|root| root.document.unread.mistakes.is_empty()) {
            self.report.error(at, part, message).help(help);
        } else {
            self.report.missing(at, message).help(help);
        }
        None
    }

    fn json(
        &mut self,
        json: &Json,
        is_plain: bool,
        scope: &Scope,
        at: &At,
    ) -> Option<JsonTemplate> {
        match json {
            Json::Text(text) => {
                let template = self.template(text, scope, at)?;
                Some(match template.literal() {
                    Some(literal) => JsonTemplate::Fixed(Value::from(literal)),
                    None if template.is_openid() => JsonTemplate::OpenId,
                    None if template.shows_openid() && !is_plain => {
                        self.openid_to_service(at);
                        return None;
                    }
                    None => JsonTemplate::Text(template),
                })
            }
            Json::List(items) => {
                let items = items.iter().enumerate();
                let items: Vec<_> = items
                    .map(|(index, item)| self.json(item, is_plain, scope, &at.index(index)))
                    .collect();
                let items: Option<Vec<_>> = items.into_iter().collect();
                items.map(JsonTemplate::List)
            }
            Json::Mapping(entries) => {
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| {
                        let value = self.json(value, is_plain, scope, &at.key(key))?;
                        Some((key.as_str().into(), value))
                    })
                    .collect();
                let entries: Option<Vec<_>> = entries.into_iter().collect();
                entries.map(JsonTemplate::Mapping)
            }
            fixed => Some(JsonTemplate::Fixed(fixed.value())),
        }
    }

    /// Within a text there is no room for the keyed hash that stands for it.
    fn openid_to_service(&mut self, at: &At) {
        self.report
            .error(at, EntryPart::Value, phrase!(openid_to_service))
            .help(phrase!(help_openid_to_service));
    }

    fn failed(&mut self, written: &file::FailedEntry, scope: &Scope, at: &At) -> FailedReplies {
        let pairs = match written {
            file::FailedEntry::Answer(answer) => {
                return FailedReplies {
                    by_kind: Vec::new(),
                    other: self.answer(answer, scope, at),
                };
            }
            file::FailedEntry::ByKind(Pairs(pairs)) => pairs,
        };
        if pairs.is_empty() {
            self.report
                .missing(at, phrase!(empty_mapping))
                .help(phrase!(help_failed_kinds));
        }
        let mut failed = FailedReplies::default();
        for (word, answer) in pairs {
            let at = at.key(word);
            let answer = self.answer(answer, scope, &at);
            match (word.as_str(), ServiceError::named(word)) {
                ("other", _) => failed.other = answer,
                (_, Some(kind)) => failed.by_kind.extend(answer.map(|answer| (kind, answer))),
                (_, None) => {
                    let words = ServiceError::WORDS.into_iter().chain(["other"]);
                    let help = match nearest(word, words) {
                        Some(meant) => phrase!(help_did_you_mean, meant),
                        None => phrase!(help_failed_kinds),
                    };
                    self.report
                        .error(&at, EntryPart::Key, phrase!(unknown_failure, kind = word))
                        .help(help);
                }
            }
        }
        failed
    }

    /// The reply of a rule that asks and says none itself.
    pub(super) fn answer_of_service(&self, ask: &Ask) -> Answer {
        let scope = Scope {
            asks: true,
            ..Scope::default()
        };
        match Template::parse("<answer>", &scope) {
            Ok(template) if ask.is_of_model() => Answer::One(Reply::Text(template)),
            _ => Answer::SILENCE,
        }
    }
}
