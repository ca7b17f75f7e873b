//! A replica lives as long as its lease, and has it renewed while it asks anything.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::lock::lock;
use crate::store::connection::Connection;
use crate::store::error::SqlError;
use crate::store::sql::Sql;
use crate::store::write::{Write, WriteOutcome};
use crate::store::{Store, StoreError};

/// After so long without a sign of life, what a replica asked is asked by another. Less than the
/// time until WeChat's last delivery.
pub const LEASE: Duration = Duration::from_secs(8);

/// This process, to others on the database.
pub(in crate::store) struct Replica {
    id: String,
    state: Mutex<LeaseState>,
    /// Held while the lease is renewed or given up: what is written last counts.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct LeaseState {
    leased_until: Option<Instant>,
    holders: usize,
    is_renewing: bool,
    /// Given up, and not to be renewed until something is asked again.
    is_released: bool,
}

/// Held while a question is asked.
pub struct Lease(Arc<Replica>);

pub(super) struct Renew(pub(super) String);

struct ReleaseLease(String);

impl Default for Replica {
    fn default() -> Replica {
        let random = || RandomState::new().hash_one(());
        Replica {
            id: format!("{:016x}{:016x}", random(), random()),
            state: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
        }
    }
}

impl Replica {
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl Lease {
    pub(in crate::store) fn replica(&self) -> &str {
        &self.0.id
    }

    /// Whether it ends soon, or has not begun.
    pub(super) fn is_due(&self) -> bool {
        let in_time = Instant::now() + LEASE / 2;
        let until = lock(&self.0.state).leased_until;
        until.is_none_or(|until| until <= in_time)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        lock(&self.0.state).holders -= 1;
    }
}

impl Store {
    /// Makes this replica known as one that lives. Renewed by a task of the runtime that calls.
    pub async fn lease(&self) -> Result<Lease, StoreError> {
        let lease = self.lease_with_claim();
        if lease.is_due() {
            self.renew().await?;
        }
        self.renew_while_asking();
        Ok(lease)
    }

    /// The same, where what is claimed next makes it known.
    pub fn lease_with_claim(&self) -> Lease {
        let mut state = lock(&self.replica.state);
        state.holders += 1;
        state.is_released = false;
        drop(state);
        Lease(Arc::clone(&self.replica))
    }

    /// What this replica still asks is free for others at once.
    pub async fn release(&self) -> Result<(), StoreError> {
        let _writing = self.replica.writing.lock().await;
        {
            let mut state = lock(&self.replica.state);
            state.leased_until = None;
            state.is_released = true;
        }
        self.write(ReleaseLease(self.replica.id.clone())).await
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let _writing = self.replica.writing.lock().await;
        if lock(&self.replica.state).is_released {
            return Ok(());
        }
        let began = Instant::now();
        self.write(Renew(self.replica.id.clone())).await?;
        self.renewed(began);
        Ok(())
    }

    /// By something that was begun then.
    pub(super) fn renewed(&self, began: Instant) {
        lock(&self.replica.state).leased_until = Some(began + LEASE);
    }

    pub(super) fn renew_while_asking(&self) {
        if !std::mem::replace(&mut lock(&self.replica.state).is_renewing, true) {
            let store = self.without_deadline();
            tokio::spawn(async move { Renewing(store).renew_while_asking().await });
        }
    }
}

/// Should its runtime end, the next question begins anew.
struct Renewing(Store);

impl Renewing {
    async fn renew_while_asking(self) {
        loop {
            sleep(LEASE / 4).await;
            let replica = &self.0.replica;
            {
                let mut state = lock(&replica.state);
                if state.holders == 0 || state.is_released {
                    state.is_renewing = false;
                    return;
                }
            }
            // The next try may do better; whoever waits for the answer learns of the failure.
            let _ = self.0.renew().await;
        }
    }
}

impl Drop for Renewing {
    fn drop(&mut self) {
        lock(&self.0.replica.state).is_renewing = false;
    }
}

/// Leases and releases, in a transaction that the caller undoes.
pub(super) async fn probe(
    connection: &mut Connection,
    sql: &Sql,
    replica: &str,
) -> Result<(), SqlError> {
    Renew(replica.to_owned()).write(connection, sql).await?;
    ReleaseLease(replica.to_owned())
        .write(connection, sql)
        .await?;
    Ok(())
}

impl Write for Renew {
    type Outcome = ();

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<()>, SqlError> {
        let lasts = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
        let row = [(&self.0).into(), lasts.into()];
        connection.execute(sql.questions.lease, row).await?;
        Ok(WriteOutcome::Kept(()))
    }
}

impl Write for ReleaseLease {
    type Outcome = ();

    async fn write(
        &self,
        connection: &mut Connection,
        sql: &Sql,
    ) -> Result<WriteOutcome<()>, SqlError> {
        let replica = [(&self.0).into()];
        connection.execute(sql.questions.release, replica).await?;
        Ok(WriteOutcome::Kept(()))
    }
}
