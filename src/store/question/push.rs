//! The first part of an answer that reaches its follower by itself. While it is on its way, no
//! delivery gets it; from then on it is either given or can be fetched as before.
//!
//! It counts as on its way while `given` is [`ON_ITS_WAY`] and the replica that sends it lives. What
//! a replica took with it counts as given.

use std::time::Duration;

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::question::claim::{key, now_ms};
use crate::store::question::count::{Counted, count};
use crate::store::question::give::answer_delivery;
use crate::store::question::{PushClaimed, PushWindow};
use crate::store::sql::Sql;
use crate::store::write::{Write, WriteOutcome};

/// What stands for the number of parts that were given.
pub(super) const ON_ITS_WAY: i64 = -1;

pub(super) struct ClaimPush {
    pub(super) replica: String,
    /// The delivery that asked.
    pub(super) asked: Delivery,
    pub(super) over_after: Duration,
    pub(super) window: PushWindow,
}

pub(super) struct EndPush {
    pub(super) asked: Delivery,
    pub(super) outcome: PushOutcome,
}

pub(super) enum PushOutcome {
    /// The follower has it, as far as anybody knows. Should the delivery come again, it gets this.
    Given { nothing: String },
    /// It never left.
    Refused { counted: &'static str },
}

impl Write for ClaimPush {
    type Outcome = PushClaimed;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<PushClaimed>, SqlError> {
        let rows = connection.fetch_all(sql.questions.pushable, key(&self.asked));
        let rows = rows.await?;
        let Some(row) = rows.first() else {
            return Ok(WriteOutcome::Undone(PushClaimed::Gone));
        };
        if row.try_get::<&str, _>(0)? != self.replica {
            return Ok(WriteOutcome::Undone(PushClaimed::Gone));
        }
        match row.try_get::<i64, _>(1)? {
            0 => {}
            ON_ITS_WAY => return Ok(WriteOutcome::Undone(PushClaimed::Claimed)),
            _ => return Ok(WriteOutcome::Undone(PushClaimed::Gone)),
        }
        let given_until = row.try_get(2)?;
        if let Some(left) = self.left(connection, sql, given_until).await? {
            return Ok(WriteOutcome::Undone(PushClaimed::NotYet(left)));
        }
        let PushWindow { name, most, until } = self.window;
        let counted = Counted {
            delivery: &self.asked,
            openid: &self.asked.openid,
            what: name,
            // What the follower did since renews it.
            anew_from: until - 1,
            until,
        };
        if count(connection, sql, &counted).await? > most {
            return Ok(WriteOutcome::Undone(PushClaimed::Full));
        }
        let moved = move_given(connection, sql, &self.asked, (0, given_until), ON_ITS_WAY);
        match moved.await? {
            0 => Ok(WriteOutcome::Undone(PushClaimed::Gone)),
            _ => Ok(WriteOutcome::Kept(PushClaimed::Claimed)),
        }
    }
}

impl ClaimPush {
    /// How long a delivery may still come that would get the answer.
    async fn left(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        given_until: i64,
    ) -> Result<Option<Duration>, SqlError> {
        let now = now_ms(connection, sql).await?;
        if given_until > now {
            let left = u64::try_from(given_until - now).unwrap_or(0);
            return Ok(Some(Duration::from_millis(left)));
        }
        let asked = key(&self.asked);
        // An answer that was given and has not arrived comes again with the delivery.
        if given_until == 0 && !connection.fetch_all(sql.answer, asked).await?.is_empty() {
            return Ok(None);
        }
        let arrivals = connection.fetch_all(sql.questions.arrival, asked).await?;
        let Some(arrival) = arrivals.first() else {
            return Ok(None);
        };
        let since_first = now - arrival.try_get::<i64, _>(1)?;
        let since_first = Duration::from_millis(since_first.try_into().unwrap_or(0));
        let left = self.over_after.saturating_sub(since_first);
        Ok(Some(left).filter(|left| !left.is_zero()))
    }
}

impl Write for EndPush {
    type Outcome = ();

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<()>, SqlError> {
        let asked = &self.asked;
        match &self.outcome {
            PushOutcome::Given { nothing } => {
                let rows = connection.fetch_all(sql.questions.answer, key(asked));
                let rows = rows.await?;
                let Some(row) = rows.first() else {
                    return Ok(WriteOutcome::Undone(()));
                };
                let parts: Vec<String> = serde_json::from_str(row.try_get(0)?).unwrap_or_default();
                let [openid, account, delivery] = key(asked);
                let moved = match parts.len() {
                    0 | 1 => {
                        let row = [openid, account, delivery, ON_ITS_WAY.into()];
                        connection.execute(sql.questions.give_last, row).await?
                    }
                    _ => move_given(connection, sql, asked, (ON_ITS_WAY, 0), 1).await?,
                };
                if moved == 0 {
                    return Ok(WriteOutcome::Undone(()));
                }
                answer_delivery(connection, sql, asked, &asked.key, nothing).await?;
            }
            PushOutcome::Refused { counted } => {
                if move_given(connection, sql, asked, (ON_ITS_WAY, 0), 0).await? == 0 {
                    return Ok(WriteOutcome::Undone(()));
                }
                let Delivery {
                    openid, account, ..
                } = asked;
                let row = [openid.into(), account.into(), Parameter::Text(counted)];
                connection.execute(sql.questions.uncount, row).await?;
            }
        }
        Ok(WriteOutcome::Kept(()))
    }
}

async fn move_given(
    connection: &mut Connection,
    sql: &Sql,
    asked: &Delivery,
    (from, until): (i64, i64),
    to: i64,
) -> Result<u64, SqlError> {
    let [openid, account, delivery] = key(asked);
    let before = [from.into(), until.into()];
    let row = [to.into(), openid, account, delivery].into_iter();
    let row = row.chain(before);
    Ok(connection.execute(sql.questions.move_given, row).await?)
}
