//! The URL of the database. Opens nothing.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, path};

use percent_encoding::percent_decode_str;
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
    access: Access,
}

/// What a program wants of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Makes the file and the tables if they are missing.
    Create,
    /// Reads and changes what is there.
    Change,
    /// Only reads what is there.
    Read,
}

/// A file of SQLite as a URL names it, whether it is there or not; the same for all ways to write
/// its path. What a link leads to is another: the link may lead elsewhere later.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatabaseFile {
    path: PathBuf,
    may_create: bool,
    is_read_only: bool,
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
    #[error("{}", phrase!(url_sqlite_path))]
    SqlitePath,
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

    pub(super) fn access(&self) -> Access {
        self.access
    }

    /// The path of a SQLite database.
    pub fn path(&self) -> Option<&Path> {
        match &self.options {
            ConnectOptions::Sqlite { options, .. } => Some(options.get_filename()),
            ConnectOptions::Postgres(_) | ConnectOptions::MySql(_) => None,
        }
    }

    /// The file of a SQLite database.
    pub(super) fn file(&self) -> Option<SqliteFile> {
        match &self.options {
            ConnectOptions::Sqlite {
                options,
                may_create,
                ..
            } => {
                let access = match self.access {
                    Access::Create if !*may_create => Access::Change,
                    access => access,
                };
                Some(SqliteFile::new(options.get_filename(), access))
            }
            ConnectOptions::Postgres(_) | ConnectOptions::MySql(_) => None,
        }
    }

    /// The same for all URLs that name a file for the same use.
    pub fn named_file(&self) -> Option<DatabaseFile> {
        match &self.options {
            ConnectOptions::Sqlite {
                options,
                may_create,
                is_read_only,
            } => {
                let path = options.get_filename();
                Some(DatabaseFile {
                    // It only fails where the current folder is gone, which is then gone for all.
                    path: path::absolute(path).unwrap_or_else(|_| path.to_owned()),
                    may_create: *may_create,
                    is_read_only: *is_read_only,
                })
            }
            ConnectOptions::Postgres(_) | ConnectOptions::MySql(_) => None,
        }
    }

    /// Whether a missing file of SQLite may be made.
    pub(crate) fn may_create(&self) -> bool {
        match &self.options {
            ConnectOptions::Sqlite { may_create, .. } => *may_create,
            ConnectOptions::Postgres(_) | ConnectOptions::MySql(_) => false,
        }
    }

    /// The same database for another use of it.
    #[must_use]
    pub fn to(mut self, access: Access) -> DatabaseUrl {
        self.access = access;
        self
    }

    fn sqlite(rest: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (file, mode) = rest.split_once('?').unwrap_or((rest, "mode=rwc"));
        if file == ":memory:" || mode.contains("mode=memory") {
            return Err(DatabaseUrlError::InMemory);
        }
        if file.is_empty() {
            return Err(DatabaseUrlError::NoFile);
        }
        let (is_read_only, may_create) = match mode {
            "mode=ro" => (true, false),
            "mode=rw" => (false, false),
            "mode=rwc" => (false, true),
            _ => return Err(DatabaseUrlError::SqlitePath),
        };
        let path = decoded(file).ok_or(DatabaseUrlError::SqlitePath)?;
        let options = SqliteConnectOptions::new().filename(path);
        let options = options.read_only(is_read_only).create_if_missing(false);
        Ok(DatabaseUrl {
            shown: format!("sqlite:{file}"),
            options: ConnectOptions::Sqlite {
                options,
                may_create,
                is_read_only,
            },
            access: Access::Create,
        })
    }

    fn server(
        url: &str,
        options: impl FnOnce(&AnyConnectOptions) -> Result<ConnectOptions, sqlx::Error>,
    ) -> Result<DatabaseUrl, DatabaseUrlError> {
        let url = parse(url)?;
        let options = options(&url).map_err(malformed)?;
        let url = url.database_url;
        // A password with a / that is not encoded would be shown as the name of a database.
        let behind = [Some(url.path()), url.query(), url.fragment()];
        if behind.iter().flatten().any(|part| part.contains('@')) {
            return Err(DatabaseUrlError::Malformed(phrase!(url_at_after_host)));
        }
        let mut shown = format!("{}://", url.scheme());
        shown.push_str(url.host_str().unwrap_or("localhost"));
        if let Some(port) = url.port() {
            shown.push_str(&format!(":{port}"));
        }
        shown.push_str(url.path());
        Ok(DatabaseUrl {
            shown,
            options,
            access: Access::Create,
        })
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

/// The path of a file. A `%` without a code is refused, as nobody can tell what the next one means.
fn decoded(file: &str) -> Option<String> {
    let is_code = |rest: &str| {
        let code = rest.as_bytes().get(..2);
        code.is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit))
    };
    if !file.split('%').skip(1).all(is_code) {
        return None;
    }
    let path = percent_decode_str(file).decode_utf8().ok()?;
    match path.chars().next() {
        _ if path.contains('\0') => None,
        // SQLite would take the name for a URI, or for a database in memory.
        Some(':') => Some(format!("./{path}")),
        _ if path.starts_with("file:") => Some(format!("./{path}")),
        _ => Some(path.into_owned()),
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

    #[test]
    fn any_file_can_be_named() {
        for (url, path) in [
            ("sqlite:a.db", "a.db"),
            ("sqlite:///data/a b#c.db", "/data/a b#c.db"),
            ("sqlite:/data/../a.db", "/data/../a.db"),
            ("sqlite:100%25%3f.db?mode=rw", "100%?.db"),
            ("sqlite:%E5%85%B3注.db", "关注.db"),
            ("sqlite:file:a.db", "./file:a.db"),
            ("sqlite:%3Amemory%3A", "./:memory:"),
        ] {
            let parsed: DatabaseUrl = url.parse().unwrap();
            assert_eq!(parsed.path(), Some(Path::new(path)), "{url}");
        }
    }

    #[test]
    fn one_file_is_one_however_its_path_is_written() {
        let here = std::env::current_dir().unwrap();
        let file = |url: &str| url.parse::<DatabaseUrl>().unwrap().named_file();
        let first = file("sqlite:a.db");
        for same in [
            "sqlite:./a.db",
            "sqlite://a.db",
            "sqlite:.//a%2Edb?mode=rwc",
        ] {
            assert_eq!(file(same), first, "{same}");
        }
        assert_eq!(file(&format!("sqlite:{}/a.db", here.display())), first);
        assert_eq!(file(&format!("sqlite://{}//a.db", here.display())), first);
        for other in ["sqlite:b.db", "sqlite:a.db?mode=ro", "sqlite:a.db?mode=rw"] {
            assert_ne!(file(other), first, "{other}");
        }
        assert_ne!(file("sqlite:a.db?mode=ro"), file("sqlite:a.db?mode=rw"));
        assert_eq!(file("postgres://db/a.db"), None);
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
        for url in [
            "sqlite:a.db?mod=ro",
            "sqlite:a.db?",
            "sqlite:a?b.db",
            "sqlite:a.db?mode=rw&cache=shared",
            "sqlite:100%.db",
            "sqlite:a%2",
            "sqlite:a%ff.db",
            "sqlite:a%00.db",
        ] {
            check_refused(url, "write % as %25 and ? as %3F");
        }
        check_refused("postgres://bot:secret@db:port/wx", "%40");
        check_refused("postgres://bot:secret/1@db/wx", "%2F");
        check_refused("postgres://db/wx?sslmode=perhaps", "perhaps");
        for url in [
            "postgres://bot:/secret@db/wx",
            "postgres://bot:123/secret@db/wx",
            "mysql://bot:5432/secret?@db/wx",
            "mysql://bot:5432#secret@db/wx",
            "postgres:bot:secret@db/wx",
            "postgres:/bot:secret@db/wx",
        ] {
            check_refused(url, "an @ stands behind the host");
        }
    }
}
