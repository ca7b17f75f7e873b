//! Deletes what nobody fetched in time, and what is counted or remembered no longer.

use crate::store::connection::Connection;
use crate::store::error::SqlError;
use crate::store::question::LEASE;
use crate::store::sql::Sql;
use crate::store::write::{Write, WriteOutcome};
use crate::store::{MAX_CLOCK_DIFFERENCE, Store, StoreError};

struct Sweep {
    now: i64,
}

impl Store {
    /// Says how many questions were never answered to the end.
    pub async fn sweep_questions(&self, now: i64) -> Result<u64, StoreError> {
        self.write(Sweep { now }).await
    }
}

impl Write for Sweep {
    type Outcome = u64;

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<u64>, SqlError> {
        let [questions, others @ ..] = sql.questions.sweep;
        let unread = connection.execute(questions, [self.now.into()]).await?;
        for statement in others {
            connection.execute(statement, [self.now.into()]).await?;
        }
        let long_over = MAX_CLOCK_DIFFERENCE + i64::try_from(LEASE.as_secs()).unwrap_or(0);
        let before = self.now.saturating_sub(long_over).saturating_mul(1000);
        let statement = sql.questions.sweep_replicas;
        connection.execute(statement, [before.into()]).await?;
        Ok(WriteOutcome::Kept(unread))
    }
}
