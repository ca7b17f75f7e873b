//! Reads the stored values of all followers, newest first and row by row. Writes nothing.

use std::time::Duration;

use sqlx::any::AnyRow;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::foreign_rows;
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

/// A single statement, which sees one moment. Returns how many rows could not be read.
pub(super) async fn list(
    connection: &mut Connection,
    sql: &Sql,
    filter: &ListFilter,
    patience: Duration,
    mut each: impl FnMut(Listed),
) -> Result<u64, SqlError> {
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
    let mut unreadable = 0;
    let seconds = patience.as_secs().max(1).to_string();
    let begin = sql.begin_list.replace("{seconds}", &seconds);
    connection.run(&begin).await?;
    connection
        .fetch_each(sql.list, parameters, |row| {
            match row.as_ref().and_then(listed) {
                Some(listed) => each(listed),
                None => unreadable += 1,
            }
        })
        .await?;
    connection.run("COMMIT").await?;
    Ok(unreadable)
}

fn listed(row: &AnyRow) -> Option<Listed> {
    Some(Listed {
        openid: foreign_rows::text(row, 0)?,
        account: foreign_rows::text(row, 1)?,
        key: foreign_rows::text(row, 2)?,
        value: foreign_rows::text(row, 3)?,
        stored_at: foreign_rows::whole(row, 4)?,
        expires_at: foreign_rows::whole_or_none(row, 5)?,
    })
}
