//! One message in a transaction of its own, until it is known what became of it.
//! Knows no statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::store::Remembered;
use crate::store::connections::PooledConnection;
use crate::store::database::Database;
use crate::store::error::{Failure, Meaning, StoreError};
use crate::store::transaction;
use crate::store::transaction::Request;

/// Between two questions to a database that was lost while it committed.
const PAUSE: Duration = Duration::from_millis(50);

/// Whether a commit was sent whose answer never came.
#[derive(Default)]
pub(super) struct CommitState(AtomicBool);

impl CommitState {
    /// Runs what commits.
    pub(super) async fn run<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        self.0.store(true, Ordering::Relaxed);
        let outcome = work.await;
        if !matches!(&outcome, Err(failure) if failure.meaning() == Meaning::Lost) {
            self.0.store(false, Ordering::Relaxed);
        }
        outcome
    }

    fn is_unknown(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// When the connection is lost during the commit, the same is tried again until the deadline: the
/// key of the delivery tells whether it is still to be done.
pub(super) async fn remember(
    database: &Arc<Database>,
    deadline: Instant,
    request: &Request,
) -> Result<Remembered, StoreError> {
    let (sql, commit) = (database.sql(), CommitState::default());
    let once = |mut lent: PooledConnection| async {
        let outcome = transaction::alone(lent.connection(), sql, request, &commit).await?;
        lent.release()?;
        Ok(outcome)
    };
    let outcome = database.in_time(deadline, async {
        let mut is_repeated = false;
        loop {
            match database.run_writing(once).await {
                Err(_) if commit.is_unknown() => sleep(PAUSE).await,
                Ok(Remembered::AlreadyAnswered(answer))
                    if is_repeated && answer == request.answer =>
                {
                    return Ok(Remembered::Done);
                }
                outcome => return outcome,
            }
            is_repeated = true;
        }
    });
    match outcome.await {
        Err(StoreError::Timeout { database, limit }) if commit.is_unknown() => {
            Err(StoreError::Unknown { database, limit })
        }
        outcome => outcome,
    }
}
