//! The next part of an answer goes to one delivery.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::question::Given;
use crate::store::question::claim::{key, now_ms};
use crate::store::question::push::ON_ITS_WAY;
use crate::store::sql::Sql;
use crate::store::transaction::execute_unless_there;
use crate::store::write::{Write, Written};

pub(super) struct Give {
    pub(super) delivery: Delivery,
    pub(super) question: String,
    pub(super) nothing: String,
}

impl Write for Give {
    type Outcome = Given;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<Written<Given>, Failure> {
        let answered = connection
            .fetch_all(sql.answer, key(&self.delivery))
            .await?;
        if let Some(row) = answered.first() {
            let answer = row.try_get(0)?;
            return Ok(Written::Undone(Given::AlreadyAnswered(answer)));
        }
        let [openid, account, _] = key(&self.delivery);
        let question = [openid, account, (&self.question).into()];
        let rows = connection.fetch_all(sql.questions.answer, question).await?;
        let Some(row) = rows.first() else {
            return Ok(Written::Undone(Given::Nothing));
        };
        let given: i64 = row.try_get(1)?;
        if given == ON_ITS_WAY && self.is_on_its_way(connection, sql).await? {
            return Ok(Written::Undone(Given::Nothing));
        }
        let already = given.unsigned_abs();
        let parts: Vec<String> = serde_json::from_str(row.try_get(0)?).unwrap_or_default();
        let mut parts = parts
            .into_iter()
            .skip(usize::try_from(already).unwrap_or(0));
        let answer = parts.next().unwrap_or_else(|| self.nothing.clone());
        let left = parts.len();
        let before = question.into_iter().chain([given.into()]);
        let moved = match left {
            0 => connection.execute(sql.questions.give_last, before).await?,
            _ => {
                let row = [(given.abs() + 1).into()].into_iter().chain(before);
                connection.execute(sql.questions.give_part, row).await?
            }
        };
        if moved == 0
            || answer_delivery(connection, sql, &self.delivery, &self.delivery.key, &answer).await?
                == 0
        {
            return Ok(Written::Undone(Given::Nothing));
        }
        if self.question != self.delivery.key {
            // Should the one that asked come again, it must not ask again.
            let (asked, nothing) = (&self.question, &self.nothing);
            answer_delivery(connection, sql, &self.delivery, asked, nothing).await?;
        }
        Ok(Written::Kept(Given::Part { answer, left }))
    }
}

impl Give {
    /// Whether whoever sends the first part lives.
    async fn is_on_its_way(&self, connection: &mut Connection, sql: &Sql) -> Result<bool, Failure> {
        let now = now_ms(connection, sql).await?;
        let [openid, account, _] = key(&self.delivery);
        let question = [now.into(), openid, account, (&self.question).into()];
        let living = connection.fetch_one(sql.questions.lives, question).await?;
        Ok(living.try_get::<i64, _>(0)? > 0)
    }
}

/// What a delivery of the same follower gets, unless it got something before.
pub(super) async fn answer_delivery(
    connection: &mut Connection,
    sql: &Sql,
    of: &Delivery,
    delivery: &str,
    answer: &str,
) -> Result<u64, Failure> {
    let [openid, account, _] = key(of);
    let texts = [delivery, answer].map(Parameter::Text);
    let row = [openid, account].into_iter().chain(texts);
    let row = row.chain([of.at.into()]);
    execute_unless_there(connection, sql.deliver, row).await
}
