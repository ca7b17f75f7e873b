//! The rules that answer now.

use std::sync::atomic::Ordering;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::{Reading, Seconds, signed};

pub(super) struct Live {
    generation: Gauge,
    rules: Gauge,
    loaded: Seconds,
    failures: Counter,
    refused: Gauge,
    last_good: Gauge,
}

impl Live {
    pub(super) fn register(registry: &mut Registry) -> Live {
        let live = Live {
            generation: Gauge::default(),
            rules: Gauge::default(),
            loaded: Seconds::default(),
            failures: Counter::default(),
            refused: Gauge::default(),
            last_good: Gauge::default(),
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
        live
    }

    pub(super) fn set(&self, reading: &Reading) {
        self.generation.set(signed(reading.generation));
        self.rules.set(signed(reading.rules));
        self.loaded.set(reading.loaded_unix_seconds);
        let failures = self.failures.inner();
        failures.store(reading.reload_failures, Ordering::Relaxed);
        self.refused.set(i64::from(reading.refused));
        self.last_good.set(i64::from(reading.is_last_good));
    }
}
