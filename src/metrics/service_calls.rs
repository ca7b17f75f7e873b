//! What services were asked, how long that took, what it cost, and why there was no answer.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::lock::lock;
use crate::metrics::account::AccountLabel;
use crate::metrics::account_counters::AccountCounters;

/// From an endpoint next door up to the longest that a service may take.
const SECONDS: [f64; 13] = [
    0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 120.0,
];

/// So many services are counted by name; those that are asked first later share one series.
const MAX_SERVICES: usize = 1000;

/// Their name.
const OTHERS: &str = "(others)";

/// A question to a service that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceAsked {
    pub took: Duration,
    /// That were made for it.
    pub calls: u32,
    pub tokens: u64,
    /// Why there is no answer, as a word.
    pub error: Option<&'static str>,
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
    failures: AccountCounters<(ServiceName, ServiceFailure)>,
    names: Mutex<HashMap<AccountLabel, HashSet<String>>>,
}

impl ServiceCalls {
    pub(super) fn register(registry: &mut Registry) -> ServiceCalls {
        let calls = ServiceCalls {
            calls: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            tokens: Family::default(),
            failures: AccountCounters::default(),
            names: Mutex::default(),
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
            calls.failures.family.clone(),
        );
        calls
    }

    pub(super) fn count(&self, account: &AccountLabel, service: &str, asked: &ServiceAsked) {
        let label = self.label(account, service);
        self.calls.get_or_create(&label).inc_by(asked.calls.into());
        let seconds = asked.took.as_secs_f64();
        self.seconds.get_or_create(&label).observe(seconds);
        self.tokens.get_or_create(&label).inc_by(asked.tokens);
        if let Some(error) = asked.error {
            let (account, service) = label;
            let failure = (service, ServiceFailure { error });
            self.failures.count(&account, failure);
        }
    }

    fn label(&self, account: &AccountLabel, service: &str) -> Label {
        let label = |account, service: &str| {
            let service = service.to_owned();
            (account, ServiceName { service })
        };
        let mut names = lock(&self.names);
        let of_account = names.get(account);
        if !of_account.is_some_and(|names| names.contains(service)) {
            if names.values().map(HashSet::len).sum::<usize>() >= MAX_SERVICES {
                return label(AccountLabel(None), OTHERS);
            }
            let of_account = names.entry(account.clone()).or_default();
            of_account.insert(service.to_owned());
        }
        label(account.clone(), service)
    }

    /// Makes room for the services of others, too.
    pub(super) fn leave(&self, account: &AccountLabel) {
        let mut names = lock(&self.names);
        for service in names.remove(account).unwrap_or_default() {
            let label = (account.clone(), ServiceName { service });
            self.calls.remove(&label);
            self.seconds.remove(&label);
            self.tokens.remove(&label);
        }
        self.failures.leave(account);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::metrics::{Metrics, ServiceAsked};

    use super::*;

    #[test]
    fn an_account_that_is_gone_makes_room_for_the_services_of_others() {
        let metrics = Metrics::default();
        let of = |name: &str| metrics.account(Some(Arc::from(name)));
        let (books, flowers) = (of("books"), of("flowers"));
        let asked = ServiceAsked {
            took: Duration::from_secs(1),
            calls: 1,
            tokens: 0,
            error: Some("timeout"),
        };
        for number in 0..MAX_SERVICES {
            books.service_asked(&format!("s{number}"), &asked);
        }
        flowers.service_asked("early", &asked);
        books.leave();
        flowers.service_asked("late", &asked);
        // Of a question that was still under way.
        books.service_asked("s0", &asked);
        let page = metrics.write(&Default::default()).unwrap();
        assert!(!page.contains("account=\"books\""), "{page}");
        for (series, is_there) in [
            ("calls_total{service=\"(others)\"} 1", true),
            ("calls_total{account=\"flowers\",service=\"early\"}", false),
            ("calls_total{account=\"flowers\",service=\"late\"} 1", true),
            (
                "failures_total{account=\"flowers\",service=\"late\",error=\"timeout\"} 1",
                true,
            ),
        ] {
            let series = format!("\nwxreply_service_{series}");
            assert_eq!(page.contains(&series), is_there, "{series}\n{page}");
        }
    }
}
