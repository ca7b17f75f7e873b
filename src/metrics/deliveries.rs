//! Outcomes and durations of verified messages.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::SECONDS;
use crate::metrics::account::AccountLabel;

/// How the answer to a verified delivery came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeliveryOutcome {
    /// A rule answered with content.
    Answered,
    /// A service is asked; WeChat got nothing, and delivers again.
    Held,
    /// A service is asked; the follower got `slow`.
    Slow,
    /// A rule answered with `success`.
    Silent,
    /// No rule matched.
    NoRule,
    /// WeChat delivered again what was answered before; it got the same answer.
    Repeated,
    /// The database failed; the follower got `on_error`.
    StoreFailed,
    /// A rule failed; the follower got `on_error`.
    RuleFailed,
    /// Deciding took too long; the follower got `on_error`.
    OverBudget,
    /// The deadline passed; the follower got `on_error`.
    TooLate,
}

impl DeliveryOutcome {
    /// In the order in which they are declared.
    const ALL: [DeliveryOutcome; 10] = [
        DeliveryOutcome::Answered,
        DeliveryOutcome::Held,
        DeliveryOutcome::Slow,
        DeliveryOutcome::Silent,
        DeliveryOutcome::NoRule,
        DeliveryOutcome::Repeated,
        DeliveryOutcome::StoreFailed,
        DeliveryOutcome::RuleFailed,
        DeliveryOutcome::OverBudget,
        DeliveryOutcome::TooLate,
    ];

    /// The word that the label has.
    pub(crate) fn word(self) -> &'static str {
        match self {
            DeliveryOutcome::Answered => "answered",
            DeliveryOutcome::Held => "held",
            DeliveryOutcome::Slow => "slow",
            DeliveryOutcome::Silent => "silent",
            DeliveryOutcome::NoRule => "no_rule",
            DeliveryOutcome::Repeated => "repeated",
            DeliveryOutcome::StoreFailed => "store_failed",
            DeliveryOutcome::RuleFailed => "rule_failed",
            DeliveryOutcome::OverBudget => "over_budget",
            DeliveryOutcome::TooLate => "too_late",
        }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

pub(super) struct Deliveries {
    outcomes: Family<(AccountLabel, ByOutcome), Counter>,
    seconds: Family<AccountLabel, Histogram, fn() -> Histogram>,
}

/// Those of one account.
pub(super) struct DeliveriesOf {
    /// In the order of `DeliveryOutcome::ALL`: counting one looks nothing up.
    counters: [Counter; DeliveryOutcome::ALL.len()],
    seconds: Histogram,
}

impl Deliveries {
    pub(super) fn register(registry: &mut Registry) -> Deliveries {
        let deliveries = Deliveries {
            outcomes: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
        };
        registry.register(
            "deliveries",
            "Verified messages by what came of them",
            deliveries.outcomes.clone(),
        );
        registry.register_with_unit(
            "delivery",
            "From the head of a request to its finished answer",
            Unit::Seconds,
            deliveries.seconds.clone(),
        );
        deliveries
    }

    pub(super) fn of(&self, account: &AccountLabel) -> DeliveriesOf {
        DeliveriesOf {
            counters: labels(account).map(|label| self.outcomes.get_or_create_owned(&label)),
            seconds: self.seconds.get_or_create_owned(account),
        }
    }

    pub(super) fn leave(&self, account: &AccountLabel) {
        for label in labels(account) {
            self.outcomes.remove(&label);
        }
        self.seconds.remove(account);
    }
}

fn labels(account: &AccountLabel) -> [(AccountLabel, ByOutcome); DeliveryOutcome::ALL.len()] {
    DeliveryOutcome::ALL.map(|outcome| {
        let outcome = outcome.word();
        (account.clone(), ByOutcome { outcome })
    })
}

impl DeliveriesOf {
    pub(super) fn count(&self, outcome: DeliveryOutcome, took: Duration) {
        if let Some(counter) = self.counters.get(outcome as usize) {
            counter.inc();
        }
        self.seconds.observe(took.as_secs_f64());
    }
}
