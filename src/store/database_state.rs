//! Whether a database can be used, as far as the last calls tell.

use crate::store::StoreError;

/// What the last calls came to.
#[derive(Clone, Debug)]
pub enum DatabaseState {
    Unused,
    Usable,
    Failing(StoreError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Reading,
    Storing,
}

#[derive(Default)]
pub(super) struct LastCalls {
    last: Option<Result<(), StoreError>>,
    /// Until something can be stored again.
    not_stored: Option<StoreError>,
}

impl LastCalls {
    pub(super) fn note<T>(&mut self, using: Use, outcome: &Result<T, StoreError>) {
        let outcome = match outcome {
            Ok(_) => Ok(()),
            // It says nothing about the database.
            Err(StoreError::Unstorable { .. }) => return,
            Err(error) => Err(error.clone()),
        };
        if using == Use::Storing {
            self.not_stored = outcome.clone().err();
        }
        self.last = Some(outcome);
    }

    pub(super) fn state(&self) -> DatabaseState {
        match (&self.last, &self.not_stored) {
            (None, _) => DatabaseState::Unused,
            (Some(Err(error)), _) | (Some(Ok(())), Some(error)) => {
                DatabaseState::Failing(error.clone())
            }
            (Some(Ok(())), None) => DatabaseState::Usable,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reading_does_not_hide_that_nothing_can_be_stored() {
        let failure = StoreError::Timeout {
            database: "sqlite:f.db".to_owned(),
            limit: Duration::from_secs(1),
        };
        let mut calls = LastCalls::default();
        assert!(matches!(calls.state(), DatabaseState::Unused));
        for (using, outcome, is_usable) in [
            (Use::Reading, Ok(()), true),
            (Use::Storing, Err(failure.clone()), false),
            (Use::Reading, Ok(()), false),
            (Use::Storing, Ok(()), true),
            (Use::Reading, Err(failure), false),
            (Use::Reading, Ok(()), true),
        ] {
            calls.note(using, &outcome);
            let is_now = matches!(calls.state(), DatabaseState::Usable);
            assert_eq!(is_now, is_usable);
        }
    }
}
