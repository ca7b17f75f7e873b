//! The flags that say where the database is.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use crate::cli::secrets::SecretsError;
use crate::cli::{Exit, fail, logging, secrets};
use crate::i18n::phrase;
use crate::live_rules::bytes;
use crate::store;
use crate::store::{Access, DatabaseUrl, DatabaseUrlError, Store, StoreError};

const DEFAULT: &str = "sqlite:wxreply.db";

#[derive(clap::Args)]
pub(super) struct DatabaseArguments {
    /// The database for stored values: sqlite:FILE, postgres://… or mysql://…
    #[arg(
        long,
        env = "WXREPLY_DATABASE",
        hide_env_values = true,
        default_value = DEFAULT,
        value_name = "URL"
    )]
    database: String,
    /// A file with the URL of the database; - for standard input
    #[arg(
        long,
        env = "WXREPLY_DATABASE_FILE",
        value_name = "FILE",
        conflicts_with = "database"
    )]
    database_file: Option<PathBuf>,
}

/// A person at a terminal waits longer than WeChat does.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why there is no database to work with. The text is all a person gets to see.
#[derive(Debug, thiserror::Error)]
pub(super) enum DatabaseArgumentError {
    #[error(transparent)]
    File(#[from] SecretsError),
    #[error("{}", phrase!(database_flag, error = .0.to_string()))]
    Url(DatabaseUrlError),
    #[error("{}: {error}", file.display())]
    UrlInFile {
        file: PathBuf,
        error: DatabaseUrlError,
    },
    #[error("{}", phrase!(database_not_a_file, path = path.display(), reason = why))]
    NotAFile { path: PathBuf, why: io::Error },
    #[error("{}", phrase!(database_missing, database = .0))]
    Missing(String),
    #[error("{0}{cause}", cause = cause(.0))]
    Store(StoreError),
    #[error("{}", phrase!(database_runtime, reason = .0))]
    Runtime(io::Error),
}

impl DatabaseArguments {
    pub(super) fn url(&self) -> Result<DatabaseUrl, DatabaseArgumentError> {
        match &self.database_file {
            None => self.database.parse().map_err(DatabaseArgumentError::Url),
            Some(file) => secrets::first_line("--database-file", file)?
                .parse()
                .map_err(|error| DatabaseArgumentError::UrlInFile {
                    file: file.clone(),
                    error,
                }),
        }
    }

    pub(super) fn is_default(&self) -> bool {
        self.database_file.is_none() && self.database == DEFAULT
    }

    pub(super) fn file(&self) -> Option<&Path> {
        self.database_file.as_deref()
    }

    /// The database, if it is there. A file that is made on the way would look like a database in
    /// which nothing is stored, and might belong to somebody else than the server's.
    pub(super) fn url_if_there(&self) -> Result<DatabaseUrl, DatabaseArgumentError> {
        if_there(self.url()?, Access::Change)
    }

    /// Does something with a database that is there.
    pub(super) fn with_store<T>(
        &self,
        access: Access,
        work: impl AsyncFnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, DatabaseArgumentError> {
        self.with_store_at(None, access, work)
    }

    /// The same with a database that an accounts file names.
    pub(super) fn with_store_at<T>(
        &self,
        url: Option<DatabaseUrl>,
        access: Access,
        work: impl AsyncFnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, DatabaseArgumentError> {
        let url = match url {
            Some(url) => if_there(url, access)?,
            None => if_there(self.url()?, access)?,
        };
        let is_missing = url.path().is_some_and(is_missing);
        logging::show_errors();
        let store = Store::new(url, TIMEOUT);
        let outcome = store::wait_for(async {
            let outcome = work(&store).await;
            store.close().await;
            outcome
        })
        .map_err(DatabaseArgumentError::Runtime)?;
        outcome.map_err(|error| match error {
            StoreError::NoFile { database, .. } if is_missing => {
                DatabaseArgumentError::Missing(database)
            }
            error => DatabaseArgumentError::Store(error),
        })
    }
}

pub(super) fn if_there(
    url: DatabaseUrl,
    access: Access,
) -> Result<DatabaseUrl, DatabaseArgumentError> {
    if let Some(path) = url.path()
        && let Ok(metadata) = fs::metadata(path)
        && let Err(why) = bytes::only_file(&metadata)
    {
        let path = path.to_owned();
        return Err(DatabaseArgumentError::NotAFile { path, why });
    }
    Ok(url.to(access))
}

/// Not if it is behind a folder that may not be entered.
fn is_missing(file: &Path) -> bool {
    file.try_exists().is_ok_and(|is_there| !is_there)
}

impl DatabaseArgumentError {
    /// Whether it says that nothing was ever stored there.
    pub(super) fn is_empty(&self) -> bool {
        let nothing = |error: &StoreError| matches!(error, StoreError::NothingThere { .. });
        match self {
            DatabaseArgumentError::Missing(_) => true,
            DatabaseArgumentError::Store(error) => nothing(error),
            _ => false,
        }
    }

    pub(super) fn tell(&self) -> Exit {
        fail(self)
    }
}

/// What the database itself said.
pub(super) fn cause(error: &StoreError) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or(String::new(), |cause| format!(" ({cause})"))
}

/// The URL may hold a password.
impl fmt::Debug for DatabaseArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatabaseArguments(…)")
    }
}
