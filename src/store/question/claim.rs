//! Which delivery has a question asked, and which one this is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::question::count::{self, Counted};
use crate::store::question::lease::Renew;
use crate::store::question::{Arrival, Arrived, Claimed, KEEP_QUESTIONS, NewQuestion, TakenOver};
use crate::store::sql::Sql;
use crate::store::transaction::execute_unless_there;
use crate::store::write::{Write, WriteOutcome};

pub(super) struct ClaimQuestion {
    pub(super) replica: String,
    /// Whether it is to be known first as one that lives.
    pub(super) renews: bool,
    pub(super) new: NewQuestion,
}

pub(super) struct Arrive(pub(super) Delivery);

pub(super) struct TakeOver {
    pub(super) replica: String,
    pub(super) question: Delivery,
    /// Whether it may have been written before, without anybody being asked since.
    pub(super) may_be_ours: AtomicBool,
}

impl Write for ClaimQuestion {
    type Outcome = Claimed;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Claimed>, SqlError> {
        let delivery = &self.new.delivery;
        if self.renews {
            Renew(self.replica.clone()).write(connection, sql).await?;
        }
        loop {
            if self.insert(connection, sql).await? > 0 {
                let (arrival, answer) = arrive(connection, sql, delivery).await?;
                // The insert may have waited until the last part was given.
                if let Some(answer) = answer {
                    return Ok(WriteOutcome::Undone(Claimed::AlreadyAnswered(answer)));
                }
                if self.is_full(connection, sql).await? {
                    return Ok(WriteOutcome::Undone(Claimed::Full));
                }
                return Ok(WriteOutcome::Kept(Claimed::Ours(arrival)));
            }
            let answered = connection.fetch_all(sql.answer, key(delivery)).await?;
            if let Some(row) = answered.first() {
                let answer = row.try_get(0)?;
                return Ok(WriteOutcome::Undone(Claimed::AlreadyAnswered(answer)));
            }
            let is_there = connection.fetch_one(sql.questions.is_there, key(delivery));
            if is_there.await?.try_get::<i64, _>(0)? > 0 {
                let (arrival, _) = arrive(connection, sql, delivery).await?;
                return Ok(WriteOutcome::Kept(Claimed::Joined(arrival)));
            }
            // In the way is another question to the service, which counts only while a replica
            // asks it. Otherwise it waits to be asked again.
            if self.set_aside(connection, sql).await? == 0 {
                return Ok(WriteOutcome::Undone(Claimed::Busy));
            }
        }
    }

    /// Whoever claimed it a moment before was this very call.
    fn after_lost_commit(&self, outcome: Claimed) -> Claimed {
        match outcome {
            Claimed::Joined(arrival) if arrival.times == 2 => Claimed::Ours(Arrival {
                times: 1,
                ..arrival
            }),
            outcome => outcome,
        }
    }
}

impl ClaimQuestion {
    async fn insert(&self, connection: &mut Connection, sql: &Sql) -> Result<u64, SqlError> {
        let NewQuestion {
            delivery,
            service,
            message,
            ..
        } = &self.new;
        let [openid, account, key] = key(delivery);
        let row = [
            openid,
            account,
            key,
            service.into(),
            service.into(),
            message.into(),
            delivery.at.into(),
            (&self.replica).into(),
            delivery.at.saturating_add(KEEP_QUESTIONS).into(),
        ];
        let row = row.into_iter().chain([openid, account, key]);
        execute_unless_there(connection, sql.questions.claim, row).await
    }

    async fn is_full(&self, connection: &mut Connection, sql: &Sql) -> Result<bool, SqlError> {
        let delivery = &self.new.delivery;
        for count in &self.new.counts {
            let counted = Counted {
                delivery,
                openid: match count.is_of_all {
                    true => "",
                    false => &delivery.openid,
                },
                what: &self.new.service,
                anew_from: delivery.at,
                until: count.until,
            };
            if count::count(connection, sql, &counted).await? > count.most {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn set_aside(&self, connection: &mut Connection, sql: &Sql) -> Result<u64, SqlError> {
        let now = now_ms(connection, sql).await?;
        let [openid, account, _] = key(&self.new.delivery);
        let of_service = [openid, account, (&self.new.service).into(), now.into()];
        let statement = sql.questions.set_aside;
        Ok(connection.execute(statement, of_service).await?)
    }
}

impl Write for Arrive {
    type Outcome = Arrived;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Arrived>, SqlError> {
        let (arrival, answer) = arrive(connection, sql, &self.0).await?;
        Ok(match answer {
            None => WriteOutcome::Kept(Arrived::Waits(arrival)),
            Some(answer) => WriteOutcome::Undone(Arrived::Answered(answer)),
        })
    }
}

impl Write for TakeOver {
    type Outcome = Option<TakenOver>;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Option<TakenOver>>, SqlError> {
        let more_if_ours = match self.may_be_ours.swap(true, Ordering::Relaxed) {
            true => 0,
            false => 1,
        };
        let now = now_ms(connection, sql).await?;
        let [openid, account, delivery] = key(&self.question);
        let row = [
            (&self.replica).into(),
            more_if_ours.into(),
            (&self.replica).into(),
            openid,
            account,
            delivery,
            (&self.replica).into(),
            now.into(),
        ];
        // A later question to the same service may be under way.
        if execute_unless_there(connection, sql.questions.take_over, row).await? == 0 {
            return Ok(WriteOutcome::Undone(None));
        }
        let question = [openid, account, delivery];
        let row = connection
            .fetch_one(sql.questions.message, question)
            .await?;
        Ok(WriteOutcome::Kept(Some(TakenOver {
            service: row.try_get(0)?,
            message: row.try_get(1)?,
            asked_at: row.try_get(2)?,
            tries: u64::try_from(row.try_get::<i64, _>(3)?).unwrap_or(0),
        })))
    }
}

/// With the answer that this delivery got before, if it got one.
async fn arrive(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<(Arrival, Option<String>), SqlError> {
    let [openid, account, key] = key(delivery);
    let until = delivery.at.saturating_add(KEEP_QUESTIONS);
    let row = [openid, account, key, until.into()];
    connection.execute(sql.questions.arrive, row).await?;
    let whose = [openid, account, key, openid, account, key];
    let arrived = connection.fetch_one(sql.questions.arrived, whose).await?;
    let since_first = u64::try_from(arrived.try_get::<i64, _>(1)?).unwrap_or(0);
    let arrival = Arrival {
        times: u64::try_from(arrived.try_get::<i64, _>(0)?).unwrap_or(1),
        since_first: Duration::from_millis(since_first),
    };
    Ok((arrival, arrived.try_get(2)?))
}

/// By the clock of the database, which is the same for all replicas.
pub(in crate::store) async fn now_ms(
    connection: &mut Connection,
    sql: &Sql,
) -> Result<i64, SqlError> {
    let nothing: [Parameter<'_>; 0] = [];
    let now = connection.fetch_one(sql.questions.now_ms, nothing).await?;
    Ok(now.try_get(0)?)
}

pub(super) fn key(delivery: &Delivery) -> [Parameter<'_>; 3] {
    [&delivery.openid, &delivery.account, &delivery.key].map(Parameter::from)
}
