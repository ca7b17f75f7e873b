//! Whether what rules store can be stored.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::database;
use crate::cli::database::DatabaseArgumentError;
use crate::cli::doctor::finding::Finding;
use crate::i18n::phrase;
use crate::rules::RuleSet;
use crate::store;
use crate::store::{DatabaseUrl, MAX_CLOCK_DIFFERENCE, Store, StoreError};

const TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn finding(
    url: Result<DatabaseUrl, DatabaseArgumentError>,
    rules: Option<&RuleSet>,
) -> Finding {
    let url = match url {
        Ok(url) => url,
        Err(error) => return Finding::error(phrase!(about_database), error),
    };
    if rules.is_some_and(|rules| !rules.remembers()) {
        return Finding::fine(phrase!(about_database), phrase!(database_needless));
    }
    let shown = url.to_string();
    let may_be_made = url.may_create() && url.path().is_some_and(may_be_made);
    let store = Store::new(url, TIMEOUT);
    let outcome = store::wait_for(async {
        match store.probe().await {
            Err(StoreError::NothingThere { .. }) => {
                store.rehearse().await?;
                return Ok(None);
            }
            probed => probed?,
        }
        let now = store.now().await?;
        let difference = now.map_or(0, |now| now - Timestamp::now().as_second());
        Ok::<_, StoreError>(Some(difference))
    });
    match outcome {
        Ok(Ok(Some(difference))) if difference.abs() > MAX_CLOCK_DIFFERENCE => Finding::wrong(
            phrase!(about_database),
            phrase!(
                database_clock,
                database = shown,
                seconds = difference.to_string()
            ),
            phrase!(help_database_clock),
        ),
        Ok(Ok(None)) => Finding::fine(
            phrase!(about_database),
            phrase!(database_without_tables, database = shown),
        ),
        Ok(Ok(Some(_))) => Finding::fine(
            phrase!(about_database),
            phrase!(database_fine, database = shown),
        ),
        Ok(Err(StoreError::NoFile { .. })) if may_be_made => Finding::fine(
            phrase!(about_database),
            phrase!(database_later, database = shown),
        ),
        Ok(Err(error)) => {
            let cause = database::cause(&error);
            let mut finding = Finding::error(phrase!(about_database), error);
            finding.said.push_str(&cause);
            finding
        }
        Err(error) => Finding::error(phrase!(about_database), error),
    }
}

/// Whether a file is missing that the server may make.
fn may_be_made(file: &Path) -> bool {
    let folder = file.parent().filter(|folder| *folder != Path::new(""));
    !file.exists() && is_writable(folder.unwrap_or(Path::new(".")))
}

fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}
