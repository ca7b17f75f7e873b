//! Migrates the tables once, even if several programs start at the same moment.

use sqlx::Row;
use sqlx::error::DatabaseError;

use crate::store::connection::Connection;
use crate::store::error::{Meaning, SqlError};
use crate::store::probe;
use crate::store::sql::Sql;
use crate::store::url::DatabaseKind;

/// Each is run once, in this order, and never edited after a release.
struct Migration {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

const MIGRATIONS: [Migration; 3] = [
    Migration {
        number: 1,
        sqlite: include_str!("../../migrations/sqlite/0001_followers.sql"),
        postgres: include_str!("../../migrations/postgres/0001_followers.sql"),
        mysql: include_str!("../../migrations/mysql/0001_followers.sql"),
    },
    Migration {
        number: 2,
        sqlite: include_str!("../../migrations/sqlite/0002_questions.sql"),
        postgres: include_str!("../../migrations/postgres/0002_questions.sql"),
        mysql: include_str!("../../migrations/mysql/0002_questions.sql"),
    },
    Migration {
        number: 3,
        sqlite: include_str!("../../migrations/sqlite/0003_media.sql"),
        postgres: include_str!("../../migrations/postgres/0003_media.sql"),
        mysql: include_str!("../../migrations/mysql/0003_media.sql"),
    },
];

impl Migration {
    fn of(&self, kind: DatabaseKind) -> &'static str {
        match kind {
            DatabaseKind::Sqlite => self.sqlite,
            DatabaseKind::Postgres => self.postgres,
            DatabaseKind::MySql => self.mysql,
        }
    }
}

/// What of the tables is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FoundTables {
    Nothing,
    Older,
    Current,
}

/// The usual start: needs neither a lock nor the privilege to create tables.
pub(super) async fn found(connection: &mut Connection, sql: &Sql) -> Result<FoundTables, SqlError> {
    let applied = match applied(connection, sql).await {
        Err(failure) if failure.meaning() == Meaning::NoTables => return Ok(FoundTables::Nothing),
        applied => applied?,
    };
    let mut all = MIGRATIONS.iter();
    Ok(
        match all.all(|migration| applied.contains(&migration.number)) {
            true => FoundTables::Current,
            false => FoundTables::Older,
        },
    )
}

/// Whether tables could be made and used, without leaving any. MySQL cannot take a table back, but
/// looks at the right to make one before it notices that the statement makes no sense.
pub(super) async fn rehearse(
    connection: &mut Connection,
    kind: DatabaseKind,
    sql: &Sql,
) -> Result<(), SqlError> {
    if kind != DatabaseKind::MySql {
        begin(connection, kind, sql).await?;
        apply(connection, sql, |migration| migration.of(kind)).await?;
        probe::exercise(connection, sql).await?;
        return Ok(connection.run("ROLLBACK").await?);
    }
    let twice = "CREATE TABLE wx_never (number BIGINT, number BIGINT)";
    match connection.run(twice).await {
        Err(sqlx::Error::Database(error)) if is_duplicate_column(&*error) => Ok(()),
        outcome => Ok(outcome?),
    }
}

fn is_duplicate_column(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "42S21")
}

pub(super) async fn migrate(
    connection: &mut Connection,
    kind: DatabaseKind,
    sql: &Sql,
) -> Result<(), SqlError> {
    begin(connection, kind, sql).await?;
    apply(connection, sql, |migration| migration.of(kind)).await?;
    let end = match kind {
        DatabaseKind::Sqlite | DatabaseKind::Postgres => "COMMIT",
        DatabaseKind::MySql => "DO RELEASE_LOCK('wxreply migrations')",
    };
    Ok(connection.run(end).await?)
}

/// Nobody else makes tables from then on.
async fn begin(connection: &mut Connection, kind: DatabaseKind, sql: &Sql) -> Result<(), SqlError> {
    match kind {
        DatabaseKind::Sqlite => connection.run(sql.begin).await?,
        DatabaseKind::Postgres => {
            connection.run(sql.begin).await?;
            connection.run("SET LOCAL statement_timeout = 0").await?;
            // "wxreply" in ASCII: one number that all replicas agree on.
            let lock = "SELECT pg_advisory_xact_lock(33627954952039545)";
            connection.run(lock).await?;
        }
        // The lock ends with the connection at the latest. A program that cannot get it within a
        // minute goes on anyway, as every statement may run twice.
        DatabaseKind::MySql => {
            let lock = "DO GET_LOCK('wxreply migrations', 60)";
            connection.run(lock).await?;
        }
    }
    Ok(())
}

async fn apply(
    connection: &mut Connection,
    sql: &Sql,
    text: impl Fn(&Migration) -> &'static str,
) -> Result<(), SqlError> {
    connection.run(sql.migrations_table).await?;
    let applied = applied(connection, sql).await?;
    for migration in &MIGRATIONS {
        if !applied.contains(&migration.number) {
            connection.run(text(migration)).await?;
            let number = migration.number.into();
            connection.execute(sql.migration_done, [number]).await?;
        }
    }
    Ok(())
}

async fn applied(connection: &mut Connection, sql: &Sql) -> Result<Vec<i64>, SqlError> {
    let rows = connection.fetch_all(sql.migrations_applied, []).await?;
    rows.iter()
        .map(|row| Ok(row.try_get(0)?))
        .collect::<Result<Vec<_>, SqlError>>()
}
