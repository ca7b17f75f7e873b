//! Tries the database at the start, and then looks at its clock, while a rule needs it.

use std::error::Error;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::server::State;
use crate::store::{MAX_CLOCK_DIFFERENCE, StoreError};

const PAUSE: Duration = Duration::from_secs(60);

pub(super) fn start(state: web::Data<State>) -> JoinHandle<()> {
    rt::spawn(async move {
        let mut was_tried = false;
        let mut differed = false;
        loop {
            if state.live.current().rules.remembers() {
                if !was_tried {
                    was_tried = true;
                    try_once(&state).await;
                }
                // An error is logged where a follower notices it.
                if let Ok(Some(difference)) = difference(&state).await {
                    let seconds = i32::try_from(difference).unwrap_or(i32::MAX);
                    state.metrics.database_clock_differs(seconds);
                    let differs = difference.abs() > MAX_CLOCK_DIFFERENCE;
                    if differs && !differed {
                        log::warn!(
                            "the clock of {} differs by {difference} s from this machine's, so \
                             that values expire at the wrong time; let NTP set both",
                            state.store.url()
                        );
                    }
                    differed = differs;
                }
            }
            rt::time::sleep(PAUSE).await;
        }
    })
}

/// The bot answers all the same: most rules need no database, and it may come later.
async fn try_once(state: &State) {
    match state.store.probe().await {
        Ok(()) => log::info!("the database {} can be used", state.store.url()),
        Err(error) => {
            let cause = error.source().map(|cause| format!(" ({cause})"));
            let cause = cause.unwrap_or_default();
            log::error!(
                "rules that need the database answer with on_error for now: {error}{cause}"
            );
        }
    }
}

/// Seconds by which the database is ahead.
async fn difference(state: &State) -> Result<Option<i64>, StoreError> {
    let now = state.store.now().await?;
    Ok(now.map(|now| now - Timestamp::now().as_second()))
}
