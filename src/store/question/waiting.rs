//! What waits for a follower, and what a model was told before. Writes nothing.

use sqlx::Row;

use crate::store::Delivery;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::question::claim::{key, now_ms};
use crate::store::question::push::ON_ITS_WAY;
use crate::store::question::{EarlierDeliveries, QuestionState, WaitingQuestion, WaitingQuestions};
use crate::store::sql::Sql;

/// The questions first: a part that is given between the two reads is found by the second.
pub(super) async fn waiting(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
    replica: &str,
) -> Result<WaitingQuestions, SqlError> {
    let now = now_ms(connection, sql).await?;
    let [openid, account, _] = key(delivery);
    let follower = [now.into(), now.into(), openid, account, delivery.at.into()];
    let rows = connection
        .fetch_all(sql.questions.waiting, follower)
        .await?;
    let questions = rows.iter().map(|row| {
        let is_ours = row.try_get::<&str, _>(3)? == replica;
        let is_on_its_way = row.try_get::<i64, _>(4)? == ON_ITS_WAY;
        let lives = row.try_get::<i64, _>(5)? > 0;
        let is_being_given = row.try_get::<i64, _>(6)? > 0;
        Ok(WaitingQuestion {
            key: row.try_get(0)?,
            service: row.try_get(1)?,
            state: match row.try_get::<i64, _>(2)? {
                1 if lives && is_ours => QuestionState::Ours,
                1 if lives => QuestionState::Asked,
                0 | 1 => QuestionState::Orphaned,
                _ if is_on_its_way && lives => QuestionState::OnItsWay,
                _ if is_being_given => QuestionState::BeingGiven,
                _ => QuestionState::Answered,
            },
        })
    });
    let mut questions = questions.collect::<Result<Vec<_>, SqlError>>()?;
    questions.sort_by_key(|question| match question.state {
        QuestionState::Answered => 0,
        QuestionState::OnItsWay | QuestionState::BeingGiven => 1,
        QuestionState::Asked | QuestionState::Ours => 2,
        QuestionState::Orphaned => 3,
    });
    let answered = connection.fetch_all(sql.answer, key(delivery)).await?;
    let answer = answered.first().map(|row| row.try_get(0)).transpose()?;
    let is_nothing_there = questions.is_empty() && answer.is_none();
    let has_waited = is_nothing_there && {
        let arrivals = connection.fetch_all(sql.questions.arrival, key(delivery));
        !arrivals.await?.is_empty()
    };
    Ok(WaitingQuestions {
        questions,
        answer,
        has_waited,
    })
}

pub(super) async fn before(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<EarlierDeliveries, SqlError> {
    let twice = key(delivery).into_iter().chain(key(delivery));
    let row = connection.fetch_one(sql.questions.before, twice).await?;
    Ok(match row.try_get::<Option<String>, _>(0)? {
        Some(answer) => EarlierDeliveries::Answered(answer),
        None if row.try_get::<i64, _>(1)? > 0 => EarlierDeliveries::Asked,
        None => EarlierDeliveries::Nothing,
    })
}

/// By account, when the last of what waits is given up, in Unix seconds.
pub(super) async fn open(
    connection: &mut Connection,
    sql: &Sql,
) -> Result<Vec<(String, i64)>, SqlError> {
    let nothing: [Parameter<'_>; 0] = [];
    let open = connection.fetch_all(sql.questions.open, nothing).await?;
    open.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// The deliveries that asked what nobody asks any longer, the oldest first.
pub(super) async fn orphans(
    connection: &mut Connection,
    sql: &Sql,
    account: &str,
    now: i64,
) -> Result<Vec<Delivery>, SqlError> {
    let leased = now_ms(connection, sql).await?;
    let waiting = [Parameter::Text(account), now.into(), leased.into()];
    let rows = connection.fetch_all(sql.questions.orphans, waiting);
    let rows = rows.await?;
    let orphans = rows.iter().map(|row| {
        Ok(Delivery {
            openid: row.try_get(0)?,
            account: row.try_get(1)?,
            key: row.try_get(2)?,
            at: now,
        })
    });
    orphans.collect()
}

pub(super) async fn turns(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
    service: &str,
    most: usize,
) -> Result<Vec<(String, String)>, SqlError> {
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
