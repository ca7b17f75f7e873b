//! Where what followers have stored is, for `export`, `forget` and `list`.

use crate::cli::accounts::{AccountError, AccountsArguments};
use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::cli::{Exit, fail};
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct StoredArguments {
    /// Only in this account: gh_…, or its name in the accounts file
    #[arg(long)]
    account: Option<String>,
    #[command(flatten)]
    accounts: AccountsArguments,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Why nothing could be done with what is stored. The text is all a person gets to see.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoredError {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseArgumentError),
}

impl StoredError {
    pub(super) fn tell(&self) -> Exit {
        fail(self)
    }
}

impl StoredArguments {
    /// Does something in each database that is there, for one account if one is meant.
    pub(super) fn in_each_store<T>(
        &self,
        mut work: impl AsyncFnMut(&Store, Option<&str>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoredError> {
        let stored = self.accounts.stored(self.account.as_deref())?;
        let account = stored.account.as_deref();
        let (mut outcomes, mut missing) = (Vec::new(), None);
        for url in stored.databases {
            let work = async |store: &Store| work(store, account).await;
            match self.database.with_store_at(url, work) {
                Ok(outcome) => outcomes.push(outcome),
                // Where nothing was ever stored, there is no file.
                Err(error @ DatabaseArgumentError::Missing(_)) => missing = Some(error),
                Err(error) => return Err(error.into()),
            }
        }
        match (outcomes.is_empty(), missing) {
            (true, Some(missing)) => Err(missing.into()),
            _ => Ok(outcomes),
        }
    }
}
