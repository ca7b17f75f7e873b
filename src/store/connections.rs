//! A handful of connections to one database, lent out in turn. Knows no table.
//!
//! sqlx's own pool asks every connection whether it lives before and after each use, and waits
//! for the answer even when the network has swallowed it. Here a connection that was not given
//! back after finished work is closed, so that no transaction stays open behind a caller who
//! left or ran out of time: the database rolls it back.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use sqlx::AnyConnection;
use sqlx::AssertSqlSafe;
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::any::AnyConnectOptions;

use crate::store::error::Failure;
use crate::store::url::DatabaseKind;
use crate::store::url::DatabaseUrl;
use crate::store::waiting::Promise;
use crate::store::waiting::go_on;
use crate::store::waiting::lock;
use crate::store::waiting::promise;
use crate::store::waiting::within;

pub(super) struct Connections {
    options: AnyConnectOptions,
    settings: String,
    shared: Mutex<Shared>,
}

struct Shared {
    idle: Vec<Idle>,
    free_turns: usize,
    waiting: VecDeque<Promise<Turn>>,
}

struct Idle {
    connection: AnyConnection,
    since: Instant,
}

/// Firewalls and servers drop what is idle for minutes without telling anyone.
const MOST_IDLE: Duration = Duration::from_secs(30);

impl Connections {
    pub(super) fn new(url: &DatabaseUrl, most: usize, limit: Duration) -> Connections {
        Connections {
            options: url.options().clone(),
            settings: settings(url.kind(), limit),
            shared: Mutex::new(Shared {
                idle: Vec::new(),
                free_turns: most,
                waiting: VecDeque::new(),
            }),
        }
    }

    /// A connection of one's own until it is given back or dropped.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<Lent, Failure> {
        let turn = self.turn().await;
        let idle = self.idle();
        let was_idle = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Lent {
            connection,
            was_idle,
            turn,
        })
    }

    fn idle(&self) -> Option<AnyConnection> {
        let idle = lock(&self.shared).idle.pop()?;
        if idle.since.elapsed() < MOST_IDLE {
            return Some(idle.connection);
        }
        // Servers write a line to their log when a connection ends without a farewell.
        go_on(async move {
            within(MOST_IDLE, idle.connection.close()).await;
        });
        None
    }

    /// After one idle connection turned out dead, the others are not worth a try.
    pub(super) fn close_idle(&self) {
        let idle = std::mem::take(&mut lock(&self.shared).idle);
        drop(idle);
    }

    async fn connect(&self) -> Result<AnyConnection, Failure> {
        sqlx::any::install_default_drivers();
        let mut connection = self.options.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(self.settings.clone()))
            .execute(&mut connection)
            .await?;
        Ok(connection)
    }

    async fn turn(self: &Arc<Self>) -> Turn {
        loop {
            let promised = {
                let mut shared = lock(&self.shared);
                if shared.free_turns > 0 {
                    shared.free_turns -= 1;
                    return Turn(Arc::clone(self));
                }
                let (promise, promised) = promise();
                shared.waiting.push_back(promise);
                promised
            };
            if let Some(turn) = promised.value().await {
                return turn;
            }
        }
    }
}

/// The right to one connection; passed on to whoever waits longest when dropped.
struct Turn(Arc<Connections>);

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut shared = lock(&self.0.shared);
            shared.waiting.retain(Promise::is_awaited);
            let next = shared.waiting.pop_front();
            if next.is_none() {
                shared.free_turns += 1;
            }
            next
        };
        if let Some(next) = next {
            next.give(Turn(Arc::clone(&self.0)));
        }
    }
}

pub(super) struct Lent {
    connection: AnyConnection,
    was_idle: bool,
    turn: Turn,
}

impl Lent {
    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }

    /// Whether it lay unused before, and may have died meanwhile.
    pub(super) fn was_idle(&self) -> bool {
        self.was_idle
    }

    /// For others to use: only after work that left no transaction open.
    pub(super) fn give_back(self) {
        lock(&self.turn.0.shared).idle.push(Idle {
            connection: self.connection,
            since: Instant::now(),
        });
    }
}

/// What every new connection is told first.
///
/// Whoever waits gives up a little before the store's own limit, so that the error says why.
/// The servers end a transaction whose owner fell silent: its locks would stop everyone else.
fn settings(kind: &DatabaseKind, limit: Duration) -> String {
    let patience = (limit - limit / 5).as_millis().max(1);
    match kind {
        DatabaseKind::Sqlite { .. } => format!(
            "PRAGMA busy_timeout = {patience}; \
             PRAGMA journal_mode = WAL; \
             PRAGMA synchronous = FULL"
        ),
        DatabaseKind::Postgres => format!(
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET statement_timeout = {patience}; \
             SET idle_in_transaction_session_timeout = {}",
            limit.as_millis().max(1) * 2
        ),
        DatabaseKind::MySql => format!(
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET SESSION innodb_lock_wait_timeout = {}; \
             SET SESSION wait_timeout = {}",
            patience.div_ceil(1000),
            MOST_IDLE.as_secs() * 2
        ),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::*;

    fn connections(folder: &tempfile::TempDir, most: usize) -> Arc<Connections> {
        let url = format!("sqlite:{}/a.db", folder.path().display());
        let limit = Duration::from_secs(5);
        Arc::new(Connections::new(&url.parse().unwrap(), most, limit))
    }

    #[test]
    fn every_sqlite_commit_reaches_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let connections = connections(&folder, 1);
        sqlx::test_block_on(async {
            let mut lent = connections.lend().await.unwrap();
            for (pragma, value) in [("PRAGMA synchronous", "2"), ("PRAGMA journal_mode", "wal")] {
                let row = sqlx::query(pragma).fetch_one(lent.connection()).await;
                let row = row.unwrap();
                let is = match row.try_get::<i64, _>(0) {
                    Ok(number) => number.to_string(),
                    Err(_) => row.get(0),
                };
                assert_eq!(is, value, "{pragma}");
            }
        });
    }

    #[test]
    fn a_turn_that_is_dropped_in_any_way_goes_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let connections = connections(&folder, 1);
        sqlx::test_block_on(async {
            let first = connections.lend().await.unwrap();
            let impatient = within(Duration::from_millis(1), connections.lend());
            assert!(impatient.await.is_none());
            let (turn, promised) = (Arc::clone(&connections), promise::<bool>());
            let (told, is_idle) = promised;
            go_on(async move {
                let next = turn.lend().await;
                told.give(next.is_ok_and(|lent| lent.was_idle()));
            });
            first.give_back();
            assert_eq!(is_idle.value().await, Some(true));
            let fresh = connections.lend().await.unwrap();
            assert!(!fresh.was_idle(), "one that was not given back is closed");
        });
    }
}
