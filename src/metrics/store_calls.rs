//! Database operations: count, duration and failures.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::SECONDS;

/// What is asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreOperation {
    Recall,
    Remember,
    Sweep,
    /// All that concerns a question; its time is that of the service.
    Question,
}

impl StoreOperation {
    const ALL: [StoreOperation; 3] = [
        StoreOperation::Recall,
        StoreOperation::Remember,
        StoreOperation::Sweep,
    ];

    fn label(self) -> Operation {
        let operation = match self {
            StoreOperation::Recall => "recall",
            StoreOperation::Remember => "remember",
            StoreOperation::Sweep => "sweep",
            StoreOperation::Question => "question",
        };
        Operation { operation }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StoreFailure {
    operation: &'static str,
    error: &'static str,
}

pub(super) struct StoreCalls {
    seconds: Family<Operation, Histogram, fn() -> Histogram>,
    errors: Family<StoreFailure, Counter>,
}

impl StoreCalls {
    pub(super) fn register(registry: &mut Registry) -> StoreCalls {
        let calls = StoreCalls {
            seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            errors: Family::default(),
        };
        registry.register_with_unit(
            "store",
            "What the database took, by operation",
            Unit::Seconds,
            calls.seconds.clone(),
        );
        registry.register(
            "store_errors",
            "What the database could not do, by operation and error",
            calls.errors.clone(),
        );
        for operation in StoreOperation::ALL {
            drop(calls.seconds.get_or_create(&operation.label()));
        }
        calls
    }

    pub(super) fn count(
        &self,
        operation: StoreOperation,
        took: Duration,
        error: Option<&'static str>,
    ) {
        if let Some(error) = error {
            self.fail(operation, error);
        }
        let histogram = self.seconds.get_or_create(&operation.label());
        histogram.observe(took.as_secs_f64());
    }

    pub(super) fn fail(&self, operation: StoreOperation, error: &'static str) {
        let Operation { operation } = operation.label();
        let label = StoreFailure { operation, error };
        self.errors.get_or_create(&label).inc();
    }
}
