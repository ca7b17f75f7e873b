//! The person whom `export` and `forget` are about, and where what is stored of them is.

use crate::cli::accounts::{AccountError, AccountsArguments};
use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::cli::{Exit, fail};
use crate::store::{Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct FollowerArguments {
    /// The openid of the follower, as in the database
    pub openid: String,
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
pub(super) enum FollowerError {
    #[error(transparent)]
    Account(#[from] AccountError),
    #[error(transparent)]
    Database(#[from] DatabaseArgumentError),
}

impl FollowerError {
    pub(super) fn tell(&self) -> Exit {
        fail(self)
    }
}

impl FollowerArguments {
    /// Does something with the follower, and the account if one is meant, in each database that is
    /// there.
    pub(super) fn in_each_store<T>(
        &self,
        work: impl AsyncFn(&Store, &str, Option<&str>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, FollowerError> {
        let stored = self.accounts.stored(self.account.as_deref())?;
        let account = stored.account.as_deref();
        let (mut outcomes, mut missing) = (Vec::new(), None);
        for url in stored.databases {
            let work = async |store: &Store| work(store, &self.openid, account).await;
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
