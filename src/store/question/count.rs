//! Counts by follower or account that begin anew at a certain time.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::sql::Sql;

pub(super) struct Counted<'a> {
    pub(super) delivery: &'a Delivery,
    /// Empty for all of the account together.
    pub(super) openid: &'a str,
    /// The service, or a word that no service can have as its name.
    pub(super) what: &'a str,
    /// A count that ends by then is begun anew.
    pub(super) anew_from: i64,
    /// When it ends, if it is begun anew.
    pub(super) until: i64,
}

/// How much there is, with this one.
pub(super) async fn count(
    connection: &mut Connection,
    sql: &Sql,
    counted: &Counted<'_>,
) -> Result<u64, SqlError> {
    let account = (&counted.delivery.account).into();
    let whose = [
        Parameter::Text(counted.openid),
        account,
        Parameter::Text(counted.what),
    ];
    let (anew, until) = (counted.anew_from.into(), counted.until.into());
    let row = whose.into_iter().chain([until, anew, anew, until]);
    connection.execute(sql.questions.count, row).await?;
    let counted = connection.fetch_one(sql.questions.counted, whose).await?;
    Ok(u64::try_from(counted.try_get::<i64, _>(0)?).unwrap_or(0))
}
