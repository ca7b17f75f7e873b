//! Everything that is stored about one person. Writes nothing.

use serde::Serialize;
use sqlx::any::AnyRow;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::{Meaning, SqlError};
use crate::store::foreign_rows;
use crate::store::sql::Sql;

/// Everything stored about one person, in all accounts of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Export {
    pub values: Vec<ExportedValue>,
    pub items: Vec<ExportedItem>,
    pub answers: Vec<ExportedAnswer>,
    pub questions: Vec<ExportedQuestion>,
    pub turns: Vec<ExportedTurn>,
    pub counts: Vec<ExportedCount>,
    pub arrivals: Vec<ExportedArrival>,
    /// The number of rows that are left out, as they cannot be read.
    pub unreadable: u64,
}

impl Export {
    /// What is of one account.
    #[must_use]
    pub fn only_of(mut self, account: &str) -> Export {
        self.values.retain(|value| value.account == account);
        self.items.retain(|item| item.account == account);
        self.answers.retain(|answer| answer.account == account);
        self.questions
            .retain(|question| question.account == account);
        self.turns.retain(|turn| turn.account == account);
        self.counts.retain(|count| count.account == account);
        self.arrivals.retain(|arrival| arrival.account == account);
        self
    }

    /// Adds what another database has.
    pub fn append(&mut self, other: Export) {
        self.values.extend(other.values);
        self.items.extend(other.items);
        self.answers.extend(other.answers);
        self.questions.extend(other.questions);
        self.turns.extend(other.turns);
        self.counts.extend(other.counts);
        self.arrivals.extend(other.arrivals);
        self.unreadable += other.unreadable;
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedValue {
    pub account: String,
    pub key: String,
    pub value: String,
    /// Unix seconds, as all times here.
    pub expires_at: Option<i64>,
    pub updated_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedItem {
    pub account: String,
    pub key: String,
    pub item: String,
    pub added_at: i64,
}

/// Kept for a few minutes, for WeChat's retries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExportedAnswer {
    pub account: String,
    pub delivery: String,
    pub answer: String,
    pub answered_at: i64,
}

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

pub(super) async fn export(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
) -> Result<Export, SqlError> {
    let mut rows = Rows {
        connection,
        openid,
        unreadable: 0,
    };
    Ok(Export {
        values: rows.all(sql.export_values, ExportedValue::read).await?,
        items: rows.all(sql.export_items, ExportedItem::read).await?,
        answers: rows
            .all(sql.export_deliveries, ExportedAnswer::read)
            .await?,
        questions: rows
            .all(sql.questions.export_questions, ExportedQuestion::read)
            .await?,
        turns: rows
            .all(sql.questions.export_turns, ExportedTurn::read)
            .await?,
        counts: rows
            .all(sql.questions.export_counts, ExportedCount::read)
            .await?,
        arrivals: rows
            .all(sql.questions.export_arrivals, ExportedArrival::read)
            .await?,
        unreadable: rows.unreadable,
    })
}

/// Rows about one person.
struct Rows<'a> {
    connection: &'a mut Connection,
    openid: &'a str,
    unreadable: u64,
}

impl Rows<'_> {
    async fn all<T>(
        &mut self,
        statement: &'static str,
        read: impl Fn(&AnyRow) -> Option<T>,
    ) -> Result<Vec<T>, SqlError> {
        let mut all = Vec::new();
        let unreadable = &mut self.unreadable;
        let person = [Parameter::Text(self.openid)];
        let each = |row: Option<AnyRow>| match row.as_ref().and_then(&read) {
            Some(row) => all.push(row),
            None => *unreadable += 1,
        };
        let read = self.connection.fetch_each(statement, person, each).await;
        match read.map_err(SqlError::from) {
            // An older version did not have it yet.
            Err(failure) if failure.meaning() == Meaning::NoTables => Ok(Vec::new()),
            read => read.map(|()| all),
        }
    }
}

impl ExportedValue {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            key: foreign_rows::text(row, 1)?,
            value: foreign_rows::text(row, 2)?,
            expires_at: foreign_rows::whole_or_none(row, 3)?,
            updated_at: foreign_rows::whole(row, 4)?,
        })
    }
}

impl ExportedItem {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            key: foreign_rows::text(row, 1)?,
            item: foreign_rows::text(row, 2)?,
            added_at: foreign_rows::whole(row, 3)?,
        })
    }
}

impl ExportedAnswer {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            delivery: foreign_rows::text(row, 1)?,
            answer: foreign_rows::text(row, 2)?,
            answered_at: foreign_rows::whole(row, 3)?,
        })
    }
}

impl ExportedQuestion {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            service: foreign_rows::text(row, 1)?,
            message: foreign_rows::text(row, 2)?,
            answer: foreign_rows::text_or_none(row, 3)?,
            asked_at: foreign_rows::whole(row, 4)?,
        })
    }
}

impl ExportedTurn {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            service: foreign_rows::text(row, 1)?,
            question: foreign_rows::text(row, 2)?,
            answer: foreign_rows::text(row, 3)?,
            expires_at: foreign_rows::whole(row, 4)?,
        })
    }
}

impl ExportedCount {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            service: foreign_rows::text(row, 1)?,
            used: foreign_rows::whole(row, 2)?,
            expires_at: foreign_rows::whole(row, 3)?,
        })
    }
}

impl ExportedArrival {
    fn read(row: &AnyRow) -> Option<Self> {
        Some(Self {
            account: foreign_rows::text(row, 0)?,
            delivery: foreign_rows::text(row, 1)?,
            times: foreign_rows::whole(row, 2)?,
            expires_at: foreign_rows::whole(row, 3)?,
        })
    }
}
