//! Which rule answers a message, and with what. Knows no XML, HTTP, SQL or YAML; reads no clock
//! and rolls no dice.

mod found;

pub use crate::engine::found::found;

use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::ChangeTemplate;
use crate::rules::Rule;
use crate::rules::RuleId;
use crate::rules::RuleSet;
use crate::rules::condition::Asked;
use crate::rules::condition::Miss;
use crate::rules::template::Captures;
use crate::rules::template::Values;
use crate::user::Change;
use crate::user::User;

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
pub struct PassedOver {
    pub rule: RuleId,
    pub miss: Miss,
}

/// Picks a number below the one it is given.
pub type Dice<'d> = &'d mut dyn FnMut(usize) -> usize;

/// The first rule that matches decides. Without a user, everything is decided for which none is
/// needed.
pub fn decide(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: Option<&User>,
    dice: Dice,
) -> Result<Decision, NeedsUser> {
    let asked = Asked::new(message, moment, user, rules.settings.folding);
    let rule = rules.ask_candidates(&asked, |id, rule| ask(id, rule, &asked, |_| ()));
    let rule = rule.transpose()?;
    finish(rules, rule, &asked, dice)
}

/// The same decision, with every earlier rule and why it did not match.
pub fn explain(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: &User,
    dice: Dice,
) -> (Decision, Vec<PassedOver>) {
    let asked = Asked::new(message, moment, Some(user), rules.settings.folding);
    let mut passed_over = Vec::new();
    let rule = rules.ask_all(|id, rule| ask(id, rule, &asked, |passed| passed_over.push(passed)));
    let decision = rule
        .transpose()
        .and_then(|rule| finish(rules, rule, &asked, dice));
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
    asked: &Asked,
    mut passed_over: impl FnMut(PassedOver),
) -> Option<Result<RuleId, NeedsUser>> {
    match rule.check(asked) {
        Ok(()) => Some(Ok(id)),
        Err(Miss::NeedsUser) => Some(Err(NeedsUser)),
        Err(miss) => {
            passed_over(PassedOver { rule: id, miss });
            None
        }
    }
}

fn finish(
    rules: &RuleSet,
    id: Option<RuleId>,
    asked: &Asked,
    dice: Dice,
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
        true => found::captures(rule, asked),
        false => Captures::default(),
    };
    let values = Values {
        message: asked.message,
        user,
        moment: asked.moment,
        rest: found::rest(rule, asked),
        captures: &captures,
    };
    Ok(Decision {
        rule: id,
        reply: rule.answer.render(&values, dice),
        changes: rule
            .changes
            .iter()
            .map(|change| change.render(&values))
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
