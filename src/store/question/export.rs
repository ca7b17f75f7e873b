//! What is stored of a person's questions.

use serde::Serialize;
use sqlx::Row;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::sql::Sql;

/// Kept until the answer was fetched, for minutes at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedQuestion {
    pub account: String,
    pub service: String,
    pub message: String,
    pub answer: Option<String>,
    pub asked_at: i64,
}

/// What a model is told of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedTurn {
    pub account: String,
    pub service: String,
    pub question: String,
    pub answer: String,
    pub expires_at: i64,
}

pub(in crate::store) async fn questions(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
) -> Result<Vec<ExportedQuestion>, Failure> {
    let statement = sql.questions.export_questions;
    let rows = connection
        .fetch_all(statement, [Parameter::Text(openid)])
        .await?;
    let questions = rows.iter().map(|row| {
        Ok(ExportedQuestion {
            account: row.try_get(0)?,
            service: row.try_get(1)?,
            message: row.try_get(2)?,
            answer: row.try_get(3)?,
            asked_at: row.try_get(4)?,
        })
    });
    questions.collect()
}

pub(in crate::store) async fn turns(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
) -> Result<Vec<ExportedTurn>, Failure> {
    let statement = sql.questions.export_turns;
    let rows = connection
        .fetch_all(statement, [Parameter::Text(openid)])
        .await?;
    let turns = rows.iter().map(|row| {
        Ok(ExportedTurn {
            account: row.try_get(0)?,
            service: row.try_get(1)?,
            question: row.try_get(2)?,
            answer: row.try_get(3)?,
            expires_at: row.try_get(4)?,
        })
    });
    turns.collect()
}
