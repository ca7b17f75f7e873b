//! What is recorded of each delivery: counters, and one line for the log. No word of the
//! follower's is in it.

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::{ChangeError, Decision};
use crate::live_rules::Generation;
use crate::log_limit::LogLimit;
use crate::message::Message;
use crate::metrics::{Metrics, Outcome};
use crate::reply::Reply;
use crate::server::commit::CommitError;
use crate::server::pseudonym::Pseudonyms;
use crate::server::rule_counters::RuleCounters;
use crate::wechat::Degradation;

/// The lines about deliveries have a name of their own, to be asked for alone.
const TARGET: &str = "wxreply::delivery";

pub(super) struct DeliveryLog {
    metrics: Arc<Metrics>,
    counters: RuleCounters,
    pseudonyms: Pseudonyms,
    limit: LogLimit,
}

impl DeliveryLog {
    pub(super) fn new(metrics: Arc<Metrics>) -> DeliveryLog {
        DeliveryLog {
            metrics,
            counters: RuleCounters::default(),
            pseudonyms: Pseudonyms::new(),
            limit: LogLimit::default(),
        }
    }

    pub(super) fn decided(
        &self,
        generation: &Arc<Generation>,
        message: &Message,
        decision: &Decision,
        began: Instant,
    ) {
        let outcome = match (decision.rule, &decision.reply) {
            (None, _) => Outcome::NoRule,
            _ if decision.failure.is_some() => Outcome::RuleFailed,
            (Some(_), Reply::Silence) => Outcome::Silent,
            (Some(_), _) => Outcome::Answered,
        };
        if let Some(id) = decision.rule {
            self.counters.count(&self.metrics, generation, id);
        }
        let rule = author(generation, decision);
        if let Some(why) = &decision.failure {
            self.not_carried_out(message, rule, why);
        }
        self.delivered(outcome, Some(rule), message, began);
    }

    /// A delivery that was answered before, by a rule that is not kept.
    pub(super) fn repeated(&self, message: &Message, began: Instant) {
        self.delivered(Outcome::Repeated, None, message, began);
    }

    /// A message without a sender: there is nobody to answer.
    pub(super) fn anonymous(&self, message: &Message, began: Instant) {
        self.delivered(Outcome::NoRule, None, message, began);
    }

    fn delivered(&self, outcome: Outcome, rule: Option<&str>, message: &Message, began: Instant) {
        let took = began.elapsed();
        self.metrics.delivered(outcome, took);
        if !log::log_enabled!(target: TARGET, log::Level::Debug) {
            return;
        }
        let follower = self.pseudonyms.of(message.openid());
        let (word, micros) = (outcome.word(), took.as_micros());
        match rule {
            Some(rule) => log::debug!(
                target: TARGET,
                follower = follower.as_str(), rule, outcome = word, micros = micros;
                "follower {follower}: {word}, rule {rule}, {micros} µs"
            ),
            None => log::debug!(
                target: TARGET,
                follower = follower.as_str(), outcome = word, micros = micros;
                "follower {follower}: {word}, {micros} µs"
            ),
        }
    }

    /// A rule matched and could not be carried out: the follower got `on_error`.
    fn not_carried_out(&self, message: &Message, rule: &str, why: &ChangeError) {
        let Some(left_out) = self.limit.permit(&format!("{rule}: {why}")) else {
            return;
        };
        let follower = self.pseudonyms.of(message.openid());
        log::warn!(
            target: TARGET,
            follower = follower.as_str(), rule;
            "follower {follower} got on_error: rule {rule} cannot be carried out, \
             {why}{left_out}"
        );
    }

    /// The follower sees less than the rule replied, or nothing.
    pub(super) fn degraded(&self, message: &Message, rule: &str, degradation: Degradation) {
        if degradation.is_cut() {
            self.metrics.cut();
        }
        let Some(left_out) = self.limit.permit(&format!("{rule}: {degradation}")) else {
            return;
        };
        let follower = self.pseudonyms.of(message.openid());
        log::warn!(
            target: TARGET,
            follower = follower.as_str(), rule;
            "follower {follower} gets less than rule {rule} replied: {degradation}{left_out}"
        );
    }

    pub(super) fn failed(&self, message: &Message, why: &CommitError, began: Instant) {
        let took = began.elapsed();
        let outcome = match why {
            CommitError::OverBudget(_) => Outcome::OverBudget,
            why if why.is_late() => Outcome::TooLate,
            _ => Outcome::StoreFailed,
        };
        self.metrics.delivered(outcome, took);
        let Some(left_out) = self.limit.permit(why.label()) else {
            return;
        };
        let follower = self.pseudonyms.of(message.openid());
        let cause = why.source().map(|cause| format!(" ({cause})"));
        let cause = cause.unwrap_or_default();
        log::error!(
            target: TARGET,
            follower = follower.as_str(), outcome = outcome.word(), micros = took.as_micros();
            "follower {follower} got on_error: {why}{cause}{left_out}"
        );
    }
}

/// The rule that answered, as the log names it.
pub(super) fn author<'g>(generation: &'g Generation, decision: &Decision) -> &'g str {
    let rule = decision.rule.and_then(|id| generation.rules.rule(id));
    rule.map_or("none", |rule| &rule.name)
}
