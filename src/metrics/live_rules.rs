//! Metrics of the live rules.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::account::AccountLabel;
use crate::metrics::{Seconds, signed};

/// What is read anew of the rules of an account for each scrape.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RulesReading {
    pub generation: u64,
    pub rules: u64,
    pub loaded_unix_seconds: f64,
    pub reload_failures: u64,
    /// The files as they are now were refused.
    pub refused: bool,
    /// The rules are those that were kept before the start.
    pub is_last_good: bool,
    pub media_missing: u64,
}

pub(super) struct Live {
    generation: Family<AccountLabel, Gauge>,
    rules: Family<AccountLabel, Gauge>,
    loaded: Family<AccountLabel, Seconds>,
    failures: Family<AccountLabel, Counter>,
    refused: Family<AccountLabel, Gauge>,
    last_good: Family<AccountLabel, Gauge>,
    media_missing: Family<AccountLabel, Gauge>,
}

impl Live {
    pub(super) fn register(registry: &mut Registry) -> Live {
        let live = Live {
            generation: Family::default(),
            rules: Family::default(),
            loaded: Family::default(),
            failures: Family::default(),
            refused: Family::default(),
            last_good: Family::default(),
            media_missing: Family::default(),
        };
        registry.register(
            "rules_generation",
            "How many times rules went live since the program started",
            live.generation.clone(),
        );
        registry.register("rules", "Rules that are live", live.rules.clone());
        registry.register_with_unit(
            "rules_loaded_timestamp",
            "When the live rules went live",
            Unit::Seconds,
            live.loaded.clone(),
        );
        registry.register(
            "reload_failures",
            "Reloads whose files were refused",
            live.failures.clone(),
        );
        registry.register(
            "rules_refused",
            "1 while the files are refused and older rules answer",
            live.refused.clone(),
        );
        registry.register(
            "rules_last_good",
            "1 while the rules that were kept by --last-good answer, as the files were refused at the start",
            live.last_good.clone(),
        );
        registry.register(
            "media_missing",
            "Files that the live rules show and WeChat does not keep yet",
            live.media_missing.clone(),
        );
        live
    }

    pub(super) fn set(&self, account: &AccountLabel, reading: &RulesReading) {
        let set = |gauge: &Family<AccountLabel, Gauge>, value| {
            gauge.get_or_create(account).set(value);
        };
        set(&self.generation, signed(reading.generation));
        set(&self.rules, signed(reading.rules));
        set(&self.refused, i64::from(reading.refused));
        set(&self.last_good, i64::from(reading.is_last_good));
        set(&self.media_missing, signed(reading.media_missing));
        let loaded = self.loaded.get_or_create(account);
        loaded.set(reading.loaded_unix_seconds);
        let failures = self.failures.get_or_create(account);
        let failures = failures.inner();
        failures.store(reading.reload_failures, Ordering::Relaxed);
    }

    pub(super) fn leave(&self, account: &AccountLabel) {
        self.generation.remove(account);
        self.rules.remove(account);
        self.loaded.remove(account);
        self.failures.remove(account);
        self.refused.remove(account);
        self.last_good.remove(account);
        self.media_missing.remove(account);
    }
}
