//! Deletes: what has expired, what is too old to be asked for again, and one person entirely.

use sqlx::{AnyConnection, Connection, Row};

use crate::store::error::Failure;
use crate::store::sql::Sql;
use crate::store::transaction::{Parameter, bind, execute};

/// How long a delivery's answer is kept, in seconds. WeChat's last retry comes about ten
/// seconds after the first delivery; the rest is for clocks that differ and queues that fill.
pub const KEEP_ANSWERS: i64 = 600;

/// A batch is small: the locks it holds and the time limit it works under are those of a message.
pub(super) const FOLLOWERS_OF_A_BATCH: u64 = 50;
pub(super) const ANSWERS_OF_A_BATCH: u64 = 500;

/// Forgets expired values of some followers; says of how many.
pub(super) async fn sweep_values(
    connection: &mut AnyConnection,
    sql: &Sql,
    now: i64,
) -> Result<u64, Failure> {
    let parameters = [now.into(), rows(FOLLOWERS_OF_A_BATCH)];
    let followers = bind(sql.followers_with_expired_values, parameters)
        .fetch_all(&mut *connection)
        .await?;
    let mut swept = 0;
    for row in &followers {
        let (openid, account) = (row.try_get(0)?, row.try_get(1)?);
        let (openid, account) = (Parameter::Text(openid), Parameter::Text(account));
        let mut transaction = connection.begin_with(sql.begin).await?;
        let follower = [openid, account];
        execute(&mut transaction, sql.touch_follower, follower).await?;
        let expired = [openid, account, now.into()];
        execute(&mut transaction, sql.drop_expired_values, expired).await?;
        let nothing_left = [openid, account, openid, account, openid, account];
        let statement = sql.drop_follower_without_anything;
        execute(&mut transaction, statement, nothing_left).await?;
        transaction.commit().await?;
        swept += 1;
    }
    Ok(swept)
}

/// Forgets some answers that nobody will ask for again; says how many.
pub(super) async fn sweep_answers(
    connection: &mut AnyConnection,
    sql: &Sql,
    now: i64,
) -> Result<u64, Failure> {
    let before = now.saturating_sub(KEEP_ANSWERS);
    let parameters = [before.into(), rows(ANSWERS_OF_A_BATCH)];
    execute(connection, sql.drop_old_deliveries, parameters).await
}

fn rows<'a>(most: u64) -> Parameter<'a> {
    Parameter::Number(i64::try_from(most).unwrap_or(i64::MAX))
}

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
