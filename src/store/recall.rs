//! Reads the values of a follower in a single statement, which sees one moment. Writes nothing.

use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::{Failure, Meaning};
use crate::store::foreign_rows;
use crate::store::question;
use crate::store::question::{ExportedArrival, ExportedCount, ExportedQuestion, ExportedTurn};
use crate::store::sql::Sql;
use crate::store::{Delivery, Recalled, Version};
use crate::user::User;

pub(super) async fn recall(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<Recalled, Failure> {
    let openid = Parameter::from(&delivery.openid);
    let account = Parameter::from(&delivery.account);
    let (key, now) = (Parameter::from(&delivery.key), delivery.at.into());
    let parameters = [
        openid, account, key, openid, account, openid, account, now, openid, account,
    ];
    let rows = connection.fetch_all(sql.recall, parameters).await?;
    let mut recalled = Recalled {
        user: User::default(),
        version: Version(Version::NOTHING_STORED),
        answer: None,
    };
    for row in rows {
        let text = match foreign_rows::text(&row, 3) {
            Some(text) => text,
            None => row.try_get(3)?,
        };
        match row.try_get::<i64, _>(0)? {
            0 => recalled.answer = Some(text),
            1 => recalled.version = Version(row.try_get(2)?),
            2 => recalled.user.set(row.try_get(1)?, &text),
            _ => recalled.user.add(row.try_get(1)?, &text),
        }
    }
    Ok(recalled)
}

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

pub(super) async fn export(
    connection: &mut Connection,
    sql: &Sql,
    openid: &str,
) -> Result<Export, Failure> {
    let mut rows = Rows {
        connection,
        openid,
        unreadable: 0,
    };
    let values = rows.all(sql.export_values, |row| {
        Some(ExportedValue {
            account: foreign_rows::text(row, 0)?,
            key: foreign_rows::text(row, 1)?,
            value: foreign_rows::text(row, 2)?,
            expires_at: foreign_rows::whole_or_none(row, 3)?,
            updated_at: foreign_rows::whole(row, 4)?,
        })
    });
    let values = values.await?;
    let items = rows.all(sql.export_items, |row| {
        Some(ExportedItem {
            account: foreign_rows::text(row, 0)?,
            key: foreign_rows::text(row, 1)?,
            item: foreign_rows::text(row, 2)?,
            added_at: foreign_rows::whole(row, 3)?,
        })
    });
    let items = items.await?;
    let answers = rows.all(sql.export_deliveries, |row| {
        Some(ExportedAnswer {
            account: foreign_rows::text(row, 0)?,
            delivery: foreign_rows::text(row, 1)?,
            answer: foreign_rows::text(row, 2)?,
            answered_at: foreign_rows::whole(row, 3)?,
        })
    });
    let answers = answers.await?;
    let questions = rows.all(sql.questions.export_questions, question::export::question);
    let questions = questions.await?;
    let turns = rows.all(sql.questions.export_turns, question::export::turn);
    let turns = turns.await?;
    let counts = rows.all(sql.questions.export_counts, question::export::count);
    let counts = counts.await?;
    let arrivals = rows.all(sql.questions.export_arrivals, question::export::arrival);
    let arrivals = arrivals.await?;
    Ok(Export {
        values,
        items,
        answers,
        questions,
        turns,
        counts,
        arrivals,
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
    ) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        let unreadable = &mut self.unreadable;
        let person = [Parameter::Text(self.openid)];
        let each = |row: Option<AnyRow>| match row.as_ref().and_then(&read) {
            Some(row) => all.push(row),
            None => *unreadable += 1,
        };
        let read = self.connection.fetch_each(statement, person, each).await;
        match read.map_err(Failure::from) {
            // An older version did not have it yet.
            Err(failure) if failure.meaning() == Meaning::NoTables => Ok(Vec::new()),
            read => read.map(|()| all),
        }
    }
}
