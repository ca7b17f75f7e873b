//! Records each delivery: counters, and a line in the log, without anything the follower wrote.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::{Decision, RuleError};
use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::log_limit::LogLimit;
use crate::message::Message;
use crate::metrics::{AccountMetrics, DeliveryOutcome};
use crate::reply::Reply;
use crate::rules::RuleId;
use crate::server::commit::CommitError;
use crate::server::pseudonym::Pseudonyms;
use crate::server::rule_counters::RuleCounters;
use crate::wechat::Degradation;

/// A separate log target for lines about deliveries.
const TARGET: &str = "wxreply::delivery";

pub(super) struct DeliveryLog {
    /// Empty for the only account.
    account: Arc<str>,
    metrics: Arc<AccountMetrics>,
    counters: RuleCounters,
    pseudonyms: Pseudonyms,
    limit: LogLimit,
}

impl DeliveryLog {
    pub(super) fn new(account: Option<Arc<str>>, metrics: Arc<AccountMetrics>) -> DeliveryLog {
        DeliveryLog {
            account: account.unwrap_or_default(),
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
            (None, _) => DeliveryOutcome::NoRule,
            _ if decision.failure.is_some() => DeliveryOutcome::RuleFailed,
            (Some(_), Reply::Silence) => DeliveryOutcome::Silent,
            (Some(_), _) => DeliveryOutcome::Answered,
        };
        if let Some(id) = decision.rule {
            self.counters.count(&self.metrics, generation, id);
        }
        let rule = author(generation, decision.rule);
        if let Some(why) = &decision.failure {
            self.not_carried_out(message, rule, why);
        }
        self.delivered(outcome, Some(rule), message, began);
    }

    /// A delivery that waited for the answer of a service: to the question of this rule, or to one
    /// that was asked before.
    pub(super) fn waited(
        &self,
        generation: &Arc<Generation>,
        rule: Option<RuleId>,
        outcome: DeliveryOutcome,
        message: &Message,
        began: Instant,
    ) {
        // What is held is answered by another delivery.
        if let (Some(id), false) = (rule, outcome == DeliveryOutcome::Held) {
            self.counters.count(&self.metrics, generation, id);
        }
        let rule = rule.map_or("fetch", |id| author(generation, Some(id)));
        self.delivered(outcome, Some(rule), message, began);
    }

    /// A delivery that was answered before, by a rule that is not kept.
    pub(super) fn repeated(&self, message: &Message, began: Instant) {
        self.delivered(DeliveryOutcome::Repeated, None, message, began);
    }

    /// A message without a sender cannot be answered.
    pub(super) fn anonymous(&self, message: &Message, began: Instant) {
        self.delivered(DeliveryOutcome::NoRule, None, message, began);
    }

    fn delivered(
        &self,
        outcome: DeliveryOutcome,
        rule: Option<&str>,
        message: &Message,
        began: Instant,
    ) {
        let took = began.elapsed();
        self.metrics.delivered(outcome, took);
        if !log::log_enabled!(target: TARGET, log::Level::Debug) {
            return;
        }
        let (follower, account) = self.of(message);
        let (word, micros) = (outcome.word(), took.as_micros());
        let shown = micros.to_string();
        match rule {
            Some(rule) => log::debug!(
                target: TARGET,
                account = account, follower = follower.name.as_str(), rule, outcome = word, micros = micros;
                "{}",
                phrase!(log_delivered_by, follower = follower.to_string(), outcome = word, rule, micros = shown)
            ),
            None => log::debug!(
                target: TARGET,
                account = account, follower = follower.name.as_str(), outcome = word, micros = micros;
                "{}",
                phrase!(log_delivered, follower = follower.to_string(), outcome = word, micros = shown)
            ),
        }
    }

    fn of(&self, message: &Message) -> (LoggedFollower<'_>, &str) {
        let follower = LoggedFollower {
            name: self.pseudonyms.of(message.openid()),
            account: &self.account,
        };
        (follower, &self.account)
    }

    /// A rule matched and failed: the follower got `on_error`.
    fn not_carried_out(&self, message: &Message, rule: &str, why: &RuleError) {
        let Some(left_out) = self.limit.permit(&format!("{rule}: {why}")) else {
            return;
        };
        let (follower, account) = self.of(message);
        log::error!(
            target: TARGET,
            account = account, follower = follower.name.as_str(), rule;
            "{}{left_out}",
            phrase!(log_not_carried_out, follower = follower.to_string(), rule, why = why.to_string())
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
        let (follower, account) = self.of(message);
        log::warn!(
            target: TARGET,
            account = account, follower = follower.name.as_str(), rule;
            "{}{left_out}",
            phrase!(log_degraded, follower = follower.to_string(), rule, why = degradation.phrase())
        );
    }

    pub(super) fn failed(&self, message: &Message, why: &CommitError, began: Instant) {
        let took = began.elapsed();
        let outcome = match why {
            CommitError::OverBudget(_) => DeliveryOutcome::OverBudget,
            why if why.is_late() => DeliveryOutcome::TooLate,
            _ => DeliveryOutcome::StoreFailed,
        };
        self.metrics.delivered(outcome, took);
        let Some(left_out) = self.limit.permit(&why.cause()) else {
            return;
        };
        let (follower, account) = self.of(message);
        let cause = why.source().map(|cause| format!(" ({cause})"));
        let cause = cause.unwrap_or_default();
        log::error!(
            target: TARGET,
            account = account, follower = follower.name.as_str(), outcome = outcome.word(), micros = took.as_micros();
            "{}{cause}{left_out}",
            phrase!(log_failed, follower = follower.to_string(), why = why.to_string())
        );
    }
}

/// A follower, as the log names it.
struct LoggedFollower<'l> {
    name: String,
    account: &'l str,
}

impl fmt::Display for LoggedFollower<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        let said = match self.account {
            "" => phrase!(log_follower, name),
            account => phrase!(log_follower_of, name, account),
        };
        said.fmt(formatter)
    }
}

/// The rule that answered, as the log names it.
pub(super) fn author(generation: &Generation, rule: Option<RuleId>) -> &str {
    let rule = rule.and_then(|id| generation.rules.rule(id));
    rule.map_or("none", |rule| &rule.name)
}
