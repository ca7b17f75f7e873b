//! Which rule answers a message, and with what. Knows no XML, HTTP, SQL or YAML; reads no clock
//! and uses no randomness.

mod captures;

pub use crate::engine::captures::captured;

use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::condition::{MatchContext, Mismatch};
use crate::rules::template::{Captures, Values};
use crate::rules::{ChangeTemplate, Rule, RuleId, RuleSet};
use crate::user::{Change, User};

/// What is to be done about a message. The view of it is the caller's: an answer to WeChat,
/// the verdict of a test, an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The rule that answers; none when no rule matched.
    pub rule: Option<RuleId>,
    pub reply: Reply,
    pub changes: Vec<Change>,
}

/// Deciding depends on what is stored of the follower: look them up and ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsUser;

/// A rule that was asked and did not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkippedRule {
    pub rule: RuleId,
    pub miss: Mismatch,
}

/// Picks a number below the one it is given.
pub type Choose<'d> = &'d mut dyn FnMut(usize) -> usize;

/// The first rule that matches decides. Without a user, everything is decided for which none is
/// needed.
pub fn decide(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: Option<&User>,
    choose: Choose,
) -> Result<Decision, NeedsUser> {
    let asked = MatchContext::new(message, moment, user, rules.settings.folding);
    let rule = rules.first_match(&asked, |id, rule| ask(id, rule, &asked, |_| ()));
    let rule = rule.transpose()?;
    finish(rules, rule, &asked, choose)
}

/// The same decision, with every earlier rule and why it did not match.
pub fn explain(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: &User,
    choose: Choose,
) -> (Decision, Vec<SkippedRule>) {
    let asked = MatchContext::new(message, moment, Some(user), rules.settings.folding);
    let mut passed_over = Vec::new();
    let rule = rules
        .first_match_linear(|id, rule| ask(id, rule, &asked, |passed| passed_over.push(passed)));
    let decision = rule
        .transpose()
        .and_then(|rule| finish(rules, rule, &asked, choose));
    // With a user at hand, nothing needs one.
    let decision = decision.unwrap_or(Decision {
        rule: None,
        reply: Reply::Silence,
        changes: Vec::new(),
    });
    (decision, passed_over)
}

/// What the first rule that does not pass says: it answers, or nobody can tell yet.
fn ask(
    id: RuleId,
    rule: &Rule,
    asked: &MatchContext,
    mut passed_over: impl FnMut(SkippedRule),
) -> Option<Result<RuleId, NeedsUser>> {
    match rule.check(asked) {
        Ok(()) => Some(Ok(id)),
        Err(Mismatch::NeedsUser) => Some(Err(NeedsUser)),
        Err(miss) => {
            passed_over(SkippedRule { rule: id, miss });
            None
        }
    }
}

fn finish(
    rules: &RuleSet,
    id: Option<RuleId>,
    asked: &MatchContext,
    choose: Choose,
) -> Result<Decision, NeedsUser> {
    let Some(rule) = id.and_then(|id| rules.rule(id)) else {
        return Ok(Decision {
            rule: None,
            reply: Reply::Silence,
            changes: Vec::new(),
        });
    };
    let nobody = User::default();
    let user = match asked.user {
        Some(user) => user,
        None if rule.shows_user => return Err(NeedsUser),
        None => &nobody,
    };
    let captures = match rule.shows_match {
        true => captures::captures(rule, asked),
        false => Captures::default(),
    };
    let values = Values {
        message: asked.message,
        user,
        moment: asked.moment,
        rest: captures::rest(rule, asked),
        captures: &captures,
        tidied: false,
    };
    let stored = Values {
        tidied: asked.folding.ignore_punctuation,
        ..values
    };
    Ok(Decision {
        rule: id,
        reply: rule.answer.render(&values, choose),
        changes: rule
            .changes
            .iter()
            .map(|change| change.render(&stored))
            .filter(|change| !adds_nothing(change))
            .collect(),
    })
}

/// Who writes the prefix alone leaves no item behind it.
fn adds_nothing(change: &Change) -> bool {
    matches!(change, Change::Add { item, .. } if item.is_empty())
}

impl ChangeTemplate {
    fn render(&self, values: &Values) -> Change {
        match self {
            ChangeTemplate::Set {
                key,
                value,
                expires,
            } => Change::Set {
                key: key.to_string(),
                value: value.render(values),
                expires: *expires,
            },
            ChangeTemplate::Add { key, item } => Change::Add {
                key: key.to_string(),
                item: item.render(values),
            },
            ChangeTemplate::Remove { key, item } => Change::Remove {
                key: key.to_string(),
                item: item.render(values),
            },
            ChangeTemplate::Clear { key } => Change::Clear {
                key: key.to_string(),
            },
            ChangeTemplate::ClearAll => Change::ClearAll,
        }
    }
}

#[cfg(test)]
mod tests;
