//! Deletes everything stored of a person.

use sqlx::{AnyConnection, Connection};

use crate::store::error::Failure;
use crate::store::sql::Sql;
use crate::store::transaction::{Parameter, execute};

/// Deletes everything of one person, in all accounts; says how many rows.
pub(super) async fn forget(
    connection: &mut AnyConnection,
    sql: &Sql,
    openid: &str,
) -> Result<u64, Failure> {
    let person = [Parameter::Text(openid)];
    let mut transaction = connection.begin_with(sql.begin).await?;
    execute(&mut transaction, sql.touch_person, person).await?;
    let mut rows = 0;
    for statement in sql.forget {
        rows += execute(&mut transaction, statement, person).await?;
    }
    transaction.commit().await?;
    if let Some(statement) = sql.empty_log {
        sqlx::raw_sql(statement).execute(connection).await?;
    }
    Ok(rows)
}
