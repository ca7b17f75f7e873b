//! Single words and regexes of conditions: nearly known ones, repeated ones, needless ones.

use std::collections::HashMap;

use crate::i18n::{Phrase, phrase};
use crate::message::same_name;
use crate::rules::condition::{Condition, Pattern, Shape, Subject, Test};
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::expression::Expression;
use crate::rules::fold::Folding;
use crate::rules::lint::locate::ConditionList;
use crate::rules::lint::text_predicate::TextPredicate;
use crate::rules::lint::{
    Warning, foreign_habits, locate, quoting, text_predicate, wechat_catalog,
};
use crate::rules::nearest::nearest;
use crate::rules::{Rule, elements};

pub(super) fn report<'r>(rule: &'r Rule, folding: Folding, found: &mut Vec<Warning<'r>>) {
    for section in locate::sections(rule) {
        keys_of_subscribe(rule, section, found);
        for (index, condition) in section.conditions(rule).iter().enumerate() {
            let mut warn = |item, make: Box<dyn FnOnce(Place) -> Diagnostic + 'r>| {
                found.push(Warning::new(rule.origin, move |sources| {
                    let place = locate::text(rule, section, index, item, sources);
                    make(place)
                }));
            };
            for (item, message, help) in nearly_known(condition)
                .into_iter()
                .chain(quoting::misread(condition))
                .chain(foreign_habits::in_condition(condition))
            {
                let say = move |place| Diagnostic::warning(place, message).help(help);
                warn(item, Box::new(say));
            }
            if section == ConditionList::When
                && foreign_habits::in_condition(condition).is_empty()
                && !folding.ignore_punctuation
                && let Some((shape, text)) = needless_regex(rule, condition, folding)
            {
                let message = phrase!(needless_regex);
                let help = phrase!(help_plain_operator, operator = shape.key(), text);
                warn(
                    None,
                    Box::new(move |place| Diagnostic::warning(place, message).help(help)),
                );
            }
            for (item, first) in repeated(condition) {
                found.push(Warning::new(rule.origin, move |sources| {
                    let spot = |item| locate::text(rule, section, index, Some(item), sources);
                    let diagnostic = Diagnostic::warning(spot(item), phrase!(repeated_keyword))
                        .other(spot(first), phrase!(label_first))
                        .help(phrase!(help_remove_one));
                    match is_folded(condition) && folding != Folding::default() {
                        true => diagnostic.note(phrase!(note_same_keyword)),
                        false => diagnostic,
                    }
                }));
            }
        }
    }
}

/// Keys that no event has by which somebody follows.
fn keys_of_subscribe<'r>(rule: &'r Rule, section: ConditionList, found: &mut Vec<Warning<'r>>) {
    for (index, item, key) in foreign_habits::key_of_subscribe(section.conditions(rule)) {
        found.push(Warning::new(rule.origin, move |sources| {
            let place = locate::text(rule, section, index, Some(item), sources);
            let message = phrase!(subscribe_key_without_prefix);
            Diagnostic::warning(place, message).help(phrase!(help_write_scene, scene = key))
        }));
    }
}

/// Types, events and fields that WeChat does not send but nearly does: the place in the list,
/// what is wrong and how to fix it.
fn nearly_known(condition: &Condition) -> Vec<(Option<usize>, Phrase, Phrase)> {
    let near = |names: &[Box<str>],
                message: fn(&str) -> Phrase,
                known: &[&str],
                others: &[&str],
                key: &str| {
        let names = names.iter().enumerate();
        names
            .filter_map(|(item, name)| {
                let lower = name.to_ascii_lowercase();
                let known_one = known.contains(&lower.as_str());
                let message = message(name);
                let help = if !known_one && others.contains(&lower.as_str()) {
                    phrase!(help_other_key, key, name = &**name)
                } else if name.is_ascii() {
                    let meant = nearest(&lower, known.iter().copied()).filter(|_| !known_one)?;
                    phrase!(help_did_you_mean, meant)
                } else {
                    match wechat_catalog::in_english(name) {
                        Some(meant) => phrase!(help_did_you_mean, meant),
                        None => phrase!(help_english_names),
                    }
                };
                Some((Some(item), message, help))
            })
            .collect()
    };
    match condition {
        Condition::Type(names) => {
            let known: Vec<&str> = wechat_catalog::types().collect();
            near(
                names,
                |name| phrase!(unknown_type, name),
                &known,
                wechat_catalog::EVENTS,
                "event",
            )
        }
        Condition::Event(names) => {
            let types: Vec<&str> = wechat_catalog::types().collect();
            near(
                names,
                |name| phrase!(unknown_event, name),
                wechat_catalog::EVENTS,
                &types,
                "type",
            )
        }
        Condition::Text(Subject::Field(name), _) => elements::nearest(name)
            .filter(|meant| !same_name(meant, name))
            .map(|meant| {
                let message = phrase!(unknown_field, name = &**name);
                (None, message, phrase!(help_did_you_mean, meant))
            })
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

/// Texts of a list that stand in it before: their place, and the place of the first.
fn repeated(condition: &Condition) -> Vec<(usize, usize)> {
    let texts: Vec<String> = match condition {
        Condition::Type(names) | Condition::Event(names) => {
            names.iter().map(|name| name.to_ascii_lowercase()).collect()
        }
        Condition::Text(_, test) => {
            let (texts, patterns) = test.texts();
            let texts = texts.iter().map(|text| text.to_string());
            let patterns = patterns.iter();
            let patterns = patterns.map(|pattern| pattern.regex.as_str().to_owned());
            texts.chain(patterns).collect()
        }
        _ => return Vec::new(),
    };
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut repeated = Vec::new();
    for (item, text) in texts.into_iter().enumerate() {
        match first.get(&text) {
            Some(first) => repeated.push((item, *first)),
            None => {
                first.insert(text, item);
            }
        }
    }
    repeated
}

fn is_folded(condition: &Condition) -> bool {
    matches!(condition, Condition::Text(Subject::Content, _))
}

/// The operator and text that do what a single regex does, where the rule has that operator free.
fn needless_regex(rule: &Rule, condition: &Condition, folding: Folding) -> Option<(Shape, String)> {
    let Condition::Text(subject, Test::Regex(patterns)) = condition else {
        return None;
    };
    let [Pattern { regex, .. }] = patterns.as_slice() else {
        return None;
    };
    // What a template shows of a match would be lost.
    if regex.groups() > 0 || rule.shows_match {
        return None;
    }
    let ignore_case = folding.ignore_case && *subject == Subject::Content;
    let (shape, text) = plain(regex, ignore_case)?;
    let taken = rule.when.iter().any(|other| match other {
        Condition::Text(other, Test::Literal(other_shape, _)) => {
            other == subject && *other_shape == shape
        }
        _ => false,
    });
    let writable = !text.contains(|letter: char| letter.is_control() || ":#'\"".contains(letter));
    (!taken && writable).then_some((shape, text))
}

fn plain(regex: &Expression, ignore_case: bool) -> Option<(Shape, String)> {
    match text_predicate::read(regex, ignore_case).as_slice() {
        [TextPredicate::Literal(shape, text)] => Some((*shape, text.to_string())),
        _ => None,
    }
}
