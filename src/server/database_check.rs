//! Checks each database at the start, and then its clock, while a rule needs it.

use std::error::Error;
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::i18n::phrase;
use crate::server::ServerState;
use crate::server::databases::{KnownDatabases, UsedDatabase, for_each};
use crate::store::{DatabaseState, MAX_CLOCK_DIFFERENCE, Store, StoreError};

const PAUSE: Duration = Duration::from_secs(60);

/// What came of looking at a database.
#[derive(Default)]
struct Checked {
    was_tried: bool,
    /// Seconds by which it was ahead when that was last known.
    difference: Option<i64>,
}

pub(super) fn start(state: web::Data<ServerState>) -> JoinHandle<()> {
    rt::spawn(async move {
        let mut known = KnownDatabases::new();
        loop {
            known = for_each(&state.directory, known, check).await;
            let differences = known.iter().filter_map(|(_, checked)| checked.difference);
            if let Some(most) = differences.max_by_key(|difference| difference.abs()) {
                let seconds = i32::try_from(most).unwrap_or(i32::MAX);
                state.metrics.database_clock_differs(seconds);
            }
            rt::time::sleep(PAUSE).await;
        }
    })
}

async fn check(database: UsedDatabase, before: Option<Checked>) -> Checked {
    let UsedDatabase { store, is_needed } = database;
    let mut checked = before.unwrap_or_default();
    if !is_needed {
        return checked;
    }
    // For rules that ask nothing, where others asked before.
    let _ = store.note_questions().await;
    if !std::mem::replace(&mut checked.was_tried, true) {
        try_once(&store).await;
    } else if let DatabaseState::Failing(_) = store.state() {
        // Nobody may store anything for a while, who would find out that it works again.
        let _ = store.probe().await;
    }
    // An error is logged where a follower is affected, and a lost file by whoever finds it.
    if let Ok(Some(difference)) = difference(&store).await {
        let before = checked.difference.replace(difference);
        let differs = |difference: i64| difference.abs() > MAX_CLOCK_DIFFERENCE;
        if differs(difference) && !before.is_some_and(differs) {
            let (database, seconds) = (store.url().to_string(), difference.to_string());
            log::warn!("{}", phrase!(log_database_clock, database, seconds));
        }
    }
    checked
}

/// The bot answers anyway: most rules need no database, and it may become available later.
async fn try_once(store: &Store) {
    match store.probe().await {
        Ok(()) => log::info!(
            "{}",
            phrase!(log_database_usable, database = store.url().to_string())
        ),
        Err(error) => {
            let cause = error.source().map(|cause| format!(" ({cause})"));
            let cause = cause.unwrap_or_default();
            let error = error.to_string();
            log::error!("{}{cause}", phrase!(log_database_unusable, error));
        }
    }
}

/// Seconds by which the database is ahead.
async fn difference(store: &Store) -> Result<Option<i64>, StoreError> {
    let now = store.now().await?;
    Ok(now.map(|now| now - Timestamp::now().as_second()))
}
