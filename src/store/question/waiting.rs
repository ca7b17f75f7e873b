//! What waits for a follower, and what a model was told before. Writes nothing.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::question::claim::{key, now_ms};
use crate::store::question::{QuestionState, Waiting, WaitingQuestion};
use crate::store::sql::Sql;

/// The questions first: a part that is given between the two reads is found by the second.
pub(super) async fn waiting(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
    replica: &str,
) -> Result<Waiting, Failure> {
    let now = now_ms(connection, sql).await?;
    let [openid, account, _] = key(delivery);
    let follower = [now.into(), openid, account, delivery.at.into()];
    let rows = connection
        .fetch_all(sql.questions.waiting, follower)
        .await?;
    let questions = rows.iter().map(|row| {
        Ok(WaitingQuestion {
            key: row.try_get(0)?,
            service: row.try_get(1)?,
            state: match row.try_get::<i64, _>(2)? {
                0 => QuestionState::Orphaned,
                1 if row.try_get::<&str, _>(3)? == replica => QuestionState::Ours,
                1 => QuestionState::Asked,
                _ => QuestionState::Answered,
            },
        })
    });
    let questions = questions.collect::<Result<Vec<_>, Failure>>()?;
    let answered = connection.fetch_all(sql.answer, key(delivery)).await?;
    let answer = answered.first().map(|row| row.try_get(0)).transpose()?;
    Ok(Waiting { questions, answer })
}

pub(super) async fn turns(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
    service: &str,
    most: usize,
) -> Result<Vec<(String, String)>, Failure> {
    let [openid, account, _] = key(delivery);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let conversation = [
        openid,
        account,
        Parameter::Text(service),
        delivery.at.into(),
        most.into(),
    ];
    let rows = connection
        .fetch_all(sql.questions.turns, conversation)
        .await?;
    let newest_first = rows.iter().rev();
    newest_first
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
