//! Deletes expired values and old answers.
//!
//! Works in small batches: each is one transaction that holds its locks no longer than a message
//! does, followed by a pause for others.

use std::collections::BTreeSet;
use std::time::Instant;

use sqlx::Row;
use tokio::time::sleep;

use crate::store::Store;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::{SqlError, StoreError};
use crate::store::sql::Sql;

/// How long a delivery's answer is kept, in seconds. WeChat's last retry comes about ten seconds
/// after the first delivery; the rest allows for clock differences and queues.
pub const KEEP_ANSWERS: i64 = 600;

const MAX_BATCH_ANSWERS: usize = 500;
const MAX_BATCH_VALUES: usize = 50;

impl Store {
    /// Deletes old answers, and returns their number.
    pub async fn sweep_answers(&self, now: i64) -> Result<u64, StoreError> {
        let before = now.saturating_sub(KEEP_ANSWERS);
        let mut answers = 0;
        loop {
            let began = Instant::now();
            let batch = self.sweep_batch_of_answers(before).await?;
            answers += batch;
            if usize::try_from(batch).is_ok_and(|batch| batch < MAX_BATCH_ANSWERS) {
                return Ok(answers);
            }
            pause_after(began).await;
        }
    }

    /// Deletes expired values, and returns their number.
    pub async fn sweep_values(&self, now: i64) -> Result<u64, StoreError> {
        let mut values = 0;
        let mut since = i64::MIN;
        loop {
            let began = Instant::now();
            let batch = self.sweep_batch_of_values(since, now).await?;
            values += batch.deleted;
            let Some(next) = batch.continues_at else {
                return Ok(values);
            };
            since = next;
            pause_after(began).await;
        }
    }

    async fn sweep_batch_of_answers(&self, before: i64) -> Result<u64, StoreError> {
        let sql = self.database.sql();
        self.database
            .write(|mut lent| async move {
                let parameters = [before.into(), rows(MAX_BATCH_ANSWERS)];
                let statement = sql.drop_old_deliveries;
                let answers = lent.connection().execute(statement, parameters).await?;
                lent.release()?;
                Ok(answers)
            })
            .await
    }

    async fn sweep_batch_of_values(&self, since: i64, now: i64) -> Result<Batch, StoreError> {
        let sql = self.database.sql();
        self.database
            .write(|mut lent| async move {
                let batch = sweep_batch_of_values(lent.connection(), sql, since, now).await?;
                lent.release()?;
                Ok(batch)
            })
            .await
    }
}

fn rows<'a>(most: usize) -> Parameter<'a> {
    Parameter::Number(i64::try_from(most).unwrap_or(i64::MAX))
}

/// Leaves half of the time to others.
async fn pause_after(began: Instant) {
    sleep(began.elapsed()).await;
}

struct Batch {
    deleted: u64,
    /// The earliest possible expiry of the remaining values; `None` if none is left.
    continues_at: Option<i64>,
}

/// Replicas that sweep at the same time lock followers in the same order.
async fn sweep_batch_of_values(
    connection: &mut Connection,
    sql: &Sql,
    since: i64,
    now: i64,
) -> Result<Batch, SqlError> {
    let parameters = [since.into(), now.into(), rows(MAX_BATCH_VALUES)];
    let expired = connection.fetch_all(sql.expired_values, parameters).await?;
    let mut batch = Batch {
        deleted: 0,
        continues_at: None,
    };
    let mut followers = BTreeSet::new();
    for row in &expired {
        let follower: (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        followers.insert(follower);
    }
    if let Some(last) = expired.get(MAX_BATCH_VALUES - 1) {
        batch.continues_at = Some(last.try_get(2)?);
    }
    if followers.is_empty() {
        return Ok(batch);
    }
    connection.run(sql.begin).await?;
    for (openid, account) in followers {
        let (openid, account) = (Parameter::Text(openid), Parameter::Text(account));
        connection
            .execute(sql.touch_follower, [openid, account])
            .await?;
        let expired = [openid, account, now.into()];
        batch.deleted += connection.execute(sql.drop_expired_values, expired).await?;
        let nothing_left = [openid, account, openid, account, openid, account];
        let statement = sql.drop_follower_without_anything;
        connection.execute(statement, nothing_left).await?;
    }
    connection.run("COMMIT").await?;
    Ok(batch)
}
