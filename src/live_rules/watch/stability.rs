//! When a changed file is at rest: nobody is in the middle of saving it, as far as one can know.
//! Knows what a file looks like from outside and the time, not who tells about changes.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// After the system told of a change and that it was written to the end. Longer than the ticks
/// that file systems take the time from, so that a later change has another fingerprint.
const AFTER_CLOSE: Duration = Duration::from_millis(20);

/// For a change nobody told of. Some write in pieces, and nothing shows that more is to come.
const UNTOLD: Duration = Duration::from_millis(450);

/// Many a save begins with removing or emptying the file.
const EMPTY: Duration = Duration::from_secs(1);

/// For writers that keep the file open for ever.
const UNCLOSED: Duration = Duration::from_secs(2);

/// One followed file: how it was when it was read, and how it has looked since.
#[derive(Debug)]
pub(super) struct FileState {
    read: Option<Fingerprint>,
    last: Option<Fingerprint>,
    since: Instant,
    heard: Notified,
}

/// What the system told about a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Notified {
    pub(super) changed: bool,
    /// It was written to and has not been closed yet.
    pub(super) open: bool,
}

impl FileState {
    /// A file that was just met has rested as long as its time of change says.
    pub(super) fn at_first_sight(fingerprint: Option<Fingerprint>) -> FileState {
        let now = Instant::now();
        let age = fingerprint.map_or(Duration::ZERO, |fingerprint| fingerprint.age());
        FileState {
            last: fingerprint,
            // A machine younger than the file has no such instant.
            since: now.checked_sub(age.min(UNCLOSED)).unwrap_or(now),
            ..FileState::of_a_missing_file(now)
        }
    }

    pub(super) fn of_a_missing_file(now: Instant) -> FileState {
        FileState {
            read: None,
            last: None,
            since: now,
            heard: Notified::default(),
        }
    }

    pub(super) fn look(&mut self, fingerprint: Option<Fingerprint>, heard: Notified, now: Instant) {
        let changed = fingerprint != self.last;
        if changed || heard.changed {
            self.last = fingerprint;
            self.since = now;
        }
        // What was told about an earlier change says nothing about this one, and an end that was
        // not told may be none.
        let told_before = self.heard
            == Notified {
                changed: true,
                open: false,
            }
            && !changed
            && self.last != self.read;
        self.heard = Notified {
            changed: heard.changed || told_before,
            open: heard.open,
        };
    }

    /// When a change will be at rest, if nothing more happens; None if there is no change.
    pub(super) fn at(&self) -> Option<Instant> {
        if self.last == self.read {
            return None;
        }
        let quiet = match self.heard {
            Notified { open: true, .. } => UNCLOSED,
            _ if self.last.is_none_or(|fingerprint| fingerprint.size == 0) => EMPTY,
            Notified { changed: true, .. } => AFTER_CLOSE,
            _ => UNTOLD,
        };
        Some(self.since + quiet)
    }

    pub(super) fn last_was(&self, fingerprint: Option<Fingerprint>) -> bool {
        self.last == fingerprint
    }

    pub(super) fn read(&mut self) {
        self.read = self.last;
    }
}

/// Two equal stamps of a file at rest mean equal content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    identity: (u64, u64),
    size: u64,
    modified: Option<SystemTime>,
    /// Also tells of a change by someone who set back the time of modification.
    status_changed: (i64, i64),
    regular: bool,
}

impl Fingerprint {
    /// Follows links. What can't be looked at is as good as missing.
    pub(super) fn of(path: &Path) -> Option<Fingerprint> {
        let metadata = fs::metadata(path).ok()?;
        Some(Fingerprint {
            identity: identity(&metadata),
            size: metadata.len(),
            modified: metadata.modified().ok(),
            status_changed: status_changed(&metadata),
            regular: metadata.is_file(),
        })
    }

    /// The device and the number of the file on it.
    pub(super) fn identity(&self) -> (u64, u64) {
        self.identity
    }

    pub(super) fn is_regular(&self) -> bool {
        self.regular
    }

    /// Whether a change from now on would show.
    pub(super) fn is_told_from_later_ones(&self) -> bool {
        self.age() > AFTER_CLOSE
    }

    fn age(&self) -> Duration {
        let modified = self.modified.unwrap_or(SystemTime::UNIX_EPOCH);
        modified.elapsed().unwrap_or(Duration::ZERO)
    }
}

#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(unix)]
fn status_changed(metadata: &fs::Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(not(unix))]
fn status_changed(_: &fs::Metadata) -> (i64, i64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Notified = Notified {
        changed: false,
        open: false,
    };
    const WRITTEN: Notified = Notified {
        changed: true,
        open: true,
    };
    const OPEN: Notified = Notified {
        changed: false,
        open: true,
    };
    const CLOSED: Notified = Notified {
        changed: true,
        open: false,
    };

    fn fingerprint(size: u64) -> Option<Fingerprint> {
        Some(Fingerprint {
            identity: (1, 1),
            size,
            modified: None,
            status_changed: (0, 0),
            regular: true,
        })
    }

    /// Looks at a file of size 7 at these milliseconds and tells how long it must stay as it is.
    #[track_caller]
    fn check(looks: &[(u64, Option<Fingerprint>, Notified)], rests_at: Option<u64>) {
        let start = Instant::now();
        let mut rest = FileState::of_a_missing_file(start);
        rest.look(fingerprint(7), NOTHING, start);
        rest.read();
        for (millis, fingerprint, heard) in looks {
            rest.look(*fingerprint, *heard, start + Duration::from_millis(*millis));
        }
        let at = rest.at().map(|at| (at - start).as_millis() as u64);
        assert_eq!(at, rests_at);
    }

    #[test]
    fn a_change_is_at_rest_as_soon_as_it_is_known_to_be_complete() {
        check(&[], None);
        check(&[(100, fingerprint(8), NOTHING)], Some(550));
        check(
            &[
                (100, fingerprint(8), NOTHING),
                (300, fingerprint(9), NOTHING),
            ],
            Some(750),
        );
        check(
            &[
                (100, fingerprint(8), NOTHING),
                (300, fingerprint(8), NOTHING),
            ],
            Some(550),
        );
        check(&[(100, fingerprint(8), CLOSED)], Some(120));
        check(
            &[
                (100, fingerprint(8), NOTHING),
                (101, fingerprint(8), CLOSED),
            ],
            Some(121),
        );
        check(
            &[
                (100, fingerprint(8), CLOSED),
                (110, fingerprint(8), NOTHING),
            ],
            Some(120),
        );
    }

    #[test]
    fn a_writer_is_waited_for_until_it_closes_or_falls_asleep() {
        check(&[(100, fingerprint(8), WRITTEN)], Some(2100));
        check(
            &[
                (100, fingerprint(8), WRITTEN),
                (1900, fingerprint(9), WRITTEN),
            ],
            Some(3900),
        );
        check(
            &[(100, fingerprint(8), WRITTEN), (1900, fingerprint(8), OPEN)],
            Some(2100),
        );
        check(
            &[
                (100, fingerprint(8), WRITTEN),
                (150, fingerprint(8), CLOSED),
            ],
            Some(170),
        );
    }

    #[test]
    fn a_missing_or_empty_file_gets_a_second_to_come_back() {
        check(&[(100, None, CLOSED)], Some(1100));
        check(&[(100, None, NOTHING)], Some(1100));
        check(&[(100, fingerprint(0), CLOSED)], Some(1100));
        check(
            &[(100, None, CLOSED), (400, fingerprint(8), CLOSED)],
            Some(420),
        );
        check(&[(100, None, CLOSED), (400, fingerprint(7), CLOSED)], None);
    }

    #[test]
    fn what_was_told_earlier_does_not_vouch_for_a_later_change() {
        check(
            &[
                (100, fingerprint(8), CLOSED),
                (110, fingerprint(9), NOTHING),
            ],
            Some(560),
        );
        check(
            &[
                (100, fingerprint(7), CLOSED),
                (200, fingerprint(9), NOTHING),
            ],
            Some(650),
        );
    }

    #[test]
    fn news_that_got_lost_in_the_middle_of_a_save_do_not_end_it() {
        check(
            &[
                (100, fingerprint(8), WRITTEN),
                (200, fingerprint(8), NOTHING),
            ],
            Some(550),
        );
    }
}
