//! Brings the tables up to date, once, however many programs start at the same moment.

use sqlx::{AnyConnection, Connection, Row};

use crate::store::error::Failure;
use crate::store::sql::Sql;
use crate::store::transaction::execute;
use crate::store::url::DatabaseKind;

/// Each is run once, in this order, and never edited after a release.
struct Migration {
    number: i64,
    sqlite: &'static str,
    postgres: &'static str,
    mysql: &'static str,
}

const MIGRATIONS: [Migration; 1] = [Migration {
    number: 1,
    sqlite: include_str!("../../migrations/sqlite/0001_followers.sql"),
    postgres: include_str!("../../migrations/postgres/0001_followers.sql"),
    mysql: include_str!("../../migrations/mysql/0001_followers.sql"),
}];

const RECORD: &str = "CREATE TABLE IF NOT EXISTS wx_migrations (number BIGINT PRIMARY KEY)";

/// The usual start of a program that has run before: needs no lock and no right to create.
pub(super) async fn is_migrated(connection: &mut AnyConnection, sql: &Sql) -> bool {
    applied(connection, sql).await.is_ok_and(|applied| {
        MIGRATIONS
            .iter()
            .all(|migration| applied.contains(&migration.number))
    })
}

pub(super) async fn migrate(
    connection: &mut AnyConnection,
    kind: &DatabaseKind,
    sql: &Sql,
) -> Result<(), Failure> {
    match kind {
        DatabaseKind::Sqlite => {
            let mut transaction = connection.begin_with(sql.begin).await?;
            apply(&mut transaction, sql, |migration| migration.sqlite).await?;
            transaction.commit().await?;
        }
        DatabaseKind::Postgres => {
            let mut transaction = connection.begin_with(sql.begin).await?;
            sqlx::raw_sql("SET LOCAL statement_timeout = 0")
                .execute(&mut *transaction)
                .await?;
            // "wxreply" in ASCII: one number that all replicas agree on.
            sqlx::raw_sql("SELECT pg_advisory_xact_lock(33627954952039545)")
                .execute(&mut *transaction)
                .await?;
            apply(&mut transaction, sql, |migration| migration.postgres).await?;
            transaction.commit().await?;
        }
        DatabaseKind::MySql => {
            // The lock ends with the connection at the latest. Whoever gets none within the
            // minute goes on all the same: every statement may be run twice.
            sqlx::raw_sql("DO GET_LOCK('wxreply migrations', 60)")
                .execute(&mut *connection)
                .await?;
            apply(connection, sql, |migration| migration.mysql).await?;
            sqlx::raw_sql("DO RELEASE_LOCK('wxreply migrations')")
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
}

async fn apply(
    connection: &mut AnyConnection,
    sql: &Sql,
    text: impl Fn(&Migration) -> &'static str,
) -> Result<(), Failure> {
    sqlx::raw_sql(RECORD).execute(&mut *connection).await?;
    let applied = applied(connection, sql).await?;
    for migration in &MIGRATIONS {
        if !applied.contains(&migration.number) {
            sqlx::raw_sql(text(migration))
                .execute(&mut *connection)
                .await?;
            let number = migration.number.into();
            execute(connection, sql.migration_done, [number]).await?;
        }
    }
    Ok(())
}

async fn applied(connection: &mut AnyConnection, sql: &Sql) -> Result<Vec<i64>, Failure> {
    let rows = sqlx::query(sql.migrations_applied)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| Ok(row.try_get(0)?))
        .collect::<Result<Vec<_>, Failure>>()
}
