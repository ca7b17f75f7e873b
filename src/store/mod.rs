//! Stores the values of followers in SQLite, PostgreSQL or MySQL. Knows neither rules nor replies,
//! and reads the clock only for its own time limits.
//!
//! A message takes two calls: [`Store::recall`] reads the values of the follower, the caller
//! decides, and [`Store::remember`] writes the changes, the key of the delivery and the answer in
//! one transaction. If the follower changed in between, nothing is written and the caller starts
//! again, so that the messages of one follower are ordered, on any number of replicas.
//!
//! A write whose outcome is unknown, because time ran out or the connection broke, is an error.
//! Another delivery of the message is safe in any case: if the write succeeded, the key was written
//! in the same transaction, and the delivery gets the stored answer. If not, nothing was written,
//! and the delivery writes it.

mod backoff;
mod commit;
mod connection;
mod connections;
mod database;
mod database_state;
mod error;
mod export;
mod follower_lock;
mod foreign_rows;
mod forget;
mod limits;
mod list;
mod media;
mod migrate;
mod probe;
mod question;
mod recall;
mod session;
mod sql;
mod sqlite;
mod sweep;
mod transaction;
mod url;
mod write;
mod writer;

use std::io;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::store::connection::Parameter;
use crate::store::database::Database;
use crate::store::error::SqlError;
use crate::store::follower_lock::{FollowerLocks, Share};
use crate::store::question::lease::Replica;
use crate::store::transaction::RememberRequest;
use crate::store::url::DatabaseKind;
use crate::store::write::Write;
use crate::store::writer::Writer;
use crate::user::{Change, User};

pub use crate::store::backoff::Backoff;
pub use crate::store::database_state::DatabaseState;
pub use crate::store::error::{DatabaseMessage, StoreError};
pub use crate::store::export::{
    Export, ExportedAnswer, ExportedArrival, ExportedCount, ExportedItem, ExportedQuestion,
    ExportedTurn, ExportedValue,
};
pub use crate::store::follower_lock::FollowerLock;
pub use crate::store::limits::{MAX_ITEMS, MAX_KEY_CHARACTERS, MAX_VALUE_BYTES};
pub use crate::store::list::{ListFilter, Listed};
pub use crate::store::media::{KeptMedia, MediaClaim, MediaKey};
pub use crate::store::question::{
    Arrival, Arrived, Claimed, Count, EarlierDeliveries, Finish, Finished, Given, KEEP_QUESTIONS,
    LEASE, Lease, NewQuestion, NewTurn, PushClaimed, PushWindow, QuestionState, TakenOver,
    WaitingQuestion, WaitingQuestions,
};
pub use crate::store::sqlite::{MAX_FILES_OF_DATABASE, limit_files};
pub use crate::store::sweep::KEEP_ANSWERS;
pub use crate::store::url::{Access, DatabaseFile, DatabaseUrl, DatabaseUrlError};

/// Runs calls of a store to completion, for programs without a runtime.
pub fn wait_for<C: Future>(calls: C) -> io::Result<C::Output> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build()?;
    let outcome = runtime.block_on(calls);
    // Without waiting for a name server that says nothing.
    runtime.shutdown_background();
    Ok(outcome)
}

/// The number of seconds by which the clocks of replicas may differ. Beyond that, values expire at
/// the wrong time, and eventually answers are deleted while WeChat may still ask for them.
pub const MAX_CLOCK_DIFFERENCE: i64 = 60;

/// One database. It is opened by the first call; after a failure the next call tries again.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    /// SQLite writes one transaction at a time, so many messages share one.
    writer: Option<Arc<Writer>>,
    follower_locks: Arc<FollowerLocks>,
    share: Option<Share>,
    replica: Arc<Replica>,
    deadline: Option<Instant>,
}

/// Which database it is; it does not keep it open.
pub struct DatabaseIdentity(Weak<Database>);

impl PartialEq for DatabaseIdentity {
    fn eq(&self, other: &DatabaseIdentity) -> bool {
        self.0.ptr_eq(&other.0)
    }
}

/// One delivery of one message: its follower, its identity, and the time of its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Delivery {
    pub account: String,
    pub openid: String,
    /// The same for all retries of one message; `Message::delivery_key`.
    pub key: String,
    /// Unix seconds.
    pub at: i64,
}

pub struct Recalled {
    /// The stored values that have not expired.
    pub user: User,
    pub version: Version,
    /// The answer that this delivery got before.
    pub answer: Option<String>,
}

/// The version of a follower's values; every change gives another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(i64);

impl Version {
    /// For a follower without stored values.
    const NOTHING_STORED: i64 = 0;
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remembered {
    /// The changes and the answer are on disk.
    Done,
    /// Another delivery of the message was first; nothing changed. This is its answer.
    AlreadyAnswered(String),
    /// The follower changed since the recall; nothing changed. Recall and decide again.
    Conflict,
}

/// The answer of a delivery whose question was forgotten with all else of its follower; any other
/// is what the caller said.
pub const FORGOTTEN: &str = "";

/// Copying or listing a large database takes minutes; the user can interrupt it at any time.
const MAX_LARGE_CALL_TIME: Duration = Duration::from_secs(24 * 3600);

/// Most programs read only briefly.
const MAX_LOG_TRIES: u32 = 20;
const LOG_PAUSE: Duration = Duration::from_millis(100);

impl Store {
    /// Every call gives up after `limit`.
    pub fn new(url: DatabaseUrl, limit: Duration) -> Store {
        let groups_writes = url.kind() == DatabaseKind::Sqlite;
        let database = Arc::new(Database::new(url, limit));
        let writer = groups_writes.then(|| Arc::new(Writer::new(Arc::clone(&database))));
        Store {
            database,
            writer,
            follower_locks: Arc::default(),
            share: None,
            replica: Arc::default(),
            deadline: None,
        }
    }

    /// The same store for one account of several: however many messages it has, it leaves
    /// connections to the others.
    pub fn for_one_of_several(&self) -> Store {
        Store {
            share: Some(Share::new(self.database.most_of_one_account())),
            ..self.clone()
        }
    }

    /// The same store, for one message: every call for it gives up at this moment.
    pub fn until(&self, deadline: Instant) -> Store {
        Store {
            deadline: Some(deadline),
            ..self.clone()
        }
    }

    fn without_deadline(&self) -> Store {
        Store {
            deadline: None,
            ..self.clone()
        }
    }

    fn deadline(&self) -> Instant {
        let deadline = self.deadline;
        deadline.unwrap_or_else(|| Instant::now() + self.database.limit())
    }

    /// Waits for the follower's earlier messages in this process, and until the account has not
    /// more than its share. Without it, those that meet conflict, and begin again.
    pub async fn lock_follower(&self, delivery: &Delivery) -> FollowerLock {
        Arc::clone(&self.follower_locks)
            .lock(delivery, self.share.clone())
            .await
    }

    /// The address of the database, without the password.
    pub fn url(&self) -> &DatabaseUrl {
        self.database.url()
    }

    pub fn identity(&self) -> DatabaseIdentity {
        DatabaseIdentity(Arc::downgrade(&self.database))
    }

    /// Whether the database was opened, by this or any other call.
    pub fn is_open(&self) -> bool {
        self.database.is_open()
    }

    /// Whether the database answers and has its tables.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.database
            .read(|mut lent| async {
                lent.connection().ping().await?;
                lent.release()?;
                Ok(())
            })
            .await
    }

    /// The result of the last call by any store on this database.
    pub fn state(&self) -> DatabaseState {
        self.database.state()
    }

    /// Checks that all operations of the store work, and changes nothing in the tables.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let sql = self.database.sql();
        self.database
            .write(|mut lent| async {
                probe::probe(lent.connection(), sql).await?;
                lent.release()
            })
            .await
    }

    /// Checks that the tables could be made and used in a database that has none, and leaves
    /// nothing.
    pub async fn rehearse(&self) -> Result<(), StoreError> {
        self.database.rehearse().await
    }

    /// Unix seconds by the server's clock; `None` for SQLite.
    pub async fn now(&self) -> Result<Option<i64>, StoreError> {
        self.database
            .read(|mut lent| async {
                let now = probe::now(lent.connection()).await?;
                lent.release()?;
                Ok(now)
            })
            .await
    }

    pub async fn recall(&self, delivery: &Delivery) -> Result<Recalled, StoreError> {
        self.check(limits::check_delivery(delivery))?;
        let sql = self.database.sql();
        self.database
            .read_until(self.deadline(), |mut lent| async {
                let recalled = recall::recall(lent.connection(), sql, delivery).await?;
                lent.release()?;
                Ok(recalled)
            })
            .await
    }

    /// Applies the changes in order, as `User::apply` does, and stores the answer.
    ///
    /// `expected` is the version that the decision is based on; without one, the changes do not
    /// depend on stored values. `answer` is any text, returned to other deliveries of the message.
    pub async fn remember(
        &self,
        delivery: &Delivery,
        expected: Option<Version>,
        changes: &[Change],
        answer: &str,
    ) -> Result<Remembered, StoreError> {
        self.check(limits::check_delivery(delivery))?;
        self.check(limits::check_changes(changes, answer))?;
        let request = RememberRequest {
            delivery: delivery.clone(),
            expected,
            changes: changes.to_vec(),
            answer: answer.to_owned(),
        };
        self.write(request).await
    }

    async fn write<W: Write>(&self, work: W) -> Result<W::Outcome, StoreError> {
        match &self.writer {
            Some(writer) => writer.run(self.deadline(), work).await,
            None => commit::run(&self.database, self.deadline(), &work).await,
        }
    }

    /// Closes the database; a SQLite file is left without a log next to it. The next call opens it
    /// again.
    pub async fn close(&self) {
        // Nothing is lost if this fails, as the log is read with the file.
        let _ = self.database.close().await;
    }

    /// Everything stored about a person, including expired values that have not been swept yet.
    pub async fn export(&self, openid: &str) -> Result<Export, StoreError> {
        self.check(limits::check_openid(openid))?;
        let sql = self.database.sql();
        self.database
            .read(|mut lent| async {
                let export = export::export(lent.connection(), sql, openid).await?;
                lent.release()?;
                Ok(export)
            })
            .await
    }

    /// The stored values of all followers that have not expired, newest first. Before an error,
    /// some may already have been passed on. Returns how many rows could not be read.
    pub async fn list(
        &self,
        filter: &ListFilter,
        each: impl FnMut(Listed),
    ) -> Result<u64, StoreError> {
        // The usual time limit applies to finding out whether the database exists.
        self.ping().await?;
        let list = async {
            let mut lent = self.database.lend_for_reading().await?;
            let (sql, patience) = (self.database.sql(), self.database.limit() * 4 / 5);
            let listed = list::list(lent.connection(), sql, filter, patience, each).await;
            let listed = listed.and_then(|unreadable| lent.release().map(|()| unreadable));
            listed.map_err(|failure| self.database.error(failure))
        };
        let deadline = Instant::now() + MAX_LARGE_CALL_TIME;
        self.database.in_time(deadline, list).await
    }

    /// Deletes everything stored about a person, and returns the number of rows.
    pub async fn forget(&self, openid: &str) -> Result<u64, StoreError> {
        self.forget_follower(openid, None).await
    }

    /// The same for one account.
    pub async fn forget_in(&self, account: &str, openid: &str) -> Result<u64, StoreError> {
        self.forget_follower(openid, Some(account)).await
    }

    async fn forget_follower(
        &self,
        openid: &str,
        account: Option<&str>,
    ) -> Result<u64, StoreError> {
        self.check(limits::check_openid(openid))?;
        let sql = self.database.sql();
        self.database
            .write(|mut lent| async {
                let rows = forget::forget(lent.connection(), sql, openid, account).await?;
                lent.release()?;
                Ok(rows)
            })
            .await
    }

    /// Copies the current state of a SQLite database to a file that is empty or missing, while
    /// others read and write.
    pub async fn back_up(&self, file: &str) -> Result<(), StoreError> {
        let deadline = Instant::now() + MAX_LARGE_CALL_TIME;
        self.database
            .read_until(deadline, |mut lent| async {
                let statement = "VACUUM INTO $1";
                let file = [Parameter::Text(file)];
                let copied = lent.connection().execute(statement, file).await;
                copied.map_err(SqlError::of_copy)?;
                lent.release()?;
                Ok(())
            })
            .await
    }

    /// Removes deleted data from the log of a SQLite file as well. Returns false if another program
    /// is reading an older state of the database, which prevents it.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        for _ in 0..MAX_LOG_TRIES {
            if self.database.empty_log().await? {
                return Ok(true);
            }
            sleep(LOG_PAUSE).await;
        }
        Ok(false)
    }

    fn check(&self, outcome: Result<(), error::SqlError>) -> Result<(), StoreError> {
        outcome.map_err(|failure| self.database.error(failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_server_that_says_nothing_holds_up_no_program() {
        let (say, heard) = std::sync::mpsc::channel();
        let silent = move || heard.recv_timeout(Duration::from_secs(20)).is_ok();
        let asking = async { drop(tokio::task::spawn_blocking(silent)) };
        wait_for(asking).unwrap();
        say.send(()).unwrap();
    }

    #[test]
    fn calls_may_move_between_threads() {
        fn moves(_: impl Send) {}
        let url = "sqlite:never-opened.db".parse().unwrap();
        let store = Store::new(url, Duration::from_secs(1));
        let delivery = Delivery {
            account: String::new(),
            openid: String::new(),
            key: String::new(),
            at: 0,
        };
        moves(store.recall(&delivery));
        moves(store.remember(&delivery, None, &[], ""));
        moves(store.export(""));
        moves(store.forget(""));
        moves(store.empty_log());
        moves(store.back_up(""));
        moves(store.close());
        moves(store.sweep_answers(0));
        moves(store.sweep_values(0));
        moves(store.ping());
    }
}
