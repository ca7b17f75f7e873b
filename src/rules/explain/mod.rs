//! Why a rule did not answer, in words that its author wrote or the follower sent, and where in a
//! text a rule found what it asked for.

mod match_spans;
mod nearness;
mod reason;
#[cfg(test)]
mod tests;

use crate::i18n::Phrase;
use crate::rules::Rule;
use crate::rules::condition::{Condition, MatchContext, Mismatch, Subject, Test, Verdict};

pub use crate::rules::explain::match_spans::matched;
pub use crate::rules::explain::nearness::Nearness;

/// What stood in the way of a rule.
pub enum Reason<'a> {
    /// The first condition of `when` that does not hold, and on what.
    Failed(&'a Condition, &'a MatchContext<'a>),
    /// It says `enabled: false`.
    Disabled,
    /// All of `unless` holds.
    Unless(&'a [Condition]),
    NeedsUser,
}

impl Reason<'_> {
    /// One line: `text "你们好" does not begin with "你好"`.
    pub fn phrase(&self) -> Phrase {
        reason::phrase(self)
    }
}

/// None for a miss of another rule.
pub fn why_not<'a>(
    rule: &'a Rule,
    miss: Mismatch,
    asked: &'a MatchContext<'a>,
) -> Option<Reason<'a>> {
    Some(match miss {
        Mismatch::When(index) => Reason::Failed(rule.when.get(index)?, asked),
        Mismatch::Disabled => Reason::Disabled,
        Mismatch::Unless => Reason::Unless(&rule.unless),
        Mismatch::NeedsUser => Reason::NeedsUser,
    })
}

/// How near the rule came to answering.
pub fn nearness(rule: &Rule, miss: Mismatch, asked: &MatchContext) -> Nearness {
    nearness::nearness(rule, miss, asked)
}

/// Of each alternative the first condition that does not hold.
fn first_failed<'a>(
    alternatives: &'a [Vec<Condition>],
    asked: &MatchContext,
) -> impl Iterator<Item = &'a Condition> {
    alternatives.iter().filter_map(|one| {
        let mut conditions = one.iter();
        conditions.find(|condition| condition.check(asked) == Verdict::Fails)
    })
}

/// What a message, or what is stored of its follower, says of a subject.
fn value(subject: &Subject, test: &Test, asked: &MatchContext) -> Option<String> {
    let message = asked.message;
    match subject {
        Subject::Content => asked.text().map(|text| text.text().to_owned()),
        Subject::Key => message.key().map(str::to_owned),
        Subject::Scene => message.scene().map(str::to_owned),
        Subject::Menu => message.menu().map(str::to_owned),
        Subject::Field(name) => {
            let values: Vec<_> = message.fields(name).collect();
            (!values.is_empty()).then(|| values.join("、"))
        }
        Subject::Stored(key) => match asked.user?.get(key) {
            Some(stored) => Some(stored.text()),
            None => test.is_of_numbers().then(|| "0".to_owned()),
        },
    }
}

/// The time of day as a rule writes it.
fn time(asked: &MatchContext) -> String {
    let minute = asked.moment.minute_of_day();
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
