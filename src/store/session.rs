//! A session at the server, and how to end it there. Knows no tables.
//!
//! While a server waits for a lock, a disk or a standby, it does not notice that the client is
//! gone. A client that keeps opening new connections then uses up all the server has.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::{Error, Row};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use crate::lock::lock;
use crate::store::connection::{ConnectOptions, Connection, Parameter};

/// Identifies a session of a server, even if its number is reused later.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Session(String);

const POSTGRES_OWN: &str = "SELECT pid::text || ' ' || backend_start::text \
                            FROM pg_stat_activity WHERE pid = pg_backend_pid()";
const POSTGRES_END: &str = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                            WHERE pid::text || ' ' || backend_start::text = $1";
const MYSQL_OWN: &str = "SELECT CAST(CONCAT(id, ' ', host) AS CHAR) \
                         FROM information_schema.processlist WHERE id = CONNECTION_ID()";
const MYSQL_COUNT: &str = "SELECT COUNT(*) FROM information_schema.processlist \
                           WHERE CAST(CONCAT(id, ' ', host) AS CHAR) = ?";

impl Session {
    /// SQLite has none.
    pub(super) async fn of(connection: &mut Connection) -> Result<Option<Session>, Error> {
        let statement = match connection {
            Connection::Sqlite(_) => return Ok(None),
            Connection::Postgres(_) => POSTGRES_OWN,
            Connection::MySql(_) => MYSQL_OWN,
        };
        let rows = connection.fetch_all(statement, []).await?;
        let session = rows.first().map(|row| row.try_get(0)).transpose()?;
        Ok(session.map(Session))
    }

    /// Asks the server to end it, and returns whether it still existed.
    async fn end(&self, connection: &mut Connection) -> Result<bool, Error> {
        let statement = match connection {
            Connection::Sqlite(_) => return Ok(false),
            Connection::Postgres(_) => POSTGRES_END,
            Connection::MySql(_) => MYSQL_COUNT,
        };
        let row = connection.fetch_one(statement, [Parameter::from(&self.0)]);
        let is_there = row.await?.try_get::<i64, _>(0)? > 0;
        let number = self
            .0
            .split(' ')
            .next()
            .and_then(|id| id.parse::<u64>().ok());
        if let (Connection::MySql(_), true, Some(number)) = (&*connection, is_there, number) {
            // It may have ended by itself in the meantime.
            let _ = connection.run(&format!("KILL {number}")).await;
        }
        Ok(is_there)
    }
}

/// Sessions that are no longer used. Each keeps its permit, so it counts as a connection until the
/// server has ended it.
pub(super) struct Ending {
    options: ConnectOptions,
    patience: Duration,
    state: Mutex<EndingState>,
}

#[derive(Default)]
struct EndingState {
    sessions: Vec<(Session, OwnedSemaphorePermit)>,
    is_served: bool,
}

const MIN_PAUSE: Duration = Duration::from_millis(10);
const MAX_PAUSE: Duration = Duration::from_millis(500);

impl Ending {
    pub(super) fn new(options: ConnectOptions, patience: Duration) -> Ending {
        Ending {
            options,
            patience,
            state: Mutex::default(),
        }
    }

    pub(super) fn end(self: &Arc<Self>, session: Session, permit: OwnedSemaphorePermit) {
        // Without a runtime, the process is ending anyway.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let is_served = {
            let mut state = lock(&self.state);
            state.sessions.push((session, permit));
            std::mem::replace(&mut state.is_served, true)
        };
        if !is_served {
            // A runtime that ends drops it at once, which takes the lock again.
            runtime.spawn(ServingEnds(Some(Arc::clone(self))).serve());
        }
    }

    fn sessions(&self) -> Vec<Session> {
        let state = lock(&self.state);
        let sessions = state.sessions.iter();
        sessions.map(|(session, _)| session.clone()).collect()
    }

    /// Those of them that are still there.
    async fn ask(&self, sessions: &[Session]) -> Result<HashSet<Session>, Error> {
        let mut connection = Connection::open(&self.options).await?;
        let mut there = HashSet::new();
        for session in sessions {
            if session.end(&mut connection).await? {
                there.insert(session.clone());
            }
        }
        let _ = connection.close().await;
        Ok(there)
    }
}

/// The single task that ends sessions, over one connection at a time.
struct ServingEnds(Option<Arc<Ending>>);

impl ServingEnds {
    async fn serve(mut self) {
        let Some(ending) = &self.0 else { return };
        let mut pause = MIN_PAUSE;
        loop {
            let asked = ending.sessions();
            let there = match timeout(ending.patience, ending.ask(&asked)).await {
                Ok(Ok(there)) => there,
                // The server refuses the connection, perhaps because it is full.
                Ok(Err(Error::Database(_))) => asked.iter().cloned().collect(),
                // It cannot be reached, so no further connection can be opened either.
                _ => HashSet::new(),
            };
            let is_over = {
                let mut state = lock(&ending.state);
                state
                    .sessions
                    .retain(|(session, _)| there.contains(session) || !asked.contains(session));
                state.is_served = !state.sessions.is_empty();
                !state.is_served
            };
            if is_over {
                break;
            }
            sleep(pause).await;
            pause = MAX_PAUSE.min(pause * 2);
        }
        self.0 = None;
    }
}

impl Drop for ServingEnds {
    /// If its thread ends first, others must not wait for it.
    fn drop(&mut self) {
        if let Some(ending) = &self.0 {
            let left = std::mem::take(&mut *lock(&ending.state));
            drop(left);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::mpsc;
    use std::thread;

    use tokio::runtime::Builder;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::store::url::DatabaseUrl;

    /// As a transaction under way is dropped with its task.
    struct InUse(Arc<Ending>, Option<OwnedSemaphorePermit>);

    impl Drop for InUse {
        fn drop(&mut self) {
            let session = Session("1 2026-11-28".to_owned());
            self.0.end(session, self.1.take().unwrap());
        }
    }

    #[test]
    fn a_runtime_ends_that_still_has_a_session_in_use() {
        let url: DatabaseUrl = "postgres://127.0.0.1:1/db".parse().unwrap();
        let ending = Arc::new(Ending::new(url.options().clone(), Duration::from_secs(1)));
        let permits = Arc::new(Semaphore::new(1));
        let permit = Arc::clone(&permits).try_acquire_owned().unwrap();
        let in_use = InUse(ending, Some(permit));
        let (ended, has_ended) = mpsc::channel();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.spawn(async move {
                let _in_use = in_use;
                pending::<()>().await;
            });
            runtime.block_on(tokio::task::yield_now());
            drop(runtime);
            ended.send(()).unwrap();
        });
        has_ended.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(permits.available_permits(), 1);
    }
}
