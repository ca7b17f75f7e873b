//! For which accounts questions may wait, as far as this process knows: those that it asked, and
//! those that it found in the database.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::lock::lock;

/// Times are Unix seconds.
#[derive(Default)]
pub(in crate::store) struct OpenQuestions {
    /// Of all accounts, so that nothing is locked where nobody asks.
    last: AtomicI64,
    until: Mutex<HashMap<String, i64>>,
}

impl OpenQuestions {
    pub(super) fn note(&self, account: &str, until: i64) {
        self.last.fetch_max(until, Ordering::Relaxed);
        let mut accounts = lock(&self.until);
        match accounts.get_mut(account) {
            Some(known) => *known = until.max(*known),
            None => drop(accounts.insert(account.to_owned(), until)),
        }
    }

    pub(super) fn may_be(&self, account: &str, now: i64) -> bool {
        self.last.load(Ordering::Relaxed) > now
            && lock(&self.until).get(account).is_some_and(|it| *it > now)
    }
}
