//! Every metric and its labels, and nothing else. Knows neither HTTP nor what is counted here.
//!
//! Label values come from closed sets: names of accounts and rules, and words of this
//! program. Nothing that a caller sends ever becomes one.

mod account;
mod account_counters;
mod accounts_file;
mod api_calls;
mod deliveries;
mod live_rules;
mod process;
mod questions;
mod rule_answers;
mod service_calls;
mod store_calls;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::metrics::account::ByAccount;
use crate::metrics::accounts_file::OfFile;
use crate::metrics::process::Process;
use crate::metrics::store_calls::StoreCalls;

pub(crate) use crate::metrics::account::AccountMetrics;
pub(crate) use crate::metrics::accounts_file::AccountsReading;
pub(crate) use crate::metrics::deliveries::DeliveryOutcome;
pub(crate) use crate::metrics::live_rules::RulesReading;
pub(crate) use crate::metrics::process::ProcessReading;
pub(crate) use crate::metrics::questions::{QuestionEvent, QuestionUnderWay};
pub(crate) use crate::metrics::rule_answers::RuleCounter;
pub(crate) use crate::metrics::service_calls::ServiceAsked;
pub(crate) use crate::metrics::store_calls::StoreOperation;

/// The type of the text that [`Metrics::write`] writes.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// From far below a usual answer up to the five seconds after which WeChat gives up.
const SECONDS: [f64; 15] = [
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5,
    4.5,
];

/// All metrics. Counting holds no lock for more than a few instructions.
pub(crate) struct Metrics {
    registry: Registry,
    by_account: Arc<ByAccount>,
    connections: Gauge,
    most_connections: Gauge,
    store: StoreCalls,
    database_clock: Seconds,
    certificate_expires: Family<Unlabelled, Seconds>,
    accounts: OfFile,
    process: Process,
}

/// Values read for each scrape.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScrapeReading {
    /// None where flags describe the only account.
    pub accounts: Option<AccountsReading>,
    /// None without TLS.
    pub certificate_expires_unix_seconds: Option<f64>,
    /// None where the system does not tell.
    pub process: Option<ProcessReading>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut all = Registry::default();
        let process = Process::register(all.sub_registry_with_prefix("process"));
        let registry = all.sub_registry_with_prefix("wxreply");
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The running version", version);
        let by_account = Arc::new(ByAccount::register(registry));
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
        let store = StoreCalls::register(registry);
        let database_clock = Seconds::default();
        registry.register_with_unit(
            "database_clock_difference",
            "How far the clock of the database is ahead of this machine's",
            Unit::Seconds,
            database_clock.clone(),
        );
        let accounts = OfFile::register(registry);
        let certificate_expires = Family::default();
        registry.register_with_unit(
            "tls_certificate_expiry_timestamp",
            "When clients stop accepting the certificate",
            Unit::Seconds,
            certificate_expires.clone(),
        );
        Metrics {
            registry: all,
            by_account,
            connections,
            most_connections,
            store,
            database_clock,
            certificate_expires,
            accounts,
            process,
        }
    }
}

impl Metrics {
    /// Counts for an account; without a name, there is no other.
    pub(crate) fn account(&self, name: Option<Arc<str>>) -> AccountMetrics {
        AccountMetrics::new(name, &self.by_account)
    }

    /// A request that came to no account.
    pub(crate) fn refused(&self, reason: &'static str) {
        self.by_account.refused(reason);
    }

    /// Questions whose answers nobody got to the end, of whatever accounts are on the database.
    pub(crate) fn questions_expired(&self, questions: u64) {
        self.by_account.expired(questions);
    }

    /// How many connections there may be, which does not change.
    pub(crate) fn takes_connections(&self, most: usize) {
        self.most_connections
            .set(i64::try_from(most).unwrap_or(i64::MAX));
    }

    /// Counts a connection for as long as what comes back lives.
    pub(crate) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    pub(crate) fn stored(
        &self,
        operation: StoreOperation,
        took: Duration,
        error: Option<&'static str>,
    ) {
        self.store.count(operation, took, error);
    }

    pub(crate) fn store_failed(&self, operation: StoreOperation, error: &'static str) {
        self.store.fail(operation, error);
    }

    /// By how many seconds the database is ahead.
    pub(crate) fn database_clock_differs(&self, seconds: i32) {
        self.database_clock.set(f64::from(seconds));
    }

    /// Everything as text, with what was read just now.
    pub(crate) fn write(&self, reading: &ScrapeReading) -> Result<String, fmt::Error> {
        if let Some(expires) = reading.certificate_expires_unix_seconds {
            self.certificate_expires
                .get_or_create(&Unlabelled {})
                .set(expires);
        }
        if let Some(accounts) = &reading.accounts {
            self.accounts.set(accounts);
        }
        if let Some(process) = &reading.process {
            self.process.set(process);
        }
        let mut page = String::new();
        text::encode(&mut page, &self.registry)?;
        Ok(without_empty_labels(&page))
    }
}

/// A series of a family without labels is written with empty braces; most readers of the page
/// know it without.
fn without_empty_labels(page: &str) -> String {
    let mut lines = String::with_capacity(page.len());
    for line in page.split_inclusive('\n') {
        // No name has a brace: the first one begins the labels.
        match line.split_once('{') {
            Some((name, rest)) if !line.starts_with('#') && rest.starts_with('}') => {
                lines.push_str(name);
                lines.push_str(rest.trim_start_matches('}'));
            }
            _ => lines.push_str(line),
        }
    }
    lines
}

/// An open connection.
pub(crate) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// For what is not there in every process: without a value, nothing is shown.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Unlabelled {}

type Seconds = Gauge<f64, AtomicU64>;

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
