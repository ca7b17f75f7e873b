//! The URL of the database. Opens nothing.

use std::fmt;
use std::str::FromStr;

use sqlx::ConnectOptions as _;
use sqlx::any::AnyConnectOptions;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use crate::i18n::{Phrase, phrase};
use crate::store::connection::ConnectOptions;
use crate::store::sqlite::SqliteFile;

/// A checked database URL. Displayed without its password.
#[derive(Clone)]
pub struct DatabaseUrl {
    shown: String,
    options: ConnectOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DatabaseKind {
    Sqlite,
    Postgres,
    MySql,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DatabaseUrlError {
    #[error("{}", phrase!(url_unknown_scheme))]
    UnknownScheme,
    #[error("{}", phrase!(url_no_file))]
    NoFile,
    #[error("{}", phrase!(url_in_memory))]
    InMemory,
    #[error("{}", phrase!(url_malformed, why = .0.clone()))]
    Malformed(Phrase),
}

impl DatabaseUrl {
    pub(super) fn kind(&self) -> DatabaseKind {
        match &self.options {
            ConnectOptions::Sqlite { .. } => DatabaseKind::Sqlite,
            ConnectOptions::Postgres(_) => DatabaseKind::Postgres,
            ConnectOptions::MySql(_) => DatabaseKind::MySql,
        }
    }

    pub(super) fn options(&self) -> &ConnectOptions {
        &self.options
    }

    pub fn is_sqlite(&self) -> bool {
        self.kind() == DatabaseKind::Sqlite
    }

    /// The file of a SQLite database.
    pub(super) fn file(&self) -> Option<SqliteFile> {
        match &self.options {
            ConnectOptions::Sqlite {
                options,
                may_create,
            } => Some(SqliteFile::new(options.get_filename(), *may_create)),
            ConnectOptions::Postgres(_) | ConnectOptions::MySql(_) => None,
        }
    }

    /// The same database, if it exists: opening it does not create a file.
    pub fn only_if_there(mut self) -> DatabaseUrl {
        if let ConnectOptions::Sqlite { may_create, .. } = &mut self.options {
            *may_create = false;
        }
        self
    }

    fn sqlite(rest: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (file, parameters) = match rest.split_once('?') {
            Some((file, parameters)) => (file, parameters),
            None => (rest, "mode=rwc"),
        };
        if file == ":memory:" || parameters.contains("memory") {
            return Err(DatabaseUrlError::InMemory);
        }
        if file.is_empty() {
            return Err(DatabaseUrlError::NoFile);
        }
        let url = parse(&format!("sqlite:{file}?{parameters}"))?.database_url;
        let options = SqliteConnectOptions::from_url(&url).map_err(malformed)?;
        let options = options.create_if_missing(false);
        let may_create = parameters.contains("mode=rwc");
        Ok(DatabaseUrl {
            shown: format!("sqlite:{file}"),
            options: ConnectOptions::Sqlite {
                options,
                may_create,
            },
        })
    }

    fn server(
        url: &str,
        options: impl FnOnce(&AnyConnectOptions) -> Result<ConnectOptions, sqlx::Error>,
    ) -> Result<DatabaseUrl, DatabaseUrlError> {
        let url = parse(url)?;
        let options = options(&url).map_err(malformed)?;
        let url = url.database_url;
        let mut shown = format!("{}://", url.scheme());
        shown.push_str(url.host_str().unwrap_or("localhost"));
        if let Some(port) = url.port() {
            shown.push_str(&format!(":{port}"));
        }
        shown.push_str(url.path());
        Ok(DatabaseUrl { shown, options })
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(url: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        let (scheme, rest) = url.split_once(':').ok_or(DatabaseUrlError::UnknownScheme)?;
        match scheme {
            "sqlite" => DatabaseUrl::sqlite(rest),
            "postgres" | "postgresql" => DatabaseUrl::server(url, postgres),
            "mysql" | "mariadb" => DatabaseUrl::server(url, mysql),
            _ => Err(DatabaseUrlError::UnknownScheme),
        }
    }
}

/// PgBouncer refuses a connection that sets the float format, and the store has no floats.
fn postgres(url: &AnyConnectOptions) -> Result<ConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_url(&url.database_url)?.extra_float_digits(None);
    Ok(ConnectOptions::Postgres(options))
}

fn mysql(url: &AnyConnectOptions) -> Result<ConnectOptions, sqlx::Error> {
    MySqlConnectOptions::from_url(&url.database_url).map(ConnectOptions::MySql)
}

fn parse(url: &str) -> Result<AnyConnectOptions, DatabaseUrlError> {
    url.parse().map_err(malformed)
}

/// The reason never repeats the URL.
fn malformed(error: sqlx::Error) -> DatabaseUrlError {
    match error {
        sqlx::Error::Configuration(cause) => {
            DatabaseUrlError::Malformed(Phrase::verbatim(cause.to_string()))
        }
        _ => DatabaseUrlError::Malformed(phrase!(url_is_none)),
    }
}

/// Scheme, host and database: neither user, password nor parameters, which may hold one too.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, shown: &str) {
        let parsed: DatabaseUrl = url.parse().unwrap();
        assert_eq!(parsed.to_string(), shown);
        assert!(!format!("{parsed} {parsed:?}").contains("secret"));
    }

    #[test]
    fn a_url_is_shown_without_user_password_and_parameters() {
        check("sqlite:wxreply.db", "sqlite:wxreply.db");
        check("sqlite://wxreply.db", "sqlite:wxreply.db");
        check("sqlite:/var/lib/关注者.db", "sqlite:/var/lib/关注者.db");
        check("sqlite:///var/lib/a b.db", "sqlite:/var/lib/a b.db");
        check("sqlite:a.db?mode=ro", "sqlite:a.db");
        check(
            "postgres://bot:secret@db.example:6432/wx?sslmode=require",
            "postgres://db.example:6432/wx",
        );
        check("postgresql:///wx", "postgresql://localhost/wx");
        check("mysql://bot:secret%40@db/wx", "mysql://db/wx");
        check("mariadb://bot:secret@db/wx", "mariadb://db/wx");
    }

    #[track_caller]
    fn check_refused(url: &str, words: &str) {
        let error = url.parse::<DatabaseUrl>().unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"));
    }

    #[test]
    fn a_url_that_cannot_be_used_says_what_to_write_instead() {
        check_refused("wxreply.db", "write sqlite:FILE");
        check_refused("redis://secret@db", "postgres://");
        check_refused("sqlite:", "sqlite:wxreply.db");
        check_refused("sqlite://", "sqlite:wxreply.db");
        check_refused("sqlite::memory:", "forgets everything");
        check_refused("sqlite:a.db?mode=memory", "forgets everything");
        check_refused("sqlite:a.db?mod=ro", "mod");
        check_refused("postgres://bot:secret@db:port/wx", "%40");
        check_refused("postgres://bot:secret/1@db/wx", "%2F");
        check_refused("postgres://db/wx?sslmode=perhaps", "perhaps");
    }
}
