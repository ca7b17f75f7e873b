//! One database: connected and migrated when first needed, and again after it was unavailable.
//! Knows no followers.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout, timeout_at};

use crate::lock::lock;
use crate::store::connections::{Connections, PooledConnection};
use crate::store::database_state::{DatabaseState, LastCalls, Use};
use crate::store::error::{Meaning, SqlError, StoreError};
use crate::store::migrate::{FoundTables, found, migrate, rehearse};
use crate::store::probe::wrong_encoding;
use crate::store::question::OpenQuestions;
use crate::store::sql;
use crate::store::sql::Sql;
use crate::store::sqlite::SqliteFile;
use crate::store::url::{Access, DatabaseKind, DatabaseUrl};

pub(super) struct Database {
    url: DatabaseUrl,
    limit: Duration,
    sql: Sql,
    reading: Arc<Connections>,
    writing: Arc<Connections>,
    file: Option<Arc<SqliteFile>>,
    tables: Mutex<Tables>,
    open_questions: OpenQuestions,
    last_calls: Mutex<LastCalls>,
    /// Of whoever opened it first.
    runtime: OnceLock<Handle>,
}

enum Tables {
    Unknown,
    BeingMade(Vec<oneshot::Sender<Result<(), StoreError>>>),
    Made,
}

/// Enough to keep a server busy, few enough to leave room for other replicas.
const SERVER_CONNECTIONS: u32 = 8;

/// SQLite reads in parallel, and writes one at a time.
const SQLITE_READERS: u32 = 4;

/// Of one account where there are several: two connections are left to the others.
const SERVER_SHARE: u32 = SERVER_CONNECTIONS - 2;

/// The same for SQLite, where many messages are written together.
const SQLITE_SHARE: u32 = 128;

/// The pause between retries of conflicting transactions.
const MAX_BACKOFF: Duration = Duration::from_millis(50);

/// A migration may move many rows, so it is not limited by the messages that wait for it.
const MAX_MIGRATION_TIME: Duration = Duration::from_secs(600);

impl Database {
    pub(super) fn new(url: DatabaseUrl, limit: Duration) -> Database {
        let file = url.file().map(Arc::new);
        let connections = |most| Arc::new(Connections::new(&url, most, limit, file.clone()));
        let (sql, reading, writing) = match url.kind() {
            DatabaseKind::Sqlite => (sql::SQLITE, connections(SQLITE_READERS), connections(1)),
            kind => {
                let connections = connections(SERVER_CONNECTIONS);
                let sql = match kind {
                    DatabaseKind::MySql => sql::MYSQL,
                    _ => sql::POSTGRES,
                };
                (sql, Arc::clone(&connections), connections)
            }
        };
        Database {
            url,
            limit,
            sql,
            reading,
            writing,
            file,
            tables: Mutex::new(Tables::Unknown),
            open_questions: OpenQuestions::default(),
            last_calls: Mutex::default(),
            runtime: OnceLock::new(),
        }
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    pub(super) fn state(&self) -> DatabaseState {
        lock(&self.last_calls).state()
    }

    /// The time limit of a call without a deadline.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// How many messages of one account may be with the database at once.
    pub(super) fn most_of_one_account(&self) -> u32 {
        match self.url.kind() {
            DatabaseKind::Sqlite => SQLITE_SHARE,
            _ => SERVER_SHARE,
        }
    }

    pub(super) fn open_questions(&self) -> &OpenQuestions {
        &self.open_questions
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(*lock(&self.tables), Tables::Made)
    }

    pub(super) fn sql(&self) -> &Sql {
        &self.sql
    }

    /// The work must release its connection when it is done.
    pub(super) async fn read<T, F>(
        self: &Arc<Self>,
        work: impl Fn(PooledConnection) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        let deadline = Instant::now() + self.limit;
        self.read_until(deadline, work).await
    }

    pub(super) async fn read_until<T, F>(
        self: &Arc<Self>,
        deadline: Instant,
        work: impl Fn(PooledConnection) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        self.in_time(deadline, self.run(&self.reading, work)).await
    }

    /// The work may run more than once, each time on a connection without a transaction.
    pub(super) async fn write<T, F>(
        self: &Arc<Self>,
        work: impl Fn(PooledConnection) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        let deadline = Instant::now() + self.limit;
        let writing = self.run_writing(work);
        self.in_time_for(Use::Storing, deadline, writing).await
    }

    /// The same without a limit.
    pub(super) async fn run_writing<T, F>(
        self: &Arc<Self>,
        work: impl Fn(PooledConnection) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        self.run(&self.writing, work).await
    }

    pub(super) async fn in_time<T>(
        &self,
        deadline: Instant,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.in_time_for(Use::Reading, deadline, work).await
    }

    pub(super) async fn in_time_for<T>(
        &self,
        using: Use,
        deadline: Instant,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let limit = deadline.saturating_duration_since(Instant::now());
        let outcome = timeout_at(deadline.into(), work).await;
        let outcome = outcome.unwrap_or_else(|_| Err(self.timed_out(limit)));
        lock(&self.last_calls).note(using, &outcome);
        outcome
    }

    /// A connection for writing, with the tables created.
    pub(super) async fn lend_for_writing(self: &Arc<Self>) -> Result<PooledConnection, StoreError> {
        self.tables().await?;
        self.writing
            .lend()
            .await
            .map_err(|failure| self.error(failure))
    }

    /// A connection for reading, with the tables created.
    pub(super) async fn lend_for_reading(self: &Arc<Self>) -> Result<PooledConnection, StoreError> {
        self.tables().await?;
        let lent = self.reading.lend().await;
        lent.map_err(|failure| self.error(failure))
    }

    pub(super) fn error(&self, failure: SqlError) -> StoreError {
        let meaning = failure.meaning();
        let error = failure.into_error(&self.url.to_string());
        if meaning == Meaning::ReadOnly
            && let Some(file) = &self.file
            && file.is_writable_again()
        {
            // The next call opens it again.
            *lock(&self.tables) = Tables::Unknown;
        }
        if matches!(meaning, Meaning::NoTables | Meaning::Replaced) {
            // The database was replaced: the next call creates the tables there.
            let mut tables = lock(&self.tables);
            if let Tables::Made = *tables {
                *tables = Tables::Unknown;
                // Whoever finds it first, such as a task that nobody waits for.
                log::error!("{error}");
            }
        }
        error
    }

    /// In tenths of a second: what is left until a deadline has many digits.
    fn timed_out(&self, limit: Duration) -> StoreError {
        let tenths = u64::try_from(limit.as_millis().div_ceil(100)).unwrap_or(u64::MAX / 100);
        StoreError::Timeout {
            database: self.url.to_string(),
            limit: Duration::from_millis(tenths.max(1) * 100),
        }
    }

    async fn run<T, F>(
        self: &Arc<Self>,
        connections: &Arc<Connections>,
        work: impl Fn(PooledConnection) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, SqlError>>,
    {
        self.tables().await?;
        let mut backoff = Duration::from_millis(2);
        loop {
            let lent = connections
                .lend()
                .await
                .map_err(|failure| self.error(failure))?;
            let was_idle = lent.was_idle();
            let failure = match work(lent).await {
                Ok(outcome) => return Ok(outcome),
                Err(failure) => failure,
            };
            match failure.meaning() {
                Meaning::Lost if was_idle => connections.close_idle(),
                Meaning::Conflict => {
                    sleep(backoff).await;
                    backoff = MAX_BACKOFF.min(backoff * 2);
                }
                _ => return Err(self.error(failure)),
            }
        }
    }

    /// Waits until the tables exist. The first caller starts a task that creates them and goes on
    /// even if no one waits any longer, so that a long migration runs once instead of starting with
    /// each message.
    async fn tables(self: &Arc<Self>) -> Result<(), StoreError> {
        loop {
            let (maker, made) = oneshot::channel();
            let is_first = {
                let mut tables = lock(&self.tables);
                match &mut *tables {
                    Tables::Made => return Ok(()),
                    Tables::BeingMade(waiting) => {
                        waiting.push(maker);
                        false
                    }
                    Tables::Unknown => {
                        *tables = Tables::BeingMade(vec![maker]);
                        true
                    }
                }
            };
            if is_first {
                self.runtime.get_or_init(Handle::current);
                // A runtime that ends drops it at once, which takes the lock again.
                tokio::spawn(Making(Some(Arc::clone(self))).make());
            }
            if let Ok(outcome) = made.await {
                return outcome;
            }
        }
    }

    async fn make_tables(&self) -> Result<(), StoreError> {
        let look = async {
            let opened = self.open_file().await;
            opened.map_err(|failure| self.error(failure))?;
            let lent = self.writing.lend().await;
            let mut lent = lent.map_err(|failure| self.error(failure))?;
            let checked = self.check(&mut lent).await;
            checked.map_err(|failure| self.error(failure))?;
            let found = found(lent.connection(), &self.sql).await;
            let found = found.map_err(|failure| self.error(failure))?;
            if found == FoundTables::Nothing && self.url.access() != Access::Create {
                let lent = lent.release();
                return Err(self.error(lent.err().unwrap_or(SqlError::NothingThere)));
            }
            Ok((lent, found))
        };
        let (mut lent, found) = self.in_time(Instant::now() + self.limit, look).await?;
        if found != FoundTables::Current && self.url.access() != Access::Read {
            let migrating = migrate(lent.connection(), self.url.kind(), &self.sql);
            match timeout(MAX_MIGRATION_TIME, migrating).await {
                Ok(outcome) => outcome.map_err(|failure| self.error(failure))?,
                Err(_) => return Err(self.timed_out(MAX_MIGRATION_TIME)),
            }
        }
        lent.release().map_err(|failure| self.error(failure))
    }

    /// Whether the server can be used.
    async fn check(&self, lent: &mut PooledConnection) -> Result<(), SqlError> {
        if let Some(encoding) = wrong_encoding(lent.connection()).await? {
            return Err(SqlError::Encoding(encoding));
        }
        if lent.session().is_none() {
            return Ok(());
        }
        // A pooler in transaction mode hands out this session again.
        match self.writing.try_to_lend().await {
            Ok(Some(other)) if other.session() == lent.session() => Err(SqlError::SharedSession),
            Ok(Some(other)) => other.release(),
            Err(failure) if failure.meaning() == Meaning::SharedSession => Err(failure),
            // A server without further connections is not its concern.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// Whether the tables could be made in a database that has none.
    pub(super) async fn rehearse(&self) -> Result<(), StoreError> {
        let check = async {
            let mut lent = self.writing.lend().await?;
            rehearse(lent.connection(), self.url.kind(), &self.sql).await?;
            lent.release()
        };
        let check = async { check.await.map_err(|failure| self.error(failure)) };
        self.in_time(Instant::now() + self.limit, check).await
    }

    /// Closes the database; for SQLite, after moving everything into the file. The next call opens
    /// it again.
    pub(super) async fn close(&self) -> Result<(), StoreError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let close = async {
            let _permits = (self.reading.close().await?, self.writing.close().await?);
            file.close().await;
            Ok(())
        };
        let close = async { close.await.map_err(|failure| self.error(failure)) };
        let closed = self.in_time(Instant::now() + self.limit, close).await;
        *lock(&self.tables) = Tables::Unknown;
        closed
    }

    /// Whether it succeeded. Servers maintain their logs themselves.
    pub(super) async fn empty_log(&self) -> Result<bool, StoreError> {
        match &self.file {
            Some(file) if self.is_open() => {
                let empty = async {
                    file.empty_log()
                        .await
                        .map_err(|failure| self.error(failure))
                };
                self.in_time(Instant::now() + self.limit, empty).await
            }
            _ => Ok(true),
        }
    }

    async fn open_file(&self) -> Result<(), SqlError> {
        match &self.file {
            Some(file) if !file.is_current() => {
                let _permits = (self.reading.close().await?, self.writing.close().await?);
                file.open(|| self.writing.connect()).await
            }
            _ => Ok(()),
        }
    }
}

/// A server goes on when the last of its accounts with this database is gone. Connections that end
/// at the same time would each leave the log of a SQLite file to the others.
impl Drop for Database {
    fn drop(&mut self) {
        let (Some(file), Some(runtime)) = (self.file.take(), self.runtime.get()) else {
            return;
        };
        let (reading, writing) = (Arc::clone(&self.reading), Arc::clone(&self.writing));
        let limit = self.limit;
        runtime.spawn(async move {
            let close = async {
                let _permits = (reading.close().await, writing.close().await);
                file.close().await;
            };
            let _ = timeout(limit, close).await;
        });
    }
}

/// The single task that creates the tables. If its thread ends first, those who wait notice and
/// start another.
struct Making(Option<Arc<Database>>);

impl Making {
    async fn make(mut self) {
        let Some(database) = &self.0 else { return };
        let outcome = database.make_tables().await;
        let next = match &outcome {
            Ok(()) => Tables::Made,
            Err(_) => Tables::Unknown,
        };
        let before = std::mem::replace(&mut *lock(&database.tables), next);
        self.0 = None;
        if let Tables::BeingMade(waiting) = before {
            for maker in waiting {
                let _ = maker.send(outcome.clone());
            }
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if let Some(database) = &self.0 {
            let before = std::mem::replace(&mut *lock(&database.tables), Tables::Unknown);
            drop(before);
        }
    }
}
