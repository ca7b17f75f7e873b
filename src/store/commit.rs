//! One call in a transaction of its own, until it is known what became of it.
//! Knows no statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::store::connection::Connection;
use crate::store::connections::PooledConnection;
use crate::store::database::Database;
use crate::store::database_state::Use;
use crate::store::error::{Meaning, SqlError, StoreError};
use crate::store::sql::Sql;
use crate::store::write::{Write, WriteOutcome};

/// The pause between retries when the connection was lost during a commit.
const PAUSE: Duration = Duration::from_millis(50);

/// Whether a commit was sent and not answered.
#[derive(Default)]
struct CommitState(AtomicBool);

impl CommitState {
    /// Runs what commits.
    async fn run<T>(&self, work: impl Future<Output = Result<T, SqlError>>) -> Result<T, SqlError> {
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

/// When the connection is lost during the commit, the same is tried again until the deadline: what
/// it finds there tells whether it is still to be done.
pub(super) async fn run<W: Write>(
    database: &Arc<Database>,
    deadline: Instant,
    work: &W,
) -> Result<W::Outcome, StoreError> {
    let (sql, commit) = (database.sql(), CommitState::default());
    let once = |mut lent: PooledConnection| async {
        let outcome = alone(lent.connection(), sql, work, &commit).await?;
        lent.release()?;
        Ok(outcome)
    };
    let outcome = database.in_time_for(Use::Storing, deadline, async {
        let mut is_repeated = false;
        loop {
            match database.run_writing(once).await {
                Err(_) if commit.is_unknown() => sleep(PAUSE).await,
                Ok(outcome) if is_repeated => return Ok(work.after_lost_commit(outcome)),
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

async fn alone<W: Write>(
    connection: &mut Connection,
    sql: &Sql,
    work: &W,
    commit: &CommitState,
) -> Result<W::Outcome, SqlError> {
    if work.is_one_statement() {
        let written = commit.run(work.write(connection, sql)).await?;
        let (WriteOutcome::Kept(outcome) | WriteOutcome::Undone(outcome)) = written;
        return Ok(outcome);
    }
    connection.run(sql.begin).await?;
    match work.write(connection, sql).await? {
        WriteOutcome::Kept(outcome) => {
            let end = async { Ok(connection.run("COMMIT").await?) };
            commit.run(end).await?;
            Ok(outcome)
        }
        WriteOutcome::Undone(outcome) => {
            connection.run("ROLLBACK").await?;
            Ok(outcome)
        }
    }
}
