//! The next part of an answer goes to one delivery.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::question::Given;
use crate::store::question::claim::key;
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
        let parts: Vec<String> = serde_json::from_str(row.try_get(0)?).unwrap_or_default();
        let mut parts = parts.into_iter().skip(usize::try_from(given).unwrap_or(0));
        let answer = parts.next().unwrap_or_else(|| self.nothing.clone());
        let left = parts.len();
        let before = question.into_iter().chain([given.into()]);
        let moved = match left {
            0 => connection.execute(sql.questions.give_last, before).await?,
            _ => {
                let row = [Parameter::Number(given + 1)].into_iter().chain(before);
                connection.execute(sql.questions.give_part, row).await?
            }
        };
        if moved == 0
            || self
                .answer(connection, sql, &self.delivery.key, &answer)
                .await?
                == 0
        {
            return Ok(Written::Undone(Given::Nothing));
        }
        if self.question != self.delivery.key {
            // Should the one that asked come again, it must not ask again.
            self.answer(connection, sql, &self.question, &self.nothing)
                .await?;
        }
        Ok(Written::Kept(Given::Part { answer, left }))
    }
}

impl Give {
    async fn answer(
        &self,
        connection: &mut Connection,
        sql: &Sql,
        delivery: &str,
        answer: &str,
    ) -> Result<u64, Failure> {
        let [openid, account, _] = key(&self.delivery);
        let row = [
            openid,
            account,
            Parameter::Text(delivery),
            Parameter::Text(answer),
            self.delivery.at.into(),
        ];
        execute_unless_there(connection, sql.deliver, row).await
    }
}
