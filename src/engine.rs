//! Decides which rule answers a message, and with what. Knows no XML, HTTP, SQL or YAML; reads no
//! clock and uses no randomness.
//!
//! ```
//! use jiff::civil::date;
//! use jiff::tz::TimeZone;
//! use wxreply::engine::{self, Undecided};
//! use wxreply::message::Message;
//! use wxreply::moment::Moment;
//! use wxreply::reply::Reply;
//! use wxreply::rules::budget::DecisionBudget;
//! use wxreply::rules::parsed::ParsedSources;
//! use wxreply::user::User;
//!
//! let text = "
//! rules:
//!   - { name: 订阅, when: { prefix: 订阅 }, add: { stocks: <rest> }, reply: 已订阅 <rest> }
//!   - { name: 我的订阅, when: { equals: 我的订阅 }, reply: <user.stocks|还没有> }
//! ";
//! let sources = ParsedSources::of_text("rules.yaml", text);
//! let rules = wxreply::rules::compile(&sources, &TimeZone::UTC, None).unwrap();
//! let unlimited = DecisionBudget::unlimited();
//! let noon = Moment::local(date(2026, 1, 2).at(12, 0, 0, 0), &TimeZone::UTC).unwrap();
//! let message = |text| Message::new("text").with("Content", text);
//! let mut user = User::default();
//! // Used by `random` replies.
//! let mut first = |_| 0;
//!
//! let subscribe = message("订阅 600519");
//! let decision =
//!     engine::decide(&rules, &subscribe, &noon, None, &mut first, &unlimited).unwrap();
//! assert_eq!(decision.reply, Reply::Text("已订阅 600519".to_owned()));
//! for change in &decision.changes {
//!     user.apply(change);
//! }
//!
//! // An answer that depends on stored values needs the user.
//! let list = message("我的订阅");
//! let undecided =
//!     engine::decide(&rules, &list, &noon, None, &mut first, &unlimited).unwrap_err();
//! assert_eq!(undecided, Undecided::NeedsUser);
//! let (decision, skipped) = engine::explain(&rules, &list, &noon, &user, &mut first);
//! assert_eq!(decision.reply, Reply::Text("600519".to_owned()));
//! assert_eq!(skipped.len(), 1);
//! ```

mod asking;
mod captures;
mod changes;

pub use crate::engine::captures::captured;
pub use crate::engine::changes::RuleError;

use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::budget::DecisionBudget;
use crate::rules::condition::{MatchContext, Mismatch};
use crate::rules::template::{Captures, Values};
use crate::rules::values::Answered;
use crate::rules::{Rule, RuleId, RuleSet, dialogue, service_reply};
use crate::service::{Question, ServiceAnswer, ServiceError};
use crate::user::{Change, User};

/// What to do with a message. Callers use it as an answer to WeChat, as the result of a test, or to
/// explain it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The rule that answers; none when no rule matched.
    pub rule: Option<RuleId>,
    pub reply: Reply,
    pub changes: Vec<Change>,
    /// Why the rule failed; the reply is then `on_error`, and nothing changes.
    pub failure: Option<RuleError>,
    /// What is to be asked of a service before there is a reply: until then the reply is silence,
    /// and nothing changes. `complete` makes the decision of its answer.
    pub question: Option<Box<Question>>,
    /// Why the service that was asked gave no answer; the reply is what `failed` says, and nothing
    /// changes.
    pub unanswered: Option<ServiceError>,
}

impl Decision {
    /// No rule answers.
    pub(crate) const NONE: Decision = Decision {
        rule: None,
        reply: Reply::Silence,
        changes: Vec::new(),
        failure: None,
        question: None,
        unanswered: None,
    };

    /// Whether it is final only once something is stored, or a service has answered.
    pub(crate) fn needs_store(&self) -> bool {
        !self.changes.is_empty() || self.question.is_some()
    }
}

/// Why there is no decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// It depends on stored values: look the user up and decide again.
    NeedsUser,
    /// The budget was spent before a rule answered; these rules took most of it.
    OverBudget(Vec<RuleId>),
}

/// A rule that was checked and did not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SkippedRule {
    pub rule: RuleId,
    pub miss: Mismatch,
}

/// Chooses a number below the given one.
pub type Choose<'d> = &'d mut dyn FnMut(usize) -> usize;

/// Decides by the first rule that matches. Without a user, decides only what does not depend on
/// stored values.
pub fn decide(
    rules: &RuleSet,
    message: &Message,
    moment: &Moment,
    user: Option<&User>,
    choose: Choose,
    budget: &DecisionBudget,
) -> Result<Decision, Undecided> {
    let asked = MatchContext::new(message, moment, user, rules.settings.folding).within(budget);
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
    // With a user given, nothing needs one.
    let decision = decision.unwrap_or(Decision::NONE);
    (decision, passed_over)
}

/// Who asked a question.
#[derive(Clone, Copy)]
pub struct AskedBy<'f> {
    /// The follower as they are now.
    pub user: &'f User,
    /// The dialogue in which they asked.
    pub dialogue: Option<&'f str>,
}

impl<'f> AskedBy<'f> {
    pub fn now(user: &'f User, question: &'f Question) -> AskedBy<'f> {
        let dialogue = question.dialogue.as_deref();
        AskedBy { user, dialogue }
    }
}

/// What becomes of a question: the decision of the rule that asked it, once the service has
/// answered or is known to have failed. `message` and `moment` are those of the question, from
/// which all that the conditions found is worked out again. A dialogue that asked is completed with
/// its own answers, and one that the follower has begun meanwhile goes on.
pub fn complete(
    rules: &RuleSet,
    id: RuleId,
    message: &Message,
    moment: &Moment,
    by: AskedBy,
    answer: Result<ServiceAnswer, ServiceError>,
    choose: Choose,
) -> Decision {
    let Some(rule) = rules.rule(id) else {
        return Decision::NONE;
    };
    let now = dialogue::stored(by.user);
    let is_over = rule.part.is_some() && !dialogue::are_one(now, by.dialogue);
    let user = match is_over {
        true => &dialogue::put_into(by.user, by.dialogue),
        false => by.user,
    };
    let asked = MatchContext::new(message, moment, Some(user), rules.settings.folding);
    let mut decision = carry_out(rules, id, rule, &asked, user, Some(answer), choose);
    if is_over {
        let is_of_dialogue = |change: &Change| change.key() == Some(dialogue::KEY);
        decision.changes.retain(|change| !is_of_dialogue(change));
    }
    decision
}

/// The outcome of a rule: it answers, it is not known yet, or it is skipped.
fn ask(
    id: RuleId,
    rule: &Rule,
    asked: &MatchContext,
    mut passed_over: impl FnMut(SkippedRule),
) -> Option<Result<RuleId, Undecided>> {
    let budget = asked.budget;
    if let Some(budget) = budget {
        budget.begin(id);
    }
    let checked = rule.check(asked);
    if let Some(budget) = budget.filter(|budget| budget.is_spent()) {
        return Some(Err(Undecided::OverBudget(budget.slowest())));
    }
    match checked {
        Ok(()) => Some(Ok(id)),
        Err(Mismatch::NeedsUser) => Some(Err(Undecided::NeedsUser)),
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
) -> Result<Decision, Undecided> {
    let Some((id, rule)) = id.and_then(|id| Some((id, rules.rule(id)?))) else {
        return Ok(Decision::NONE);
    };
    let nobody = User::default();
    let user = match asked.user {
        Some(user) => user,
        None if rule.shows_user => return Err(Undecided::NeedsUser),
        None => &nobody,
    };
    Ok(carry_out(rules, id, rule, asked, user, None, choose))
}

/// What a rule that answers says; with what its service has answered, if it was asked.
fn carry_out(
    rules: &RuleSet,
    id: RuleId,
    rule: &Rule,
    asked: &MatchContext,
    user: &User,
    answer: Option<Result<ServiceAnswer, ServiceError>>,
    choose: Choose,
) -> Decision {
    let decision = Decision {
        rule: Some(id),
        ..Decision::NONE
    };
    let captures = match rule.shows_match {
        true => captures::captures(rule, asked),
        false => Captures::default(),
    };
    let mut values = Values {
        message: asked.message,
        user,
        changed: user,
        progress: None,
        moment: asked.moment,
        rest: captures::rest(rule, asked),
        captures: &captures,
        answer: None,
        tidied: false,
    };
    let progress = changes::progress(rule, &values, asked);
    values.progress = progress.as_ref();
    let Some(ask) = &rule.ask else {
        return answered(rules, rule, values, asked, decision, choose);
    };
    let Some(answer) = answer else {
        return Decision {
            question: Some(Box::new(asking::question(ask, &values))),
            ..decision
        };
    };
    let failed = |error, choose: Choose| {
        let answer = ask.failed.answer(error);
        let on_error = || rules.settings.on_error.clone();
        Decision {
            reply: answer.map_or_else(on_error, |answer| answer.render(&values, choose)),
            unanswered: Some(error),
            ..decision.clone()
        }
    };
    let value = match asking::usable(ask, answer) {
        Ok(value) => value,
        Err(error) => return failed(error, choose),
    };
    let said = match ask.answers_as_rule {
        false => None,
        true => match service_reply::read(&value) {
            Some(said) => Some(said),
            None => return failed(ServiceError::NotJson, choose),
        },
    };
    let values = Values {
        answer: Some(Answered {
            value: &value,
            is_of_model: ask.is_of_model(),
        }),
        ..values
    };
    let mut decision = answered(rules, rule, values, asked, decision, choose);
    if let (Some((reply, changes)), None) = (said, &decision.failure) {
        decision.reply = reply;
        decision.changes.extend(changes);
    }
    if let (Reply::Text(text), Some(label)) = (&mut decision.reply, asking::label(ask)) {
        text.insert_str(0, label);
    }
    decision
}

/// The reply of a rule and what it changes.
fn answered(
    rules: &RuleSet,
    rule: &Rule,
    values: Values,
    asked: &MatchContext,
    decision: Decision,
    choose: Choose,
) -> Decision {
    let mut changed = rule.shows_changes.then(|| values.user.clone());
    let changes = match changes::render(rule, &values, asked.folding, changed.as_mut()) {
        Ok(changes) => changes,
        Err(error) => {
            return Decision {
                reply: rules.settings.on_error.clone(),
                failure: Some(error),
                ..decision
            };
        }
    };
    let values = Values {
        changed: changed.as_ref().unwrap_or(values.user),
        ..values
    };
    Decision {
        reply: rule.answer.render(&values, choose),
        changes,
        ..decision
    }
}

#[cfg(test)]
mod tests;
