//! Everything is read again because somebody asked.

use std::sync::Arc;
use std::time::Instant;

use crate::live_rules::{Reload, ReloadResult};
use crate::server::ServerState;
use crate::server::account::Account;
use crate::server::accounts_file::AccountsResult;

/// What came of it.
pub(super) struct Reloaded {
    pub(super) file: AccountsResult,
    pub(super) accounts: Vec<(Arc<Account>, ReloadResult)>,
}

impl Reloaded {
    /// Whether everything is live as its files are.
    pub(super) fn is_whole(&self) -> bool {
        self.file.is_ok() && self.accounts.iter().all(|(_, result)| result.is_ok())
    }
}

/// Reads the accounts file, if there is one, and the rules of all accounts. None when that is not
/// over in time.
pub(super) fn reload_all(state: &ServerState, until: Instant) -> Option<Reloaded> {
    let file = match &state.accounts_file {
        Some(file) => {
            let left = until.saturating_duration_since(Instant::now());
            file.reload().recv_timeout(left).ok()?
        }
        None => Ok(()),
    };
    let accounts = state.directory.all().into_iter();
    let asked: Vec<(Arc<Account>, Reload)> = accounts
        .map(|account| {
            let reload = account.live.reload();
            (account, reload)
        })
        .collect();
    let accounts = asked.into_iter();
    let accounts = accounts.map(|(account, reload)| Some((account, reload.wait(until)?)));
    Some(Reloaded {
        file,
        accounts: accounts.collect::<Option<_>>()?,
    })
}
