//! A set of files that are read together, and when to read them again.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::i18n::phrase;
use crate::live_rules::watch::fingerprint::Fingerprint;
use crate::live_rules::watch::fs_events::{Notifier, places};
use crate::live_rules::watch::inputs::{Inputs, Listing};
use crate::live_rules::watch::stability::FileState;
use crate::rules::media::or_here;

/// Files that never become stable are read as they are after this time.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// The same if a caller waits: at the start, or for a requested reload.
const MAX_WAIT_WHEN_ASKED: Duration = Duration::from_secs(5);

/// No change counts as one of many before it was seen for this long: nobody looks while rules are
/// read.
const MIN_SEEN: Duration = Duration::from_secs(1);

/// The time until an unreadable file is tried again.
const RETRY: Duration = Duration::from_secs(5);

pub(super) struct FileSet<R> {
    files: BTreeMap<PathBuf, WatchedFile>,
    listings: Vec<Listing>,
    asks: Vec<R>,
    /// Since when somebody waits.
    asked: Option<Instant>,
    /// Since when there are changes that were not read.
    changed: Option<Instant>,
    /// No reading was good so far, or the last one came to nothing.
    is_unread: bool,
    /// When the set is read again though nothing has changed.
    retry_at: Option<Instant>,
    /// The last reading was not at rest, which is logged once.
    is_restless: bool,
}

struct WatchedFile {
    state: FileState,
    /// Where the system may tell of it: the path itself and what links lead to.
    places: Vec<PathBuf>,
}

impl<R> FileSet<R> {
    pub(super) fn new(now: Instant) -> FileSet<R> {
        FileSet {
            files: BTreeMap::new(),
            listings: Vec::new(),
            asks: Vec::new(),
            asked: Some(now),
            changed: Some(now),
            is_unread: true,
            retry_at: None,
            is_restless: false,
        }
    }

    pub(super) fn ask(&mut self, ask: R, now: Instant) {
        self.asks.push(ask);
        self.asked.get_or_insert(now);
    }

    pub(super) fn look(&mut self, notifier: &mut Notifier, now: Instant) {
        for listing in &mut self.listings {
            for path in listing.look(now) {
                self.files.entry(path).or_insert_with_key(|path| {
                    let file = WatchedFile::new(path, FileState::of_a_missing_file(now));
                    notifier.follow_places(&file.places);
                    file
                });
            }
        }
        for (path, file) in &mut self.files {
            file.look(path, notifier, now);
        }
        self.changed = match self.is_unread || self.rests_at().is_some() {
            true => self.changed.or(Some(now)),
            false => None,
        };
    }

    /// When all changes will be at rest, if nothing more happens; None if there is none.
    fn rests_at(&self) -> Option<Instant> {
        let files = self.files.values().filter_map(|file| file.state.rests_at());
        let listings = self.listings.iter().filter_map(Listing::rests_at);
        files.chain(listings).max()
    }

    /// When the set is to be read, if nothing more happens.
    pub(super) fn ready_at(&self) -> Option<Instant> {
        let rests_at = self.rests_at().or(self.changed).or(self.asked);
        let Some(rests_at) = rests_at else {
            return self.retry_at;
        };
        Some(self.given_up_at().map_or(rests_at, |at| at.min(rests_at)))
    }

    /// When it is read though it is not at rest.
    fn given_up_at(&self) -> Option<Instant> {
        let changed = self.changed.map(|changed| changed + MAX_WAIT);
        let asked = self.asked.map(|asked| {
            let seen = self.changed.map_or(asked, |changed| changed + MIN_SEEN);
            seen.max(asked + MAX_WAIT_WHEN_ASKED)
        });
        changed.into_iter().chain(asked).min()
    }

    /// Takes what a reading depended on, and gives who asked for it. None if it is not at rest.
    pub(super) fn accept(
        &mut self,
        inputs: Inputs,
        notifier: &Notifier,
        now: Instant,
    ) -> Option<Vec<R>> {
        let mut before = std::mem::take(&mut self.files);
        let mut restless = None;
        for (path, read) in &inputs.files {
            let mut file = match before.remove(path) {
                Some(known) => WatchedFile::new(path, known.state),
                None => WatchedFile::new(path, FileState::at_first_sight(*read, now)),
            };
            file.look(path, notifier, now);
            if !file.state.has_rested(now) || !file.state.looks_as(*read) {
                restless = Some(path);
            }
            self.files.insert(path.clone(), file);
        }
        self.listings = inputs.listings;
        if let Some(path) = restless {
            if self.given_up_at().is_none_or(|at| at > now) {
                self.is_unread = true;
                return None;
            }
            if !self.is_restless {
                let path = path.display();
                log::warn!("{}", phrase!(log_restless, path));
            }
        }
        self.is_restless = restless.is_some();
        for (path, read) in &inputs.files {
            if let Some(file) = self.files.get_mut(path) {
                if file.state.has_stalled(now) {
                    let path = path.display();
                    log::warn!("{}", phrase!(log_stalled, path));
                }
                file.state.was_read(*read);
            }
        }
        let doubtful = self
            .files
            .values()
            .filter_map(|it| it.state.doubtful_until());
        let doubtful = doubtful.filter(|until| *until > now).max();
        let incomplete = inputs.is_incomplete.then(|| now + RETRY);
        self.retry_at = incomplete.into_iter().chain(doubtful).min();
        (self.asked, self.changed, self.is_unread) = (None, None, false);
        Some(std::mem::take(&mut self.asks))
    }

    /// Adds where the system may tell of these files.
    pub(super) fn add_to(&self, places: &mut HashSet<PathBuf>, folders: &mut HashSet<PathBuf>) {
        for place in self.files.values().flat_map(|file| &file.places) {
            places.insert(place.clone());
            folders.extend(place.parent().map(Path::to_path_buf));
        }
        let listed = self.listings.iter();
        folders.extend(listed.filter_map(|listing| or_here(&listing.folder).canonicalize().ok()));
    }
}

impl WatchedFile {
    fn new(path: &Path, state: FileState) -> WatchedFile {
        // Each time anew: a link may lead elsewhere by now.
        let places = places(path);
        WatchedFile { state, places }
    }

    fn look(&mut self, path: &Path, notifier: &Notifier, now: Instant) {
        if notifier.has_lost_some() {
            self.state.forget_the_writer();
        }
        self.state
            .look(Fingerprint::of(path), notifier.of(&self.places), now);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Somebody asks, and is heard only after the large rules of another account were read.
    #[test]
    fn a_file_that_was_saved_once_while_nobody_looked_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.yaml");
        fs::write(&path, "before").unwrap();
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let mut set: FileSet<()> = FileSet::new(start);
        let mut notifier = Notifier::disabled();
        let accept = |set: &mut FileSet<()>, now| {
            let mut inputs = Inputs::default();
            let _ = inputs.read(&path);
            set.accept(inputs, &Notifier::disabled(), now)
        };
        assert!(accept(&mut set, at(0)).is_none(), "it is new");
        set.look(&mut notifier, at(2_000));
        assert!(accept(&mut set, at(2_000)).is_some());
        set.look(&mut notifier, at(2_000));
        set.ask((), at(2_000));
        fs::write(folder.path().join("rules.yaml"), "after").unwrap();
        set.look(&mut notifier, at(20_000));
        assert!(set.ready_at() > Some(at(20_000)));
        assert!(accept(&mut set, at(20_100)).is_none(), "it may be half");
        set.look(&mut notifier, at(20_900));
        assert!(accept(&mut set, at(20_900)).is_some_and(|asks| asks.len() == 1));
        assert!(!set.is_restless);
    }

    #[test]
    fn what_is_there_and_cannot_be_read_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.yaml");
        let start = Instant::now();
        let mut set: FileSet<()> = FileSet::new(start);
        let mut read_after = |seconds| {
            let now = start + Duration::from_secs(seconds);
            set.look(&mut Notifier::disabled(), now);
            let rested = now + Duration::from_secs(2);
            let mut inputs = Inputs::default();
            let _ = inputs.read(&path);
            let accepted = set.accept(inputs, &Notifier::disabled(), rested);
            assert!(accepted.is_some());
            set.look(&mut Notifier::disabled(), rested);
            set.ready_at().map(|at| at - rested)
        };
        // One that is missing is noticed when it comes.
        assert_eq!(read_after(0), None);
        fs::create_dir(&path).unwrap();
        assert_eq!(read_after(60), Some(RETRY));
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "rules").unwrap();
        assert_eq!(read_after(120), None);
    }
}
