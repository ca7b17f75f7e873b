//! Lets a line that repeats into the log once a minute, with the number of those left out. Knows
//! nothing of what is logged but a key for lines that are alike.

use std::collections::HashMap;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::i18n::phrase;
use crate::lock::lock;

/// Between two lines with one key.
const PAUSE: Duration = Duration::from_secs(60);

/// Further keys within a minute share one line.
const MAX_KEYS: usize = 1000;

/// When a line was last written for each key.
#[derive(Default)]
pub(crate) struct LogLimit(Mutex<HashMap<String, Logged>>);

struct Logged {
    at: Instant,
    left_out: u64,
}

/// How many lines were left out, of all keys, without another one that says so.
static UNTOLD: AtomicU64 = AtomicU64::new(0);

/// Says at the end of the program how many lines no other one will count.
pub(crate) fn tell_rest() {
    match UNTOLD.swap(0, Ordering::Relaxed) {
        0 => {}
        count => log::warn!("{}", phrase!(log_left_out_at_end, count)),
    }
}

/// How many lines were left out before this one; shown at its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeftOut(u64);

impl LogLimit {
    /// Whether a line with this key may be written now.
    pub(crate) fn permit(&self, key: &str) -> Option<LeftOut> {
        self.permit_at(key, Instant::now())
    }

    fn permit_at(&self, key: &str, now: Instant) -> Option<LeftOut> {
        let is_recent = |logged: &Logged| now.duration_since(logged.at) < PAUSE;
        let mut lines = lock(&self.0);
        let mut key = key;
        if lines.len() >= MAX_KEYS && !lines.contains_key(key) {
            lines.retain(|_, logged| is_recent(logged));
            if lines.len() >= MAX_KEYS {
                key = "";
            }
        }
        match lines.get_mut(key) {
            Some(logged) if is_recent(logged) => {
                logged.left_out += 1;
                UNTOLD.fetch_add(1, Ordering::Relaxed);
                None
            }
            Some(logged) => {
                logged.at = now;
                let left_out = std::mem::take(&mut logged.left_out);
                UNTOLD.fetch_sub(left_out, Ordering::Relaxed);
                Some(LeftOut(left_out))
            }
            None => {
                let first = Logged {
                    at: now,
                    left_out: 0,
                };
                lines.insert(key.to_owned(), first);
                Some(LeftOut(0))
            }
        }
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            more => write!(formatter, " {}", phrase!(log_left_out, count = more)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_permitted_once_a_minute_with_the_number_of_those_between() {
        let limit = LogLimit::default();
        let began = Instant::now();
        let permit = |key, seconds| {
            let left_out = limit.permit_at(key, began + Duration::from_secs(seconds));
            left_out.map(|LeftOut(more)| more)
        };
        assert_eq!(permit("signature", 0), Some(0));
        assert_eq!(permit("signature", 0), None);
        assert_eq!(permit("mode", 1), Some(0));
        assert_eq!(permit("signature", 59), None);
        assert_eq!(permit("signature", 60), Some(2));
        assert_eq!(permit("signature", 61), None);
        assert_eq!(permit("mode", 61), Some(0));
    }

    #[test]
    fn keys_without_end_take_no_memory_without_end() {
        let limit = LogLimit::default();
        let permitted = (0..5000).filter(|key| limit.permit(&key.to_string()).is_some());
        assert_eq!(permitted.count(), MAX_KEYS + 1);
        assert!(limit.0.lock().unwrap().len() <= MAX_KEYS + 1);
    }
}
