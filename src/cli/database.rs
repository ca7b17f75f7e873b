//! The flags that say where the database is.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::Exit;
use crate::cli::secrets;
use crate::cli::secrets::BadSecrets;
use crate::store;
use crate::store::DatabaseUrl;
use crate::store::InvalidDatabaseUrl;
use crate::store::Store;
use crate::store::StoreError;

#[derive(clap::Args)]
pub struct DatabaseArguments {
    /// Where what rules store is kept: sqlite:FILE, postgres://… or mysql://…
    #[arg(
        long,
        env = "WXREPLY_DATABASE",
        hide_env_values = true,
        default_value = "sqlite:wxreply.db",
        value_name = "URL"
    )]
    database: String,
    /// A file with the URL of the database
    #[arg(
        long,
        env = "WXREPLY_DATABASE_FILE",
        value_name = "FILE",
        conflicts_with = "database"
    )]
    database_file: Option<PathBuf>,
}

/// A person at a terminal waits longer than WeChat does.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no database to work with. The text is all a person gets to see.
#[derive(Debug, thiserror::Error)]
pub enum BadDatabase {
    #[error(transparent)]
    File(#[from] BadSecrets),
    #[error("--database: {0}")]
    Url(InvalidDatabaseUrl),
    #[error("{}: {error}", file.display())]
    UrlInFile {
        file: PathBuf,
        error: InvalidDatabaseUrl,
    },
    #[error(
        "the database {0} is not there or cannot be opened; \
         say with --database where `wxreply serve` keeps it"
    )]
    Missing(String),
    #[error("{0}{cause}", cause = cause(.0))]
    Store(StoreError),
    #[error("cannot wait for the database: {0}")]
    Runtime(io::Error),
}

impl DatabaseArguments {
    pub fn url(&self) -> Result<DatabaseUrl, BadDatabase> {
        let Some(file) = &self.database_file else {
            return self.database.parse().map_err(BadDatabase::Url);
        };
        secrets::first_line(file)?
            .parse()
            .map_err(|error| BadDatabase::UrlInFile {
                file: file.clone(),
                error,
            })
    }

    pub fn file(&self) -> Option<&Path> {
        self.database_file.as_deref()
    }

    /// Does something with a database that is there. A file that is made on the way would look
    /// like a database in which nothing is stored.
    pub fn with_store<T>(
        &self,
        work: impl AsyncFnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, BadDatabase> {
        let store = Store::new(self.url()?.only_if_there(), PATIENCE);
        let outcome = store::wait_for(work(&store)).map_err(BadDatabase::Runtime)?;
        outcome.map_err(|error| match error {
            StoreError::NoFile { database, .. } => BadDatabase::Missing(database),
            error => BadDatabase::Store(error),
        })
    }
}

impl BadDatabase {
    pub fn tell(&self) -> Exit {
        eprintln!("error: {self}");
        Exit::Failed
    }
}

/// What the database itself said.
pub fn cause(error: &StoreError) -> String {
    let cause = std::error::Error::source(error);
    cause.map_or(String::new(), |cause| format!(" ({cause})"))
}

/// The URL may hold a password.
impl fmt::Debug for DatabaseArguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DatabaseArguments(…)")
    }
}
