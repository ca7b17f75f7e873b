//! Reads the stored values of all followers, newest first and row by row. Writes nothing.

use sqlx::Row;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::sql::Sql;

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFilter {
    /// Everything without one.
    pub key: Option<String>,
    pub account: Option<String>,
    /// Only what was stored in this second or later.
    pub since: i64,
    /// Expired values are left out.
    pub now: i64,
}

/// A value, or an item of a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Listed {
    pub openid: String,
    pub account: String,
    pub key: String,
    pub value: String,
    /// Unix seconds, as all times here.
    pub stored_at: i64,
    pub expires_at: Option<i64>,
}

/// A single statement, which sees one moment.
pub(super) async fn list(
    connection: &mut Connection,
    sql: &Sql,
    filter: &ListFilter,
    mut each: impl FnMut(Listed),
) -> Result<(), Failure> {
    // No key and no account is empty.
    let key = Parameter::Text(filter.key.as_deref().unwrap_or_default());
    let account = Parameter::Text(filter.account.as_deref().unwrap_or_default());
    let since = Parameter::Number(filter.since);
    let parameters = [
        filter.now.into(),
        since,
        key,
        key,
        account,
        account,
        since,
        key,
        key,
        account,
        account,
    ];
    connection.run(sql.begin_list).await?;
    connection
        .fetch_each(sql.list, parameters, |row| {
            each(Listed {
                openid: row.try_get(0)?,
                account: row.try_get(1)?,
                key: row.try_get(2)?,
                value: row.try_get(3)?,
                stored_at: row.try_get(4)?,
                expires_at: row.try_get(5)?,
            });
            Ok(())
        })
        .await?;
    Ok(connection.run("COMMIT").await?)
}
