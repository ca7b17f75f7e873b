//! How many accounts are answered, and whether their file is refused.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::metrics::{Unlabelled, signed};

/// What is read of an accounts file for each scrape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountsReading {
    pub answered: u64,
    pub reload_failures: u64,
    /// The file as it is now was refused.
    pub refused: bool,
}

/// The accounts file as a whole.
#[derive(Default)]
pub(super) struct OfFile {
    answered: Family<Unlabelled, Gauge>,
    failures: Family<Unlabelled, Counter>,
    refused: Family<Unlabelled, Gauge>,
}

impl OfFile {
    pub(super) fn register(registry: &mut Registry) -> OfFile {
        let of_file = OfFile::default();
        registry.register(
            "accounts",
            "Accounts that are answered",
            of_file.answered.clone(),
        );
        registry.register(
            "accounts_reload_failures",
            "Times that the accounts file or a secret was refused",
            of_file.failures.clone(),
        );
        registry.register(
            "accounts_refused",
            "1 while the accounts file or a secret is refused and the accounts from before are answered",
            of_file.refused.clone(),
        );
        of_file
    }

    pub(super) fn set(&self, reading: &AccountsReading) {
        let all = Unlabelled {};
        let answered = self.answered.get_or_create(&all);
        answered.set(signed(reading.answered));
        let failures = self.failures.get_or_create(&all);
        let failures = failures.inner();
        failures.store(reading.reload_failures, Ordering::Relaxed);
        let refused = self.refused.get_or_create(&all);
        refused.set(i64::from(reading.refused));
    }
}
