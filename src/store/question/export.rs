//! What is stored of a person's questions.

use serde::Serialize;
use sqlx::any::AnyRow;

use crate::store::foreign_rows;

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

/// What counts towards a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedCount {
    pub account: String,
    pub service: String,
    pub used: i64,
    pub expires_at: i64,
}

/// How often WeChat delivered a message that waited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedArrival {
    pub account: String,
    pub delivery: String,
    pub times: i64,
    pub expires_at: i64,
}

pub(in crate::store) fn question(row: &AnyRow) -> Option<ExportedQuestion> {
    Some(ExportedQuestion {
        account: foreign_rows::text(row, 0)?,
        service: foreign_rows::text(row, 1)?,
        message: foreign_rows::text(row, 2)?,
        answer: foreign_rows::text_or_none(row, 3)?,
        asked_at: foreign_rows::whole(row, 4)?,
    })
}

pub(in crate::store) fn turn(row: &AnyRow) -> Option<ExportedTurn> {
    Some(ExportedTurn {
        account: foreign_rows::text(row, 0)?,
        service: foreign_rows::text(row, 1)?,
        question: foreign_rows::text(row, 2)?,
        answer: foreign_rows::text(row, 3)?,
        expires_at: foreign_rows::whole(row, 4)?,
    })
}

pub(in crate::store) fn count(row: &AnyRow) -> Option<ExportedCount> {
    Some(ExportedCount {
        account: foreign_rows::text(row, 0)?,
        service: foreign_rows::text(row, 1)?,
        used: foreign_rows::whole(row, 2)?,
        expires_at: foreign_rows::whole(row, 3)?,
    })
}

pub(in crate::store) fn arrival(row: &AnyRow) -> Option<ExportedArrival> {
    Some(ExportedArrival {
        account: foreign_rows::text(row, 0)?,
        delivery: foreign_rows::text(row, 1)?,
        times: foreign_rows::whole(row, 2)?,
        expires_at: foreign_rows::whole(row, 3)?,
    })
}
