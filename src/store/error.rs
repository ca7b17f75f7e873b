//! Why a store operation failed, without any data of followers.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;
use std::{fmt, io};

use sqlx::mysql::MySqlDatabaseError;

use crate::i18n::{Phrase, phrase};

/// Deliberately closed: each variant is a label in the metrics and has its own remedy.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}", unavailable(database))]
    Unavailable {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", crowded(database))]
    Crowded {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_no_file, database))]
    NoFile {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_nothing_there, database))]
    NothingThere { database: String },
    #[error("{}", phrase!(store_replaced, database))]
    Replaced {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_denied, database))]
    Denied {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_forbidden, database))]
    Forbidden {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_no_schema, database))]
    NoSchema {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_encoding, database, encoding))]
    Encoding { database: String, encoding: String },
    #[error("{}", phrase!(store_shared_session, database))]
    SharedSession {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_timeout, database, limit = format!("{limit:?}")))]
    Timeout { database: String, limit: Duration },
    #[error("{}", phrase!(store_unknown, database, limit = format!("{limit:?}")))]
    Unknown { database: String, limit: Duration },
    #[error("{}", phrase!(store_busy, database))]
    Busy {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_read_only, database))]
    ReadOnly {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_full, database))]
    Full {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_copy))]
    Copy { source: DatabaseMessage },
    #[error("{}", phrase!(store_corrupt, database))]
    Corrupt {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_refused, database))]
    Refused {
        database: String,
        source: DatabaseMessage,
    },
    #[error("{}", phrase!(store_unstorable, what = what.clone(), why = why.clone()))]
    Unstorable { what: Phrase, why: Phrase },
}

const SQLITE: &str = "sqlite:";

fn unavailable(database: &str) -> Phrase {
    match database.starts_with(SQLITE) {
        true => phrase!(store_broken_disk, database),
        false => phrase!(store_unavailable, database),
    }
}

fn crowded(database: &str) -> Phrase {
    match database.starts_with(SQLITE) {
        true => phrase!(store_no_files_left, database),
        false => phrase!(store_crowded, database),
    }
}

impl StoreError {
    /// One word for metrics.
    pub fn label(&self) -> &'static str {
        match self {
            StoreError::Unavailable { .. } => "unavailable",
            StoreError::Crowded { .. } => "crowded",
            StoreError::NoFile { .. } => "no_file",
            StoreError::NothingThere { .. } => "nothing_there",
            StoreError::Replaced { .. } => "replaced",
            StoreError::Denied { .. } => "denied",
            StoreError::Forbidden { .. } => "forbidden",
            StoreError::NoSchema { .. } => "no_schema",
            StoreError::Encoding { .. } => "encoding",
            StoreError::SharedSession { .. } => "shared_session",
            StoreError::Timeout { .. } => "timeout",
            StoreError::Unknown { .. } => "unknown",
            StoreError::Busy { .. } => "busy",
            StoreError::ReadOnly { .. } => "read_only",
            StoreError::Full { .. } => "full",
            StoreError::Copy { .. } => "copy",
            StoreError::Corrupt { .. } => "corrupt",
            StoreError::Refused { .. } => "refused",
            StoreError::Unstorable { .. } => "unstorable",
        }
    }
}

/// The message of the database or the network.
#[derive(Clone)]
pub struct DatabaseMessage(Phrase);

impl Error for DatabaseMessage {}

impl fmt::Display for DatabaseMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for DatabaseMessage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

/// How work on a connection can fail.
#[derive(Debug)]
pub(super) enum SqlError {
    Sql(sqlx::Error),
    /// The copy of a SQLite database cannot be written.
    Copy(sqlx::Error),
    /// Not UTF-8.
    Encoding(String),
    SharedSession,
    /// No tables, where none may be made.
    NothingThere,
    /// The files of a SQLite database have been replaced since they were opened.
    Replaced,
    /// A file next to a SQLite database, which itself can be written to.
    ReadOnlyBeside(PathBuf),
    /// The log beside a SQLite database has changes, but its index is missing and cannot be made.
    NoIndex(PathBuf),
    /// A log is next to the link to the database, and may be of the database behind it.
    LeftLog {
        log: PathBuf,
        target: PathBuf,
    },
    /// The log beside a SQLite database is of another one, which a program uses.
    LogInUse,
    /// The disk of a SQLite database is nearly full.
    NoRoom,
    /// The disk of a SQLite database has no room for another file.
    TooManyFiles,
    /// The process may not open so many files that there are some for this database.
    NoFilesLeft,
    Unstorable {
        what: Phrase,
        why: Phrase,
    },
}

impl From<sqlx::Error> for SqlError {
    fn from(error: sqlx::Error) -> SqlError {
        SqlError::Sql(error)
    }
}

/// The meaning of a failure, for all databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The connection is gone or could not be made.
    Lost,
    /// The server has no connection left, or the process no open file.
    Crowded,
    /// A conflict with another transaction; a retry may succeed at once.
    Conflict,
    /// The tables no longer exist.
    NoTables,
    Replaced,
    NoFile,
    Denied,
    Forbidden,
    NoSchema,
    /// A pooler mixes up the sessions of several connections.
    SharedSession,
    Busy,
    ReadOnly,
    Full,
    Corrupt,
    Other,
}

impl SqlError {
    /// Of a statement that copies a SQLite database, which itself is only read.
    pub(super) fn of_copy(error: sqlx::Error) -> SqlError {
        const WRITING: [&str; 4] = ["13", "778", "1034", "1546"];
        let code = error.as_database_error().and_then(|error| error.code());
        match code.is_some_and(|code| WRITING.contains(&&*code)) {
            true => SqlError::Copy(error),
            false => SqlError::Sql(error),
        }
    }

    pub(super) fn meaning(&self) -> Meaning {
        let error = match self {
            SqlError::Sql(error) => error,
            SqlError::Replaced => return Meaning::Replaced,
            SqlError::NoRoom | SqlError::TooManyFiles => return Meaning::Full,
            SqlError::ReadOnlyBeside(_) => return Meaning::ReadOnly,
            SqlError::NoIndex(_) | SqlError::LeftLog { .. } => return Meaning::NoFile,
            SqlError::NoFilesLeft => return Meaning::Crowded,
            SqlError::LogInUse => return Meaning::Corrupt,
            SqlError::SharedSession => return Meaning::SharedSession,
            SqlError::Copy(_)
            | SqlError::Encoding(_)
            | SqlError::NothingThere
            | SqlError::Unstorable { .. } => return Meaning::Other,
        };
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Meaning::Lost,
            sqlx::Error::Database(error) => {
                if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
                    return mysql(error.number());
                }
                let code = error.code().unwrap_or_default();
                match code.parse::<i32>() {
                    Ok(number) if code.len() != SQLSTATE_LENGTH => sqlite(number, error.message()),
                    _ => postgres(&code),
                }
            }
            _ => Meaning::Other,
        }
    }

    pub(super) fn into_error(self, database: &str) -> StoreError {
        let mut meaning = self.meaning();
        let source = match self {
            SqlError::Unstorable { what, why } => return StoreError::Unstorable { what, why },
            // Each connection of SQLite has a thread of its own.
            SqlError::Sql(sqlx::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                if database.starts_with(SQLITE) {
                    meaning = Meaning::Crowded;
                }
                DatabaseMessage(phrase!(cause_no_thread))
            }
            SqlError::Sql(error) => cause(&error),
            SqlError::Copy(error) => {
                let source = cause(&error);
                return StoreError::Copy { source };
            }
            SqlError::Replaced => DatabaseMessage(phrase!(cause_replaced)),
            SqlError::Encoding(encoding) => {
                let database = database.to_owned();
                return StoreError::Encoding { database, encoding };
            }
            SqlError::NothingThere => {
                let database = database.to_owned();
                return StoreError::NothingThere { database };
            }
            SqlError::SharedSession => DatabaseMessage(phrase!(cause_shared_session)),
            SqlError::NoRoom => DatabaseMessage(phrase!(cause_no_room)),
            SqlError::TooManyFiles => DatabaseMessage(phrase!(cause_too_many_files)),
            SqlError::NoFilesLeft => DatabaseMessage(phrase!(cause_no_files_left)),
            SqlError::LeftLog { log, target } => DatabaseMessage(phrase!(
                cause_left_log,
                log = log.display(),
                target = target.display()
            )),
            SqlError::NoIndex(path) => {
                DatabaseMessage(phrase!(cause_no_index, path = path.display()))
            }
            SqlError::LogInUse => DatabaseMessage(phrase!(cause_log_in_use)),
            SqlError::ReadOnlyBeside(path) => {
                DatabaseMessage(phrase!(cause_read_only_beside, path = path.display()))
            }
        };
        let database = database.to_owned();
        match meaning {
            Meaning::Lost => StoreError::Unavailable { database, source },
            Meaning::Crowded => StoreError::Crowded { database, source },
            Meaning::Replaced => StoreError::Replaced { database, source },
            Meaning::NoFile => StoreError::NoFile { database, source },
            Meaning::Denied => StoreError::Denied { database, source },
            Meaning::Forbidden => StoreError::Forbidden { database, source },
            Meaning::NoSchema => StoreError::NoSchema { database, source },
            Meaning::SharedSession => StoreError::SharedSession { database, source },
            Meaning::Busy | Meaning::Conflict => StoreError::Busy { database, source },
            Meaning::ReadOnly => StoreError::ReadOnly { database, source },
            Meaning::Full => StoreError::Full { database, source },
            Meaning::Corrupt => StoreError::Corrupt { database, source },
            Meaning::NoTables | Meaning::Other => StoreError::Refused { database, source },
        }
    }
}

const SQLSTATE_LENGTH: usize = 5;

/// Errors of these two classes (data exceptions and violated constraints) quote the data.
fn cause(error: &sqlx::Error) -> DatabaseMessage {
    match error {
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if code.starts_with("22") || code.starts_with("23") {
                return DatabaseMessage(phrase!(cause_code, code = &*code));
            }
            DatabaseMessage(Phrase::verbatim(error.message()))
        }
        sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => {
            DatabaseMessage(phrase!(cause_foreign_column))
        }
        error => DatabaseMessage(Phrase::verbatim(error.to_string())),
    }
}

/// The primary result codes of SQLite, without the details in the higher bits.
fn sqlite(code: i32, message: &str) -> Meaning {
    match code & 0xff {
        5 | 6 => Meaning::Busy,
        8 => Meaning::ReadOnly,
        10 => Meaning::Lost,
        14 => Meaning::NoFile,
        11 | 26 => Meaning::Corrupt,
        13 => Meaning::Full,
        3 | 23 => Meaning::Denied,
        1 if message.contains("no such table") => Meaning::NoTables,
        _ => Meaning::Other,
    }
}

fn postgres(code: &str) -> Meaning {
    match code {
        "40001" | "40P01" => Meaning::Conflict,
        "55P03" | "57014" => Meaning::Busy,
        "25006" => Meaning::ReadOnly,
        "42P01" => Meaning::NoTables,
        "53100" => Meaning::Full,
        "3D000" => Meaning::Denied,
        "42501" => Meaning::Forbidden,
        "3F000" => Meaning::NoSchema,
        "26000" | "42P05" => Meaning::SharedSession,
        "53300" => Meaning::Crowded,
        "25P03" => Meaning::Lost,
        _ if code.starts_with("28") => Meaning::Denied,
        _ if code.starts_with("08") || code.starts_with("57P") => Meaning::Lost,
        _ if code.starts_with("XX") => Meaning::Corrupt,
        _ => Meaning::Other,
    }
}

fn mysql(number: u16) -> Meaning {
    match number {
        1213 | 1020 => Meaning::Conflict,
        1205 | 3024 | 1969 => Meaning::Busy,
        1290 | 1792 | 1836 => Meaning::ReadOnly,
        1146 => Meaning::NoTables,
        1021 | 1041 | 1114 => Meaning::Full,
        1044 | 1045 | 1049 | 1698 => Meaning::Denied,
        1142 | 1143 | 1227 => Meaning::Forbidden,
        1040 | 1203 | 1226 => Meaning::Crowded,
        1053 | 1927 | 4031 => Meaning::Lost,
        126 | 127 | 1034 | 1035 | 1194 | 1195 => Meaning::Corrupt,
        _ => Meaning::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_all_three_mean_the_same() {
        for (meaning, of_sqlite, of_postgres, of_mysql) in [
            (Meaning::Full, 13, "53100", 1021),
            (Meaning::ReadOnly, 8, "25006", 1290),
            (Meaning::Corrupt, 11, "XX001", 1034),
            (Meaning::Busy, 5, "55P03", 1205),
        ] {
            assert_eq!(sqlite(of_sqlite, ""), meaning);
            assert_eq!(postgres(of_postgres), meaning);
            assert_eq!(mysql(of_mysql), meaning);
        }
        // The extended codes: readonly because of recovery, busy because of a snapshot.
        assert_eq!(sqlite(264, ""), Meaning::ReadOnly);
        assert_eq!(sqlite(517, ""), Meaning::Busy);
        assert_eq!(sqlite(1, "no such table: wx_values"), Meaning::NoTables);
    }

    #[test]
    fn the_cause_stands_beside_the_message_not_in_it() {
        let broken = std::io::Error::other("wires cut");
        let error = SqlError::Sql(sqlx::Error::Io(broken)).into_error("sqlite:a.db");
        assert_eq!(error.label(), "unavailable");
        assert!(!error.to_string().contains("wires cut"));
        let cause = error.source().map(ToString::to_string);
        assert!(cause.is_some_and(|cause| cause.contains("wires cut")));
    }

    #[test]
    fn a_missing_thread_is_no_broken_file() {
        for (database, label) in [("sqlite:a.db", "crowded"), ("mysql://a/b", "unavailable")] {
            let refused = io::Error::from(io::ErrorKind::WouldBlock);
            let error = SqlError::Sql(sqlx::Error::Io(refused)).into_error(database);
            assert_eq!(error.label(), label);
            let cause = error.source().map(ToString::to_string);
            assert!(cause.is_some_and(|cause| cause.contains("no thread left")));
        }
    }
}
