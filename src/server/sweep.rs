//! Deletes what has expired, from time to time, once the database is in use.

use std::error::Error;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::metrics::StoreOperation;
use crate::server::State;
use crate::server::timed::timed;

const PAUSE: Duration = Duration::from_secs(60);

pub(super) fn start(state: web::Data<State>) -> JoinHandle<()> {
    rt::spawn(async move {
        loop {
            rt::time::sleep(PAUSE).await;
            // A rule file that never remembered anything never opens a database.
            if !state.live.current().rules.remembers() && !state.store.is_open() {
                continue;
            }
            let sweep = state.store.sweep(Timestamp::now().as_second());
            if let Err(error) = timed(&state.metrics, StoreOperation::Sweep, sweep).await {
                let cause = error.source().map(|cause| format!(" ({cause})"));
                let cause = cause.unwrap_or_default();
                log::warn!("what has expired stays in the database for now: {error}{cause}");
            }
        }
    })
}
