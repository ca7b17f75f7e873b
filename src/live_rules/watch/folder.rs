//! Which wanted files a followed folder has.
//! Knows their paths, not what they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::live_rules::watch::stability::Fingerprint;

pub(super) struct Folder {
    pub(super) path: PathBuf,
    wants: Box<dyn Fn(&Path) -> bool + Send>,
    paths: BTreeSet<PathBuf>,
    /// None if the folder has to be listed again in any case.
    fingerprint: Option<Fingerprint>,
    /// Listed by the owner since it was last woken.
    pub(super) wanted: bool,
}

impl Folder {
    /// Nothing is known of it yet: all its paths will be new.
    pub(super) fn new(path: &Path, wants: Box<dyn Fn(&Path) -> bool + Send>) -> Folder {
        Folder {
            path: path.to_path_buf(),
            wants,
            paths: BTreeSet::new(),
            fingerprint: None,
            wanted: true,
        }
    }

    /// Those that were not there when this was last called.
    pub(super) fn new_paths(&mut self) -> Vec<PathBuf> {
        let folder = or_here(&self.path);
        let fingerprint = Fingerprint::of(folder);
        if fingerprint.is_some() && fingerprint == self.fingerprint {
            return Vec::new();
        }
        // What is added right after a young fingerprint may get the same fingerprint.
        self.fingerprint = fingerprint.filter(Fingerprint::is_told_from_later_ones);
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| self.path.join(entry.file_name()));
        let paths = paths.filter(|path| (self.wants)(path)).collect();
        let before = std::mem::replace(&mut self.paths, paths);
        self.paths.difference(&before).cloned().collect()
    }
}

/// The folder of `rules.yaml` is written as nothing at all, which the system doesn't take.
pub(crate) fn or_here(folder: &Path) -> &Path {
    if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    }
}
