//! Many messages in one SQLite transaction, so that they share the wait for the disk.
//! Knows neither what is written nor how.
//!
//! Nobody is answered before the commit they are part of. While one commit waits for the disk,
//! the messages that arrive gather for the next.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::store::database::Database;
use crate::store::error::StoreError;
use crate::store::lock::lock;
use crate::store::write::{Job, Queued, Write};

pub(super) struct Writer {
    database: Arc<Database>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    is_served: bool,
}

struct Waiting {
    job: Arc<dyn Queued>,
    /// Set by the one who writes it, or by the one who gives up first.
    is_settled: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<(), StoreError>>,
}

/// Keeps the first of a group from waiting for ever more that join it.
const LARGEST_GROUP: usize = 128;

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
        let job = Arc::new(Job::new(work));
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
                // The thread of the one who wrote has ended. Should this message be written
                // already, the second attempt finds its key, and its answer.
                is_settled.store(false, Ordering::Relaxed);
            }
        };
        match self.database.in_time(deadline, outcome).await {
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
            queue.waiting.push_back(Waiting {
                job,
                is_settled,
                answer,
            });
            std::mem::replace(&mut queue.is_served, true)
        };
        if !is_served {
            tokio::spawn(Serving(Some(Arc::clone(self))).serve());
        }
        answered
    }

    /// The next that still have someone waiting for them, or the end of this service.
    fn next_group(&self) -> Option<Vec<Waiting>> {
        let mut queue = lock(&self.queue);
        queue.waiting.retain(|waiting| !waiting.answer.is_closed());
        let size = queue.waiting.len().min(LARGEST_GROUP);
        queue.is_served = size > 0;
        queue
            .is_served
            .then(|| queue.waiting.drain(..size).collect())
    }

    /// All of a group or, with an error, nothing of it. A message that cannot be stored is undone
    /// by itself and costs the others nothing.
    async fn write(&self, group: &[Waiting]) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        let mut lent = self.database.lend_for_writing().await?;
        let sql = self.database.sql();
        let error = |error: sqlx::Error| self.database.error(error.into());
        let connection = lent.connection();
        connection.run(sql.begin).await.map_err(error)?;
        let mut outcomes = Vec::with_capacity(group.len());
        for waiting in group {
            if waiting.is_settled.swap(true, Ordering::Relaxed) {
                // Nobody waits for this one any longer, and nothing of it is to be stored.
                outcomes.push(Ok(()));
                continue;
            }
            connection.run("SAVEPOINT message").await.map_err(error)?;
            let written = waiting.job.write(connection, sql).await;
            let written = written.map_err(|failure| self.database.error(failure));
            match &written {
                Ok(true) => {}
                Ok(false) => connection.run("ROLLBACK TO message").await.map_err(error)?,
                Err(failed) => {
                    let undone = connection.run("ROLLBACK TO message").await;
                    // After some errors SQLite has undone the whole transaction already.
                    undone.map_err(|_| failed.clone())?;
                }
            }
            connection.run("RELEASE message").await.map_err(error)?;
            outcomes.push(written.map(drop));
        }
        connection.run("COMMIT").await.map_err(error)?;
        lent.release()
            .map_err(|failure| self.database.error(failure))?;
        Ok(outcomes)
    }
}

/// The one task that writes whatever is queued, and ends when nothing is.
/// Should the thread it runs on end before, those who wait learn it and start another.
struct Serving(Option<Arc<Writer>>);

impl Serving {
    async fn serve(mut self) {
        let Some(writer) = &self.0 else { return };
        while let Some(group) = writer.next_group() {
            let outcomes = match writer.write(&group).await {
                Ok(outcomes) => outcomes,
                Err(error) => vec![Err(error); group.len()],
            };
            for (waiting, outcome) in group.into_iter().zip(outcomes) {
                // A caller who left needs no answer.
                let _ = waiting.answer.send(outcome);
            }
        }
        self.0 = None;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(writer) = &self.0 {
            let unserved = std::mem::take(&mut *lock(&writer.queue));
            drop(unserved);
        }
    }
}
