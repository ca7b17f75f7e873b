//! Maps paths to accounts. A look-up neither waits nor allocates.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::server::account::Account;

/// The accounts that are served now.
pub(super) struct Directory(ArcSwap<AccountsByPath>);

struct AccountsByPath {
    /// In the order of the operator.
    all: Vec<Arc<Account>>,
    by_path: HashMap<String, Arc<Account>>,
}

impl Directory {
    pub(super) fn new(accounts: Vec<Arc<Account>>) -> Directory {
        Directory(ArcSwap::from_pointee(AccountsByPath::new(accounts)))
    }

    pub(super) fn replace(&self, accounts: Vec<Arc<Account>>) {
        self.0.store(Arc::new(AccountsByPath::new(accounts)));
    }

    /// The account whose messages come to this path.
    pub(super) fn at(&self, path: &str) -> Option<Arc<Account>> {
        self.0.load().by_path.get(path).cloned()
    }

    /// The one that is meant where none is named.
    pub(super) fn first(&self) -> Option<Arc<Account>> {
        self.0.load().all.first().cloned()
    }

    pub(super) fn named(&self, name: &str) -> Option<Arc<Account>> {
        let served = self.0.load();
        let mut all = served.all.iter();
        all.find(|account| account.name.as_deref() == Some(name))
            .cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<Account>> {
        self.0.load().all.clone()
    }
}

impl AccountsByPath {
    fn new(all: Vec<Arc<Account>>) -> AccountsByPath {
        let paths = all.iter().map(|account| account.path.clone());
        AccountsByPath {
            by_path: paths.zip(all.iter().cloned()).collect(),
            all,
        }
    }
}
