//! The follower's place in a dialogue, stored as a single text, so that it expires as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::i18n::{Phrase, phrase};
use crate::user::{Change, User};

/// The key under which it is stored. No rule can store anything else there.
pub(crate) const KEY: &str = "dialogue";

/// A follower is in one dialogue at most.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DialogueProgress {
    /// The name of the rule.
    pub(crate) rule: String,
    /// The name of the step whose answer is awaited.
    pub(crate) step: String,
    /// How many answers to it were invalid; counted only if the step has `tries`.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) tries: usize,
    /// What was answered so far, by the keys of `store`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) answers: BTreeMap<String, String>,
}

/// A place in a dialogue, as a condition requires it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub rule: Box<str>,
    /// Any without one.
    pub step: Option<Box<str>>,
    /// At least this many answers were invalid.
    pub tries: usize,
}

/// One of the rules that a dialogue is made into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialoguePart {
    /// The part that begins the dialogue has none.
    pub name: Box<str>,
    /// Where its conditions are written.
    pub(crate) when: DialoguePlace,
    /// Where its answer is written.
    pub(crate) answer: DialoguePlace,
}

/// Where something stands in a rule with a dialogue. Steps and the choices of each are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DialoguePlace {
    /// Beside the dialogue.
    Beside,
    Cancel,
    GiveUp,
    Ask(usize),
    Accept(usize),
    Choice(usize, usize),
    Otherwise(usize),
}

impl Position {
    /// Whether whoever is here is also at the other.
    pub(crate) fn is_within(&self, other: &Position) -> bool {
        self.rule == other.rule
            && (other.step.is_none() || self.step == other.step)
            && self.tries >= other.tries
    }
}

impl DialogueProgress {
    pub(crate) fn of(user: &User) -> Option<DialogueProgress> {
        DialogueProgress::read(stored(user)?)
    }

    pub(crate) fn read(text: &str) -> Option<DialogueProgress> {
        serde_json::from_str(text).ok()
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn is_at(&self, position: &Position) -> bool {
        let step = position.step.as_deref();
        *self.rule == *position.rule
            && step.is_none_or(|step| self.step == step)
            && self.tries >= position.tries
    }
}

/// The dialogue that a follower is in, as it is stored.
pub(crate) fn stored(user: &User) -> Option<&str> {
    user.get(KEY)?.texts().first().map(String::as_str)
}

/// Whether two are the same place of the same dialogue. What was answered in vain there is no
/// difference.
pub(crate) fn are_one(one: Option<&str>, other: Option<&str>) -> bool {
    let place = |stored: Option<&str>| {
        let DialogueProgress {
            rule,
            step,
            answers,
            ..
        } = DialogueProgress::read(stored?)?;
        Some((rule, step, answers))
    };
    place(one) == place(other)
}

/// The follower, in this dialogue.
pub(crate) fn put_into(user: &User, stored: Option<&str>) -> User {
    let mut user = user.clone();
    let key = KEY.to_owned();
    match stored {
        Some(stored) => user.set(KEY, stored),
        None => user.apply(&Change::Clear { key }),
    }
    user
}

/// The name of the follower's current step.
pub fn step(user: &User) -> Option<String> {
    DialogueProgress::of(user).map(|progress| progress.step)
}

/// What is stored under `KEY`, for people: `step phone of 订座`.
pub fn described(text: &str) -> Option<Phrase> {
    let DialogueProgress { rule, step, .. } = DialogueProgress::read(text)?;
    Some(phrase!(step_of, step, rule))
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_can_be_read_by_people_and_again() {
        let mut progress = DialogueProgress {
            rule: "订座".to_owned(),
            step: "phone".to_owned(),
            ..DialogueProgress::default()
        };
        assert_eq!(progress.text(), r#"{"rule":"订座","step":"phone"}"#);
        progress.tries = 2;
        progress
            .answers
            .insert("people".to_owned(), "3\n\"".to_owned());
        let text = progress.text();
        assert!(DialogueProgress::read(&text).is_some_and(|read| read == progress));
        assert!(DialogueProgress::read("people").is_none());
    }
}
