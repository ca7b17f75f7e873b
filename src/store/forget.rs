//! Deletes everything stored of a person.

use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::sql::Sql;

/// Deletes everything of one person, in one account or in all; says how many rows.
pub(super) async fn forget(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
    account: Option<&str>,
) -> Result<u64, SqlError> {
    connection.run(sql.begin).await?;
    let rows = delete(connection, sql, openid, account).await?;
    connection.run("COMMIT").await?;
    Ok(rows)
}

/// The same, in a transaction that the caller begins and ends.
pub(super) async fn delete(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
    account: Option<&str>,
) -> Result<u64, SqlError> {
    let person = Parameter::Text(openid);
    let mut rows = 0;
    match account.map(Parameter::Text) {
        Some(account) => {
            connection
                .execute(sql.touch_follower, [person, account])
                .await?;
            for statement in sql.forget_follower {
                rows += connection.execute(statement, [person, account]).await?;
            }
        }
        None => {
            connection.execute(sql.touch_person, [person]).await?;
            for statement in sql.forget {
                rows += connection.execute(statement, [person]).await?;
            }
        }
    }
    Ok(rows)
}
