//! What is written down of each delivery: counters, and one line for the log. No word of the
//! follower's is in it.

use std::error::Error;
use std::time::{Duration, Instant};

use crate::engine::Decision;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::metrics::Outcome;
use crate::reply::Reply;
use crate::server::commit::CommitError;
use crate::server::{State, rule_counters};
use crate::wechat::Degradation;

/// The lines about deliveries have a name of their own, to be asked for alone.
const TARGET: &str = "wxreply::delivery";

/// Why a follower got `on_error`.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error(transparent)]
    CommitError(#[from] CommitError),
    #[error("not done within {0:?}")]
    TooLate(Duration),
}

pub(super) fn decided(
    state: &State,
    generation: &Generation,
    message: &Message,
    decision: &Decision,
    began: Instant,
) {
    let took = began.elapsed();
    let outcome = match (decision.rule, &decision.reply) {
        (None, _) => Outcome::NoRule,
        (Some(_), Reply::Silence) => Outcome::Silent,
        (Some(_), _) => Outcome::Answered,
    };
    state.metrics.delivered(outcome, took);
    if let Some(id) = decision.rule {
        rule_counters::count(&state.metrics, generation, id);
    }
    if log::log_enabled!(target: TARGET, log::Level::Debug) {
        let rule = author(generation, decision);
        let follower = state.pseudonyms.of(message.openid());
        let (word, micros) = (outcome.word(), took.as_micros());
        log::debug!(
            target: TARGET,
            follower = follower.as_str(), rule, outcome = word, micros = micros;
            "follower {follower}: {word}, rule {rule}, {micros} µs"
        );
    }
}

/// The rule that answered, as `degraded` names it.
pub(super) fn author<'g>(generation: &'g Generation, decision: &Decision) -> &'g str {
    let rule = decision.rule.and_then(|id| generation.rules.rule(id));
    rule.map_or("none", |rule| &rule.name)
}

/// The follower sees less than the rule replied, or nothing.
pub(super) fn degraded(state: &State, message: &Message, rule: &str, degradation: Degradation) {
    if degradation.is_cut() {
        state.metrics.cut();
    }
    let follower = state.pseudonyms.of(message.openid());
    log::warn!(
        target: TARGET,
        follower = follower.as_str(), rule;
        "follower {follower} gets less than rule {rule} replied: {degradation}"
    );
}

/// A delivery that was answered before, by a rule that is not kept.
pub(super) fn repeated(state: &State, message: &Message, began: Instant) {
    let took = began.elapsed();
    state.metrics.delivered(Outcome::Repeated, took);
    if log::log_enabled!(target: TARGET, log::Level::Debug) {
        let follower = state.pseudonyms.of(message.openid());
        let (word, micros) = (Outcome::Repeated.word(), took.as_micros());
        log::debug!(
            target: TARGET,
            follower = follower.as_str(), outcome = word, micros = micros;
            "follower {follower}: {word}, {micros} µs"
        );
    }
}

pub(super) fn failed(state: &State, message: &Message, why: &Failed, began: Instant) {
    let took = began.elapsed();
    let outcome = match why {
        Failed::CommitError(_) => Outcome::StoreFailed,
        Failed::TooLate(_) => Outcome::TooLate,
    };
    state.metrics.delivered(outcome, took);
    let follower = state.pseudonyms.of(message.openid());
    let cause = why.source().map(|cause| format!(" ({cause})"));
    let cause = cause.unwrap_or_default();
    log::error!(
        target: TARGET,
        follower = follower.as_str(), outcome = outcome.word(), micros = took.as_micros();
        "follower {follower} got on_error: {why}{cause}"
    );
}
