//! Every metric and its labels, and nothing else. Knows neither HTTP nor what is counted here.
//!
//! Label values come from closed sets: names of rules, and words of this program. Nothing that a
//! caller sends ever becomes one.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use prometheus_client::registry::Unit;

/// The type of the text that [`Metrics::write`] writes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// So many rules are counted by name; those that answer first later share `other`.
const MOST_RULE_NAMES: usize = 1000;

/// From far below a usual answer up to the five seconds after which WeChat gives up.
const SECONDS: [f64; 15] = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5,
    4.5,
];

/// Everything that is counted. Counting needs no lock that outlives a few instructions.
pub struct Metrics {
    registry: Registry,
    deliveries: [Counter; Outcome::ALL.len()],
    delivery_seconds: Histogram,
    rules: Family<RuleName, Counter>,
    rule_names: AtomicUsize,
    handshakes: Counter,
    refusals: Family<Reason, Counter>,
    replies_cut: Counter,
    connections: Gauge,
    most_connections: Gauge,
    store_seconds: Family<Operation, Histogram, fn() -> Histogram>,
    store_errors: Family<StoreFailure, Counter>,
    live: Live,
    certificate_expires: Family<Unlabelled, Seconds>,
    process: Process,
}

/// How the answer to a verified delivery came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A rule answered with something to say.
    Answered,
    /// A rule answered with `success`.
    Silent,
    /// No rule matched.
    NoRule,
    /// WeChat delivered again what was answered before; it got the same answer.
    Repeated,
    /// The database could not do its part; the follower got `on_error`.
    StoreFailed,
    /// The deadline came first; the follower got `on_error`.
    TooLate,
}

impl Outcome {
    /// In the order in which they are declared.
    const ALL: [Outcome; 6] = [
        Outcome::Answered,
        Outcome::Silent,
        Outcome::NoRule,
        Outcome::Repeated,
        Outcome::StoreFailed,
        Outcome::TooLate,
    ];

    /// The word that the label has.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Answered => "answered",
            Outcome::Silent => "silent",
            Outcome::NoRule => "no_rule",
            Outcome::Repeated => "repeated",
            Outcome::StoreFailed => "store_failed",
            Outcome::TooLate => "too_late",
        }
    }
}

/// What is asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreOperation {
    Recall,
    Remember,
    Sweep,
}

/// Counts the answers of one rule; cheap to keep and to use.
#[derive(Clone, Debug)]
pub struct RuleCounter(Counter);

impl RuleCounter {
    pub fn count(&self) {
        self.0.inc();
    }
}

/// What is read anew for each scrape.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reading {
    pub generation: u64,
    pub rules: u64,
    pub loaded_unix_seconds: f64,
    pub reload_failures: u64,
    /// The files as they are now were refused.
    pub refused: bool,
    /// None without TLS.
    pub certificate_expires_unix_seconds: Option<f64>,
    /// None where the system does not tell.
    pub process: Option<ProcessReading>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessReading {
    pub cpu_seconds: f64,
    pub resident_bytes: u64,
    pub open_files: u64,
    pub most_files: u64,
    pub started_unix_seconds: f64,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut all = Registry::default();
        let process = Process::register(all.sub_registry_with_prefix("process"));
        let registry = all.sub_registry_with_prefix("wxreply");
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", version);

        let outcomes = Family::<ByOutcome, Counter>::default();
        let deliveries = Outcome::ALL.map(|outcome| {
            let outcome = outcome.word();
            outcomes.get_or_create_owned(&ByOutcome { outcome })
        });
        registry.register(
            "deliveries",
            "Verified messages by what came of them",
            outcomes,
        );
        let delivery_seconds = Histogram::new(SECONDS);
        registry.register_with_unit(
            "delivery",
            "From the head of a request to its finished answer",
            Unit::Seconds,
            delivery_seconds.clone(),
        );
        let rules = Family::default();
        registry.register(
            "rule_answers",
            "Answers by the name of the rule, kept across reloads",
            rules.clone(),
        );
        let handshakes = Counter::default();
        registry.register(
            "handshakes",
            "Handshakes of WeChat's console that were answered",
            handshakes.clone(),
        );
        let refusals = Family::default();
        registry.register(
            "refused_requests",
            "Requests that got no answer, by reason",
            refusals.clone(),
        );
        let replies_cut = Counter::default();
        registry.register(
            "cut_replies",
            "Answers that were longer than WeChat takes",
            replies_cut.clone(),
        );
        let connections = Gauge::default();
        registry.register(
            "connections",
            "Open connections of the callback listener",
            connections.clone(),
        );
        let most_connections = Gauge::default();
        registry.register(
            "max_connections",
            "Connections that the callback listener takes at once",
            most_connections.clone(),
        );
        let store_seconds: Family<Operation, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(SECONDS));
        registry.register_with_unit(
            "store",
            "What the database took, by operation",
            Unit::Seconds,
            store_seconds.clone(),
        );
        let store_errors = Family::default();
        registry.register(
            "store_errors",
            "What the database could not do, by operation and error",
            store_errors.clone(),
        );
        let certificate_expires = Family::default();
        registry.register_with_unit(
            "tls_certificate_expiry_timestamp",
            "When clients stop accepting the certificate",
            Unit::Seconds,
            certificate_expires.clone(),
        );
        let metrics = Metrics {
            live: Live::register(registry),
            process,
            registry: all,
            deliveries,
            delivery_seconds,
            rules,
            rule_names: AtomicUsize::new(0),
            handshakes,
            refusals,
            replies_cut,
            connections,
            most_connections,
            store_seconds,
            store_errors,
            certificate_expires,
        };
        for operation in [
            StoreOperation::Recall,
            StoreOperation::Remember,
            StoreOperation::Sweep,
        ] {
            drop(metrics.store_seconds.get_or_create(&operation.label()));
        }
        metrics
    }
}

impl Metrics {
    pub fn delivered(&self, outcome: Outcome, took: Duration) {
        if let Some(counter) = self.deliveries.get(outcome as usize) {
            counter.inc();
        }
        self.delivery_seconds.observe(took.as_secs_f64());
    }

    /// Takes a lock and allocates: keep what comes back.
    pub fn rule(&self, name: &str) -> RuleCounter {
        let known = RuleName {
            rule: name.to_owned(),
        };
        if let Some(counter) = self.rules.get(&known) {
            return RuleCounter(counter.clone());
        }
        let names = self.rule_names.fetch_add(1, Ordering::Relaxed);
        let label = match names < MOST_RULE_NAMES {
            true => known,
            false => RuleName {
                rule: "other".to_owned(),
            },
        };
        RuleCounter(self.rules.get_or_create_owned(&label))
    }

    /// How often a rule has answered; unknown once its name shares `other`.
    pub fn answers(&self, name: &str) -> Option<u64> {
        let rule = name.to_owned();
        match self.rules.get(&RuleName { rule }) {
            Some(counter) => Some(counter.get()),
            None => (self.rule_names.load(Ordering::Relaxed) < MOST_RULE_NAMES).then_some(0),
        }
    }

    pub fn handshaken(&self) {
        self.handshakes.inc();
    }

    pub fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&Reason { reason }).inc();
    }

    pub fn cut(&self) {
        self.replies_cut.inc();
    }

    /// How many connections there may be, which does not change.
    pub fn takes_connections(&self, most: usize) {
        self.most_connections
            .set(i64::try_from(most).unwrap_or(i64::MAX));
    }

    /// Counts a connection for as long as what comes back lives.
    pub fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    pub fn stored(&self, operation: StoreOperation, took: Duration, error: Option<&'static str>) {
        let label = operation.label();
        if let Some(error) = error {
            let operation = label.operation;
            let label = StoreFailure { operation, error };
            self.store_errors.get_or_create(&label).inc();
        }
        let histogram = self.store_seconds.get_or_create(&label);
        histogram.observe(took.as_secs_f64());
    }

    /// Everything as text, with what was read just now.
    pub fn write(&self, reading: &Reading) -> Result<String, fmt::Error> {
        self.live.set(reading);
        if let Some(expires) = reading.certificate_expires_unix_seconds {
            self.certificate_expires
                .get_or_create(&Unlabelled {})
                .set(expires);
        }
        if let Some(process) = &reading.process {
            self.process.set(process);
        }
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(page)
    }
}

/// An open connection.
pub struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl StoreOperation {
    fn label(self) -> Operation {
        let operation = match self {
            StoreOperation::Recall => "recall",
            StoreOperation::Remember => "remember",
            StoreOperation::Sweep => "sweep",
        };
        Operation { operation }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RuleName {
    rule: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
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

/// For what is not there in every process: without a value, nothing is shown.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Unlabelled {}

type Seconds = Gauge<f64, AtomicU64>;

/// The rules that answer now.
struct Live {
    generation: Gauge,
    rules: Gauge,
    loaded: Seconds,
    failures: Counter,
    refused: Gauge,
}

impl Live {
    fn register(registry: &mut Registry) -> Live {
        let live = Live {
            generation: Gauge::default(),
            rules: Gauge::default(),
            loaded: Seconds::default(),
            failures: Counter::default(),
            refused: Gauge::default(),
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
        live
    }

    fn set(&self, reading: &Reading) {
        self.generation.set(signed(reading.generation));
        self.rules.set(signed(reading.rules));
        self.loaded.set(reading.loaded_unix_seconds);
        let failures = self.failures.inner();
        failures.store(reading.reload_failures, Ordering::Relaxed);
        self.refused.set(i64::from(reading.refused));
    }
}

/// The names that every Prometheus client has for its process.
struct Process {
    cpu: Counter<f64, AtomicU64>,
    resident: Gauge,
    open_files: Gauge,
    most_files: Gauge,
    started: Seconds,
}

impl Process {
    fn register(registry: &mut Registry) -> Process {
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

    fn set(&self, reading: &ProcessReading) {
        let cpu = self.cpu.inner();
        cpu.store(reading.cpu_seconds.to_bits(), Ordering::Relaxed);
        self.resident.set(signed(reading.resident_bytes));
        self.open_files.set(signed(reading.open_files));
        self.most_files.set(signed(reading.most_files));
        self.started.set(reading.started_unix_seconds);
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
