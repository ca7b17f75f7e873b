//! Counters of accounts by one more label, which go with their account.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Mutex;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;

use crate::lock::lock;
use crate::metrics::account::AccountLabel;

pub(super) struct AccountCounters<L: Clone + Hash + Eq> {
    pub(super) family: Family<(AccountLabel, L), Counter>,
    /// A family does not tell what is in it.
    labels: Mutex<HashMap<AccountLabel, HashSet<L>>>,
}

impl<L: Clone + Hash + Eq> Default for AccountCounters<L> {
    fn default() -> AccountCounters<L> {
        AccountCounters {
            family: Family::default(),
            labels: Mutex::default(),
        }
    }
}

impl<L: Clone + Hash + Eq + EncodeLabelSet> AccountCounters<L> {
    pub(super) fn count(&self, account: &AccountLabel, label: L) {
        let labels = (account.clone(), label);
        if let Some(counter) = self.family.get(&labels) {
            counter.inc();
            return;
        }
        let mut known = lock(&self.labels);
        let of_account = known.entry(account.clone()).or_default();
        of_account.insert(labels.1.clone());
        self.family.get_or_create(&labels).inc();
    }

    pub(super) fn leave(&self, account: &AccountLabel) {
        let mut known = lock(&self.labels);
        for label in known.remove(account).unwrap_or_default() {
            self.family.remove(&(account.clone(), label));
        }
    }
}
