//! One message's changes, its key and its answer: what happens between BEGIN and COMMIT.
//! Many messages can share one transaction.
//!
//! Every writer first takes hold of the follower's row in `wx_followers`. From then on it is
//! alone with this follower, and what it reads stays so until it commits.

use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::Row;

use crate::i18n::phrase;
use crate::store::commit::CommitState;
use crate::store::connection::{Connection, Parameter};
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
    connection: &mut Connection,
    sql: &Sql,
    request: &Request,
    commit: &CommitState,
) -> Result<Remembered, Failure> {
    if request.changes.is_empty() {
        return commit.run(remember(connection, sql, request)).await;
    }
    connection.run(sql.begin).await?;
    let outcome = remember(connection, sql, request).await?;
    match outcome {
        Remembered::Done => commit.run(end(connection)).await?,
        Remembered::AlreadyAnswered(_) | Remembered::Conflict => connection.run("ROLLBACK").await?,
    }
    Ok(outcome)
}

async fn end(connection: &mut Connection) -> Result<(), Failure> {
    Ok(connection.run("COMMIT").await?)
}

/// One message among others, in a transaction that someone else begins and commits.
/// In SQLite, where one connection writes at a time, an outcome other than `Done` has written
/// nothing. Elsewhere the caller rolls back.
pub(super) async fn remember(
    connection: &mut Connection,
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
        connection
            .execute(sql.drop_follower_without_anything, parameters)
            .await?;
    }
    Ok(Remembered::Done)
}

/// Takes hold of the follower, unless this delivery is answered or its version has moved.
async fn lock_follower(
    connection: &mut Connection,
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
            Ok(connection.execute(sql.claim_version, parameters).await?)
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
    connection: &mut Connection,
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
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<Remembered, Failure> {
    let key = [&delivery.openid, &delivery.account, &delivery.key];
    let rows = connection
        .fetch_all(sql.answer, key.map(Parameter::from))
        .await?;
    Ok(match rows.first() {
        Some(row) => Remembered::AlreadyAnswered(row.try_get(0)?),
        None => Remembered::Conflict,
    })
}

/// The meaning of `User::apply`, in SQL.
async fn apply(
    connection: &mut Connection,
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
            connection
                .execute(sql.clear_items, [openid, account, name])
                .await?;
            let expires_at = Parameter::NumberOrNull(expires_at);
            let row = [openid, account, name, value.into(), expires_at, now];
            connection.execute(sql.set, row).await?;
        }
        Change::Add { key, item } => {
            let (name, item) = (Parameter::from(key), Parameter::from(item));
            connection
                .execute(sql.clear_value, [openid, account, name])
                .await?;
            let most = MAX_ITEMS.into();
            let row = [openid, account, name, item, now];
            let list = [item, openid, account, name, most];
            let added = connection
                .execute(sql.add, row.into_iter().chain(list))
                .await?;
            if added == 0 {
                let list = [openid, account, name, item];
                refuse_unless_present(connection, sql, list).await?;
            }
        }
        Change::Remove { key, item } => {
            let item = [openid, account, key.into(), item.into()];
            connection.execute(sql.remove, item).await?;
        }
        Change::Clear { key } => {
            let name = [openid, account, key.into()];
            connection.execute(sql.clear_value, name).await?;
            connection.execute(sql.clear_items, name).await?;
        }
        Change::ClearAll => {
            let follower = [openid, account];
            connection
                .execute(sql.clear_values_of_follower, follower)
                .await?;
            connection
                .execute(sql.clear_items_of_follower, follower)
                .await?;
        }
    }
    Ok(())
}

/// An item that was not added is there already, or the list is full.
async fn refuse_unless_present(
    connection: &mut Connection,
    sql: &Sql,
    list: [Parameter<'_>; 4],
) -> Result<(), Failure> {
    let row = connection.fetch_one(sql.has_item, list).await?;
    let present: i64 = row.try_get(0)?;
    if present > 0 {
        return Ok(());
    }
    Err(Failure::Unstorable {
        what: phrase!(one_more_item),
        why: phrase!(unstorable_list_full),
    })
}

fn forgets(change: &Change) -> bool {
    match change {
        Change::Set { .. } | Change::Add { .. } => false,
        Change::Remove { .. } | Change::Clear { .. } | Change::ClearAll => true,
    }
}

/// Runs an insert whose row may exist: MySQL has no quiet way to say so that would not
/// also silence other errors.
async fn execute_unless_there<'a>(
    connection: &mut Connection,
    statement: &'static str,
    parameters: impl IntoIterator<Item = Parameter<'a>>,
) -> Result<u64, Failure> {
    match connection.execute(statement, parameters).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(0),
        outcome => Ok(outcome?),
    }
}
