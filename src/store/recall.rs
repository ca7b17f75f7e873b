//! Reads the values of a follower in a single statement, which sees one moment. Writes nothing.

use sqlx::Row;

use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::foreign_rows;
use crate::store::sql::Sql;
use crate::store::{Delivery, Recalled, Version};
use crate::user::User;

pub(super) async fn recall(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<Recalled, SqlError> {
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
