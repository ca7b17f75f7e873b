//! `when` and `unless`: texts to conditions.

use std::collections::HashMap;
use std::sync::Arc;

use crate::rules::compile::Compiler;
use crate::rules::compile::at::At;
use crate::rules::condition::{Condition, Pattern, Subject, Test, Words};
use crate::rules::diagnostic::Place;
use crate::rules::expression::{Expression, RegexError};
use crate::rules::file::{Operators, Text, Texts, ValueTest, When};
use crate::rules::fold::Folding;
use crate::rules::hours::{Days, Hours};
use crate::rules::yaml::tree::Part;
use crate::rules::{RuleSet, fold, literals};

/// The conditions of one rule, and what its regexes offer to its templates.
#[derive(Default)]
pub(super) struct Conditions {
    pub conditions: Vec<Condition>,
    names: Vec<String>,
    groups: Option<usize>,
    /// Regexes of which it would be slow to tell what their groups found.
    pub slow_groups: Vec<Place>,
}

impl Conditions {
    pub(super) fn name_groups(&mut self) -> Vec<String> {
        std::mem::take(&mut self.names)
    }

    /// The highest numbered group of the first regex condition.
    pub(super) fn groups(&self) -> Option<usize> {
        self.groups
    }

    pub(super) fn has_prefix(&self) -> bool {
        let mut conditions = self.conditions.iter();
        conditions.any(|condition| matches!(condition, Condition::Text(_, Test::Prefix(_))))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    Prefix,
    Suffix,
    Contains,
    Regex,
}

impl Operator {
    fn key(self) -> &'static str {
        match self {
            Operator::Equals => "equals",
            Operator::Prefix => "prefix",
            Operator::Suffix => "suffix",
            Operator::Contains => "contains",
            Operator::Regex => "regex",
        }
    }
}

impl Compiler<'_> {
    /// All conditions of a mapping, the cheap ones before those that need a database.
    pub(super) fn conditions(&mut self, when: &When, at: &At) -> Conditions {
        let mut found = Conditions::default();
        let before = self.report.count();
        self.words(when, at, &mut found);
        let operators = [
            (Operator::Equals, when.equals.as_ref()),
            (Operator::Prefix, when.prefix.as_ref()),
            (Operator::Suffix, when.suffix.as_ref()),
            (Operator::Contains, when.contains.as_ref()),
            (Operator::Regex, when.regex.as_ref()),
        ];
        self.operators(Subject::Content, operators, at, &mut found);
        for (key, subject, test) in [
            ("key", Subject::Key, when.key.as_ref()),
            ("scene", Subject::Scene, when.scene.as_ref()),
            ("menu", Subject::Menu, when.menu.as_ref()),
        ] {
            if let Some(test) = test {
                self.value_test(subject, test, &at.key(key), &mut found);
            }
        }
        if let Some(fields) = when.fields.as_ref() {
            let at = at.key("fields");
            self.empty_mapping(fields.0.is_empty(), "fields", &at);
            for (name, test) in &fields.0 {
                let subject = Subject::Field(name.as_str().into());
                self.value_test(subject, test, &at.key(name), &mut found);
            }
        }
        if let Some(user) = when.user.as_ref() {
            let at = at.key("user");
            self.empty_mapping(user.0.is_empty(), "user", &at);
            for (key, test) in &user.0 {
                let at = at.key(key);
                self.user_key(key, &at, Part::Key);
                match test {
                    Some(test) => {
                        let subject = Subject::Stored(key.as_str().into());
                        self.value_test(subject, test, &at, &mut found);
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
            self.report.missing(at, "there is no condition here").help(
                "write at least one, such as { type: text }, or leave it out to match everything",
            );
        }
        found
    }

    fn empty_mapping(&mut self, empty: bool, what: &str, at: &At) {
        if empty {
            self.report
                .missing(at, format!("`{what}` is empty"))
                .help(format!("name what to look at, or leave `{what}` out"));
        }
    }

    /// The same words as one list for all rules that name them.
    fn shared(&mut self, words: Vec<Box<str>>) -> Words {
        if let Some(known) = self.words.get(words.as_slice()) {
            return Words::clone(known);
        }
        let words = Words::from(words);
        self.words.insert(Words::clone(&words));
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
                            .error(&at.index(index), Part::Value, error.message)
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
                            .error(&at.index(index), Part::Value, error.message)
                            .help(error.help);
                    }
                }
            }
            found.conditions.push(Condition::Days(all));
        }
    }

    fn value_test(&mut self, subject: Subject, test: &ValueTest, at: &At, found: &mut Conditions) {
        match test {
            ValueTest::Equals(texts) => {
                let values = self.texts(texts, at);
                let test = Test::Equals(values);
                found.conditions.push(Condition::Text(subject, test));
            }
            ValueTest::Operators(operators) => {
                let Operators {
                    equals,
                    prefix,
                    suffix,
                    contains,
                    regex,
                } = &**operators;
                let operators = [
                    (Operator::Equals, equals.as_ref()),
                    (Operator::Prefix, prefix.as_ref()),
                    (Operator::Suffix, suffix.as_ref()),
                    (Operator::Contains, contains.as_ref()),
                    (Operator::Regex, regex.as_ref()),
                ];
                let none = operators.iter().all(|(_, texts)| texts.is_none());
                if none {
                    self.report
                        .missing(at, "this mapping is empty")
                        .help("name an operator, such as { prefix: buy_ }");
                }
                self.operators(subject, operators, at, found);
            }
        }
    }

    fn operators(
        &mut self,
        subject: Subject,
        operators: [(Operator, Option<&Texts>); 5],
        at: &At,
        found: &mut Conditions,
    ) {
        let folding = match subject {
            Subject::Content => self.settings.folding,
            _ => Folding::default(),
        };
        for (operator, texts) in operators {
            let Some(texts) = texts else { continue };
            let at = at.key(operator.key());
            let texts = self.texts(texts, &at);
            let test = match operator {
                Operator::Regex => Test::Regex(self.regexes(&texts, folding, &at, found)),
                operator => {
                    let folded = texts.iter().map(|text| needle(text, operator, folding));
                    let values: Vec<Box<str>> = folded.collect();
                    if let Some(blank) = values.iter().position(|value| value.is_empty())
                        && texts.get(blank).is_some_and(|text| !text.is_empty())
                    {
                        self.report
                            .error(&at.index(blank), Part::Value, "nothing but white space")
                            .help("`options.trim` takes white space away; write the words");
                    }
                    match operator {
                        Operator::Equals => Test::Equals(values),
                        Operator::Prefix => Test::Prefix(values),
                        Operator::Suffix => Test::Suffix(values),
                        Operator::Contains | Operator::Regex => Test::Contains(values),
                    }
                }
            };
            let condition = Condition::Text(subject.clone(), test);
            found.conditions.push(condition);
        }
    }

    fn regexes(
        &mut self,
        texts: &[Box<str>],
        folding: Folding,
        at: &At,
        found: &mut Conditions,
    ) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        let mut groups = 0;
        for (index, text) in texts.iter().enumerate() {
            let compiled = self.patterns.get(text, folding);
            let Compiled { regex, literals } = match compiled {
                Ok(compiled) => compiled,
                Err(error) => {
                    // What templates ask of this regex cannot be judged.
                    groups = usize::MAX;
                    found.names.extend(spelled_names(text));
                    self.bad_regex(&error, &at.index(index));
                    continue;
                }
            };
            if regex.slow_groups {
                let place = self.report.place(&at.index(index), Part::Value);
                found.slow_groups.push(place);
            }
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
            patterns.push(Pattern {
                regex,
                literals,
                names,
            });
        }
        found.groups.get_or_insert(groups);
        patterns
    }

    fn bad_regex(&mut self, error: &RegexError, at: &At) {
        let (message, help) = match error {
            RegexError::Syntax(_) => (
                "this regex does not compile",
                "put a backslash before . * + ? ( ) [ ] { } | ^ $ that are meant as they stand",
            ),
            RegexError::TooLarge => (
                "this regex is too large",
                "use smaller repetitions such as {1,20}, and [0-9] or [a-z] instead of \\d or \\w",
            ),
            RegexError::TooSlow => (
                "this regex is too slow",
                "write .* instead of .{1,100}, use smaller counts, repeat nothing that repeats \
                 itself, or begin with ^",
            ),
        };
        self.report
            .error(at, Part::Value, message)
            .note(error.to_string())
            .help(help);
    }

    /// The texts of a list, none of them empty: an empty one would match everything or nothing.
    fn texts(&mut self, texts: &Texts, at: &At) -> Vec<Box<str>> {
        let Texts(texts) = texts;
        if texts.is_empty() {
            self.report
                .missing(at, "this list is empty")
                .help("write at least one text in it, or leave the key out");
        }
        for (index, Text(text)) in texts.iter().enumerate() {
            if text.is_empty() {
                let at = at.index(index);
                // Of an empty value there is nothing to point at; its key is what one sees.
                let (at, part) = match texts.len() {
                    1 => (*at_parent(&at), Part::Key),
                    _ => (at, Part::Value),
                };
                self.report
                    .error(&at, part, "there is no text here")
                    .help("write the text, or leave the key out");
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

/// A keyword as folded texts are compared with it. White space where the text has been trimmed
/// could never match; elsewhere in a keyword it is meant.
fn needle(text: &str, operator: Operator, folding: Folding) -> Box<str> {
    let trimmed = match operator {
        _ if !folding.trim => text,
        Operator::Equals => fold::trim(text),
        Operator::Prefix => fold::trim_start(text),
        Operator::Suffix => fold::trim_end(text),
        Operator::Contains | Operator::Regex => text,
    };
    let folding = Folding {
        trim: false,
        ..folding
    };
    folding.fold(trimmed).into()
}

/// Compiled regexes, those of the replaced rules among them.
#[derive(Default)]
pub(super) struct Patterns {
    compiled: HashMap<(Box<str>, bool), Compiled>,
}

#[derive(Clone)]
struct Compiled {
    regex: Arc<Expression>,
    literals: Option<Arc<[Box<str>]>>,
}

impl Patterns {
    pub(super) fn of(replaced: Option<&RuleSet>) -> Patterns {
        let mut patterns = Patterns::default();
        let Some(replaced) = replaced else {
            return patterns;
        };
        for rule in &replaced.rules {
            for condition in rule.when.iter().chain(&rule.unless) {
                let Condition::Text(subject, Test::Regex(regexes)) = condition else {
                    continue;
                };
                let ignore_case =
                    *subject == Subject::Content && replaced.settings.folding.ignore_case;
                for pattern in regexes {
                    let key = (pattern.regex.as_str().into(), ignore_case);
                    let compiled = Compiled {
                        regex: Arc::clone(&pattern.regex),
                        literals: pattern.literals.clone(),
                    };
                    patterns.compiled.insert(key, compiled);
                }
            }
        }
        patterns
    }

    fn get(&mut self, text: &str, folding: Folding) -> Result<Compiled, RegexError> {
        let pattern = if folding.ignore_width {
            narrow(text)
        } else {
            text.into()
        };
        let key = (pattern, folding.ignore_case);
        if let Some(compiled) = self.compiled.get(&key) {
            return Ok(compiled.clone());
        }
        let compiled = compile(&key.0, folding.ignore_case)?;
        self.compiled.insert(key, compiled.clone());
        Ok(compiled)
    }
}

fn compile(pattern: &str, ignore_case: bool) -> Result<Compiled, RegexError> {
    Ok(Compiled {
        regex: Arc::new(Expression::new(pattern, ignore_case)?),
        literals: literals::required(pattern, ignore_case).map(Arc::from),
    })
}

/// A pattern for texts without wide letters. A wide bracket was meant as it stands, so that the
/// narrow one must not become an operator.
fn narrow(pattern: &str) -> Box<str> {
    let folding = Folding {
        ignore_width: true,
        ..Folding::default()
    };
    let mut narrowed = String::with_capacity(pattern.len());
    let mut buffer = [0; 4];
    for letter in pattern.chars() {
        let wide: &str = letter.encode_utf8(&mut buffer);
        let narrow = folding.fold(wide);
        if narrow == wide {
            narrowed.push(letter);
        } else {
            narrowed.push_str(&regex::escape(&narrow));
        }
    }
    narrowed.into()
}
