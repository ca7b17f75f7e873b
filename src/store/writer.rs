//! Groups messages into one SQLite transaction, so that they share the wait for the disk. Knows
//! neither what is written nor how.
//!
//! No message is answered before its commit. While one commit waits for the disk, arriving messages
//! gather for the next.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::lock::lock;
use crate::store::connection::Connection;
use crate::store::database::Database;
use crate::store::database_state::Use;
use crate::store::error::StoreError;
use crate::store::write::{Queued, Write, WriteJob};

pub(super) struct Writer {
    database: Arc<Database>,
    queue: Mutex<WriteQueue>,
}

#[derive(Default)]
struct WriteQueue {
    waiting: VecDeque<QueuedWrite>,
    is_served: bool,
}

struct QueuedWrite {
    job: Arc<dyn Queued>,
    /// Set by the writer, or by a caller that gives up, whichever is first.
    is_settled: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

/// Limits how long the first message of a group waits for others to join.
const MAX_GROUP: usize = 128;

impl Writer {
    pub(super) fn new(database: Arc<Database>) -> Writer {
        Writer {
            database,
            queue: Mutex::default(),
        }
    }

    pub(super) async fn run<W: Write>(
        self: &Arc<Self>,
        deadline: Instant,
        work: W,
    ) -> Result<W::Outcome, StoreError> {
        let job = Arc::new(WriteJob::new(work));
        let is_settled = Arc::new(AtomicBool::new(false));
        let outcome = async {
            loop {
                let queued = Arc::clone(&job) as Arc<dyn Queued>;
                let answered = self.enqueue(queued, Arc::clone(&is_settled));
                if let Ok(written) = answered.await {
                    written?;
                    if let Some(outcome) = job.outcome() {
                        return Ok(outcome);
                    }
                }
                // The writer's thread has ended. If this message is already written, the second
                // attempt finds its key and its answer.
                is_settled.store(false, Ordering::Relaxed);
            }
        };
        let outcome = self
            .database
            .in_time_for(Use::Storing, deadline, outcome)
            .await;
        match outcome {
            Err(StoreError::Timeout { database, limit })
                if is_settled.swap(true, Ordering::Relaxed) =>
            {
                Err(StoreError::Unknown { database, limit })
            }
            outcome => outcome,
        }
    }

    fn enqueue(
        self: &Arc<Self>,
        job: Arc<dyn Queued>,
        is_settled: Arc<AtomicBool>,
    ) -> oneshot::Receiver<Result<(), StoreError>> {
        let (answer, answered) = oneshot::channel();
        let is_served = {
            let mut queue = lock(&self.queue);
            queue.waiting.push_back(QueuedWrite {
                job,
                is_settled,
                answer,
            });
            std::mem::replace(&mut queue.is_served, true)
        };
        if !is_served {
            tokio::spawn(ServingQueue(Some(Arc::clone(self))).serve());
        }
        answered
    }

    /// The next messages with a caller still waiting, or the end of the writer.
    fn next_group(&self) -> Option<Vec<QueuedWrite>> {
        let mut queue = lock(&self.queue);
        queue.waiting.retain(|waiting| !waiting.answer.is_closed());
        let size = queue.waiting.len().min(MAX_GROUP);
        queue.is_served = size > 0;
        queue
            .is_served
            .then(|| queue.waiting.drain(..size).collect())
    }

    /// Writes all of a group or, on an error, none of it.
    async fn write(
        &self,
        group: &[QueuedWrite],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let mut lent = self.database.lend_for_writing().await?;
        let begin = lent.connection().run(self.database.sql().begin);
        begin.await.map_err(|error| self.error(error))?;
        let outcomes = match group {
            [alone] => vec![self.write_alone(lent.connection(), alone).await?],
            group => self.write_together(lent.connection(), group).await?,
        };
        lent.release()
            .map_err(|failure| self.database.error(failure))?;
        Ok(outcomes)
    }

    /// A message that cannot be stored is rolled back alone and does not affect the others.
    async fn write_together(
        &self,
        connection: &mut Connection,
        group: &[QueuedWrite],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let error = |error: sqlx::Error| self.error(error);
        let mut outcomes = Vec::with_capacity(group.len());
        for waiting in group {
            connection.run("SAVEPOINT message").await.map_err(error)?;
            let written = self.write_one(connection, waiting).await;
            match &written {
                Ok(true) => {}
                Ok(false) => connection.run("ROLLBACK TO message").await.map_err(error)?,
                Err(failed) => {
                    let undone = connection.run("ROLLBACK TO message").await;
                    // After some errors SQLite has already rolled back the whole transaction.
                    undone.map_err(|_| failed.clone())?;
                }
            }
            connection.run("RELEASE message").await.map_err(error)?;
            outcomes.push(written.map(drop));
        }
        connection.run("COMMIT").await.map_err(error)?;
        Ok(outcomes)
    }

    /// One that nobody shares the transaction with needs no place in it to go back to: each
    /// statement costs a way to SQLite's thread and back.
    async fn write_alone(
        &self,
        connection: &mut Connection,
        waiting: &QueuedWrite,
    ) -> Result<Result<(), StoreError>, StoreError> {
        let written = self.write_one(connection, waiting).await;
        let end = match &written {
            Ok(true) => "COMMIT",
            Ok(false) | Err(_) => "ROLLBACK",
        };
        match (&written, connection.run(end).await) {
            (Err(failed), Err(_)) => return Err(failed.clone()),
            (_, ended) => ended.map_err(|error| self.error(error))?,
        }
        Ok(written.map(drop))
    }

    /// Says whether anything is to be kept.
    async fn write_one(
        &self,
        connection: &mut Connection,
        waiting: &QueuedWrite,
    ) -> Result<bool, StoreError> {
        if waiting.is_settled.swap(true, Ordering::Relaxed) {
            // Its caller has given up, so nothing of it must be stored.
            return Ok(false);
        }
        let written = waiting.job.write(connection, self.database.sql()).await;
        written.map_err(|failure| self.database.error(failure))
    }

    fn error(&self, error: sqlx::Error) -> StoreError {
        self.database.error(error.into())
    }
}

/// The single task that writes the queue, and ends when it is empty. If its thread ends first,
/// those who wait notice and start another.
struct ServingQueue(Option<Arc<Writer>>);

impl ServingQueue {
    async fn serve(mut self) {
        let Some(writer) = &self.0 else { return };
        while let Some(group) = writer.next_group() {
            let outcomes = match writer.write(&group).await {
                Ok(outcomes) => outcomes,
                Err(error) => vec![Err(error); group.len()],
            };
            for (waiting, outcome) in group.into_iter().zip(outcomes) {
                // A caller that has given up needs no answer.
                let _ = waiting.answer.send(outcome);
            }
        }
        self.0 = None;
    }
}

impl Drop for ServingQueue {
    fn drop(&mut self) {
        if let Some(writer) = &self.0 {
            let unserved = std::mem::take(&mut *lock(&writer.queue));
            drop(unserved);
        }
    }
}
