//! `services`: what rules may ask, as written to a checked service.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::i18n::phrase;
use crate::rules::MAX_NAME_CHARS;
use crate::rules::ask::KnownService;
use crate::rules::compile::Compiler;
use crate::rules::compile::options;
use crate::rules::compile::path::At;
use crate::rules::compile::web_address::{self, AddressError};
use crate::rules::file;
use crate::rules::file::{Pairs, Text};
use crate::rules::placeholder::is_user_key;
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree::EntryPart;
use crate::service::{
    HeaderPart, HeaderText, LanguageModel, Limits, Memory, Rate, Service, ServiceKind, Webhook,
};

const USUAL_TIMEOUT: Duration = Duration::from_secs(10);
const MAX_TIMEOUT: Duration = Duration::from_secs(120);
const USUAL_AT_ONCE: u64 = 20;
const MAX_AT_ONCE: u64 = 1_000;
const MAX_RETRIES: u64 = 5;
const MAX_TURNS: u64 = 50;
const USUAL_MEMORY: Duration = Duration::from_secs(1_800);

/// What only one kind of service has.
const OF_WEBHOOKS: [&str; 4] = ["headers", "sign", "retries", "openid"];
const OF_MODELS: [&str; 7] = [
    "model", "key", "system", "memory", "limits", "label", "extra",
];

impl Compiler<'_> {
    /// The services of the file where the reading began.
    pub(super) fn services(&mut self) {
        let Some(source) = self.sources.files.first() else {
            return;
        };
        let root = At::File(0);
        let list = root.key("services");
        for (name, written) in &source.file.services.0 {
            let at = list.key(name);
            let before = self.report.count();
            self.service_name(name, &at);
            let service = self.service(name, written, &at);
            let service = service.filter(|_| self.report.count() == before);
            // One with mistakes is known all the same: a rule that asks it is right.
            self.services.push((name.clone(), service));
        }
    }

    pub(super) fn included_services(&mut self, file: usize) {
        let Some(source) = self.sources.files.get(file) else {
            return;
        };
        if !source.file.services.0.is_empty() {
            let root = At::File(file);
            self.report
                .error(
                    &root.key("services"),
                    EntryPart::Key,
                    phrase!(services_in_include),
                )
                .help(phrase!(help_services_in_include));
        }
    }

    /// Metrics, `answers` and `clear` call it by its name.
    fn service_name(&mut self, name: &str, at: &At) {
        if !is_user_key(name) || name.chars().count() > MAX_NAME_CHARS || name == "all" {
            self.report
                .error(at, EntryPart::Key, phrase!(invalid_service_name, name))
                .help(phrase!(help_service_name, limit = MAX_NAME_CHARS));
        }
    }

    fn service(
        &mut self,
        name: &str,
        written: &file::ServiceEntry,
        at: &At,
    ) -> Option<KnownService> {
        let (address, key) = match (written.url.as_ref(), written.llm.as_ref()) {
            (Some(url), None) => (url, "url"),
            (None, Some(llm)) => (llm, "llm"),
            (Some(_), Some(_)) => {
                self.report
                    .error(
                        &at.key("llm"),
                        EntryPart::Key,
                        phrase!(service_of_two_kinds),
                    )
                    .help(phrase!(help_service_of_two_kinds));
                return None;
            }
            (None, None) => {
                self.report
                    .missing(at, phrase!(service_without_address))
                    .help(phrase!(help_service_without_address));
                return None;
            }
        };
        let is_model = key == "llm";
        self.keys_of_other_kind(written, is_model, at);
        let address = self.address(address, is_model, &at.key(key));
        let timeout = self.timeout(written.timeout.as_ref(), &at.key("timeout"));
        let retries = written.retries.as_ref();
        let retries = self.count(retries, "retries", 0..=MAX_RETRIES, 0, at);
        let at_once = written.at_once.as_ref();
        let at_once = self.count(at_once, "at_once", 1..=MAX_AT_ONCE, USUAL_AT_ONCE, at);
        let plain = self.is_plain(written.openid.as_ref(), &at.key("openid"));
        let kind = match is_model {
            true => self.model(written, at).map(|model| {
                let base_url = address.as_ref().and_then(Template::literal);
                ServiceKind::LanguageModel(Box::new(LanguageModel {
                    base_url: base_url.unwrap_or_default().to_owned(),
                    ..model
                }))
            }),
            false => Some(ServiceKind::Webhook(self.webhook(written, at))),
        };
        let address = address?;
        if address.shows_openid() && !plain {
            self.report
                .error(&at.key(key), EntryPart::Value, phrase!(openid_to_service))
                .help(phrase!(help_openid_in_address));
        }
        let service = Service {
            name: name.into(),
            kind: kind?,
            timeout,
            retries: u32::try_from(retries).unwrap_or_default(),
            at_once: usize::try_from(at_once).unwrap_or(1),
            sends_plain_openid: plain,
        };
        let url = match is_model {
            true => Template::verbatim(""),
            false => address,
        };
        Some(KnownService {
            service: Arc::new(service),
            url: Arc::new(url),
        })
    }

    fn keys_of_other_kind(&mut self, written: &file::ServiceEntry, is_model: bool, at: &At) {
        let (others, kind) = match is_model {
            true => (&OF_WEBHOOKS[..], "webhook"),
            false => (&OF_MODELS[..], "model"),
        };
        let is_written = |key: &str| match key {
            "headers" => written.headers.is_some(),
            "sign" => written.sign.is_some(),
            "retries" => written.retries.is_some(),
            "openid" => written.openid.is_some(),
            "model" => written.model.is_some(),
            "key" => written.key.is_some(),
            "system" => written.system.is_some(),
            "memory" => written.memory.is_some(),
            "limits" => written.limits.is_some(),
            "label" => written.label.is_some(),
            _ => written.extra.is_some(),
        };
        for key in others.iter().filter(|key| is_written(key)) {
            let message = phrase!(key_of_other_kind, key = *key, kind);
            self.report
                .error(&at.key(key), EntryPart::Key, message)
                .help(phrase!(help_key_of_other_kind));
        }
    }

    /// Whoever writes to the account must not choose whom the program talks to: only behind `?`
    /// may something be filled in.
    fn address(&mut self, Text(text): &Text, is_model: bool, at: &At) -> Option<Template> {
        let text = text.trim();
        let end = text.find(['?', '#']).unwrap_or(text.len());
        let (fixed, behind) = text.split_at_checked(end)?;
        if fixed.contains('<') {
            self.report
                .error(at, EntryPart::Value, phrase!(placeholder_in_address))
                .help(match is_model {
                    true => phrase!(help_placeholder_in_model_address),
                    false => phrase!(help_placeholder_in_address),
                });
            return None;
        }
        if let Err(why) = web_address::check(fixed) {
            let help = match why {
                AddressError::Invalid => phrase!(help_service_address),
                AddressError::Credentials => phrase!(help_address_with_password),
            };
            let place = self.report.place(at, EntryPart::Value);
            let place = match why {
                AddressError::Invalid => place,
                AddressError::Credentials => place.without_text(),
            };
            self.report
                .error(at, EntryPart::Value, phrase!(invalid_service_address))
                .place(place)
                .help(help);
            return None;
        }
        if behind.starts_with('#') || behind.contains('#') || (is_model && !behind.is_empty()) {
            self.report
                .error(at, EntryPart::Value, phrase!(invalid_service_address))
                .help(phrase!(help_address_end));
            return None;
        }
        let template = self.template(text, &Scope::default(), at)?;
        Some(template.encoded())
    }

    fn webhook(&mut self, written: &file::ServiceEntry, at: &At) -> Webhook {
        let list = at.key("headers");
        let mut headers = Vec::new();
        for (name, Text(text)) in written.headers.iter().flat_map(|Pairs(pairs)| pairs) {
            let at = list.key(name);
            if !web_address::is_header_name(name) {
                self.report
                    .error(&at, EntryPart::Key, phrase!(invalid_header_name, name))
                    .help(phrase!(help_header_name));
            } else if web_address::is_own_header(name) {
                self.report
                    .error(&at, EntryPart::Key, phrase!(reserved_header, name))
                    .help(phrase!(help_reserved_header));
            }
            if let Some(text) = self.header(text, &at) {
                headers.push((name.clone(), text));
            }
        }
        Webhook {
            headers,
            sign: self.secret(written.sign.as_ref(), &at.key("sign")),
        }
    }

    /// A value with nothing but secrets to fill in.
    fn header(&mut self, text: &str, at: &At) -> Option<HeaderText> {
        if text.chars().any(char::is_control) {
            self.report
                .error(at, EntryPart::Value, phrase!(control_in_header))
                .help(phrase!(help_control_in_header));
            return None;
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('<') {
            let Some((inside, after)) = behind.split_once('>') else {
                break;
            };
            let name = match inside.strip_prefix("secret.") {
                Some(name) if web_address::is_secret_name(name) => name,
                Some(name) => {
                    self.invalid_secret(name, at);
                    return None;
                }
                None => {
                    let message = phrase!(placeholder_in_header, name = inside);
                    self.report
                        .error(at, EntryPart::Value, message)
                        .help(phrase!(help_placeholder_in_header));
                    return None;
                }
            };
            if !before.is_empty() {
                parts.push(HeaderPart::Literal(before.to_owned()));
            }
            parts.push(HeaderPart::Secret(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(HeaderPart::Literal(rest.to_owned()));
        }
        Some(HeaderText(parts))
    }

    fn model(&mut self, written: &file::ServiceEntry, at: &At) -> Option<LanguageModel> {
        let text = |text: Option<&Text>| text.map(|Text(text)| text.trim().to_owned());
        let model = text(written.model.as_ref()).filter(|model| !model.is_empty());
        if model.is_none() {
            self.report
                .missing(at, phrase!(service_without_model))
                .help(phrase!(help_service_without_model));
        }
        let extra = match written.extra.as_ref().map(file::Json::value) {
            None => Map::new(),
            Some(Value::Object(extra)) => extra,
            Some(_) => {
                self.report
                    .error(
                        &at.key("extra"),
                        EntryPart::Value,
                        phrase!(extra_not_mapping),
                    )
                    .help(phrase!(help_extra_not_mapping));
                Map::new()
            }
        };
        let key = self.secret(written.key.as_ref(), &at.key("key"));
        let memory = written
            .memory
            .as_ref()
            .and_then(|memory| self.memory(memory, &at.key("memory")));
        let limits = written.limits.as_ref();
        let limits = limits.map(|limits| self.limits(limits, &at.key("limits")));
        let written_as = |text: &Text| Some(text.0.clone()).filter(|text| !text.trim().is_empty());
        Some(LanguageModel {
            base_url: String::new(),
            model: model?,
            key,
            system: written.system.as_ref().and_then(written_as),
            memory,
            limits: limits.unwrap_or_default(),
            label: written.label.as_ref().and_then(written_as),
            extra,
        })
    }

    fn memory(&mut self, written: &file::MemoryEntry, at: &At) -> Option<Memory> {
        if written.turns.is_none() {
            self.report
                .missing(at, phrase!(missing_key, key = "turns"))
                .help(phrase!(help_memory_turns));
            return None;
        }
        let turns = self.count(written.turns.as_ref(), "turns", 1..=MAX_TURNS, 1, at);
        let expires = match written.expires.as_ref() {
            Some(text) => self.length_of_time(text, &at.key("expires"))?,
            None => USUAL_MEMORY,
        };
        Some(Memory {
            turns: usize::try_from(turns).unwrap_or(1),
            expires,
        })
    }

    fn limits(&mut self, written: &file::LimitsEntry, at: &At) -> Limits {
        let follower = written.follower.as_ref().and_then(|Text(text)| {
            let rate = rate(text);
            if rate.is_none() {
                self.report
                    .error(
                        &at.key("follower"),
                        EntryPart::Value,
                        phrase!(invalid_rate, text),
                    )
                    .help(phrase!(help_rate));
            }
            rate
        });
        let most = u64::from(u32::MAX);
        let day = written.day.as_ref();
        let day = day.map(|text| self.count(Some(text), "day", 1..=most, 1, at));
        let tokens = written.tokens.as_ref();
        let tokens = tokens.map(|text| self.count(Some(text), "tokens", 1..=1_000_000, 1, at));
        Limits {
            follower,
            day,
            tokens: tokens.and_then(|tokens| u32::try_from(tokens).ok()),
        }
    }

    fn timeout(&mut self, written: Option<&Text>, at: &At) -> Duration {
        let Some(text) = written else {
            return USUAL_TIMEOUT;
        };
        match self.length_of_time(text, at) {
            Some(timeout) if timeout > MAX_TIMEOUT => {
                let limit = options::in_words(MAX_TIMEOUT);
                self.report
                    .error(at, EntryPart::Value, phrase!(timeout_too_long))
                    .help(phrase!(help_timeout_too_long, limit));
                USUAL_TIMEOUT
            }
            Some(timeout) => timeout,
            None => USUAL_TIMEOUT,
        }
    }

    fn length_of_time(&mut self, Text(text): &Text, at: &At) -> Option<Duration> {
        let duration = options::duration(text);
        if duration.is_none() {
            self.report
                .error(at, EntryPart::Value, phrase!(invalid_duration, text))
                .help(phrase!(help_later));
        }
        duration
    }

    /// A whole number within bounds, or what is usual.
    fn count(
        &mut self,
        written: Option<&Text>,
        key: &str,
        bounds: std::ops::RangeInclusive<u64>,
        usual: u64,
        at: &At,
    ) -> u64 {
        let Some(Text(text)) = written else {
            return usual;
        };
        match text.trim().parse() {
            Ok(number) if bounds.contains(&number) => number,
            _ => {
                let (least, most) = (*bounds.start(), *bounds.end());
                self.report
                    .error(&at.key(key), EntryPart::Value, phrase!(invalid_count, key))
                    .help(phrase!(
                        help_count,
                        least = least.to_string(),
                        most = most.to_string()
                    ));
                usual
            }
        }
    }

    fn is_plain(&mut self, written: Option<&Text>, at: &At) -> bool {
        match written.map(|Text(text)| text.trim()) {
            Some("plain") => true,
            None | Some("hash") => false,
            Some(_) => {
                self.report
                    .error(at, EntryPart::Value, phrase!(invalid_openid_mode))
                    .help(phrase!(help_openid_mode));
                false
            }
        }
    }

    /// The name of a secret. What is no name may be the secret itself, which nobody should see
    /// again.
    fn secret(&mut self, written: Option<&Text>, at: &At) -> Option<String> {
        let Text(name) = written?;
        let name = name.trim();
        if web_address::is_secret_name(name) {
            return Some(name.to_owned());
        }
        self.invalid_secret(name, at);
        None
    }

    fn invalid_secret(&mut self, name: &str, at: &At) {
        let help = match name.is_empty() {
            true => phrase!(help_empty_secret_name),
            false => phrase!(help_secret_name),
        };
        let place = self.report.place(at, EntryPart::Value).without_text();
        self.report
            .error(at, EntryPart::Value, phrase!(invalid_secret_name))
            .place(place)
            .help(help);
    }
}

/// `20/h`
fn rate(text: &str) -> Option<Rate> {
    let (count, unit) = text.split_once('/')?;
    let count = count.trim().parse().ok().filter(|count| *count > 0)?;
    let per = options::duration(&format!("1{}", unit.trim()))?;
    Some(Rate { count, per })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_for_each_length_of_time() {
        for (text, expected) in [
            ("20/h", Some((20, 3_600))),
            (" 5 / m ", Some((5, 60))),
            ("100/d", Some((100, 86_400))),
            ("0/h", None),
            ("20", None),
            ("20/", None),
            ("20/week", None),
            ("/h", None),
        ] {
            let found = rate(text).map(|rate| (rate.count, rate.per.as_secs()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
