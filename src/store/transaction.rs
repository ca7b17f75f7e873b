//! The statements between BEGIN and COMMIT for a message: its changes, its key and its answer. Many
//! messages can share one transaction.
//!
//! Every writer first locks the follower's row in `wx_followers`. From then on it has this follower
//! to itself, and what it reads stays valid until it commits.

use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::Row;

use crate::i18n::phrase;
use crate::store::connection::{Connection, Parameter};
use crate::store::error::SqlError;
use crate::store::limits::MAX_ITEMS;
use crate::store::sql::Sql;
use crate::store::write::{Write, WriteOutcome};
use crate::store::{Delivery, FORGOTTEN, Remembered, Version};
use crate::user::Change;

pub(super) struct RememberRequest {
    pub(super) delivery: Delivery,
    pub(super) expected: Option<Version>,
    pub(super) changes: Vec<Change>,
    pub(super) answer: String,
}

impl Write for RememberRequest {
    type Outcome = Remembered;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<Remembered>, SqlError> {
        Ok(match remember(connection, sql, self).await? {
            Remembered::Done => WriteOutcome::Kept(Remembered::Done),
            refused => WriteOutcome::Undone(refused),
        })
    }

    /// An answer without changes.
    fn is_one_statement(&self) -> bool {
        self.changes.is_empty()
    }

    fn after_lost_commit(&self, outcome: Remembered) -> Remembered {
        match outcome {
            Remembered::AlreadyAnswered(answer) if answer == self.answer => Remembered::Done,
            outcome => outcome,
        }
    }
}

/// In a transaction that someone else begins and commits, or rolls back after any outcome other
/// than `Done`.
pub(super) async fn remember(
    connection: &mut Connection,
    sql: &Sql,
    request: &RememberRequest,
) -> Result<Remembered, SqlError> {
    if !request.changes.is_empty() {
        let (delivery, expected) = (&request.delivery, request.expected);
        let locked = lock_follower(connection, sql, delivery, expected, &delivery.key).await?;
        if locked == 0 {
            return refusal(connection, sql, delivery).await;
        }
    }
    if deliver(connection, sql, request).await? == 0 {
        return refusal(connection, sql, &request.delivery).await;
    }
    change(connection, sql, &request.delivery, &request.changes).await?;
    Ok(Remembered::Done)
}

/// Applies the changes of a follower of whom the caller has taken hold. `delivery` asked for them:
/// its own question stays.
pub(super) async fn change(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
    changes: &[Change],
) -> Result<(), SqlError> {
    for change in changes {
        apply(connection, sql, delivery, change).await?;
    }
    if changes.iter().any(forgets) {
        let Delivery {
            openid, account, ..
        } = delivery;
        let follower = [openid, account, openid, account, openid, account];
        let parameters = follower.map(Parameter::from);
        connection
            .execute(sql.drop_follower_without_anything, parameters)
            .await?;
    }
    Ok(())
}

/// Takes hold of the follower, unless the delivery with the key `unanswered` is answered or the
/// version has moved.
pub(super) async fn lock_follower(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
    expected: Option<Version>,
    unanswered: &str,
) -> Result<u64, SqlError> {
    let (openid, account) = (
        Parameter::from(&delivery.openid),
        Parameter::from(&delivery.account),
    );
    let next = Parameter::from(next_version(delivery));
    let delivery = [openid, account, Parameter::Text(unanswered)];
    match expected {
        Some(Version(Version::NOTHING_STORED)) | None => {
            let statement = match expected {
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

/// A number that no earlier change has used. A counter would start again after everything was
/// deleted, and an earlier reader would not notice.
fn next_version(delivery: &Delivery) -> i64 {
    let mut hasher = DefaultHasher::new();
    (&delivery.account, &delivery.openid, &delivery.key).hash(&mut hasher);
    i64::try_from(hasher.finish() >> 2).map_or(1, |version| version.max(1))
}

async fn deliver(
    connection: &mut Connection,
    sql: &Sql,
    request: &RememberRequest,
) -> Result<u64, SqlError> {
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
) -> Result<Remembered, SqlError> {
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
) -> Result<(), SqlError> {
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
            let turns = [openid, account, key.into()];
            connection.execute(sql.questions.clear_turns, turns).await?;
        }
        Change::ClearAll => {
            let follower = [openid, account];
            connection
                .execute(sql.clear_values_of_follower, follower)
                .await?;
            connection
                .execute(sql.clear_items_of_follower, follower)
                .await?;
            let statement = sql.questions.clear_turns_of_follower;
            connection.execute(statement, follower).await?;
            let others = [openid, account, (&delivery.key).into()];
            // What waits elsewhere finds that, and not that its question is lost.
            let forgotten = [Parameter::Text(FORGOTTEN), now].into_iter().chain(others);
            let statement = sql.questions.answer_others_of_follower;
            connection.execute(statement, forgotten).await?;
            for statement in [
                sql.questions.clear_others_of_follower,
                sql.questions.clear_other_arrivals_of_follower,
            ] {
                connection.execute(statement, others).await?;
            }
        }
    }
    Ok(())
}

/// The item was not added because it exists already or the list is full.
async fn refuse_unless_present(
    connection: &mut Connection,
    sql: &Sql,
    list: [Parameter<'_>; 4],
) -> Result<(), SqlError> {
    let row = connection.fetch_one(sql.has_item, list).await?;
    let present: i64 = row.try_get(0)?;
    if present > 0 {
        return Ok(());
    }
    Err(SqlError::Unstorable {
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

/// Runs an insert whose row may exist. MySQL cannot ignore that without ignoring other errors, too.
pub(super) async fn execute_unless_there<'a>(
    connection: &mut Connection,
    statement: &'static str,
    parameters: impl IntoIterator<Item = Parameter<'a>>,
) -> Result<u64, SqlError> {
    match connection.execute(statement, parameters).await {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(0),
        outcome => Ok(outcome?),
    }
}
