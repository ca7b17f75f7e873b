//! The names that every Prometheus client has for its process.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::{Seconds, signed};

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProcessReading {
    pub cpu_seconds: f64,
    pub resident_bytes: u64,
    pub open_files: u64,
    pub most_files: u64,
    pub started_unix_seconds: f64,
}

pub(super) struct Process {
    cpu: Counter<f64, AtomicU64>,
    resident: Gauge,
    open_files: Gauge,
    most_files: Gauge,
    started: Seconds,
}

impl Process {
    pub(super) fn register(registry: &mut Registry) -> Process {
        let process = Process {
            cpu: Counter::default(),
            resident: Gauge::default(),
            open_files: Gauge::default(),
            most_files: Gauge::default(),
            started: Seconds::default(),
        };
        registry.register_with_unit(
            "cpu",
            "Time on processors",
            Unit::Seconds,
            process.cpu.clone(),
        );
        registry.register_with_unit(
            "resident_memory",
            "Memory in use",
            Unit::Bytes,
            process.resident.clone(),
        );
        registry.register("open_fds", "Open files", process.open_files.clone());
        registry.register(
            "max_fds",
            "Files that may be open",
            process.most_files.clone(),
        );
        registry.register_with_unit(
            "start_time",
            "When the program started",
            Unit::Seconds,
            process.started.clone(),
        );
        process
    }

    pub(super) fn set(&self, reading: &ProcessReading) {
        let cpu = self.cpu.inner();
        cpu.store(reading.cpu_seconds.to_bits(), Ordering::Relaxed);
        self.resident.set(signed(reading.resident_bytes));
        self.open_files.set(signed(reading.open_files));
        self.most_files.set(signed(reading.most_files));
        self.started.set(reading.started_unix_seconds);
    }
}
