//! One connection to any of the databases, and how to run statements on it. Knows no tables.
//!
//! sqlx's `AnyConnection` takes its options only from a URL, so it cannot omit a start-up parameter
//! that PgBouncer refuses.

use std::future::poll_fn;
use std::net::IpAddr;

use sqlx::any::AnyRow;
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::query::Query;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, Connection as _, Database, Encode, Error, MySqlConnection, PgConnection,
    SqliteConnection, Type,
};

use crate::own_thread;

#[derive(Clone)]
pub(super) enum ConnectOptions {
    Sqlite {
        /// Of a file that is there.
        options: SqliteConnectOptions,
        /// Whether to make the file first if it is not.
        may_create: bool,
        is_read_only: bool,
    },
    Postgres(PgConnectOptions),
    MySql(MySqlConnectOptions),
}

pub(super) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

#[derive(Clone, Copy)]
pub(super) enum Parameter<'a> {
    Text(&'a str),
    Number(i64),
    NumberOrNull(Option<i64>),
}

/// The same code for each database; their types have no common trait that can be named.
macro_rules! on {
    ($self:ident, $connection:ident => $work:expr) => {
        match $self {
            Connection::Sqlite($connection) => $work,
            Connection::Postgres($connection) => $work,
            Connection::MySql($connection) => $work,
        }
    };
}

/// The name of a server is looked up on a thread of the runtime, which panics where the system has
/// none left to give.
async fn try_to_start_a_thread(host: &str) -> Result<(), Error> {
    let address = host.trim_matches(['[', ']']);
    if host.starts_with('/') || address.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    own_thread::run("look-up", || ()).await.map_err(Error::Io)
}

impl Connection {
    pub(super) async fn open(options: &ConnectOptions) -> Result<Connection, Error> {
        Ok(match options {
            ConnectOptions::Sqlite { options, .. } => {
                Connection::Sqlite(SqliteConnection::connect_with(options).await?)
            }
            ConnectOptions::Postgres(options) => {
                try_to_start_a_thread(options.get_host()).await?;
                Connection::Postgres(PgConnection::connect_with(options).await?)
            }
            ConnectOptions::MySql(options) => {
                try_to_start_a_thread(options.get_host()).await?;
                Connection::MySql(MySqlConnection::connect_with(options).await?)
            }
        })
    }

    /// Statements without parameters, separated by semicolons and not prepared.
    pub(super) async fn run(&mut self, statements: &str) -> Result<(), Error> {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements));
        on!(self, connection => statements.execute(connection).await.map(drop))
    }

    /// Runs a statement and returns the number of rows it changed.
    pub(super) async fn execute<'a>(
        &mut self,
        statement: &'static str,
        parameters: impl IntoIterator<Item = Parameter<'a>>,
    ) -> Result<u64, Error> {
        on!(self, connection => {
            let done = bind(statement, parameters).execute(connection).await?;
            Ok(done.rows_affected())
        })
    }

    pub(super) async fn fetch_all<'a>(
        &mut self,
        statement: &'static str,
        parameters: impl IntoIterator<Item = Parameter<'a>>,
    ) -> Result<Vec<AnyRow>, Error> {
        on!(self, connection => {
            let rows = bind(statement, parameters).fetch_all(connection).await?;
            rows.iter().map(AnyRow::try_from).collect()
        })
    }

    /// Passes on each row as it arrives, so that they are never all in memory; none for one that
    /// cannot be read.
    pub(super) async fn fetch_each<'a>(
        &mut self,
        statement: &'static str,
        parameters: impl IntoIterator<Item = Parameter<'a>>,
        mut each: impl FnMut(Option<AnyRow>),
    ) -> Result<(), Error> {
        on!(self, connection => {
            let mut rows = bind(statement, parameters).fetch(connection);
            while let Some(row) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
                each(AnyRow::try_from(&row?).ok());
            }
        });
        Ok(())
    }

    pub(super) async fn fetch_one<'a>(
        &mut self,
        statement: &'static str,
        parameters: impl IntoIterator<Item = Parameter<'a>>,
    ) -> Result<AnyRow, Error> {
        on!(self, connection => {
            AnyRow::try_from(&bind(statement, parameters).fetch_one(connection).await?)
        })
    }

    pub(super) async fn ping(&mut self) -> Result<(), Error> {
        on!(self, connection => connection.ping().await)
    }

    pub(super) async fn close(self) -> Result<(), Error> {
        on!(self, connection => connection.close().await)
    }
}

fn bind<'a, DB: Database>(
    statement: &'static str,
    parameters: impl IntoIterator<Item = Parameter<'a>>,
) -> Query<'a, DB, DB::Arguments>
where
    &'a str: Encode<'a, DB> + Type<DB>,
    i64: Encode<'a, DB> + Type<DB>,
    Option<i64>: Encode<'a, DB> + Type<DB>,
{
    let query = sqlx::query(statement);
    parameters
        .into_iter()
        .fold(query, |query, parameter| match parameter {
            Parameter::Text(text) => query.bind(text),
            Parameter::Number(number) => query.bind(number),
            Parameter::NumberOrNull(number) => query.bind(number),
        })
}

impl<'a> From<&'a String> for Parameter<'a> {
    fn from(text: &'a String) -> Parameter<'a> {
        Parameter::Text(text)
    }
}

impl From<i64> for Parameter<'_> {
    fn from(number: i64) -> Self {
        Parameter::Number(number)
    }
}
