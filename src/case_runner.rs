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

use crate::engine;
use crate::engine::{Decision, SkippedRule};
use crate::reply::Reply;
use crate::rules::condition::MatchContext;
use crate::rules::dialogue;
use crate::rules::{Case, ExpectedRule, RuleId, RuleSet, Turn};
use crate::user::{Stored, TimedUser, User};

/// What came of all tests of a rule set.
#[derive(Debug, Default)]
pub struct Outcome<'r> {
    pub passed: usize,
    /// Tests that expect a rule that is switched off.
    pub skipped: usize,
    pub failures: Vec<Failure<'r>>,
    /// The rules that answered in some test.
    pub reached: BTreeSet<RuleId>,
    /// Tests that passed because of the time and do not say which time they mean, each with the
    /// rule that has hours or days.
    pub untimed: Vec<(&'r Case, RuleId)>,
}

/// A test that did not come out as expected, at its first turn that did not.
#[derive(Debug)]
pub struct Failure<'r> {
    pub case: &'r Case,
    /// Which turn of a talk, from 1; 0 when the test is no talk.
    pub number: usize,
    pub turn: &'r Turn,
    pub decision: Decision,
    pub passed_over: Vec<SkippedRule>,
    /// What is stored of the follower before the turn, and after it.
    pub before: User,
    pub after: User,
}

pub fn run(rules: &RuleSet) -> Outcome<'_> {
    let mut outcome = Outcome::default();
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

/// The first rule by which it hangs on a time that the test does not name, if there is one.
fn run_case<'r>(
    rules: &RuleSet,
    case: &'r Case,
    reached: &mut BTreeSet<RuleId>,
) -> Result<Option<RuleId>, Box<Failure<'r>>> {
    let mut user = TimedUser::new(case.user.clone());
    let mut untimed = None;
    for (index, turn) in case.turns.iter().enumerate() {
        let now = turn.moment.unix_seconds();
        let before = user.at(now).clone();
        let (decision, passed_over) =
            engine::explain(rules, &turn.message, &turn.moment, &before, &mut |_| 0);
        reached.extend(decision.rule);
        if !turn.has_time && untimed.is_none() {
            let folding = rules.settings.folding;
            let asked = MatchContext::new(&turn.message, &turn.moment, Some(&before), folding);
            untimed = rules.decided_by_time(&asked);
        }
        decision
            .changes
            .iter()
            .for_each(|change| user.apply(change, now));
        let after = user.at(now);
        if !turn.is_met(rules, &decision, after) {
            return Err(Box::new(Failure {
                case,
                number: if case.turns.len() > 1 { index + 1 } else { 0 },
                turn,
                decision,
                passed_over,
                before,
                after: after.clone(),
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
    fn is_met(&self, rules: &RuleSet, decision: &Decision, after: &User) -> bool {
        let name = decision.rule.and_then(|id| rules.rule(id));
        let name = name.map(|rule| &*rule.name);
        let rule = match &self.expected.rule {
            None => true,
            Some(ExpectedRule::None) => name.is_none(),
            Some(ExpectedRule::Named(wanted)) => name == Some(wanted),
        };
        rule && self.reply_is_met(&decision.reply)
            && self.unmet_user(after).is_none()
            && self.unmet_step(after).is_none()
    }

    pub fn reply_is_met(&self, reply: &Reply) -> bool {
        self.expected
            .reply
            .as_ref()
            .is_none_or(|wanted| wanted == reply)
    }

    /// The step that was expected and the one that is, where they differ; none is no step.
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
