//! The metadata of a file or folder. If no one is writing to a file, equal fingerprints mean equal
//! content.

use std::fs;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::live_rules::hanging_drive;

/// Longer than the clock resolution of file systems, so that a later change has another
/// fingerprint.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// The same where times have no fractions: on some drives they are whole seconds, on FAT even ones.
const LONG_TICK: Duration = Duration::from_millis(2020);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    identity: Identity,
    size: u64,
    modified: Option<SystemTime>,
    /// Seconds and nanoseconds; also differs when the time of modification was set back.
    status_changed: (i64, i64),
}

/// The device and the number of the file on it.
pub(super) type Identity = (u64, u64);

impl Fingerprint {
    /// Follows links. A file without accessible metadata counts as missing.
    pub(super) fn of(path: &Path) -> Option<Fingerprint> {
        let metadata = hanging_drive::ask(path, || fs::metadata(path));
        metadata.ok().map(|metadata| Fingerprint::from(&metadata))
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    pub(super) fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// Since the last change, by the clock of this machine.
    pub(super) fn age(&self) -> Duration {
        let modified = self.modified.unwrap_or(SystemTime::UNIX_EPOCH);
        modified.elapsed().unwrap_or(Duration::ZERO)
    }

    /// Whether any later change would give another fingerprint.
    pub(crate) fn is_conclusive(&self) -> bool {
        self.age() > self.tick()
    }

    /// How long after a change another one may leave it as it is.
    pub(super) fn tick(&self) -> Duration {
        let (_, nanoseconds) = self.status_changed;
        let modified = self.modified.unwrap_or(SystemTime::UNIX_EPOCH);
        let modified = modified.duration_since(SystemTime::UNIX_EPOCH);
        let is_whole = modified.is_ok_and(|since| since.subsec_nanos() == 0);
        match nanoseconds == 0 && is_whole {
            true => LONG_TICK,
            false => TICK,
        }
    }
}

#[cfg(test)]
impl Fingerprint {
    pub(super) fn of_size(size: u64) -> Fingerprint {
        let identity = (1, 1);
        let (modified, status_changed) = (None, (0, 1));
        Fingerprint {
            identity,
            size,
            modified,
            status_changed,
        }
    }

    pub(super) fn to_the_second(mut self) -> Fingerprint {
        self.status_changed = (0, 0);
        self
    }
}

impl From<&Metadata> for Fingerprint {
    fn from(metadata: &Metadata) -> Fingerprint {
        let identity = (metadata.dev(), metadata.ino());
        // Devices and pipes change whenever they are used, and are never read.
        if !metadata.is_file() && !metadata.is_dir() {
            return Fingerprint {
                identity,
                size: 1,
                modified: None,
                status_changed: (0, 0),
            };
        }
        Fingerprint {
            identity,
            size: metadata.len(),
            modified: metadata.modified().ok(),
            status_changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}
