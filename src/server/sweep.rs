//! Deletes what is over, from time to time, once the database is in use, also from the log of a
//! SQLite file.

use std::error::Error;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::metrics::StoreOperation;
use crate::server::State;
use crate::server::timed::timed;
use crate::store::StoreError;

const PAUSE: Duration = Duration::from_secs(60);

/// Of emptying the log: ten minutes.
const MAX_QUIET_FAILURES: u32 = 10;

/// Answers have what followers wrote in them; nothing else that waits to be deleted delays them.
pub(super) fn start(state: &web::Data<State>) -> [JoinHandle<()>; 3] {
    let answers = again_and_again(state.clone(), "old answers stay", async |state, now| {
        state.store.sweep_answers(now).await
    });
    let values = again_and_again(state.clone(), "expired values stay", async |state, now| {
        state.store.sweep_values(now).await
    });
    let log = empty_log(state.clone());
    [rt::spawn(answers), rt::spawn(values), rt::spawn(log)]
}

async fn again_and_again(
    state: web::Data<State>,
    otherwise: &str,
    sweep: impl AsyncFn(&State, i64) -> Result<u64, StoreError>,
) {
    loop {
        rt::time::sleep(PAUSE).await;
        // A rule file that never remembered anything never opens a database.
        if !state.live.current().rules.remembers() && !state.store.is_open() {
            continue;
        }
        let sweeping = sweep(&state, Timestamp::now().as_second());
        if let Err(error) = timed(&state.metrics, StoreOperation::Sweep, sweeping).await {
            let cause = error.source().map(|cause| format!(" ({cause})"));
            let cause = cause.unwrap_or_default();
            log::warn!("{otherwise} in the database for now: {error}{cause}");
        }
    }
}

async fn empty_log(state: web::Data<State>) {
    let mut failures = 0;
    loop {
        rt::time::sleep(PAUSE).await;
        match state.store.empty_log().await {
            Ok(true) => failures = 0,
            Ok(false) => {
                failures += 1;
                if failures == MAX_QUIET_FAILURES {
                    log::warn!(
                        "another program has been reading {} for ten minutes, so that its file \
                         -wal grows and deleted texts stay in it",
                        state.store.url()
                    );
                }
            }
            Err(error) => log::warn!("deleted texts stay in the file -wal for now: {error}"),
        }
    }
}
