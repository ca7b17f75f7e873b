//! Reads the values of a follower in a single statement, which sees one moment. Writes nothing.

use serde::Serialize;
use sqlx::Row;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::Failure;
use crate::store::question;
use crate::store::question::{ExportedQuestion, ExportedTurn};
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
        let text: &str = row.try_get(3)?;
        match row.try_get::<i64, _>(0)? {
            0 => recalled.answer = Some(text.to_owned()),
            1 => recalled.version = Version(row.try_get(2)?),
            2 => recalled.user.set(row.try_get(1)?, text),
            _ => recalled.user.add(row.try_get(1)?, text),
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
        self
    }

    /// Adds what another database has.
    pub fn append(&mut self, other: Export) {
        self.values.extend(other.values);
        self.items.extend(other.items);
        self.answers.extend(other.answers);
        self.questions.extend(other.questions);
        self.turns.extend(other.turns);
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
    let mut export = Export::default();
    let person = [Parameter::Text(openid)];
    for row in connection.fetch_all(sql.export_values, person).await? {
        export.values.push(ExportedValue {
            account: row.try_get(0)?,
            key: row.try_get(1)?,
            value: row.try_get(2)?,
            expires_at: row.try_get(3)?,
            updated_at: row.try_get(4)?,
        });
    }
    for row in connection.fetch_all(sql.export_items, person).await? {
        export.items.push(ExportedItem {
            account: row.try_get(0)?,
            key: row.try_get(1)?,
            item: row.try_get(2)?,
            added_at: row.try_get(3)?,
        });
    }
    for row in connection.fetch_all(sql.export_deliveries, person).await? {
        export.answers.push(ExportedAnswer {
            account: row.try_get(0)?,
            delivery: row.try_get(1)?,
            answer: row.try_get(2)?,
            answered_at: row.try_get(3)?,
        });
    }
    export.questions = question::export::questions(connection, sql, openid).await?;
    export.turns = question::export::turns(connection, sql, openid).await?;
    Ok(export)
}
