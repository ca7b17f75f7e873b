//! A small pool of connections to one database. Knows no tables.
//!
//! sqlx's own pool pings a connection before and after each use, and waits for the answer even if
//! the network has lost it. Here a connection that is dropped without being released is closed, at
//! the server too, so that the database rolls back the transaction of a caller who was cancelled or
//! ran out of time.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use crate::lock::lock;
use crate::store::connection::{ConnectOptions, Connection};
use crate::store::error::{Meaning, SqlError};
use crate::store::session::{Ending, Session};
use crate::store::sqlite::{Opening, SqliteFile, needs_private_index};
use crate::store::url::{Access, DatabaseKind, DatabaseUrl};

pub(super) struct Connections {
    options: ConnectOptions,
    settings: String,
    patience: Duration,
    idle: Mutex<Vec<Idle>>,
    /// One permit per connection, granted in order.
    permits: Arc<Semaphore>,
    /// One more for each connection that is lent.
    lent: Arc<()>,
    ending: Arc<Ending>,
    most: u32,
    file: Option<Arc<SqliteFile>>,
}

struct Idle {
    connection: Connection,
    session: Option<Session>,
    since: Instant,
}

/// Firewalls and servers silently drop connections that are idle for minutes.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// How long a server may take for a further connection, where those in use may as well be waited
/// for: a pooler that has none left does not say so.
const MAX_OPENING: Duration = Duration::from_secs(1);

/// How long nothing more is asked of a server that gave no further connection.
const CROWDED_FOR: Duration = Duration::from_secs(5);

/// How long others may take that began to open a connection at the same time.
const OTHERS_OPEN_WITHIN: Duration = Duration::from_millis(200);

/// The maximum size of a SQLite log after it has been moved into the database file.
const MAX_LOG_BYTES: u32 = 4 << 20;

impl Connections {
    pub(super) fn new(
        url: &DatabaseUrl,
        most: u32,
        limit: Duration,
        file: Option<Arc<SqliteFile>>,
    ) -> Connections {
        // Waiting ends a little before the store's own limit, so that the error gives the reason.
        let patience = limit - limit / 5;
        let mut options = url.options().clone();
        if let (ConnectOptions::Sqlite { options, .. }, Access::Read) = (&mut options, url.access())
            && needs_private_index(options.get_filename())
        {
            *options = options.clone().vfs("unix-excl");
        }
        let mut settings = settings(url.kind(), patience, limit);
        if url.kind() == DatabaseKind::Sqlite && url.access() == Access::Create {
            settings.push_str(WITH_LOG);
        }
        Connections {
            options,
            settings,
            patience,
            ending: Arc::new(Ending::new(url.options().clone(), patience)),
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1))),
            lent: Arc::default(),
            most,
            file,
        }
    }

    /// Exclusive use of a connection until it is released or dropped.
    pub(super) async fn lend(self: &Arc<Self>) -> Result<PooledConnection, SqlError> {
        loop {
            if let Some(lent) = self.try_to_lend().await? {
                return Ok(lent);
            }
        }
    }

    /// The same; None if the server gives no further connection, so that one of those that are open
    /// is to be waited for.
    pub(super) async fn try_to_lend(
        self: &Arc<Self>,
    ) -> Result<Option<PooledConnection>, SqlError> {
        // The semaphore is never closed.
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
        let opening = match &self.file {
            Some(file) => Some(file.check()?),
            None => None,
        };
        let idle = self.idle();
        let was_idle = idle.is_some();
        let (connection, session) = match idle {
            Some(idle) => (idle.connection, idle.session),
            None => match self.open_another().await? {
                Some(opened) => opened,
                None => {
                    // Whoever waits meanwhile waits for the others.
                    tokio::spawn(async move {
                        sleep(CROWDED_FOR).await;
                        drop(permit);
                    });
                    return Ok(None);
                }
            },
        };
        let place = ConnectionPermit {
            session,
            permit: Some(permit),
            ending: Arc::clone(&self.ending),
            _lent: Arc::clone(&self.lent),
        };
        Ok(Some(PooledConnection {
            connection,
            was_idle,
            opening,
            connections: Arc::clone(self),
            place,
        }))
    }

    /// None if the server gives none besides those that are open.
    async fn open_another(&self) -> Result<Option<(Connection, Option<Session>)>, SqlError> {
        let mut open = pin!(async {
            let mut connection = self.connect().await?;
            let session = Session::of(&mut connection).await?;
            Ok::<_, SqlError>((connection, session))
        });
        if self.file.is_some() {
            return open.await.map(Some);
        }
        loop {
            match timeout(MAX_OPENING, &mut open).await {
                Ok(Err(failure)) if self.is_crowded(&failure).await => return Ok(None),
                Ok(opened) => return opened.map(Some),
                Err(_) if self.has_others() => return Ok(None),
                // There is no other way to one.
                Err(_) => {}
            }
        }
    }

    /// Whether the server gives no connection besides those that are open, or are being opened.
    async fn is_crowded(&self, failure: &SqlError) -> bool {
        if failure.meaning() != Meaning::Crowded {
            return false;
        }
        if !self.has_others() {
            sleep(OTHERS_OPEN_WITHIN).await;
        }
        self.has_others()
    }

    fn has_others(&self) -> bool {
        Arc::strong_count(&self.lent) > 1 || !lock(&self.idle).is_empty()
    }

    fn idle(&self) -> Option<Idle> {
        let idle = lock(&self.idle).pop()?;
        if idle.since.elapsed() < MAX_IDLE {
            return Some(idle);
        }
        // Servers log connections that end without a goodbye message.
        tokio::spawn(async move { timeout(MAX_IDLE, idle.connection.close()).await });
        None
    }

    /// If one idle connection is dead, the others probably are as well.
    pub(super) fn close_idle(&self) {
        let idle = std::mem::take(&mut *lock(&self.idle));
        drop(idle);
    }

    /// Closes all connections once none is in use. No new one is handed out until the result is
    /// dropped.
    pub(super) async fn close(&self) -> Result<OwnedSemaphorePermit, SqlError> {
        let all = Arc::clone(&self.permits)
            .acquire_many_owned(self.most)
            .await;
        let idle = std::mem::take(&mut *lock(&self.idle));
        for idle in idle {
            let _ = idle.connection.close().await;
        }
        Ok(all.map_err(|_| sqlx::Error::PoolClosed)?)
    }

    pub(super) async fn connect(&self) -> Result<Connection, SqlError> {
        let mut connection = Connection::open(&self.options).await?;
        let began = Instant::now();
        while let Err(error) = connection.run(&self.settings).await {
            let failure = SqlError::from(error);
            // If several programs start with the same new SQLite file, one switches it to WAL, and
            // SQLite does not let the others wait for that, whatever the busy timeout.
            if failure.meaning() != Meaning::Busy || began.elapsed() > self.patience {
                return Err(failure);
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(connection)
    }
}

pub(super) struct PooledConnection {
    connection: Connection,
    was_idle: bool,
    opening: Option<Opening>,
    connections: Arc<Connections>,
    place: ConnectionPermit,
}

/// The permit for one connection. A session that was not released holds it until the server has
/// ended it.
struct ConnectionPermit {
    session: Option<Session>,
    permit: Option<OwnedSemaphorePermit>,
    ending: Arc<Ending>,
    _lent: Arc<()>,
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        if let (Some(session), Some(permit)) = (self.session.take(), self.permit.take()) {
            self.ending.end(session, permit);
        }
    }
}

impl PooledConnection {
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    pub(super) fn session(&self) -> Option<&Session> {
        self.place.session.as_ref()
    }

    /// Whether it was idle before, so that it may be dead.
    pub(super) fn was_idle(&self) -> bool {
        self.was_idle
    }

    /// Returns the connection to the pool, which is allowed only if no transaction is open. An
    /// error means that the work is lost.
    pub(super) fn release(mut self) -> Result<(), SqlError> {
        if let (Some(file), Some(opening)) = (&self.connections.file, self.opening) {
            file.confirm(opening)?;
        }
        lock(&self.connections.idle).push(Idle {
            session: self.place.session.take(),
            connection: self.connection,
            since: Instant::now(),
        });
        Ok(())
    }
}

/// Changes go to a log first. The database says so itself, so this is needed once.
const WITH_LOG: &str = "; PRAGMA journal_mode = WAL";

/// Settings for every new connection.
///
/// The servers end a transaction whose client is silent, as its locks would block everyone else.
/// MySQL may limit all sessions to some rows, of which values have more: DEFAULT would be that limit.
/// SQLite overwrites deleted data, so that `forget` removes it from the file, too.
fn settings(kind: DatabaseKind, patience: Duration, limit: Duration) -> String {
    let patience = patience.as_millis().max(1);
    match kind {
        DatabaseKind::Sqlite => format!(
            "PRAGMA busy_timeout = {patience}; \
             PRAGMA synchronous = FULL; \
             PRAGMA journal_size_limit = {MAX_LOG_BYTES}; \
             PRAGMA secure_delete = ON"
        ),
        DatabaseKind::Postgres => format!(
            "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET statement_timeout = {patience}; \
             SET idle_in_transaction_session_timeout = {}",
            limit.as_millis().max(1) * 2
        ),
        DatabaseKind::MySql => format!(
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET SESSION sql_select_limit = 18446744073709551615; \
             SET SESSION innodb_lock_wait_timeout = {}; \
             SET SESSION wait_timeout = {}",
            patience.div_ceil(1000),
            MAX_IDLE.as_secs() * 2
        ),
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::*;

    fn connections(folder: &tempfile::TempDir, most: u32) -> Arc<Connections> {
        let file = folder.path().join("a.db");
        std::fs::write(&file, "").unwrap();
        let url = format!("sqlite:{}", file.display());
        let limit = Duration::from_secs(5);
        Arc::new(Connections::new(&url.parse().unwrap(), most, limit, None))
    }

    fn block_on(test: impl Future<Output = ()>) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(test);
    }

    #[test]
    fn every_sqlite_commit_reaches_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let connections = connections(&folder, 1);
        block_on(async {
            let mut lent = connections.lend().await.unwrap();
            for (pragma, value) in [("PRAGMA synchronous", "2"), ("PRAGMA journal_mode", "wal")] {
                let row = lent.connection().fetch_one(pragma, []).await;
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
    fn a_permit_that_is_dropped_in_any_way_goes_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let connections = connections(&folder, 1);
        block_on(async {
            let first = connections.lend().await.unwrap();
            let impatient = timeout(Duration::from_millis(1), connections.lend());
            assert!(impatient.await.is_err());
            let next = Arc::clone(&connections);
            let next = tokio::spawn(async move {
                let lent = next.lend().await;
                lent.is_ok_and(|lent| lent.was_idle())
            });
            first.release().unwrap();
            assert!(next.await.unwrap());
            let fresh = connections.lend().await.unwrap();
            assert!(!fresh.was_idle(), "one that was not given back is closed");
        });
    }
}
