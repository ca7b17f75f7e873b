//! When uploads that failed are tried again.

use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use crate::uploads::RoundUnderWay;

/// An API that is back is used soon; one that is away for hours is not asked all the time.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_secs(600);

#[derive(Default)]
pub(super) struct Attempts {
    /// Whether what is known of files is found out anew.
    pub(super) asks_again: bool,
    /// The round that is under way, and ends with these attempts.
    round: Option<(u64, RoundUnderWay)>,
    failures: u32,
    again_at: Option<Instant>,
    waiting: Option<SyncSender<()>>,
}

impl Attempts {
    pub(super) fn for_who_waits(waiting: SyncSender<()>) -> Attempts {
        Attempts {
            waiting: Some(waiting),
            ..Attempts::default()
        }
    }

    pub(super) fn anew() -> Attempts {
        Attempts {
            asks_again: true,
            ..Attempts::default()
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.round.is_none() && self.again_at.is_none_or(|at| at <= now)
    }

    pub(super) fn begin(&mut self, round: u64, under_way: RoundUnderWay) {
        self.round = Some((round, under_way));
    }

    pub(super) fn is_round(&self, round: u64) -> bool {
        let under_way = self.round.as_ref();
        under_way.is_some_and(|(under_way, _)| *under_way == round)
    }

    /// Tries again at once: something may be better now.
    pub(super) fn hurry(&mut self) {
        self.again_at = None;
    }

    pub(super) fn failed(&mut self, now: Instant) {
        self.again_at = Some(now + pause(self.failures));
        self.failures = self.failures.saturating_add(1);
        self.round = None;
        // Nobody waits for the second try.
        self.waiting = None;
    }

    /// Who waits hears that it is known what there is to do.
    pub(super) fn tell(&self) {
        if let Some(waiting) = &self.waiting {
            // The caller may have gone on.
            let _ = waiting.try_send(());
        }
    }
}

fn pause(failures: u32) -> Duration {
    let factor = 2_u32.checked_pow(failures).unwrap_or(u32::MAX);
    FIRST_PAUSE.saturating_mul(factor).min(MAX_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_at_ten_minutes() {
        let mut attempts = Attempts::default();
        let now = Instant::now();
        assert!(attempts.is_due(now));
        for seconds in [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600] {
            attempts.begin(1, RoundUnderWay::default());
            assert!(!attempts.is_due(now + MAX_PAUSE));
            attempts.failed(now);
            let again = now + Duration::from_secs(seconds);
            assert!(!attempts.is_due(again - Duration::from_secs(1)));
            assert!(attempts.is_due(again));
        }
        attempts.hurry();
        assert!(attempts.is_due(now));
    }
}
