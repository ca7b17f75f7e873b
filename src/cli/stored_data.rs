//! Where what followers have stored is, for `export`, `forget` and `list`.

use std::collections::HashSet;
use std::fs;

use clap::builder::NonEmptyStringValueParser;

use crate::cli::accounts::{AccountError, AccountsArguments};
use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::cli::{Exit, fail};
use crate::i18n::phrase;
use crate::store::{Access, DatabaseUrl, Store, StoreError};

#[derive(Debug, clap::Args)]
pub(super) struct StoredArguments {
    /// Only in this account: gh_…, or its name in the accounts file
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    account: Option<String>,
    #[command(flatten)]
    accounts: AccountsArguments,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// What was done in each database.
pub(super) struct InEach<T> {
    /// With the name of the database.
    pub(super) done: Vec<(String, T)>,
    /// Databases that are not there, or in which nothing was ever stored.
    empty: Vec<String>,
    failed: Vec<StoredError>,
}

/// Why nothing could be done in a database. The text is all a person gets to see.
#[derive(Debug, thiserror::Error)]
enum StoredError {
    #[error(transparent)]
    Account(AccountError),
    #[error(transparent)]
    Database(DatabaseArgumentError),
}

impl StoredArguments {
    /// Does something in each database that is there, for one account if one is meant. A database
    /// that cannot be used keeps nobody from the others.
    pub(super) fn in_each_store<T>(
        &self,
        access: Access,
        mut work: impl AsyncFnMut(&Store, Option<&str>) -> Result<T, StoreError>,
    ) -> Result<InEach<T>, AccountError> {
        let stored = self.accounts.stored(self.account.as_deref())?;
        let account = stored.account.as_deref();
        let mut each = InEach {
            done: Vec::new(),
            empty: Vec::new(),
            failed: Vec::new(),
        };
        let mut empty = Vec::new();
        // Two accounts may name one file by different paths.
        let mut files = HashSet::new();
        for url in stored.databases {
            let url = match url {
                Ok(url) => url,
                Err(error) => {
                    each.failed.push(StoredError::Account(error));
                    continue;
                }
            };
            let path = url.as_ref().and_then(DatabaseUrl::path);
            let file = path.and_then(|path| fs::canonicalize(path).ok());
            if file.is_some_and(|file| !files.insert(file)) {
                continue;
            }
            let mut shown = String::new();
            let work = async |store: &Store| {
                shown = store.url().to_string();
                work(store, account).await
            };
            match self.database.with_store_at(url, access, work) {
                Ok(outcome) => each.done.push((shown, outcome)),
                Err(error) if error.is_empty() => empty.push((shown, error)),
                Err(error) => each.failed.push(StoredError::Database(error)),
            }
        }
        if each.done.is_empty() {
            // Perhaps not one of them is the right one.
            let empty = empty.into_iter();
            let failed = empty.map(|(_, error)| StoredError::Database(error));
            each.failed.extend(failed);
        } else {
            each.empty = empty.into_iter().map(|(shown, _)| shown).collect();
        }
        Ok(each)
    }
}

impl<T> InEach<T> {
    pub(super) fn is_one(&self) -> bool {
        self.done.len() + self.empty.len() + self.failed.len() == 1
    }

    /// Says where nothing was done, and what could not be done.
    pub(super) fn tell_the_rest(&self) -> Exit {
        if !self.empty.is_empty() {
            let databases = self.empty.join(", ");
            eprintln!("{}", phrase!(not_looked_at, databases));
        }
        let tell = |_, error: &StoredError| fail(error);
        self.failed.iter().fold(Exit::Success, tell)
    }
}
