//! Dialogues made by hand, of a stored step that rules ask for: steps at which a follower stays
//! for ever.

use crate::i18n::phrase;
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::Warning;
use crate::rules::lint::rule_texts::RuleTexts;
use crate::rules::{ChangeTemplate, Rule};

pub(super) fn report<'r>(rules: &'r [Rule], said: &[RuleTexts<'r>], found: &mut Vec<Warning<'r>>) {
    let takers: Vec<(&Rule, &str, &[Box<str>])> = rules.iter().filter_map(taker).collect();
    if takers.is_empty() {
        return;
    }
    for said in said.iter().filter(|said| said.rule.enabled) {
        let rule = said.rule;
        for (path, change) in said.changes() {
            let ChangeTemplate::Set {
                key,
                value,
                expires: None,
            } = change
            else {
                continue;
            };
            let Some(step) = value.literal() else {
                continue;
            };
            let mut here = takers.iter().filter(|(_, asked, steps)| {
                **asked == **key && steps.iter().any(|wanted| **wanted == *step)
            });
            if here.clone().next().is_none() {
                continue;
            }
            let message = if !rules.iter().any(|other| leaves(other, key, step)) {
                phrase!(step_never_left, key = &**key)
            } else if here.any(|(taker, ..)| changes(taker, key, step)) {
                phrase!(step_without_expires)
            } else {
                continue;
            };
            found.push(Warning::new(rule.origin, move |sources| {
                let place = sources.place_in(rule.origin, &path);
                Diagnostic::warning(place, message).help(phrase!(help_step_expires))
            }));
        }
    }
}

/// A rule that takes whatever is written at a step: its key and the steps.
fn taker(rule: &Rule) -> Option<(&Rule, &str, &[Box<str>])> {
    if !rule.enabled || !rule.is_whole() {
        return None;
    }
    let takes_anything = rule.when.iter().all(|condition| match condition {
        Condition::Event(_) | Condition::Any(_) => false,
        Condition::Text(Subject::Stored(_), _) => true,
        Condition::Text(_, test) => matches!(test, Test::Regex(_)),
        _ => true,
    });
    let (key, steps) = rule.when.iter().find_map(step_of)?;
    takes_anything.then_some((rule, key, steps))
}

fn step_of(condition: &Condition) -> Option<(&str, &[Box<str>])> {
    match condition {
        Condition::Text(Subject::Stored(key), Test::Literal(Shape::Equals, steps)) => {
            Some((key, steps))
        }
        _ => None,
    }
}

/// Whether a rule may answer somebody at a step who has not left, and leads away from there.
fn leaves(rule: &Rule, key: &str, step: &str) -> bool {
    let is_possible = rule.when.iter().all(|condition| match condition {
        Condition::NotStored(asked) => **asked != *key,
        Condition::Event(events) => {
            let mut events = events.iter();
            events.any(|event| !event.eq_ignore_ascii_case("unsubscribe"))
        }
        condition => step_of(condition)
            .is_none_or(|(asked, steps)| *asked != *key || steps.iter().any(|one| **one == *step)),
    });
    rule.enabled && is_possible && changes(rule, key, step)
}

/// Whether something else is stored under the key after a rule, or nothing.
fn changes(rule: &Rule, key: &str, step: &str) -> bool {
    rule.changes.iter().any(|change| match change {
        ChangeTemplate::Set {
            key: changed,
            value,
            ..
        } => **changed == *key && value.literal() != Some(step),
        ChangeTemplate::Clear { key: changed } => **changed == *key,
        ChangeTemplate::ClearAll => true,
        _ => false,
    })
}
