//! Decides when a changed file is stable, which means that no save is in progress as far as can be
//! known. Knows fingerprints and the time, but not who notices changes.

use std::time::{Duration, Instant};

use crate::live_rules::watch::fingerprint::{Fingerprint, TICK};

/// After a change noticed by polling: some programs write in pieces, without a sign that more will
/// follow.
const UNHEARD: Duration = Duration::from_millis(450);

/// Many saves begin by removing or truncating the file.
pub(super) const GONE: Duration = Duration::from_secs(1);

/// After the last write by a program that keeps the file open.
const STALLED: Duration = Duration::from_secs(10);

/// One followed file: how it was when it was read, and how it has looked since.
#[derive(Debug)]
pub(super) struct FileState {
    read: Option<Fingerprint>,
    seen: Option<Fingerprint>,
    since: Instant,
    last: NoticedChange,
}

/// How the last change was noticed. Of several, told of one file under its names, the last here
/// counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NoticedChange {
    /// The file looks different.
    Seen,
    /// The system told that it was closed, or put in its place as a whole.
    Complete,
    /// The system told that it was written to, and not yet that it was closed.
    Written,
}

impl FileState {
    /// A file that was never read has rested as long as its time of change says; one that is
    /// missing is not waited for.
    pub(super) fn at_first_sight(seen: Option<Fingerprint>, now: Instant) -> FileState {
        let age = seen.map_or(GONE, |seen| seen.age().min(GONE + seen.tick()));
        FileState {
            read: None,
            seen,
            // A machine younger than the file has no such instant.
            since: now.checked_sub(age).unwrap_or(now),
            last: NoticedChange::Seen,
        }
    }

    /// A file that was missing when the others were read.
    pub(super) fn of_a_missing_file(now: Instant) -> FileState {
        FileState {
            read: None,
            seen: None,
            since: now,
            last: NoticedChange::Seen,
        }
    }

    /// `told` is what the system told since the last look.
    pub(super) fn look(
        &mut self,
        seen: Option<Fingerprint>,
        told: Option<NoticedChange>,
        now: Instant,
    ) {
        let is_the_same_file =
            seen.map(|seen| seen.identity()) == self.seen.map(|seen| seen.identity());
        if let Some(told) = told {
            self.last = told;
        } else if seen == self.seen {
            return;
        } else if self.last == NoticedChange::Complete || !is_the_same_file {
            // What was told of an earlier change says nothing of this one.
            self.last = NoticedChange::Seen;
        }
        self.seen = seen;
        self.since = now;
    }

    /// Nobody can tell any more when its writer is done.
    pub(super) fn forget_the_writer(&mut self) {
        if self.last == NoticedChange::Written {
            self.last = NoticedChange::Seen;
        }
    }

    /// When a change will be at rest, if nothing more happens; None if there is none.
    pub(super) fn rests_at(&self) -> Option<Instant> {
        if self.seen == self.read {
            return None;
        }
        let quiet = match (self.seen, self.last) {
            (None, _) => GONE,
            (Some(_), NoticedChange::Written) => STALLED,
            (Some(seen), _) if seen.is_empty() => GONE,
            (Some(_), NoticedChange::Complete) => TICK,
            (Some(_), NoticedChange::Seen) => UNHEARD,
        };
        Some(self.since + quiet)
    }

    pub(super) fn has_rested(&self, now: Instant) -> bool {
        self.rests_at().is_none_or(|at| at <= now)
    }

    /// Whether it is at rest only because its writer, who has it open, has written nothing for long.
    pub(super) fn has_stalled(&self, now: Instant) -> bool {
        self.last == NoticedChange::Written
            && self.seen.is_some()
            && self.rests_at().is_some_and(|at| at <= now)
    }

    pub(super) fn looks_as(&self, read: Option<Fingerprint>) -> bool {
        self.seen == read
    }

    /// Until when a further change may have left it looking as it was read.
    pub(super) fn doubtful_until(&self) -> Option<Instant> {
        self.read.map(|read| self.since + read.tick())
    }

    pub(super) fn was_read(&mut self, read: Option<Fingerprint>) {
        self.read = read;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Option<NoticedChange> = None;
    const WRITTEN: Option<NoticedChange> = Some(NoticedChange::Written);
    const COMPLETE: Option<NoticedChange> = Some(NoticedChange::Complete);

    fn of_size(size: u64) -> Option<Fingerprint> {
        Some(Fingerprint::of_size(size))
    }

    /// Looks at a file of size 7 at these milliseconds and tells how long it must stay as it is.
    #[track_caller]
    fn check(looks: &[(u64, Option<Fingerprint>, Option<NoticedChange>)], rests_at: Option<u64>) {
        let start = Instant::now();
        let mut state = FileState::of_a_missing_file(start);
        state.look(of_size(7), NOTHING, start);
        state.was_read(of_size(7));
        for (millis, seen, told) in looks {
            state.look(*seen, *told, start + Duration::from_millis(*millis));
        }
        let at = state.rests_at().map(|at| (at - start).as_millis() as u64);
        assert_eq!(at, rests_at);
    }

    #[test]
    fn a_change_is_at_rest_as_soon_as_it_is_known_to_be_complete() {
        check(&[], None);
        check(&[(100, of_size(8), NOTHING)], Some(550));
        check(
            &[(100, of_size(8), NOTHING), (300, of_size(9), NOTHING)],
            Some(750),
        );
        check(
            &[(100, of_size(8), NOTHING), (300, of_size(8), NOTHING)],
            Some(550),
        );
        check(&[(100, of_size(8), COMPLETE)], Some(120));
        check(
            &[(100, of_size(8), NOTHING), (101, of_size(8), COMPLETE)],
            Some(121),
        );
        check(
            &[(100, of_size(8), COMPLETE), (110, of_size(8), NOTHING)],
            Some(120),
        );
    }

    #[test]
    fn a_writer_is_waited_for_until_it_closes_or_stalls() {
        check(&[(100, of_size(8), WRITTEN)], Some(10_100));
        check(
            &[(100, of_size(8), WRITTEN), (9900, of_size(9), WRITTEN)],
            Some(19_900),
        );
        check(
            &[(100, of_size(8), WRITTEN), (9900, of_size(9), NOTHING)],
            Some(19_900),
        );
        check(
            &[(100, of_size(8), WRITTEN), (9900, of_size(8), NOTHING)],
            Some(10_100),
        );
        check(
            &[(100, of_size(8), WRITTEN), (150, of_size(8), COMPLETE)],
            Some(170),
        );
    }

    #[test]
    fn a_missing_or_empty_file_gets_a_second_to_come_back() {
        check(&[(100, None, COMPLETE)], Some(1100));
        check(&[(100, None, NOTHING)], Some(1100));
        check(
            &[(100, of_size(8), WRITTEN), (200, None, NOTHING)],
            Some(1200),
        );
        check(&[(100, of_size(0), COMPLETE)], Some(1100));
        check(
            &[(100, None, NOTHING), (400, of_size(8), COMPLETE)],
            Some(420),
        );
        check(&[(100, None, NOTHING), (400, of_size(7), COMPLETE)], None);
    }

    #[test]
    fn what_was_told_of_an_earlier_change_says_nothing_of_a_later_one() {
        check(
            &[(100, of_size(8), COMPLETE), (110, of_size(9), NOTHING)],
            Some(560),
        );
        check(
            &[(100, of_size(7), COMPLETE), (200, of_size(9), NOTHING)],
            Some(650),
        );
    }

    #[test]
    fn where_times_are_whole_seconds_a_reading_is_in_doubt_for_two() {
        let start = Instant::now();
        let fine = Fingerprint::of_size(7);
        for (seen, millis) in [(fine, 120), (fine.to_the_second(), 2120)] {
            let mut state = FileState::of_a_missing_file(start);
            state.look(Some(seen), NOTHING, start + Duration::from_millis(100));
            assert_eq!(state.doubtful_until(), None);
            state.was_read(Some(seen));
            let until = start + Duration::from_millis(millis);
            assert_eq!(state.doubtful_until(), Some(until));
            assert_eq!(state.rests_at(), None, "nothing has changed yet");
        }
    }

    #[test]
    fn once_events_were_lost_nobody_waits_for_the_end_of_a_writer() {
        let start = Instant::now();
        let mut state = FileState::of_a_missing_file(start);
        state.look(of_size(7), WRITTEN, start);
        state.forget_the_writer();
        assert_eq!(state.rests_at(), Some(start + UNHEARD));
    }
}
