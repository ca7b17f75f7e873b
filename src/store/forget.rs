//! Deletes everything stored of a person.

use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::sql::Sql;

/// Deletes everything of one person, in all accounts; says how many rows.
pub(super) async fn forget(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
) -> Result<u64, Failure> {
    connection.run(sql.begin).await?;
    let rows = delete(connection, sql, openid).await?;
    connection.run("COMMIT").await?;
    Ok(rows)
}

/// The same, in a transaction that the caller begins and ends.
pub(super) async fn delete(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
) -> Result<u64, Failure> {
    let person = [Parameter::Text(openid)];
    connection.execute(sql.touch_person, person).await?;
    let mut rows = 0;
    for statement in sql.forget {
        rows += connection.execute(statement, person).await?;
    }
    Ok(rows)
}
