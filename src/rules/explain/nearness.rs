//! How near a rule came to answering a message that it did not answer.

use crate::rules::Rule;
use crate::rules::condition::{Condition, MatchContext, Mismatch, Subject, Test};
use crate::rules::explain;
use crate::rules::nearest::likeness;

/// The greater, the nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    Disabled,
    /// It is for another kind of message.
    OtherKind,
    /// Its texts are not what was sent; how much they are like it, in thousandths.
    OtherText(u16),
    /// It is for another time, or for followers of whom something else is stored.
    OtherCircumstances,
    /// Only its `unless` kept it from answering.
    Excluded,
}

pub(super) fn nearness(rule: &Rule, miss: Mismatch, asked: &MatchContext) -> Nearness {
    match miss {
        Mismatch::When(index) => {
            let failed = rule.when.get(index);
            failed.map_or(Nearness::OtherKind, |condition| of(condition, asked))
        }
        Mismatch::Unless => Nearness::Excluded,
        Mismatch::NeedsUser => Nearness::OtherCircumstances,
        Mismatch::Disabled => Nearness::Disabled,
    }
}

/// Of a condition that does not hold.
fn of(condition: &Condition, asked: &MatchContext) -> Nearness {
    match condition {
        Condition::Type(_) | Condition::Event(_) => Nearness::OtherKind,
        Condition::Hours(_)
        | Condition::Days(_)
        | Condition::Dates(_)
        | Condition::NotStored(_)
        | Condition::Answered(..)
        | Condition::At(_)
        | Condition::Text(Subject::Stored(_), _) => Nearness::OtherCircumstances,
        Condition::Any(alternatives) => {
            let each = explain::first_failed(alternatives, asked);
            let nearest = each.map(|condition| of(condition, asked)).max();
            nearest.unwrap_or(Nearness::OtherKind)
        }
        Condition::Text(subject, test) => match explain::value(subject, test, asked) {
            Some(value) => Nearness::OtherText(greatest_likeness(test, &value)),
            None => Nearness::OtherKind,
        },
    }
}

fn greatest_likeness(test: &Test, value: &str) -> u16 {
    let (texts, _) = test.texts();
    let each = texts.iter().map(|text| likeness(value, text));
    each.max().unwrap_or_default()
}
