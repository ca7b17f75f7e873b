//! `when` and `unless`: texts to conditions.

use crate::i18n::phrase;
use crate::rules::compile::Compiler;
use crate::rules::compile::operators::Operator;
use crate::rules::compile::path::At;
use crate::rules::condition::{Condition, Pattern, Shape, SharedWords, Subject, Test};
use crate::rules::dates::Dates;
use crate::rules::expression;
use crate::rules::expression::{RegexError, syntax_error};
use crate::rules::file::{Text, Texts, When};
use crate::rules::fold::Folding;
use crate::rules::hours::{Days, Hours};
use crate::rules::yaml::tree::EntryPart;

/// The conditions of one rule, and what its regexes offer to its templates.
#[derive(Default)]
pub(super) struct Conditions {
    pub conditions: Vec<Condition>,
    names: Vec<String>,
    groups: Option<usize>,
    alternative_groups: Option<usize>,
}

impl Conditions {
    pub(super) fn of(conditions: Vec<Condition>) -> Conditions {
        Conditions {
            conditions,
            ..Conditions::default()
        }
    }

    pub(super) fn name_groups(&mut self) -> Vec<String> {
        std::mem::take(&mut self.names)
    }

    /// The highest numbered group of the first regex condition; without one, of alternatives.
    pub(super) fn groups(&self) -> Option<usize> {
        self.groups.or(self.alternative_groups)
    }

    pub(super) fn has_prefix(&self) -> bool {
        let mut each = self.conditions.iter().flat_map(Condition::each);
        each.any(|condition| {
            matches!(
                condition,
                Condition::Text(_, Test::Literal(Shape::Prefix, _))
            )
        })
    }
}

impl Compiler<'_> {
    /// All conditions of a mapping, the cheap ones before those that need a database.
    pub(super) fn conditions(&mut self, when: &When, at: &At) -> Conditions {
        let mut found = Conditions::default();
        self.gather(when, at, &mut found);
        found
    }

    fn gather(&mut self, when: &When, at: &At, found: &mut Conditions) {
        let before = self.report.count();
        self.words(when, at, found);
        let operators = [
            (Operator::Literal(Shape::Equals), when.equals.as_ref()),
            (Operator::Literal(Shape::Prefix), when.prefix.as_ref()),
            (Operator::Literal(Shape::Suffix), when.suffix.as_ref()),
            (Operator::Literal(Shape::Contains), when.contains.as_ref()),
            (Operator::ContainsAll, when.contains_all.as_ref()),
            (Operator::Regex, when.regex.as_ref()),
        ];
        self.operators(&Subject::Content, &operators, at, found);
        for (key, subject, test) in [
            ("key", Subject::Key, when.key.as_ref()),
            ("scene", Subject::Scene, when.scene.as_ref()),
            ("menu", Subject::Menu, when.menu.as_ref()),
        ] {
            if let Some(test) = test {
                self.value_test(&subject, test, &at.key(key), found);
            }
        }
        if let Some(fields) = when.fields.as_ref() {
            let at = at.key("fields");
            self.empty_mapping(fields.0.is_empty(), "fields", &at);
            for (name, test) in &fields.0 {
                let subject = Subject::Field(name.as_str().into());
                self.value_test(&subject, test, &at.key(name), found);
            }
        }
        if let Some(alternatives) = when.any.as_ref() {
            self.alternatives(alternatives, &at.key("any"), found);
        }
        if let Some(user) = when.user.as_ref() {
            let at = at.key("user");
            self.empty_mapping(user.0.is_empty(), "user", &at);
            for (key, test) in &user.0 {
                let at = at.key(key);
                self.user_key(key, &at, EntryPart::Key);
                match test {
                    Some(test) => {
                        let subject = Subject::Stored(key.as_str().into());
                        self.value_test(&subject, test, &at, found);
                    }
                    None => {
                        let condition = Condition::NotStored(key.as_str().into());
                        found.conditions.push(condition);
                    }
                }
            }
        }
        found.conditions.shrink_to_fit();
        if found.conditions.is_empty() && self.report.count() == before {
            self.report
                .missing(at, phrase!(no_condition))
                .help(phrase!(help_no_condition));
        }
    }

    fn alternatives(&mut self, written: &[When], at: &At, found: &mut Conditions) {
        if written.is_empty() {
            self.report
                .missing(at, phrase!(empty_list))
                .help(phrase!(help_any));
        }
        let mut alternatives = Vec::new();
        for (index, when) in written.iter().enumerate() {
            let at = at.index(index);
            if when.any.is_some() {
                self.report
                    .error(&at.key("any"), EntryPart::Key, phrase!(nested_any))
                    .help(phrase!(help_nested_any));
                continue;
            }
            // All alternatives offer their groups, whichever of them holds.
            let mut one = Conditions {
                names: std::mem::take(&mut found.names),
                ..Conditions::default()
            };
            self.gather(when, &at, &mut one);
            found.names = one.names;
            found.alternative_groups = found.alternative_groups.max(one.groups);
            alternatives.push(one.conditions);
        }
        found.conditions.push(Condition::Any(alternatives));
    }

    fn empty_mapping(&mut self, empty: bool, what: &str, at: &At) {
        if empty {
            self.report
                .missing(at, phrase!(empty_value, key = what))
                .help(phrase!(help_empty_mapping, key = what));
        }
    }

    /// The same words as one list for all rules that name them.
    pub(super) fn shared(&mut self, words: Vec<Box<str>>) -> SharedWords {
        if let Some(known) = self.words.get(words.as_slice()) {
            return SharedWords::clone(known);
        }
        let words = SharedWords::from(words);
        self.words.insert(SharedWords::clone(&words));
        words
    }

    /// The conditions that are not about a text.
    fn words(&mut self, when: &When, at: &At, found: &mut Conditions) {
        if let Some(types) = when.r#type.as_ref() {
            let types = self.texts(types, &at.key("type"));
            let types = self.shared(types);
            found.conditions.push(Condition::Type(types));
        }
        if let Some(events) = when.event.as_ref() {
            let events = self.texts(events, &at.key("event"));
            let events = self.shared(events);
            found.conditions.push(Condition::Event(events));
        }
        if let Some(hours) = when.hours.as_ref() {
            let at = at.key("hours");
            let mut parsed = Vec::new();
            for (index, text) in self.texts(hours, &at).iter().enumerate() {
                if text.is_empty() {
                    continue;
                }
                match Hours::parse(text) {
                    Ok(hours) => parsed.push(hours),
                    Err(error) => {
                        self.report
                            .error(&at.index(index), EntryPart::Value, error.message)
                            .help(error.help);
                    }
                }
            }
            found.conditions.push(Condition::Hours(parsed));
        }
        if let Some(days) = when.days.as_ref() {
            let at = at.key("days");
            let mut all = Days::default();
            for (index, text) in self.texts(days, &at).iter().enumerate() {
                if text.is_empty() {
                    continue;
                }
                match Days::parse(text) {
                    Ok(days) => all = all.union(days),
                    Err(error) => {
                        self.report
                            .error(&at.index(index), EntryPart::Value, error.message)
                            .help(error.help);
                    }
                }
            }
            found.conditions.push(Condition::Days(all));
        }
        if let Some(dates) = when.dates.as_ref() {
            let at = at.key("dates");
            let mut parsed = Vec::new();
            for (index, text) in self.texts(dates, &at).iter().enumerate() {
                if text.is_empty() {
                    continue;
                }
                match Dates::parse(text) {
                    Ok(dates) => parsed.push(dates),
                    Err(error) => {
                        self.report
                            .error(&at.index(index), EntryPart::Value, error.message)
                            .help(error.help);
                    }
                }
            }
            found.conditions.push(Condition::Dates(parsed));
        }
    }

    pub(super) fn regexes(
        &mut self,
        texts: &[Box<str>],
        folding: Folding,
        at: &At,
        found: &mut Conditions,
    ) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        let mut groups = 0;
        for (index, text) in texts.iter().enumerate() {
            let regex = match self.patterns.get(text, folding) {
                Ok(regex) => regex,
                Err(error) => {
                    // What templates ask of this regex cannot be judged.
                    groups = usize::MAX;
                    found.names.extend(spelled_names(text));
                    self.bad_regex(&error, text, &at.index(index));
                    continue;
                }
            };
            groups = groups.max(regex.groups());
            let mut names = Vec::new();
            for (group, name) in regex.names().enumerate() {
                let Some(name) = name else { continue };
                let known = found.names.iter().position(|known| known == name);
                let place = known.unwrap_or_else(|| {
                    found.names.push(name.to_owned());
                    found.names.len() - 1
                });
                names.push((group, place));
            }
            patterns.push(Pattern { regex, names });
        }
        found.groups.get_or_insert(groups);
        patterns
    }

    fn bad_regex(&mut self, error: &RegexError, pattern: &str, at: &At) {
        let (message, note, help) = match error {
            RegexError::Syntax(_) => (
                phrase!(invalid_regex),
                syntax_error::of(pattern).unwrap_or_else(|| phrase!(regex_unsupported)),
                match syntax_error::looks_around(pattern) {
                    true => phrase!(help_look_around),
                    false => phrase!(help_invalid_regex),
                },
            ),
            RegexError::TooLarge => (
                phrase!(regex_too_large),
                phrase!(note_regex_too_large, limit = expression::MAX_BYTES >> 20),
                phrase!(help_regex_too_large),
            ),
            RegexError::TooLargeTogether => (
                phrase!(regexes_too_large),
                phrase!(
                    note_regexes_too_large,
                    limit = expression::MAX_BYTES_TOGETHER >> 20
                ),
                phrase!(help_regexes_too_large),
            ),
        };
        self.report
            .error(at, EntryPart::Value, message)
            .note(note)
            .help(help);
    }

    /// The texts of a list, none of them empty: an empty one would match everything or nothing.
    pub(super) fn texts(&mut self, texts: &Texts, at: &At) -> Vec<Box<str>> {
        let Texts(texts) = texts;
        if texts.is_empty() {
            self.report
                .missing(at, phrase!(empty_list))
                .help(phrase!(help_empty_list));
        }
        for (index, Text(text)) in texts.iter().enumerate() {
            if text.is_empty() {
                let at = at.index(index);
                // Of an empty value there is nothing to point at; its key is what one sees.
                let (at, part) = match texts.len() {
                    1 => (*at_parent(&at), EntryPart::Key),
                    _ => (at, EntryPart::Value),
                };
                self.report
                    .error(&at, part, phrase!(empty_text))
                    .help(phrase!(help_empty_text));
            }
        }
        texts
            .iter()
            .map(|Text(text)| text.as_str().into())
            .collect()
    }
}

/// The names that the groups of a broken regex seem to have.
fn spelled_names(pattern: &str) -> impl Iterator<Item = String> + '_ {
    let groups = pattern.split("(?").skip(1);
    groups.filter_map(|group| {
        let named = group.strip_prefix('P').unwrap_or(group);
        let (name, _) = named.strip_prefix('<')?.split_once('>')?;
        Some(name.to_owned())
    })
}

fn at_parent<'a>(at: &At<'a>) -> &'a At<'a> {
    match at {
        At::Index(parent, _) | At::Key(parent, _) => parent,
        At::File(_) => &At::File(0),
    }
}
