//! Reads files and lists folders, and records their fingerprints, so that later changes are
//! noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use glob::{MatchOptions, Pattern};

use crate::live_rules::watch::fingerprint::Fingerprint;
use crate::live_rules::watch::stability::GONE;
use crate::live_rules::{bytes, hanging_drive};
use crate::rules::media::or_here;

/// What the result of a reading depends on.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// None for a file that was missing.
    pub(super) files: BTreeMap<PathBuf, Option<Fingerprint>>,
    pub(super) listings: Vec<Listing>,
    /// Something exists but could not be read, which may change without a trace: too many open
    /// files, or a faulty drive.
    pub(super) is_incomplete: bool,
}

/// A folder, and the paths in it whose names match a pattern.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) folder: PathBuf,
    pattern: Pattern,
    /// None if the folder could not be listed.
    read: Option<BTreeSet<PathBuf>>,
    seen: Option<BTreeSet<PathBuf>>,
    since: Instant,
    /// None if it has to be listed again in any case.
    fingerprint: Option<Fingerprint>,
}

const HIDDEN_FILES_ARE_NOT_MEANT: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

pub(crate) fn is_meant(pattern: &Pattern, name: &str) -> bool {
    pattern.matches_with(name, HIDDEN_FILES_ARE_NOT_MEANT)
}

impl Inputs {
    pub(crate) fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        // Before reading, so that changes during the read are noticed.
        let fingerprint = self.note(path);
        let bytes = bytes::of_file(path);
        self.has_failed(bytes.is_err() && fingerprint.is_some());
        bytes
    }

    /// Notes that the result depends on a file, and gives how it looks; None where it is missing.
    pub(crate) fn note(&mut self, path: &Path) -> Option<Fingerprint> {
        let fingerprint = Fingerprint::of(path);
        self.files.entry(path.to_owned()).or_insert(fingerprint);
        fingerprint
    }

    /// Whether something that is there could not be read.
    pub(crate) fn has_failed(&mut self, failed: bool) {
        self.is_incomplete |= failed;
    }

    /// The matching paths in a folder, in order, whether or not they can be read: a temporarily
    /// broken link still counts as a file.
    pub(crate) fn list(&mut self, folder: &Path, pattern: Pattern) -> io::Result<Vec<PathBuf>> {
        let fingerprint = Fingerprint::of(or_here(folder));
        let paths = matching(folder, &pattern);
        let read = paths.as_ref().ok().cloned();
        self.is_incomplete |= paths.is_err() && fingerprint.is_some();
        self.listings.push(Listing {
            folder: folder.to_owned(),
            pattern,
            seen: read.clone(),
            read,
            since: Instant::now(),
            fingerprint: fingerprint.filter(Fingerprint::is_conclusive),
        });
        Ok(paths?.into_iter().collect())
    }
}

impl Listing {
    /// Lists the folder again if it has changed. The paths that are new.
    pub(super) fn look(&mut self, now: Instant) -> Vec<PathBuf> {
        let fingerprint = Fingerprint::of(or_here(&self.folder));
        if fingerprint.is_some() && fingerprint == self.fingerprint {
            return Vec::new();
        }
        // What is added right after a young fingerprint may leave it as it is.
        self.fingerprint = fingerprint.filter(Fingerprint::is_conclusive);
        let paths = matching(&self.folder, &self.pattern).ok();
        if paths == self.seen {
            return Vec::new();
        }
        self.since = now;
        let before = std::mem::replace(&mut self.seen, paths);
        let (seen, before) = (self.seen.iter().flatten(), before.unwrap_or_default());
        seen.filter(|path| !before.contains(*path))
            .cloned()
            .collect()
    }

    /// When a change will be at rest; None if there is none.
    pub(super) fn rests_at(&self) -> Option<Instant> {
        if self.seen == self.read {
            return None;
        }
        // Files that are new have to be at rest themselves.
        let only_new = match (&self.read, &self.seen) {
            (Some(read), Some(seen)) => read.is_subset(seen),
            _ => false,
        };
        Some(if only_new {
            self.since
        } else {
            self.since + GONE
        })
    }
}

fn matching(folder: &Path, pattern: &Pattern) -> io::Result<BTreeSet<PathBuf>> {
    hanging_drive::ask(folder, || {
        let mut paths = BTreeSet::new();
        for entry in fs::read_dir(or_here(folder))? {
            let name = entry?.file_name();
            if is_meant(pattern, &name.to_string_lossy()) {
                paths.insert(folder.join(name));
            }
        }
        Ok(paths)
    })
}
