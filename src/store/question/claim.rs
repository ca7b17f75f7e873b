//! Which delivery has a question asked, and which one this is.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::question::count::{self, Counted};
use crate::store::question::{Arrival, Claimed, KEEP_QUESTIONS, NewQuestion, TakenOver};
use crate::store::sql::Sql;
use crate::store::transaction::execute_unless_there;
use crate::store::write::{Write, Written};

pub(super) struct Claim {
    pub(super) replica: String,
    pub(super) new: NewQuestion,
}

pub(super) struct Arrive(pub(super) Delivery);

pub(super) struct TakeOver {
    pub(super) replica: String,
    pub(super) question: Delivery,
    /// Whether it may have been written before, without anybody being asked since.
    pub(super) may_be_ours: AtomicBool,
}

impl Write for Claim {
    type Outcome = Claimed;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<Written<Claimed>, Failure> {
        let delivery = &self.new.delivery;
        loop {
            let is_claimed = self.insert(connection, sql).await? > 0;
            // Also when it is claimed: the insert may have waited until the last part was given.
            let answered = connection.fetch_all(sql.answer, key(delivery)).await?;
            if let Some(row) = answered.first() {
                let answer = row.try_get(0)?;
                return Ok(Written::Undone(Claimed::AlreadyAnswered(answer)));
            }
            if is_claimed {
                let arrival = arrive(connection, sql, delivery).await?;
                for count in &self.new.counts {
                    let counted = Counted {
                        delivery,
                        openid: if count.is_of_all {
                            ""
                        } else {
                            &delivery.openid
                        },
                        what: &self.new.service,
                        anew_from: delivery.at,
                        until: count.until,
                    };
                    if count::count(connection, sql, &counted).await? > count.most {
                        return Ok(Written::Undone(Claimed::Full));
                    }
                }
                return Ok(Written::Kept(Claimed::Ours(arrival)));
            }
            let is_there = connection.fetch_one(sql.questions.is_there, key(delivery));
            if is_there.await?.try_get::<i64, _>(0)? > 0 {
                let arrival = arrive(connection, sql, delivery).await?;
                return Ok(Written::Kept(Claimed::Joined(arrival)));
            }
            // In the way is another question to the service, which counts only while a replica
            // asks it. Otherwise it waits to be asked again.
            if self.set_aside(connection, sql).await? == 0 {
                return Ok(Written::Undone(Claimed::Busy));
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

impl Claim {
    async fn insert(&self, connection: &mut Connection, sql: &Sql) -> Result<u64, Failure> {
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

    async fn set_aside(&self, connection: &mut Connection, sql: &Sql) -> Result<u64, Failure> {
        let now = now_ms(connection, sql).await?;
        let [openid, account, _] = key(&self.new.delivery);
        let of_service = [openid, account, (&self.new.service).into(), now.into()];
        let statement = sql.questions.set_aside;
        Ok(connection.execute(statement, of_service).await?)
    }
}

impl Write for Arrive {
    type Outcome = Arrival;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<Written<Arrival>, Failure> {
        Ok(Written::Kept(arrive(connection, sql, &self.0).await?))
    }
}

impl Write for TakeOver {
    type Outcome = Option<TakenOver>;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<Written<Option<TakenOver>>, Failure> {
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
            return Ok(Written::Undone(None));
        }
        let question = [openid, account, delivery];
        let row = connection
            .fetch_one(sql.questions.message, question)
            .await?;
        Ok(Written::Kept(Some(TakenOver {
            message: row.try_get(0)?,
            asked_at: row.try_get(1)?,
            tries: u64::try_from(row.try_get::<i64, _>(2)?).unwrap_or(0),
        })))
    }
}

async fn arrive(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<Arrival, Failure> {
    let now = now_ms(connection, sql).await?;
    let [openid, account, key] = key(delivery);
    let until = delivery.at.saturating_add(KEEP_QUESTIONS);
    let row = [openid, account, key, now.into(), until.into()];
    connection.execute(sql.questions.arrive, row).await?;
    let arrival = connection.fetch_one(sql.questions.arrival, [openid, account, key]);
    let arrival = arrival.await?;
    let since_first = now.saturating_sub(arrival.try_get(1)?);
    Ok(Arrival {
        times: u64::try_from(arrival.try_get::<i64, _>(0)?).unwrap_or(1),
        since_first: Duration::from_millis(u64::try_from(since_first).unwrap_or(0)),
    })
}

/// By the clock of the database, which is the same for all replicas.
pub(in crate::store) async fn now_ms(
    connection: &mut Connection,
    sql: &Sql,
) -> Result<i64, Failure> {
    let nothing: [Parameter<'_>; 0] = [];
    let now = connection.fetch_one(sql.questions.now_ms, nothing).await?;
    Ok(now.try_get(0)?)
}

pub(super) fn key(delivery: &Delivery) -> [Parameter<'_>; 3] {
    [&delivery.openid, &delivery.account, &delivery.key].map(Parameter::from)
}
