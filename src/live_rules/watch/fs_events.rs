//! File events of the system; the only module that uses notify. Knows neither what follows from
//! them nor the state of the files.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::i18n::phrase;
use crate::live_rules::watch::fingerprint::{Fingerprint, Identity};
use crate::live_rules::watch::stability::NoticedChange;
use crate::rules::media::or_here;

/// On other systems no event means that a writer is done, so events only trigger a poll.
const CLOSING_IS_TOLD: bool = cfg!(target_os = "linux");

/// Watches folders, never files: after a rename, a watched file would be the old one.
pub(super) struct Notifier {
    watcher: Option<RecommendedWatcher>,
    folders: HashSet<PathBuf>,
    /// With the identity of the folder that is watched under this name.
    watched: HashMap<PathBuf, Identity>,
    places: HashSet<PathBuf>,
    changes: HashMap<PathBuf, NoticedChange>,
    /// What was written to and not closed since: it may be put in a place as it is.
    open: HashSet<PathBuf>,
    has_lost_some: bool,
    warned: bool,
}

/// Something may have happened.
pub(super) enum FsEvent {
    Told(Event),
    /// More happened than was told.
    Lost,
}

impl Notifier {
    pub(super) fn new(hand_on: impl Fn(FsEvent) + Send + 'static) -> Notifier {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            match event {
                // Our own reading causes events, too; reacting to them would never end.
                Ok(Event {
                    kind: EventKind::Access(access),
                    ..
                }) if access != AccessKind::Close(AccessMode::Write) => {}
                Ok(event) if event.need_rescan() => hand_on(FsEvent::Lost),
                Ok(event) => hand_on(FsEvent::Told(event)),
                Err(_) => hand_on(FsEvent::Lost),
            }
        });
        let mut events = Notifier::disabled();
        match watcher {
            Ok(watcher) => events.watcher = Some(watcher),
            Err(error) => events.warn(&error),
        }
        events
    }

    pub(super) fn disabled() -> Notifier {
        Notifier {
            watcher: None,
            folders: HashSet::new(),
            watched: HashMap::new(),
            places: HashSet::new(),
            changes: HashMap::new(),
            open: HashSet::new(),
            has_lost_some: false,
            warned: false,
        }
    }

    /// Returns whether to poll.
    pub(super) fn take_in(&mut self, event: FsEvent) -> bool {
        let event = match event {
            FsEvent::Told(event) => event,
            FsEvent::Lost => {
                self.changes.clear();
                self.open.clear();
                self.has_lost_some = true;
                return true;
            }
        };
        let Some(path) = event.paths.last() else {
            return true;
        };
        match event.kind {
            EventKind::Modify(ModifyKind::Data(_)) => self.note(path, NoticedChange::Written),
            EventKind::Access(_) => self.note(path, NoticedChange::Complete),
            EventKind::Modify(ModifyKind::Metadata(_)) => self.places.contains(path),
            EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => {
                self.watched.remove(path);
                let before = event.paths.first().filter(|before| *before != path);
                let change = match before.is_some_and(|before| self.open.remove(before)) {
                    true => NoticedChange::Written,
                    false => NoticedChange::Complete,
                };
                // A new link says nothing of whether the file it leads to is complete.
                if !path.is_symlink() {
                    self.note(path, change);
                }
                true
            }
            // What became of it is told with its new name.
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                self.watched.remove(path);
                self.changes.remove(path);
                true
            }
            // Whatever comes and goes may be what a link leads through, and the watch of a folder
            // ends with the folder.
            _ => {
                self.watched.remove(path);
                self.changes.remove(path);
                self.open.remove(path);
                true
            }
        }
    }

    fn note(&mut self, path: &Path, change: NoticedChange) -> bool {
        if CLOSING_IS_TOLD {
            self.changes.insert(path.to_owned(), change);
            match change {
                NoticedChange::Written => self.open.insert(path.to_owned()),
                NoticedChange::Complete | NoticedChange::Seen => self.open.remove(path),
            };
        }
        self.places.contains(path)
    }

    /// What was told, since it was last forgotten, about a file that is known at these places.
    pub(super) fn of(&self, places: &[PathBuf]) -> Option<NoticedChange> {
        places
            .iter()
            .filter_map(|place| self.changes.get(place))
            .copied()
            .max()
    }

    pub(super) fn has_lost_some(&self) -> bool {
        self.has_lost_some
    }

    pub(super) fn forget_what_was_told(&mut self) {
        self.changes.clear();
        self.has_lost_some = false;
    }

    /// `places` as the function of this name gives them, `folders` likewise without links.
    pub(super) fn follow(&mut self, places: HashSet<PathBuf>, folders: HashSet<PathBuf>) {
        self.places = places;
        self.folders = folders;
        let left: Vec<PathBuf> = self
            .watched
            .keys()
            .filter(|folder| !self.folders.contains(*folder))
            .cloned()
            .collect();
        for folder in left {
            self.unwatch(&folder);
        }
    }

    /// One more, in a folder that is followed already.
    pub(super) fn follow_places(&mut self, places: &[PathBuf]) {
        self.places.extend(places.iter().cloned());
    }

    /// A watch stays with the folder it was made for, whatever has its name now.
    pub(super) fn follow_replaced_folders(&mut self) {
        if self.watcher.is_none() {
            return;
        }
        for folder in self.folders.clone() {
            let identity = Fingerprint::of(&folder).map(|folder| folder.identity());
            if identity == self.watched.get(&folder).copied() {
                continue;
            }
            self.unwatch(&folder);
            let Some(identity) = identity else { continue };
            if let Some(watcher) = &mut self.watcher
                && let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive)
            {
                self.warn(&error);
            }
            // Also after a failure: another attempt would fail likewise.
            self.watched.insert(folder, identity);
        }
    }

    fn unwatch(&mut self, folder: &Path) {
        self.watched.remove(folder);
        if let Some(watcher) = &mut self.watcher {
            // Fails if the watch ended by itself.
            let _ = watcher.unwatch(folder);
        }
    }

    fn warn(&mut self, error: &notify::Error) {
        if !std::mem::replace(&mut self.warned, true) {
            log::warn!("{}", phrase!(log_no_events, why = error.to_string()));
        }
    }
}

/// Where something may be told of a path: its name in its folder, and those that links lead to.
/// The folders' paths are without links, since events come under one path only.
pub(super) fn places(path: &Path) -> Vec<PathBuf> {
    /// The number of links that Linux follows.
    const MAX_LINKS: usize = 40;

    let mut places = Vec::new();
    let mut hop = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        let (Some(name), Some(parent)) = (hop.file_name(), hop.parent()) else {
            break;
        };
        let Ok(folder) = or_here(parent).canonicalize() else {
            break;
        };
        let place = folder.join(name);
        let target = fs::read_link(&place);
        places.push(place);
        let Ok(target) = target else { break };
        hop = folder.join(target);
    }
    places
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, RemoveKind};

    use super::*;

    #[test]
    fn events_tell_whether_a_file_is_complete() {
        const CREATED: EventKind = EventKind::Create(CreateKind::File);
        const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
        const REMOVED: EventKind = EventKind::Remove(RemoveKind::File);
        const fn renamed(mode: RenameMode) -> EventKind {
            EventKind::Modify(ModifyKind::Name(mode))
        }
        let (new, path) = ("/rules/.new", "/rules/rules.yaml");
        for (events, change) in [
            (&[(WRITTEN, &[path][..])][..], Some(NoticedChange::Written)),
            (
                &[(WRITTEN, &[path]), (CLOSED, &[path])],
                Some(NoticedChange::Complete),
            ),
            (
                &[(CLOSED, &[path]), (WRITTEN, &[path])],
                Some(NoticedChange::Written),
            ),
            (&[(WRITTEN, &[path]), (REMOVED, &[path])], None),
            (&[(CREATED, &[path])], None),
            (
                &[
                    (CREATED, &[new]),
                    (WRITTEN, &[new]),
                    (CLOSED, &[new]),
                    (renamed(RenameMode::From), &[new]),
                    (renamed(RenameMode::To), &[path]),
                    (renamed(RenameMode::Both), &[new, path]),
                ],
                Some(NoticedChange::Complete),
            ),
            (
                &[
                    (CREATED, &[new]),
                    (WRITTEN, &[new]),
                    (renamed(RenameMode::From), &[new]),
                    (renamed(RenameMode::To), &[path]),
                    (renamed(RenameMode::Both), &[new, path]),
                ],
                Some(NoticedChange::Written),
            ),
            // The one that was there before is of no account.
            (
                &[
                    (WRITTEN, &[path]),
                    (WRITTEN, &[new]),
                    (CLOSED, &[new]),
                    (renamed(RenameMode::From), &[new]),
                    (renamed(RenameMode::To), &[path]),
                    (renamed(RenameMode::Both), &[new, path]),
                ],
                Some(NoticedChange::Complete),
            ),
        ] {
            let mut notifier = Notifier::disabled();
            for (kind, paths) in events {
                let event = paths.iter().fold(Event::new(*kind), |event, path| {
                    event.add_path(PathBuf::from(path))
                });
                notifier.take_in(FsEvent::Told(event));
            }
            let told = notifier.of(&[PathBuf::from(path)]);
            assert_eq!(told, change.filter(|_| CLOSING_IS_TOLD), "{events:?}");
        }
        let mut notifier = Notifier::disabled();
        notifier.take_in(FsEvent::Lost);
        assert!(notifier.has_lost_some());
    }
}
