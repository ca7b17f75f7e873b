//! What is done between BEGIN and COMMIT, whoever begins and commits. Knows no statement.

use std::pin::Pin;
use std::sync::Mutex;

use crate::lock::lock;
use crate::store::connection::Connection;
use crate::store::error::SqlError;
use crate::store::sql::Sql;

/// One call that writes. It may run more than once, each time in a fresh transaction.
pub(super) trait Write: Send + Sync + 'static {
    type Outcome: Send + 'static;

    fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> impl Future<Output = Result<WriteOutcome<Self::Outcome>, SqlError>> + Send;

    /// Whether it is one statement, which needs no transaction around it.
    fn is_one_statement(&self) -> bool {
        false
    }

    /// What the outcome means where the same may have been written a moment before, by a commit
    /// whose answer never came.
    fn after_lost_commit(&self, outcome: Self::Outcome) -> Self::Outcome {
        outcome
    }
}

pub(super) enum WriteOutcome<T> {
    /// To be committed.
    Kept(T),
    /// To be rolled back.
    Undone(T),
}

/// A call that waits to share a transaction with others, which need not know what it gives.
pub(super) struct WriteJob<W: Write> {
    work: W,
    outcome: Mutex<Option<W::Outcome>>,
}

impl<W: Write> WriteJob<W> {
    pub(super) fn new(work: W) -> WriteJob<W> {
        WriteJob {
            work,
            outcome: Mutex::default(),
        }
    }

    /// What it gave when it was last written.
    pub(super) fn outcome(&self) -> Option<W::Outcome> {
        lock(&self.outcome).take()
    }
}

pub(super) trait Queued: Send + Sync {
    /// Whether it is to be kept.
    fn write<'a>(
        &'a self,
        connection: &'a mut Connection,
        sql: &'a Sql,
    ) -> Pin<Box<dyn Future<Output = Result<bool, SqlError>> + Send + 'a>>;
}

impl<W: Write> Queued for WriteJob<W> {
    fn write<'a>(
        &'a self,
        connection: &'a mut Connection,
        sql: &'a Sql,
    ) -> Pin<Box<dyn Future<Output = Result<bool, SqlError>> + Send + 'a>> {
        Box::pin(async move {
            let (outcome, is_kept) = match self.work.write(connection, sql).await? {
                WriteOutcome::Kept(outcome) => (outcome, true),
                WriteOutcome::Undone(outcome) => (outcome, false),
            };
            *lock(&self.outcome) = Some(outcome);
            Ok(is_kept)
        })
    }
}
