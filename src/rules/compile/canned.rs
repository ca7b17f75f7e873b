//! `answers` and `asked` of tests: what services answer there, and what they must have been asked.

use crate::i18n::phrase;
use crate::rules::canned::{AFTER, CannedError, FAILS, spelled};
use crate::rules::compile::Compiler;
use crate::rules::compile::path::At;
use crate::rules::file::{Json, Pairs};
use crate::rules::nearest::nearest;
use crate::rules::yaml::tree::EntryPart;
use crate::rules::{Canned, ExpectedQuestion};
use crate::service::{ServiceError, ServiceKind};

impl Compiler<'_> {
    pub(super) fn answers(&mut self, written: Option<&Pairs<Json>>, at: &At) -> Vec<Canned> {
        let list = at.key("answers");
        let pairs = written.map_or(&[][..], |Pairs(pairs)| pairs);
        let mut answers = Vec::with_capacity(pairs.len());
        for (name, json) in pairs {
            let at = list.key(name);
            let Some(known) = self.known_service(name, &at, EntryPart::Key) else {
                continue;
            };
            match Canned::read(&known.service, json) {
                Ok(canned) => answers.push(canned),
                Err(error) => {
                    let is_model = matches!(known.service.kind, ServiceKind::LanguageModel(_));
                    self.uncanned(&error, is_model, &at);
                }
            }
        }
        answers
    }

    fn uncanned(&mut self, error: &CannedError, is_model: bool, at: &At) {
        let (at, message, help) = match error {
            CannedError::Invalid => {
                let help = match is_model {
                    true => phrase!(help_canned_text),
                    false => phrase!(help_canned_json),
                };
                (at, phrase!(invalid_canned), help)
            }
            CannedError::After => (&at.key(AFTER), phrase!(invalid_after), phrase!(help_later)),
            CannedError::Failure(word) => {
                let help = match nearest(word, ServiceError::WORDS) {
                    Some(meant) => phrase!(help_did_you_mean, meant),
                    None => phrase!(help_fails),
                };
                (&at.key(FAILS), phrase!(unknown_failure, kind = word), help)
            }
        };
        self.report.error(at, EntryPart::Value, message).help(help);
    }

    /// One service, with what it is asked or without; null when none is asked.
    pub(super) fn expected_question(&mut self, json: &Json, at: &At) -> Option<ExpectedQuestion> {
        match json {
            Json::Null => Some(ExpectedQuestion::None),
            Json::Text(name) => {
                let known = self.known_service(name, at, EntryPart::Value)?;
                Some(ExpectedQuestion::Of {
                    service: (&*known.service.name).into(),
                    request: None,
                })
            }
            Json::Mapping(entries) => match entries.as_slice() {
                [(name, request)] => {
                    let known = self.known_service(name, &at.key(name), EntryPart::Key)?;
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
            .error(at, EntryPart::Value, phrase!(invalid_asked))
            .help(phrase!(help_asked));
        None
    }
}
