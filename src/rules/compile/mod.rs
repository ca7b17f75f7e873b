//! Written to checked: every mistake of a rule file and its includes in one run.

mod answers;
mod at;
pub(super) mod cases;
mod conditions;
mod mistakes;
mod options;
mod patterns;
mod report;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::rules::answer::Answer;
use crate::rules::compile::at::At;
use crate::rules::compile::patterns::Patterns;
use crate::rules::compile::report::Report;
use crate::rules::condition::Words;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::file::{Entry, Pairs, Text};
use crate::rules::parsed::ParsedSources;
use crate::rules::placeholder::is_user_key;
use crate::rules::sources::{Inclusion, List, Origin};
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::hints;
use crate::rules::yaml::tree::{Part, Step};
use crate::rules::{ChangeTemplate, Rule, RuleSet, Settings};

/// Names and keys reach databases, metrics and logs; there, longer ones only do harm.
const MAX_NAME_CHARS: usize = 64;

/// Makes the rules of all that was read, or tells every mistake in it, in the order of the files.
/// `system_zone` is where `options.timezone` says nothing. Regexes of the rules that this set is
/// to replace are used again where they are the same.
pub fn compile(
    sources: &ParsedSources,
    system_zone: &TimeZone,
    replaced: Option<&RuleSet>,
) -> Result<RuleSet, Vec<Diagnostic>> {
    let mut compiler = Compiler {
        report: Report::new(sources),
        settings: Settings::plain(system_zone.clone()),
        patterns: Patterns::of(replaced),
        words: HashSet::new(),
        rules: Vec::new(),
        names: BTreeMap::new(),
    };
    mistakes::report(&mut compiler.report);
    compiler.options();
    compiler.file(0, 0);
    if compiler.rules.is_empty() && compiler.report.is_clean() {
        let place = compiler.report.place(&At::File(0), Part::Value);
        compiler.report.push(
            Diagnostic::error(place, "there is no rule").help(
                "write at least one under `rules:`, such as `- { name: 其他, reply: success }`",
            ),
        );
    }
    let cases = compiler.cases();
    let Compiler {
        report,
        settings,
        rules,
        ..
    } = compiler;
    report.finish()?;
    Ok(RuleSet::new(rules, cases, settings))
}

pub(super) struct Compiler<'s> {
    report: Report<'s>,
    settings: Settings,
    patterns: Patterns,
    words: HashSet<Words>,
    rules: Vec<Rule>,
    /// Each rule name with where it was given first.
    names: BTreeMap<String, Origin>,
}

impl<'s> Compiler<'s> {
    /// The rules of one file, those of its includes in between.
    fn file(&mut self, file: usize, depth: usize) {
        let sources = self.report.sources;
        let Some(source) = sources.files.get(file) else {
            return;
        };
        for (entry, written) in source.read.file.rules.iter().enumerate() {
            let origin = Origin {
                file,
                list: List::Rules,
                entry,
            };
            let root = At::File(file);
            let list = root.key(List::Rules.key());
            let at = list.index(entry);
            if written.include.is_some() {
                self.include(written, origin, &at, depth);
            } else if let Some(rule) = self.rule(written, origin, &at) {
                self.rules.push(rule);
            }
        }
    }

    fn include(&mut self, written: &Entry, origin: Origin, at: &At, depth: usize) {
        if let Some(other) = other_than_include(written) {
            self.report
                .error(
                    &at.key(other),
                    Part::Key,
                    format!("`{other}` beside `include`"),
                )
                .help("an include stands alone: - include: keywords/*.yaml");
        }
        let texts = written.include.as_ref().map_or(&[][..], |texts| &texts.0);
        if texts.iter().all(|Text(text)| text.is_empty()) {
            self.report
                .missing(&at.key("include"), "this include names no file")
                .help("name a file or a pattern: - include: keywords/*.yaml");
        }
        let sources = &self.report.sources.sources;
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
                        self.file(*file, depth + 1);
                    }
                }
                Some(Inclusion::Failed(why)) => {
                    self.report
                        .error(&at, Part::Value, format!("this include fails: {why}"))
                        .help("paths begin at the folder of the file that includes");
                }
                Some(Inclusion::Itself(path)) => {
                    self.report
                        .error(
                            &at,
                            Part::Value,
                            format!("{} includes itself through this", path.display()),
                        )
                        .help("take this include out, or narrow its pattern");
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
        };
        let changes = self.changes(written, &scope, at);
        let answer = match written.reply.as_ref() {
            Some(reply) => self.answer(reply, &scope, &at.key("reply")),
            None => {
                self.report
                    .missing(at, "this rule has no `reply`")
                    .help("answer with a text, or with nothing: reply: success");
                None
            }
        };
        if self.report.count() > before {
            return None;
        }
        let answer = answer?;
        let templates = templates(&answer, &changes);
        let mut shown = templates.iter();
        let shows_user = shown.any(|template| template.user_keys().next().is_some());
        let shows_match = templates.iter().any(|template| template.shows_match());
        if shows_match && let Some(place) = when.slow_groups.into_iter().next() {
            self.report.push(
                Diagnostic::error(place, "it is too slow to tell what this regex found")
                    .note("a text could make it try many possibilities at each letter")
                    .help(
                        "take <0>, <1> and the like out of this rule, begin the regex with ^, or \
                         write [0-9] and [a-z] instead of \\d and \\w",
                    ),
            );
            return None;
        }
        Some(Rule {
            name: name?.into(),
            enabled: written.enabled.is_none_or(|switch| switch.0),
            when: when.conditions,
            unless: unless.unwrap_or_default().conditions,
            answer,
            changes,
            shows_user,
            shows_match,
            names: names.len(),
            origin,
        })
    }

    fn rule_name(&mut self, written: &Entry, origin: Origin, at: &At) -> Option<String> {
        let Some(Text(name)) = written.name.as_ref() else {
            self.report
                .missing(at, "this rule has no name")
                .help("add a name: logs, metrics and tests call the rule by it");
            return None;
        };
        let at = at.key("name");
        if name.trim().is_empty() {
            self.report
                .error(&at, Part::Key, "the name is empty")
                .help("call the rule what it does: logs, metrics and tests show it");
            return None;
        }
        if name.chars().count() > MAX_NAME_CHARS {
            self.report
                .error(&at, Part::Value, "the name is too long")
                .help(format!("a name has at most {MAX_NAME_CHARS} characters"));
            return None;
        }
        if name == "none" {
            self.report
                .error(&at, Part::Value, "no rule can be called `none`")
                .help("a test says `rule: none` when it expects that no rule answers");
            return None;
        }
        if let Some(first) = self.names.get(name) {
            let first = self.report.sources.place_in(*first, &[Step::Key("name")]);
            self.report
                .error(
                    &at,
                    Part::Value,
                    format!("there are two rules called `{name}`"),
                )
                .other(first, "the first")
                .help("give each rule a name of its own");
            return None;
        }
        self.names.insert(name.clone(), origin);
        Some(name.clone())
    }

    fn changes(&mut self, written: &Entry, scope: &Scope, at: &At) -> Vec<ChangeTemplate> {
        let mut changes = Vec::new();
        // What is forgotten goes first, so that a rule may clear a dialogue and begin it anew.
        if let Some(keys) = written.clear.as_ref() {
            let at = at.key("clear");
            if keys.0.is_empty() {
                self.report
                    .missing(&at, "`clear` names no key")
                    .help("name what to forget: clear: [step, price], or clear: all");
            }
            for (place, Text(key)) in keys.0.iter().enumerate() {
                if key == "all" {
                    changes.push(ChangeTemplate::ClearAll);
                } else if self.user_key(key, &at.index(place), Part::Value) {
                    let key = key.as_str().into();
                    changes.push(ChangeTemplate::Clear { key });
                }
            }
        }
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
                        .missing(&at, format!("`{what}` is empty"))
                        .help(format!(
                            "name what to remember: {what}: {{ threshold: <rest> }}"
                        ));
                }
                for (key, Text(value)) in pairs {
                    let at = at.key(key);
                    let known = compiler.user_key(key, &at, Part::Key);
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
                key,
                value,
                expires,
            }
        });
        changes
    }

    fn expires(&mut self, written: &Entry, at: &At) -> Option<Duration> {
        let Text(text) = written.expires.as_ref()?;
        let at = at.key("expires");
        if written.set.is_none() {
            self.report
                .error(&at, Part::Key, "`expires` without `set`")
                .help("it says how long the values beside it under `set` are kept");
            return None;
        }
        let duration = options::duration(text);
        if duration.is_none() {
            self.report
                .error(&at, Part::Value, format!("`{text}` is no length of time"))
                .help("write a number and s, m, h or d, such as 30s, 10m, 2h or 7d; at most 3650d");
        }
        duration
    }

    fn user_key(&mut self, key: &str, at: &At, part: Part) -> bool {
        let good = is_user_key(key) && key.chars().count() <= MAX_NAME_CHARS && key != "all";
        if !good {
            self.report
                .error(at, part, format!("`{key}` cannot be the name of what is stored"))
                .help(hints::key_help(key).unwrap_or_else(|| format!(
                    "use letters, digits, _ and -, at most {MAX_NAME_CHARS} of them, and not the word all"
                )));
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
        ("set", written.set.is_some()),
        ("add", written.add.is_some()),
        ("remove", written.remove.is_some()),
        ("clear", written.clear.is_some()),
        ("expires", written.expires.is_some()),
    ]
    .into_iter()
    .find(|(_, there)| *there)
    .map(|(key, _)| key)
}

/// Every text of a rule that is filled in when it answers.
fn templates<'t>(answer: &'t Answer, changes: &'t [ChangeTemplate]) -> Vec<&'t Template> {
    let changed = changes.iter().filter_map(|change| match change {
        ChangeTemplate::Set { value, .. } => Some(value),
        ChangeTemplate::Add { item, .. } | ChangeTemplate::Remove { item, .. } => Some(item),
        ChangeTemplate::Clear { .. } | ChangeTemplate::ClearAll => None,
    });
    answer.templates().into_iter().chain(changed).collect()
}
