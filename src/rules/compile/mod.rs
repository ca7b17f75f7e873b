//! Written to checked: every mistake of a rule file and its includes in one run.

mod asks;
mod canned;
pub(super) mod cases;
mod changes;
mod conditions;
mod dialogue_rules;
mod dialogues;
mod fetching;
mod media;
mod menu;
mod operators;
pub(in crate::rules) mod options;
pub(super) mod path;
mod patterns;
mod replies;
pub(super) mod report;
mod services;
pub(super) mod unreadable_file;
pub(in crate::rules) mod web_address;

use std::collections::{BTreeMap, HashSet};

use jiff::tz::TimeZone;

use crate::i18n::phrase;
use crate::menu::Menu;
use crate::rules::ask::KnownService;
use crate::rules::compile::path::At;
use crate::rules::compile::patterns::Patterns;
use crate::rules::compile::report::Report;
use crate::rules::condition::SharedWords;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::file::{Entry, Text};
use crate::rules::parsed::ParsedSources;
use crate::rules::placeholder::is_user_key;
use crate::rules::sources::{Inclusion, ListKey, Origin};
use crate::rules::template::Scope;
use crate::rules::yaml::hints;
use crate::rules::yaml::tree::{EntryPart, PathStep};
use crate::rules::{MAX_NAME_CHARS, MediaFiles, Rule, RuleSet, Settings};

/// Makes the rules of all that was read, or tells every mistake in it, in the order of the files.
/// `system_zone` is where `options.timezone` says nothing. Regexes of the rules that this set is
/// to replace are used again where they are the same.
pub fn compile(
    sources: &ParsedSources,
    system_zone: &TimeZone,
    replaced: Option<&RuleSet>,
) -> Result<RuleSet, Vec<Diagnostic>> {
    let mut compiler = Compiler {
        report: Report::new(sources.files.iter().map(|file| &file.document)),
        sources,
        settings: Settings::plain(system_zone.clone()),
        patterns: Patterns::of(replaced),
        words: HashSet::new(),
        services: Vec::new(),
        menu: None,
        rules: Vec::new(),
        media: BTreeMap::new(),
        names: BTreeMap::new(),
    };
    unreadable_file::report(&mut compiler.report);
    compiler.options();
    compiler.services();
    compiler.file(0);
    if compiler.rules.is_empty() && compiler.report.is_clean() {
        let place = compiler.report.place(&At::File(0), EntryPart::Value);
        compiler
            .report
            .push(Diagnostic::error(place, phrase!(no_rules)).help(phrase!(help_no_rules)));
    }
    compiler.menu = compiler.menu();
    let cases = compiler.cases();
    let Compiler {
        report,
        settings,
        services,
        menu,
        rules,
        media,
        ..
    } = compiler;
    report.finish()?;
    let services = services.into_iter().filter_map(|(_, service)| service);
    let rules = RuleSet::new(rules, cases, settings, services.collect(), menu);
    Ok(RuleSet { media, ..rules })
}

pub(super) struct Compiler<'s> {
    report: Report<'s>,
    sources: &'s ParsedSources,
    settings: Settings,
    patterns: Patterns,
    words: HashSet<SharedWords>,
    /// Each by its name; nothing where it has mistakes.
    services: Vec<(String, Option<KnownService>)>,
    menu: Option<Menu>,
    rules: Vec<Rule>,
    media: MediaFiles,
    /// Each rule name with where it was given first.
    names: BTreeMap<String, Origin>,
}

impl<'s> Compiler<'s> {
    /// The rules of one file, those of its includes in between.
    fn file(&mut self, file: usize) {
        let sources = self.sources;
        let Some(source) = sources.files.get(file) else {
            return;
        };
        for (entry, written) in source.file.rules.iter().enumerate() {
            let origin = Origin {
                file,
                list: ListKey::Rules,
                entry,
            };
            let root = At::File(file);
            let list = root.key(ListKey::Rules.key());
            let at = list.index(entry);
            if written.include.is_some() {
                self.include(written, origin, &at);
            } else if let Some(dialogue) = written.dialogue.as_ref() {
                let rules = self.dialogue(written, dialogue, origin, &at);
                self.rules.extend(rules.into_iter().flatten());
            } else if let Some(rule) = self.rule(written, origin, &at) {
                self.rules.push(rule);
            }
        }
    }

    fn include(&mut self, written: &Entry, origin: Origin, at: &At) {
        if let Some(other) = other_than_include(written) {
            self.report
                .error(
                    &at.key(other),
                    EntryPart::Key,
                    phrase!(include_with_other_keys, key = other),
                )
                .help(phrase!(help_include_alone));
        }
        let texts = written.include.as_ref().map_or(&[][..], |texts| &texts.0);
        if texts.iter().all(|Text(text)| text.is_empty()) {
            self.report
                .missing(&at.key("include"), phrase!(empty_include))
                .help(phrase!(help_empty_include));
        }
        let sources = &self.sources.sources;
        for (place, Text(text)) in texts.iter().enumerate() {
            if text.is_empty() {
                continue;
            }
            let include = at.key("include");
            let at = include.index(place);
            match sources.inclusion(origin.file, origin.entry, place) {
                Some(Inclusion::Files(files)) => {
                    for file in files {
                        self.included_options(*file);
                        self.included_services(*file);
                        self.included_menu(*file);
                        self.file(*file);
                    }
                }
                Some(Inclusion::Failed(why)) => {
                    self.report
                        .error(
                            &at,
                            EntryPart::Value,
                            phrase!(include_failed, reason = why.clone()),
                        )
                        .help(phrase!(help_include_failed));
                }
                Some(Inclusion::Itself(path)) => {
                    self.report
                        .error(
                            &at,
                            EntryPart::Value,
                            phrase!(circular_include, path = path.display()),
                        )
                        .help(phrase!(help_circular_include));
                }
                None => {}
            }
        }
    }

    fn rule(&mut self, written: &Entry, origin: Origin, at: &At) -> Option<Rule> {
        let before = self.report.count();
        let name = self.rule_name(written, origin, at);
        let when = written
            .when
            .as_ref()
            .map(|when| self.conditions(when, &at.key("when")));
        let unless = written
            .unless
            .as_ref()
            .map(|unless| self.conditions(unless, &at.key("unless")));
        let mut when = when.unwrap_or_default();
        let names = when.name_groups();
        let scope = Scope {
            groups: when.groups(),
            names: &names,
            rest: when.has_prefix(),
            changes: true,
            asks: written.ask.is_some(),
            ..Scope::default()
        };
        let changes = self.changes(written, &scope, at);
        let ask = self.ask(written, &scope, at);
        let answer = match (written.reply.as_ref(), &ask) {
            (Some(reply), _) => self.answer(reply, &scope, &at.key("reply")),
            (None, Some(ask)) => Some(self.answer_of_service(ask)),
            (None, None) if written.ask.is_some() => None,
            (None, None) => {
                self.report
                    .missing(at, phrase!(missing_reply))
                    .help(phrase!(help_missing_reply));
                None
            }
        };
        if self.report.count() > before {
            return None;
        }
        let answer = answer?;
        Some(
            Rule {
                name: name?.into(),
                part: None,
                enabled: written.enabled.is_none_or(|switch| switch.0),
                when: when.conditions,
                unless: unless.unwrap_or_default().conditions,
                answer,
                ask: ask.map(Box::new),
                changes,
                keeps: None,
                shows_user: false,
                shows_changes: false,
                shows_match: false,
                names: names.len(),
                origin,
            }
            .with_what_it_shows(),
        )
    }

    fn rule_name(&mut self, written: &Entry, origin: Origin, at: &At) -> Option<String> {
        let Some(Text(name)) = written.name.as_ref() else {
            self.report
                .missing(at, phrase!(missing_name, entry = "rule"))
                .help(phrase!(help_missing_name, entry = "rule"));
            return None;
        };
        let at = at.key("name");
        if name.trim().is_empty() {
            self.report
                .error(&at, EntryPart::Key, phrase!(empty_name))
                .help(phrase!(help_name_after_effect));
            return None;
        }
        if name.chars().count() > MAX_NAME_CHARS {
            self.report
                .error(&at, EntryPart::Value, phrase!(name_too_long))
                .help(phrase!(help_name_too_long, limit = MAX_NAME_CHARS));
            return None;
        }
        if name == "none" {
            self.report
                .error(&at, EntryPart::Value, phrase!(reserved_name))
                .help(phrase!(help_reserved_name));
            return None;
        }
        if let Some(first) = self.names.get(name) {
            let first = self.sources.place_in(*first, &[PathStep::Key("name")]);
            self.report
                .error(&at, EntryPart::Value, phrase!(duplicate_name, name))
                .other(first, phrase!(label_first))
                .help(phrase!(help_duplicate_name));
            return None;
        }
        self.names.insert(name.clone(), origin);
        Some(name.clone())
    }

    fn user_key(&mut self, key: &str, at: &At, part: EntryPart) -> bool {
        let good = is_user_key(key) && key.chars().count() <= MAX_NAME_CHARS && key != "all";
        if !good {
            self.report
                .error(at, part, phrase!(invalid_stored_key, key))
                .help(
                    hints::key_help(key)
                        .unwrap_or_else(|| phrase!(help_stored_key, limit = MAX_NAME_CHARS)),
                );
        }
        good
    }
}

fn other_than_include(written: &Entry) -> Option<&'static str> {
    [
        ("name", written.name.is_some()),
        ("enabled", written.enabled.is_some()),
        ("when", written.when.is_some()),
        ("unless", written.unless.is_some()),
        ("reply", written.reply.is_some()),
        ("ask", written.ask.is_some()),
        ("failed", written.failed.is_some()),
        ("dialogue", written.dialogue.is_some()),
        ("set", written.set.is_some()),
        ("add", written.add.is_some()),
        ("remove", written.remove.is_some()),
        ("increase", written.increase.is_some()),
        ("clear", written.clear.is_some()),
        ("expires", written.expires.is_some()),
    ]
    .into_iter()
    .find(|(_, there)| *there)
    .map(|(key, _)| key)
}
