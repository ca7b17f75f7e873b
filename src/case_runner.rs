//! Runs the tests of a rule file through the engine. Knows neither files nor terminals.
//!
//! ```
//! use jiff::tz::TimeZone;
//! use wxreply::case_runner;
//! use wxreply::report;
//! use wxreply::rules::compile;
//! use wxreply::rules::parsed::ParsedSources;
//!
//! let text = "
//! rules:
//!   - { name: 营业时间, when: { contains: 营业 }, reply: 每天 9 点到 18 点 }
//!   - { name: 其他, reply: success }
//! tests:
//!   - { name: opening hours, send: 几点营业, expect: { rule: 营业时间 } }
//!   - { name: another wording, send: 几点开门, expect: { rule: 营业时间 } }
//! ";
//! let sources = ParsedSources::of_text("rules.yaml", text);
//! let rules = compile(&sources, &TimeZone::UTC, None).unwrap();
//! let outcome = case_runner::run(&rules);
//! assert_eq!((outcome.passed, outcome.failures.len()), (1, 1));
//! assert_eq!(outcome.reached.len(), 2);
//! let shown = report::failure(&outcome.failures[0], &rules, &sources);
//! assert!(shown.contains("another wording"));
//! ```

use std::collections::BTreeSet;

use serde_json::Value;

use crate::conversation::{Conversation, Exchange};
use crate::engine::{Decision, SkippedRule};
use crate::reply::Reply;
use crate::rules::condition::MatchContext;
use crate::rules::dialogue;
use crate::rules::{Case, ExpectedQuestion, ExpectedRule, RuleId, RuleSet, Turn};
use crate::service::Question;
use crate::user::{Stored, User};

/// The results of all tests of a rule set.
#[derive(Debug, Default)]
pub struct TestResults<'r> {
    pub passed: usize,
    /// Tests that expect a disabled rule.
    pub skipped: usize,
    pub failures: Vec<Failure<'r>>,
    /// The rules that answered in some test.
    pub reached: BTreeSet<RuleId>,
    /// Tests that passed only because of the time but do not set it, each with the rule that has
    /// hours or days.
    pub untimed: Vec<(&'r Case, RuleId)>,
}

/// A failed test, at its first failing turn.
#[derive(Debug)]
pub struct Failure<'r> {
    pub case: &'r Case,
    /// The turn of a talk, from 1; 0 if the test is not a talk.
    pub number: usize,
    pub turn: &'r Turn,
    pub decision: Decision,
    pub passed_over: Vec<SkippedRule>,
    /// What a service was asked.
    pub question: Option<Box<Question>>,
    /// A service that was asked, and of which the test has no answer.
    pub unanswerable: Option<String>,
    /// The stored values before and after the turn.
    pub before: User,
    pub after: User,
}

pub fn run(rules: &RuleSet) -> TestResults<'_> {
    let mut outcome = TestResults::default();
    let is_off = |name: &str| {
        let mut off = rules.rules.iter().filter(|rule| !rule.enabled);
        off.any(|rule| *rule.name == *name)
    };
    for case in &rules.cases {
        if case.expects_any(is_off) {
            outcome.skipped += 1;
            continue;
        }
        match run_case(rules, case, &mut outcome.reached) {
            Ok(untimed) => {
                outcome.passed += 1;
                outcome.untimed.extend(untimed.map(|rule| (case, rule)));
            }
            Err(failure) => outcome.failures.push(*failure),
        }
    }
    outcome
}

/// Returns the first rule that makes the test depend on a time it does not set, if there is one.
fn run_case<'r>(
    rules: &RuleSet,
    case: &'r Case,
    reached: &mut BTreeSet<RuleId>,
) -> Result<Option<RuleId>, Box<Failure<'r>>> {
    let mut conversation = Conversation::new(rules, case.user.clone());
    let mut untimed = None;
    for (index, turn) in case.turns.iter().enumerate() {
        let Turn {
            message,
            moment,
            answers,
            ..
        } = turn;
        let exchange = conversation.send(message, moment, answers, &mut |_| 0);
        reached.extend(exchange.decision.rule);
        if !turn.has_time && untimed.is_none() && !exchange.is_fetch {
            let folding = rules.settings.folding;
            let user = Some(&exchange.before);
            let asked = MatchContext::new(message, moment, user, folding);
            untimed = rules.decided_by_time(&asked);
        }
        if !turn.is_met(rules, &exchange) {
            return Err(Box::new(Failure {
                case,
                number: if case.turns.len() > 1 { index + 1 } else { 0 },
                turn,
                decision: exchange.decision,
                passed_over: exchange.passed_over,
                question: exchange.question,
                unanswerable: exchange.unanswerable,
                before: exchange.before,
                after: exchange.after,
            }));
        }
    }
    Ok(untimed)
}

impl Case {
    fn expects_any(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        self.turns.iter().any(|turn| match &turn.expected.rule {
            Some(ExpectedRule::Named(name)) => is_meant(name),
            _ => false,
        })
    }
}

impl Turn {
    fn is_met(&self, rules: &RuleSet, exchange: &Exchange) -> bool {
        let Exchange {
            decision, after, ..
        } = exchange;
        let name = decision.rule.and_then(|id| rules.rule(id));
        let name = name.map(|rule| &*rule.name);
        let rule = match &self.expected.rule {
            None => true,
            Some(ExpectedRule::None) => name.is_none(),
            Some(ExpectedRule::Named(wanted)) => name == Some(wanted),
        };
        rule && self.reply_is_met(&decision.reply)
            && exchange.unanswerable.is_none()
            && self.question_is_met(exchange.question.as_deref())
            && self.unmet_user(after).is_none()
            && self.unmet_step(after).is_none()
    }

    pub fn question_is_met(&self, question: Option<&Question>) -> bool {
        match (&self.expected.asked, question) {
            (None, _) | (Some(ExpectedQuestion::None), None) => true,
            (Some(ExpectedQuestion::Of { service, request }), Some(question)) => {
                let request = request.as_ref();
                **service == *question.service.name
                    && request.is_none_or(|wanted| is_within(wanted, &question.request))
            }
            _ => false,
        }
    }

    pub fn reply_is_met(&self, reply: &Reply) -> bool {
        self.expected
            .reply
            .as_ref()
            .is_none_or(|wanted| wanted == reply)
    }

    /// The expected and the actual step, if they differ; `None` is no step.
    pub fn unmet_step(&self, after: &User) -> Option<(Option<&str>, Option<String>)> {
        let wanted = self.expected.step.as_ref()?.as_deref();
        let found = dialogue::step(after);
        (found.as_deref() != wanted).then_some((wanted, found))
    }

    /// The first expected stored value that is not there.
    pub fn unmet_user(&self, after: &User) -> Option<&(String, Option<Stored>)> {
        let texts = |stored: &Stored| stored.texts().to_vec();
        self.expected
            .user
            .iter()
            .find(|(key, wanted)| after.get(key).map(texts) != wanted.as_ref().map(texts))
    }
}

/// Whether JSON has all that is wanted; a mapping may have more.
fn is_within(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted.iter().all(|(key, wanted)| {
            let found = found.get(key);
            found.is_some_and(|found| is_within(wanted, found))
        }),
        (Value::Array(wanted), Value::Array(found)) => {
            let mut pairs = wanted.iter().zip(found);
            wanted.len() == found.len() && pairs.all(|(wanted, found)| is_within(wanted, found))
        }
        (wanted, found) => wanted == found,
    }
}
