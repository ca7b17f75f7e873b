//! Periodically deletes expired data once the database is in use, and empties the log of a SQLite
//! file.

use std::error::Error;
use std::sync::Arc;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::i18n::{Phrase, phrase};
use crate::metrics::{Metrics, StoreOperation};
use crate::server::ServerState;
use crate::server::databases::{KnownDatabases, UsedDatabase, for_each};
use crate::server::store_timing::timed;
use crate::store::StoreError;

/// Of emptying the log: ten minutes.
const MAX_QUIET_FAILURES: u32 = 10;

/// Answers contain what followers wrote, so nothing else may delay their deletion.
pub(super) fn start(state: &web::Data<ServerState>) -> Vec<JoinHandle<()>> {
    let metrics = &state.metrics;
    let answers = {
        let metrics = Arc::clone(metrics);
        again_and_again(state.clone(), move |database, ()| {
            sweep_answers(database, Arc::clone(&metrics))
        })
    };
    let values = {
        let metrics = Arc::clone(metrics);
        again_and_again(state.clone(), move |database, ()| {
            sweep_values(database, Arc::clone(&metrics))
        })
    };
    let log = again_and_again(state.clone(), empty_log);
    vec![rt::spawn(answers), rt::spawn(values), rt::spawn(log)]
}

async fn again_and_again<K: Default + 'static, W: Future<Output = K> + 'static>(
    state: web::Data<ServerState>,
    work: impl Fn(UsedDatabase, K) -> W,
) {
    let mut known = KnownDatabases::new();
    loop {
        rt::time::sleep(state.questions.timing().sweep).await;
        let work = |database, before: Option<K>| work(database, before.unwrap_or_default());
        known = for_each(&state.directory, known, work).await;
    }
}

async fn sweep_answers(database: UsedDatabase, metrics: Arc<Metrics>) {
    let now = Timestamp::now().as_second();
    let sweeping = database.store.sweep_answers(now);
    sweep(&database, &metrics, phrase!(log_old_answers), sweeping).await;
    let sweeping = database.store.sweep_questions(now);
    let expired = sweep(&database, &metrics, phrase!(log_old_questions), sweeping).await;
    if expired > 0 {
        metrics.questions_expired(expired);
    }
}

async fn sweep_values(database: UsedDatabase, metrics: Arc<Metrics>) {
    let now = Timestamp::now().as_second();
    let sweeping = database.store.sweep_values(now);
    sweep(&database, &metrics, phrase!(log_expired_values), sweeping).await;
}

/// Gives how much was deleted.
async fn sweep(
    database: &UsedDatabase,
    metrics: &Metrics,
    otherwise: Phrase,
    sweeping: impl Future<Output = Result<u64, StoreError>>,
) -> u64 {
    // Rules that store nothing never open a database.
    if !database.is_needed && !database.store.is_open() {
        return 0;
    }
    match timed(metrics, StoreOperation::Sweep, sweeping).await {
        Ok(deleted) => deleted,
        Err(error) => {
            let cause = error.source().map(|cause| format!(" ({cause})"));
            let cause = cause.unwrap_or_default();
            log::warn!("{otherwise}: {error}{cause}");
            0
        }
    }
}

/// Gives how often in a row that was not possible.
async fn empty_log(database: UsedDatabase, failures: u32) -> u32 {
    match database.store.empty_log().await {
        Ok(true) => 0,
        Ok(false) => {
            if failures + 1 == MAX_QUIET_FAILURES {
                let database = database.store.url().to_string();
                log::warn!("{}", phrase!(log_wal_grows, database));
            }
            failures.saturating_add(1)
        }
        Err(error) => {
            log::warn!("{}", phrase!(log_wal_stays, error = error.to_string()));
            failures
        }
    }
}
