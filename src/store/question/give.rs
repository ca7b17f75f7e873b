//! The next part of an answer goes to one delivery. It counts as given once that is known to have
//! arrived; until then, nobody else gets it for a while. What has not arrived by the end of that is
//! given to the next who fetches.

use std::time::Duration;

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::question::Given;
use crate::store::question::claim::{key, now_ms};
use crate::store::question::push::ON_ITS_WAY;
use crate::store::sql::Sql;
use crate::store::transaction::execute_unless_there;
use crate::store::write::{Write, WriteOutcome};

pub(super) struct Give {
    pub(super) delivery: Delivery,
    pub(super) question: String,
    pub(super) nothing: String,
    /// How long it may take until that is known.
    pub(super) lasts: Duration,
}

/// What this delivery was given has arrived.
pub(super) struct HasArrived(pub(super) Delivery);

impl Write for Give {
    type Outcome = Given;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Given>, SqlError> {
        let answered = connection
            .fetch_all(sql.answer, key(&self.delivery))
            .await?;
        if let Some(row) = answered.first() {
            let answer = row.try_get(0)?;
            return Ok(WriteOutcome::Undone(Given::AlreadyAnswered(answer)));
        }
        let [openid, account, _] = key(&self.delivery);
        let question = [openid, account, (&self.question).into()];
        let rows = connection.fetch_all(sql.questions.answer, question).await?;
        let Some(row) = rows.first() else {
            return Ok(WriteOutcome::Undone(Given::Nothing));
        };
        let (given, until): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
        let now = now_ms(connection, sql).await?;
        if until > now {
            return Ok(WriteOutcome::Undone(Given::Nothing));
        }
        if given == ON_ITS_WAY && self.is_on_its_way(connection, sql, now).await? {
            return Ok(WriteOutcome::Undone(Given::Nothing));
        }
        let already = given.unsigned_abs();
        let parts: Vec<String> = serde_json::from_str(row.try_get(0)?).unwrap_or_default();
        let mut parts = parts
            .into_iter()
            .skip(usize::try_from(already).unwrap_or(0));
        let next = parts.next();
        let left = parts.len();
        let before = question.into_iter().chain([given.into()]);
        let moved = match next {
            None => connection.execute(sql.questions.give_last, before).await?,
            Some(_) => {
                let lasts = i64::try_from(self.lasts.as_millis()).unwrap_or(i64::MAX);
                let to = (&self.delivery.key).into();
                let row = [given.abs().into(), to, now.saturating_add(lasts).into()];
                let row = row.into_iter().chain(before).chain([until.into()]);
                connection.execute(sql.questions.give, row).await?
            }
        };
        let answer = next.unwrap_or_else(|| self.nothing.clone());
        if moved == 0
            || answer_delivery(connection, sql, &self.delivery, &self.delivery.key, &answer).await?
                == 0
        {
            return Ok(WriteOutcome::Undone(Given::Nothing));
        }
        if self.question != self.delivery.key {
            // Should the one that asked come again, it must not ask again.
            let (asked, nothing) = (&self.question, &self.nothing);
            answer_delivery(connection, sql, &self.delivery, asked, nothing).await?;
        }
        Ok(WriteOutcome::Kept(Given::Part { answer, left }))
    }
}

impl Give {
    /// Whether whoever sends the first part lives.
    async fn is_on_its_way(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        now: i64,
    ) -> Result<bool, SqlError> {
        let [openid, account, _] = key(&self.delivery);
        let question = [now.into(), openid, account, (&self.question).into()];
        let living = connection.fetch_one(sql.questions.lives, question).await?;
        Ok(living.try_get::<i64, _>(0)? > 0)
    }
}

impl Write for HasArrived {
    type Outcome = ();

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<()>, SqlError> {
        let [openid, account, to] = key(&self.0);
        let given = connection.fetch_all(sql.questions.being_given, [openid, account, to]);
        for row in given.await? {
            let parts: Vec<String> = serde_json::from_str(row.try_get(1)?).unwrap_or_default();
            let given = usize::try_from(row.try_get::<i64, _>(2)?).unwrap_or(0);
            let statement = match given + 1 < parts.len() {
                true => sql.questions.part_has_arrived,
                false => sql.questions.last_has_arrived,
            };
            let question = Parameter::Text(row.try_get(0)?);
            let question = [openid, account, question, to];
            connection.execute(statement, question).await?;
        }
        Ok(WriteOutcome::Kept(()))
    }
}

/// What a delivery of the same follower gets, unless it got something before.
pub(super) async fn answer_delivery(
    connection: &mut Connection,
    sql: &Sql,
    of: &Delivery,
    delivery: &str,
    answer: &str,
) -> Result<u64, SqlError> {
    let [openid, account, _] = key(of);
    let texts = [delivery, answer].map(Parameter::Text);
    let row = [openid, account].into_iter().chain(texts);
    let row = row.chain([of.at.into()]);
    execute_unless_there(connection, sql.deliver, row).await
}
