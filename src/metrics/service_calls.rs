//! What services were asked, how long that took, what it cost, and why there was no answer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::account::AccountLabel;

/// From an endpoint next door up to the longest that a service may take.
const SECONDS: [f64; 13] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 120.0,
];

/// So many services are counted by name; those that are asked first later share one series.
const MAX_SERVICES: usize = 1000;

/// Their name.
const OTHERS: &str = "(others)";

/// Counts the questions to one service; cheap to keep and to use.
#[derive(Clone)]
pub(crate) struct ServiceCounter {
    label: Label,
    calls: Counter,
    seconds: Histogram,
    tokens: Counter,
    failures: Family<(Label, ServiceFailure), Counter>,
}

impl ServiceCounter {
    /// A question with the calls that were made for it.
    pub(crate) fn count(&self, took: Duration, calls: u32, error: Option<&'static str>) {
        self.calls.inc_by(calls.into());
        self.seconds.observe(took.as_secs_f64());
        if let Some(error) = error {
            let label = (self.label.clone(), ServiceFailure { error });
            self.failures.get_or_create(&label).inc();
        }
    }

    pub(crate) fn spent(&self, tokens: u64) {
        self.tokens.inc_by(tokens);
    }
}

type Label = (AccountLabel, ServiceName);

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ServiceName {
    service: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ServiceFailure {
    error: &'static str,
}

pub(super) struct ServiceCalls {
    calls: Family<Label, Counter>,
    seconds: Family<Label, Histogram, fn() -> Histogram>,
    tokens: Family<Label, Counter>,
    failures: Family<(Label, ServiceFailure), Counter>,
    names: AtomicUsize,
}

impl ServiceCalls {
    pub(super) fn register(registry: &mut Registry) -> ServiceCalls {
        let calls = ServiceCalls {
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            tokens: Family::default(),
            failures: Family::default(),
            names: AtomicUsize::new(0),
        };
        registry.register(
            "service_calls",
            "Calls of services, each retry counted",
            calls.calls.clone(),
        );
        registry.register_with_unit(
            "service",
            "What a question to a service took, waiting and retries included",
            Unit::Seconds,
            calls.seconds.clone(),
        );
        registry.register(
            "service_tokens",
            "What language models said that questions cost",
            calls.tokens.clone(),
        );
        registry.register(
            "service_failures",
            "Questions without an answer that could be used, by error",
            calls.failures.clone(),
        );
        calls
    }

    pub(super) fn of(&self, account: &str, service: &str) -> ServiceCounter {
        let label = |account, service: &str| {
            let service = service.to_owned();
            (AccountLabel(account), ServiceName { service })
        };
        let known = label((!account.is_empty()).then(|| account.into()), service);
        let is_new = self.calls.get(&known).is_none();
        let has_room = !is_new || self.names.fetch_add(1, Ordering::Relaxed) < MAX_SERVICES;
        let label = match has_room {
            true => known,
            false => label(None, OTHERS),
        };
        ServiceCounter {
            calls: self.calls.get_or_create_owned(&label),
            seconds: self.seconds.get_or_create_owned(&label),
            tokens: self.tokens.get_or_create_owned(&label),
            failures: self.failures.clone(),
            label,
        }
    }
}
