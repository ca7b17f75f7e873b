//! What a rule remembers and forgets: `set`, `add`, `remove`, `increase`, `clear`, `expires`.

use crate::i18n::phrase;
use crate::rules::compile::Compiler;
use crate::rules::compile::operators::number_help;
use crate::rules::compile::options;
use crate::rules::compile::path::At;
use crate::rules::file::{Entry, Expires, Pairs, Text};
use crate::rules::number::Number;
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree::EntryPart;
use crate::rules::{ChangeTemplate, Expiry, dialogue};

/// What `expires` says.
#[derive(Default)]
struct Expiries {
    of_set: Option<Expiry>,
    by_key: Vec<(Box<str>, Expiry)>,
}

impl Expiries {
    fn of(&self, key: &str) -> Option<Expiry> {
        let mut by_key = self.by_key.iter();
        by_key
            .find(|(known, _)| **known == *key)
            .map(|(_, expiry)| *expiry)
    }
}

impl Compiler<'_> {
    pub(super) fn changes(
        &mut self,
        written: &Entry,
        scope: &Scope,
        at: &At,
    ) -> Vec<ChangeTemplate> {
        let mut changes = Vec::new();
        // What is forgotten goes first, so that a rule may clear a dialogue and begin it anew.
        if let Some(keys) = written.clear.as_ref() {
            let at = at.key("clear");
            if keys.0.is_empty() {
                self.report
                    .missing(&at, phrase!(empty_value, key = "clear"))
                    .help(phrase!(help_clear));
            }
            for (place, Text(key)) in keys.0.iter().enumerate() {
                if key == "all" {
                    changes.push(ChangeTemplate::ClearAll);
                } else if self.user_key(key, &at.index(place), EntryPart::Value) {
                    let key = key.as_str().into();
                    changes.push(ChangeTemplate::Clear { key });
                }
            }
        }
        let scope = &Scope {
            changes: false,
            ..*scope
        };
        let expires = self.expires(written, at);
        let mut each =
            |compiler: &mut Self,
             what: &str,
             pairs: Option<&Pairs<Text>>,
             make: &dyn Fn(Box<str>, Template) -> ChangeTemplate| {
                let Some(Pairs(pairs)) = pairs else { return };
                let at = at.key(what);
                if pairs.is_empty() {
                    compiler
                        .report
                        .missing(&at, phrase!(empty_value, key = what))
                        .help(phrase!(help_changes, key = what));
                }
                for (key, Text(value)) in pairs {
                    let at = at.key(key);
                    let known = compiler.own_key(key, &at);
                    let value = compiler.template(value, scope, &at);
                    if let (true, Some(value)) = (known, value) {
                        changes.push(make(key.as_str().into(), value));
                    }
                }
            };
        each(self, "remove", written.remove.as_ref(), &|key, item| {
            ChangeTemplate::Remove { key, item }
        });
        each(self, "add", written.add.as_ref(), &|key, item| {
            ChangeTemplate::Add { key, item }
        });
        each(self, "set", written.set.as_ref(), &|key, value| {
            ChangeTemplate::Set {
                expires: expires.of(&key).or(expires.of_set),
                key,
                value,
            }
        });
        each(self, "increase", written.increase.as_ref(), &|key, by| {
            ChangeTemplate::Increase {
                expires: expires.of(&key),
                key,
                by,
            }
        });
        for (key, Text(by)) in written.increase.iter().flat_map(|pairs| &pairs.0) {
            if !by.is_empty() && !by.contains('<') && Number::read(by).is_none() {
                let increase = at.key("increase");
                self.report
                    .error(
                        &increase.key(key),
                        EntryPart::Value,
                        phrase!(invalid_number, text = by),
                    )
                    .help(number_help());
            }
        }
        changes
    }

    /// A key under which a rule may store something.
    fn own_key(&mut self, key: &str, at: &At) -> bool {
        if key == dialogue::KEY {
            self.report
                .error(at, EntryPart::Key, phrase!(reserved_dialogue_key))
                .help(phrase!(help_reserved_dialogue_key));
            return false;
        }
        self.user_key(key, at, EntryPart::Key)
    }

    fn expires(&mut self, written: &Entry, at: &At) -> Expiries {
        let mut expiries = Expiries::default();
        let at = at.key("expires");
        match written.expires.as_ref() {
            None => {}
            Some(Expires::All(_)) if written.set.is_none() => {
                let error = self
                    .report
                    .error(&at, EntryPart::Key, phrase!(expires_without_set));
                match written.increase.as_ref().and_then(|pairs| pairs.0.first()) {
                    Some((key, _)) => error.help(phrase!(help_expires_by_key, key)),
                    None => error.help(phrase!(help_expires_without_set)),
                };
            }
            Some(Expires::All(text)) => expiries.of_set = self.expiry(text, &at),
            Some(Expires::ByKey(Pairs(pairs))) => {
                for (key, text) in pairs {
                    let at = at.key(key);
                    let has = |pairs: Option<&Pairs<Text>>| {
                        pairs.is_some_and(|pairs| pairs.0.iter().any(|(other, _)| other == key))
                    };
                    if !has(written.set.as_ref()) && !has(written.increase.as_ref()) {
                        let message = phrase!(expires_without_value, key);
                        self.report
                            .error(&at, EntryPart::Key, message)
                            .help(phrase!(help_expires_without_value));
                    }
                    if let Some(expiry) = self.expiry(text, &at) {
                        expiries.by_key.push((key.as_str().into(), expiry));
                    }
                }
            }
        }
        expiries
    }

    pub(super) fn expiry(&mut self, Text(text): &Text, at: &At) -> Option<Expiry> {
        if text.trim() == "day" {
            return Some(Expiry::EndOfDay);
        }
        let duration = options::duration(text);
        if duration.is_none() {
            self.report
                .error(at, EntryPart::Value, phrase!(invalid_duration, text))
                .help(phrase!(help_expiry));
        }
        duration.map(Expiry::After)
    }
}
