//! Parses a `<placeholder>` of a template, and resolves where its value comes from.

use crate::i18n::{Phrase, phrase};
use crate::moment::Moment;
use crate::rules::{elements, nearest};

/// The values that a rule provides to its templates.
#[derive(Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The highest numbered group of the rule's regexes; none without a regex.
    pub groups: Option<usize>,
    /// The named groups of the rule's regexes, each once.
    pub names: &'a [String],
    /// Whether the rule has a prefix, and so something that follows it.
    pub rest: bool,
    /// Whether the changes of the rule are made, so that `<new.KEY>` can show them.
    pub changes: bool,
    /// What the steps of a dialogue keep.
    pub answers: &'a [String],
    /// Whether the rule asks a service whose answer there will be.
    pub asks: bool,
    /// Whether a slow answer is spoken of, which `<fetch:TEXT>` fetches.
    pub fetches: bool,
}

/// The source of a value, resolved when the rules are loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueSource {
    BuiltIn(BuiltIn),
    /// What the message is about: its file, its place, its address, its key or its text. Cannot be
    /// written.
    WhateverWasSent,
    TimeAs(Box<str>),
    /// Another, percent-encoded for a place in an address.
    Encoded(Box<ValueSource>),
    /// By its number; 0 is the whole match.
    Group(usize),
    /// By its place in `Scope::names`.
    Named(usize),
    Element(Box<str>),
    Stored(Box<str>),
    /// What a step of the dialogue has kept; otherwise what is stored.
    Answer(Box<str>),
    /// What is stored after the changes of the rule.
    Changed(Box<str>),
    /// What a service has answered, at the end of a path.
    Asked(Box<[Box<str>]>),
    /// A link that fetches an answer.
    FetchLink(Box<str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BuiltIn {
    Content,
    Rest,
    Time,
    Date,
    Weekday,
    OpenId,
    Account,
    Type,
    Event,
    Key,
    Scene,
    Menu,
}

/// The placeholders with fixed names: the name, its meaning, and its source.
pub(super) const BUILT_IN: [(&str, &str, BuiltIn); 12] = [
    ("content", "the text as it came", BuiltIn::Content),
    (
        "rest",
        "what follows the matched prefix, trimmed",
        BuiltIn::Rest,
    ),
    ("time", "now; <time:%H:%M> in another format", BuiltIn::Time),
    ("date", "today: 2026-01-02", BuiltIn::Date),
    ("weekday", "today: 星期五", BuiltIn::Weekday),
    ("openid", "who wrote", BuiltIn::OpenId),
    (
        "account",
        "the account that was written to",
        BuiltIn::Account,
    ),
    ("type", "the type of the message", BuiltIn::Type),
    ("event", "the name of the event", BuiltIn::Event),
    (
        "key",
        "the key of the menu button or the event",
        BuiltIn::Key,
    ),
    (
        "scene",
        "the scene of the QR code that was scanned",
        BuiltIn::Scene,
    ),
    (
        "menu",
        "the id of the menu link that was tapped",
        BuiltIn::Menu,
    ),
];

/// Tags of web pages; links are the only ones that WeChat knows.
pub(super) const HTML_TAGS: [&str; 14] = [
    "br", "p", "div", "span", "b", "strong", "i", "em", "u", "font", "img", "ul", "li", "h1",
];

impl ValueSource {
    /// Where the value comes from, however it is written.
    pub(super) fn inner(&self) -> &ValueSource {
        match self {
            ValueSource::Encoded(source) => source.inner(),
            source => source,
        }
    }
}

/// What stands at a `<`.
#[derive(Debug)]
pub(super) enum TagReading<'t> {
    /// Not a placeholder: the `<` is literal.
    Text,
    Placeholder {
        source: ValueSource,
        default: &'t str,
        length: usize,
    },
    Mistake {
        message: Phrase,
        help: Phrase,
        length: usize,
    },
}

/// Whether a text can be the KEY of `<user.KEY>`: letters and digits of any script, `_` and `-`.
pub(crate) fn is_user_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

/// Reads what `text`, which begins with `<`, begins with.
///
/// A capture takes precedence over anything with the same name, as the author named it in this
/// rule.
pub(super) fn read<'t>(text: &'t str, scope: &Scope) -> TagReading<'t> {
    let Some(inside) = text.strip_prefix('<') else {
        return TagReading::Text;
    };
    // A second `<` ends the search, so that a text with many of them takes linear time.
    let Some((head, after)) = split_at_any(inside, &['>', '|', '<']) else {
        return TagReading::Text;
    };
    let resolved = resolve_head(head, scope);
    let (default, length) = match close(after) {
        Some((default, closing)) => (default, 1 + head.len() + closing),
        // An unclosed `<` is text, but nobody writes `<user.name|` without meaning it.
        None if after.starts_with('|') && matches!(resolved, Resolved::Source(_)) => {
            return TagReading::Mistake {
                message: phrase!(unclosed_default, name = head),
                help: phrase!(help_unclosed_default, name = head),
                length: 2 + head.len(),
            };
        }
        None => return TagReading::Text,
    };
    match resolved {
        Resolved::Source(source) => TagReading::Placeholder {
            source,
            default,
            length,
        },
        Resolved::Text => TagReading::Text,
        Resolved::Mistake(message, help) => TagReading::Mistake {
            message,
            help,
            length,
        },
    }
}

/// The default behind a name, and the length up to and with the closing `>`.
fn close(after: &str) -> Option<(&str, usize)> {
    if after.starts_with('>') {
        return Some(("", 1));
    }
    let (default, end) = split_at_any(after.strip_prefix('|')?, &['>', '<'])?;
    end.starts_with('>').then(|| (default, default.len() + 2))
}

fn split_at_any<'t>(text: &'t str, ends: &[char]) -> Option<(&'t str, &'t str)> {
    text.split_at_checked(text.find(ends)?)
}

enum Resolved {
    Source(ValueSource),
    Text,
    Mistake(Phrase, Phrase),
}

fn resolve_head(head: &str, scope: &Scope) -> Resolved {
    match head.split_once(':') {
        None => resolve(head, scope),
        Some(("url", "")) => {
            Resolved::Mistake(phrase!(nothing_to_encode), phrase!(help_nothing_to_encode))
        }
        Some(("fetch", "")) => {
            Resolved::Mistake(phrase!(empty_fetch_link), phrase!(help_fetch_link))
        }
        Some(("fetch", text)) if scope.fetches => {
            Resolved::Source(ValueSource::FetchLink(text.into()))
        }
        Some(("fetch", _)) => Resolved::Mistake(
            phrase!(fetch_outside_slow),
            phrase!(help_fetch_outside_slow),
        ),
        Some(("url", inner)) => match resolve_head(inner, scope) {
            Resolved::Source(source) => Resolved::Source(ValueSource::Encoded(Box::new(source))),
            other => other,
        },
        Some((name, format)) => resolve_format(name, format, scope),
    }
}

fn resolve(name: &str, scope: &Scope) -> Resolved {
    if let Some(place) = scope.names.iter().position(|known| known == name) {
        return Resolved::Source(ValueSource::Named(place));
    }
    if scope.answers.iter().any(|known| known == name) {
        return Resolved::Source(ValueSource::Answer(name.into()));
    }
    if let Some(key) = name.strip_prefix("user.") {
        return resolve_stored(key, name);
    }
    if let Some(key) = name.strip_prefix("new.") {
        return match resolve_stored(key, name) {
            Resolved::Source(ValueSource::Stored(_)) if !scope.changes => Resolved::Mistake(
                phrase!(new_outside_reply, name),
                phrase!(help_new_outside_reply, key),
            ),
            Resolved::Source(ValueSource::Stored(key)) => {
                Resolved::Source(ValueSource::Changed(key))
            }
            other => other,
        };
    }
    if let Some(path) = answer_path(name) {
        return match scope.asks {
            true => Resolved::Source(ValueSource::Asked(path)),
            false => Resolved::Mistake(
                phrase!(answer_without_ask, name),
                phrase!(help_answer_without_ask),
            ),
        };
    }
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return resolve_group(name, scope);
    }
    if !is_path(name) {
        return resolve_foreign(name, scope);
    }
    match built_in(name) {
        Some(BuiltIn::Rest) if !scope.rest => {
            Resolved::Mistake(phrase!(rest_without_prefix), phrase!(help_rest))
        }
        Some(built_in) => Resolved::Source(ValueSource::BuiltIn(built_in)),
        None if elements::is_known(name) => Resolved::Source(ValueSource::Element(name.into())),
        None => unknown(name, scope),
    }
}

fn resolve_format(name: &str, format: &str, scope: &Scope) -> Resolved {
    if let Some(rest) = name.strip_prefix("time：") {
        return wide_colon(&format!("{rest}:{format}"));
    }
    if name == "time" {
        return match Moment::check_format(format) {
            Ok(()) if format.contains('%') => Resolved::Source(ValueSource::TimeAs(format.into())),
            _ => Resolved::Mistake(
                phrase!(invalid_time_format, format),
                phrase!(help_time_format),
            ),
        };
    }
    match resolve(name, scope) {
        Resolved::Source(_) => {
            Resolved::Mistake(phrase!(format_not_allowed, name), phrase!(help_no_format))
        }
        // `<http://…>` is text, `<tiem:%H>` is not.
        Resolved::Mistake(..) if format.starts_with('%') => Resolved::Mistake(
            phrase!(unknown_placeholder, name = format!("{name}:{format}")),
            phrase!(
                help_did_you_mean_placeholder,
                meant = format!("time:{format}"),
                name = format!("{name}:{format}")
            ),
        ),
        _ => Resolved::Text,
    }
}

fn wide_colon(format: &str) -> Resolved {
    Resolved::Mistake(
        phrase!(full_width_colon),
        phrase!(help_half_width_colon, format),
    )
}

/// The steps of `answer.steps.0.time`; none for `answer` itself.
fn answer_path(name: &str) -> Option<Box<[Box<str>]>> {
    let behind = name.strip_prefix("answer")?;
    if behind.is_empty() {
        return Some(Box::default());
    }
    let steps = behind.strip_prefix('.')?.split('.');
    let steps: Vec<&str> = steps.collect();
    let all_good = steps.iter().all(|step| is_user_key(step));
    all_good.then(|| steps.into_iter().map(Into::into).collect())
}

fn resolve_stored(key: &str, name: &str) -> Resolved {
    if is_user_key(key) {
        return Resolved::Source(ValueSource::Stored(key.into()));
    }
    Resolved::Mistake(
        phrase!(invalid_stored_placeholder, name),
        phrase!(help_stored_placeholder, name),
    )
}

fn resolve_group(digits: &str, scope: &Scope) -> Resolved {
    let message = match (digits.parse::<usize>(), scope.groups) {
        (Ok(number), Some(groups)) if number <= groups => {
            return Resolved::Source(ValueSource::Group(number));
        }
        (_, None) => phrase!(group_without_regex, group = digits),
        (_, Some(groups)) => phrase!(unknown_group, group = digits, groups),
    };
    let help = phrase!(help_groups, group = digits);
    Resolved::Mistake(message, help)
}

/// Anything not shaped like a name is text, unless it is so similar to a capture that it must be
/// meant as one.
fn resolve_foreign(name: &str, scope: &Scope) -> Resolved {
    if let Some(format) = name.strip_prefix("time：") {
        return wide_colon(format);
    }
    let near = |known: &&String| known.chars().count() > 1 && nearest::edits(known, name) == 1;
    match scope.names.iter().chain(scope.answers).find(near) {
        Some(meant) => unknown_but(name, meant),
        None => Resolved::Text,
    }
}

fn unknown(name: &str, scope: &Scope) -> Resolved {
    let lower = name.to_ascii_lowercase();
    if name == "user" {
        return unknown_but(name, "user.KEY");
    }
    if HTML_TAGS.contains(&lower.as_str()) {
        return Resolved::Mistake(phrase!(unknown_placeholder, name), phrase!(help_no_html));
    }
    let near = || {
        let known = captures_and_built_in(scope).chain(elements::ELEMENTS.iter().copied());
        nearest::nearest(&lower, known)
    };
    let own = captures_and_built_in(scope).find(|known| {
        let plain = name.replace('_', "");
        known.eq_ignore_ascii_case(&plain)
    });
    match own.or_else(|| elements::respelled(name)).or_else(near) {
        Some(meant) => unknown_but(name, meant),
        None => Resolved::Mistake(
            phrase!(unknown_placeholder, name),
            phrase!(help_placeholders, names = known_names(scope), name),
        ),
    }
}

fn unknown_but(name: &str, meant: &str) -> Resolved {
    Resolved::Mistake(
        phrase!(unknown_placeholder, name),
        phrase!(help_did_you_mean_placeholder, meant, name),
    )
}

fn known_names(scope: &Scope) -> String {
    let names: Vec<&str> = captures_and_built_in(scope).collect();
    names.join(", ")
}

fn captures_and_built_in<'a>(scope: &'a Scope) -> impl Iterator<Item = &'a str> {
    let captures = scope.names.iter().chain(scope.answers).map(String::as_str);
    captures.chain(BUILT_IN.iter().map(|(name, ..)| *name))
}

fn built_in(name: &str) -> Option<BuiltIn> {
    let found = BUILT_IN.iter().find(|(known, ..)| *known == name);
    found.map(|(_, _, built_in)| *built_in)
}

/// Whether a text is shaped like the name of a placeholder: `name`, or `name.name` when nested.
fn is_path(text: &str) -> bool {
    text.split('.').all(|name| {
        let mut bytes = name.bytes();
        bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    })
}
