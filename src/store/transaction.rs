//! One message's changes, its key and its answer: what happens between BEGIN and COMMIT.
//! Many messages can share one transaction.
//!
//! Every writer first takes hold of the follower's row in `wx_followers`. From then on it is
//! alone with this follower, and what it reads stays so until it commits.

use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::{AnyConnection, Connection, Row};

use crate::store::error::Failure;
use crate::store::limits::MAX_ITEMS;
use crate::store::sql::Sql;
use crate::store::{Delivery, Remembered, Version};
use crate::user::Change;

pub(super) struct Request {
    pub(super) delivery: Delivery,
    pub(super) expected: Option<Version>,
    pub(super) changes: Vec<Change>,
    pub(super) answer: String,
}

/// One message in a transaction of its own. An answer without changes is one statement, and
/// needs none.
pub(super) async fn alone(
    connection: &mut AnyConnection,
    sql: &Sql,
    request: &Request,
) -> Result<Remembered, Failure> {
    if request.changes.is_empty() {
        return remember(connection, sql, request).await;
    }
    let mut transaction = connection.begin_with(sql.begin).await?;
    let outcome = remember(&mut transaction, sql, request).await?;
    match outcome {
        Remembered::Done => transaction.commit().await?,
        Remembered::AlreadyAnswered(_) | Remembered::Conflict => transaction.rollback().await?,
    }
    Ok(outcome)
}

/// One message among others, in a transaction that someone else begins and commits.
/// In SQLite, where one connection writes at a time, an outcome other than `Done` has written
/// nothing. Elsewhere the caller rolls back.
pub(super) async fn remember(
    connection: &mut AnyConnection,
    sql: &Sql,
    request: &Request,
) -> Result<Remembered, Failure> {
    if !request.changes.is_empty() && lock_follower(connection, sql, request).await? == 0 {
        return refusal(connection, sql, &request.delivery).await;
    }
    if deliver(connection, sql, request).await? == 0 {
        return refusal(connection, sql, &request.delivery).await;
    }
    for change in &request.changes {
        apply(connection, sql, &request.delivery, change).await?;
    }
    if request.changes.iter().any(forgets) {
        let Delivery {
            openid, account, ..
        } = &request.delivery;
        let follower = [openid, account, openid, account, openid, account];
        let parameters = follower.map(Parameter::from);
        execute(connection, sql.drop_follower_without_anything, parameters).await?;
    }
    Ok(Remembered::Done)
}

/// Takes hold of the follower, unless this delivery is answered or its version has moved.
async fn lock_follower(
    connection: &mut AnyConnection,
    sql: &Sql,
    request: &Request,
) -> Result<u64, Failure> {
    let Delivery {
        account,
        openid,
        key,
        ..
    } = &request.delivery;
    let (openid, account) = (Parameter::from(openid), Parameter::from(account));
    let next = Parameter::from(next_version(&request.delivery));
    let delivery = [openid, account, Parameter::from(key)];
    match request.expected {
        Some(Version(Version::NOTHING_STORED)) | None => {
            let statement = match request.expected {
                Some(_) => sql.claim_nothing_stored,
                None => sql.claim_any,
            };
            let parameters = [openid, account, next].into_iter().chain(delivery);
            execute_unless_there(connection, statement, parameters).await
        }
        Some(Version(version)) => {
            let parameters = [next, openid, account, version.into()]
                .into_iter()
                .chain(delivery);
            execute(connection, sql.claim_version, parameters).await
        }
    }
}

/// A number that no earlier change left behind. Counting up would begin anew after everything
/// was forgotten, and a reader from before would not notice.
fn next_version(delivery: &Delivery) -> i64 {
    let mut hasher = DefaultHasher::new();
    (&delivery.account, &delivery.openid, &delivery.key).hash(&mut hasher);
    i64::try_from(hasher.finish() >> 2).map_or(1, |version| version.max(1))
}

async fn deliver(
    connection: &mut AnyConnection,
    sql: &Sql,
    request: &Request,
) -> Result<u64, Failure> {
    let Delivery {
        account,
        openid,
        key,
        at,
    } = &request.delivery;
    let row = [
        openid.into(),
        account.into(),
        key.into(),
        (&request.answer).into(),
        (*at).into(),
    ];
    match request.expected {
        Some(Version(version)) if request.changes.is_empty() => {
            let follower = [openid.into(), account.into(), version.into()];
            let parameters = row.into_iter().chain(follower);
            execute_unless_there(connection, sql.deliver_at_version, parameters).await
        }
        _ => execute_unless_there(connection, sql.deliver, row).await,
    }
}

async fn refusal(
    connection: &mut AnyConnection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<Remembered, Failure> {
    let key = [&delivery.openid, &delivery.account, &delivery.key];
    let row = bind(sql.answer, key.map(Parameter::from))
        .fetch_optional(connection)
        .await?;
    Ok(match row {
        Some(row) => Remembered::AlreadyAnswered(row.try_get(0)?),
        None => Remembered::Conflict,
    })
}

/// The meaning of `User::apply`, in SQL.
async fn apply(
    connection: &mut AnyConnection,
    sql: &Sql,
    delivery: &Delivery,
    change: &Change,
) -> Result<(), Failure> {
    let openid = Parameter::from(&delivery.openid);
    let account = Parameter::from(&delivery.account);
    let now = Parameter::from(delivery.at);
    match change {
        Change::Set {
            key,
            value,
            expires,
        } => {
            let name = Parameter::from(key);
            let expires_at = expires.map(|expires| {
                let seconds = expires.as_secs() + u64::from(expires.subsec_nanos() > 0);
                let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
                delivery.at.saturating_add(seconds)
            });
            execute(connection, sql.clear_items, [openid, account, name]).await?;
            let expires_at = Parameter::NumberOrNull(expires_at);
            let row = [openid, account, name, value.into(), expires_at, now];
            execute(connection, sql.set, row).await?;
        }
        Change::Add { key, item } => {
            let (name, item) = (Parameter::from(key), Parameter::from(item));
            execute(connection, sql.clear_value, [openid, account, name]).await?;
            let most = MAX_ITEMS.into();
            let row = [openid, account, name, item, now];
            let list = [item, openid, account, name, most];
            let added = execute(connection, sql.add, row.into_iter().chain(list)).await?;
            if added == 0 {
                let list = [openid, account, name, item];
                refuse_unless_present(connection, sql, list).await?;
            }
        }
        Change::Remove { key, item } => {
            let item = [openid, account, key.into(), item.into()];
            execute(connection, sql.remove, item).await?;
        }
        Change::Clear { key } => {
            let name = [openid, account, key.into()];
            execute(connection, sql.clear_value, name).await?;
            execute(connection, sql.clear_items, name).await?;
        }
        Change::ClearAll => {
            let follower = [openid, account];
            execute(connection, sql.clear_values_of_follower, follower).await?;
            execute(connection, sql.clear_items_of_follower, follower).await?;
        }
    }
    Ok(())
}

/// An item that was not added is there already, or the list is full.
async fn refuse_unless_present(
    connection: &mut AnyConnection,
    sql: &Sql,
    list: [Parameter<'_>; 4],
) -> Result<(), Failure> {
    let present: i64 = bind(sql.has_item, list)
        .fetch_one(connection)
        .await?
        .try_get(0)?;
    if present > 0 {
        return Ok(());
    }
    Err(Failure::Unstorable {
        what: "one more item",
        why: "this follower's list is full",
    })
}

fn forgets(change: &Change) -> bool {
    match change {
        Change::Set { .. } | Change::Add { .. } => false,
        Change::Remove { .. } | Change::Clear { .. } | Change::ClearAll => true,
    }
}

#[derive(Clone, Copy)]
pub(super) enum Parameter<'a> {
    Text(&'a str),
    Number(i64),
    NumberOrNull(Option<i64>),
}

impl<'a> From<&'a String> for Parameter<'a> {
    fn from(text: &'a String) -> Parameter<'a> {
        Parameter::Text(text)
    }
}

impl From<i64> for Parameter<'_> {
    fn from(number: i64) -> Self {
        Parameter::Number(number)
    }
}

type Query<'a> = sqlx::query::Query<'a, sqlx::Any, sqlx::any::AnyArguments>;

pub(super) fn bind<'a>(
    statement: &'static str,
    parameters: impl IntoIterator<Item = Parameter<'a>>,
) -> Query<'a> {
    let query = sqlx::query(statement);
    parameters
        .into_iter()
        .fold(query, |query, parameter| match parameter {
            Parameter::Text(text) => query.bind(text),
            Parameter::Number(number) => query.bind(number),
            Parameter::NumberOrNull(number) => query.bind(number),
        })
}

/// Runs a statement and says how many rows it changed.
pub(super) async fn execute<'a>(
    connection: &mut AnyConnection,
    statement: &'static str,
    parameters: impl IntoIterator<Item = Parameter<'a>>,
) -> Result<u64, Failure> {
    let done = bind(statement, parameters).execute(connection).await?;
    Ok(done.rows_affected())
}

/// The same for an insert whose row may exist: MySQL has no quiet way to say so that would not
/// also silence other errors.
async fn execute_unless_there<'a>(
    connection: &mut AnyConnection,
    statement: &'static str,
    parameters: impl IntoIterator<Item = Parameter<'a>>,
) -> Result<u64, Failure> {
    match execute(connection, statement, parameters).await {
        Err(Failure::Sql(sqlx::Error::Database(error))) if error.is_unique_violation() => Ok(0),
        outcome => outcome,
    }
}
