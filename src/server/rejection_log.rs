//! Tells the operator why requests are refused, seldom enough that strangers cannot fill the log.
//! Knows nothing of a request but the reason.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::wechat::RequestError;

/// Between two lines with one reason.
const PAUSE: Duration = Duration::from_secs(60);

/// What was told of each reason.
#[derive(Default)]
pub(super) struct RejectionLog(Mutex<BTreeMap<&'static str, Logged>>);

struct Logged {
    at: Instant,
    kept_back: u64,
}

impl RejectionLog {
    pub(super) fn warn_limited(&self, rejected: RequestError) {
        let Some(kept_back) = self.turn(rejected.reason(), Instant::now()) else {
            return;
        };
        let more = match kept_back {
            0 => String::new(),
            more => format!(" ({more} more since the last line like this)"),
        };
        log::warn!(
            "a request is refused, {rejected}; {}{more}",
            rejected.hint()
        );
    }

    /// Whether it is time to tell a reason, and then how often it was kept back before.
    fn turn(&self, reason: &'static str, now: Instant) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match told.get_mut(reason) {
            Some(told) if now.duration_since(told.at) < PAUSE => {
                told.kept_back += 1;
                None
            }
            _ => {
                let fresh = Logged {
                    at: now,
                    kept_back: 0,
                };
                Some(told.insert(reason, fresh).map_or(0, |told| told.kept_back))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_once_a_minute_with_the_number_of_those_between() {
        let rejection_log = RejectionLog::default();
        let began = Instant::now();
        let turn =
            |reason, seconds| rejection_log.turn(reason, began + Duration::from_secs(seconds));
        assert_eq!(turn("signature", 0), Some(0));
        assert_eq!(turn("signature", 0), None);
        assert_eq!(turn("mode", 1), Some(0));
        assert_eq!(turn("signature", 59), None);
        assert_eq!(turn("signature", 60), Some(2));
        assert_eq!(turn("signature", 61), None);
        assert_eq!(turn("mode", 61), Some(0));
    }
}
