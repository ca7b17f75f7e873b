//! Checks that a database works for the store, without changing anything.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::sql::Sql;
use crate::store::transaction::{RememberRequest, remember};
use crate::store::{forget, media, question, recall};
use crate::user::Change;

/// A follower that does not exist in WeChat.
const NOBODY: &str = "wxreply-probe";

/// Stores, reads and deletes test data in a transaction that is rolled back, to exercise every
/// privilege the bot needs.
pub(super) async fn probe(connection: &mut Connection, sql: &Sql) -> Result<(), SqlError> {
    connection.run(sql.begin).await?;
    exercise(connection, sql).await?;
    Ok(connection.run("ROLLBACK").await?)
}

/// The same in a transaction that has begun.
pub(super) async fn exercise(connection: &mut Connection, sql: &Sql) -> Result<(), SqlError> {
    let key = || NOBODY.to_owned();
    let request = RememberRequest {
        delivery: Delivery {
            account: key(),
            openid: key(),
            key: key(),
            at: 0,
        },
        expected: None,
        changes: vec![
            Change::Set {
                key: key(),
                value: key(),
                expires: None,
            },
            Change::Add {
                key: key(),
                item: key(),
            },
            Change::ClearAll,
        ],
        answer: key(),
    };
    remember(connection, sql, &request).await?;
    recall::recall(connection, sql, &request.delivery).await?;
    question::probe(connection, sql, &request.delivery).await?;
    media::probe(connection, sql, NOBODY).await?;
    forget::delete(connection, sql, NOBODY, None).await?;
    Ok(())
}

/// Only PostgreSQL has databases that cannot store every text.
pub(super) async fn wrong_encoding(
    connection: &mut Connection,
) -> Result<Option<String>, SqlError> {
    let Connection::Postgres(_) = connection else {
        return Ok(None);
    };
    let statement = "SELECT current_setting('server_encoding')";
    let encoding: String = connection.fetch_one(statement, []).await?.try_get(0)?;
    Ok((encoding != "UTF8").then_some(encoding))
}

/// Unix seconds by the server's clock, which SQLite does not have.
pub(super) async fn now(connection: &mut Connection) -> Result<Option<i64>, SqlError> {
    let statement = match connection {
        Connection::Sqlite(_) => return Ok(None),
        Connection::Postgres(_) => "SELECT EXTRACT(EPOCH FROM clock_timestamp())::bigint",
        Connection::MySql(_) => "SELECT CAST(UNIX_TIMESTAMP() AS SIGNED)",
    };
    let row = connection.fetch_one(statement, [] as [Parameter<'_>; 0]);
    Ok(Some(row.await?.try_get(0)?))
}
