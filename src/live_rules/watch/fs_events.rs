//! What the system tells about folders: the one place that knows notify.
//! Knows neither what is done about it nor how the files look.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::live_rules::watch::folder::or_here;
use crate::live_rules::watch::stability::{Fingerprint, Notified};

/// Elsewhere nothing tells that a writer is done, so that what is told only says when to look.
const CLOSING_IS_TOLD: bool = cfg!(target_os = "linux");

/// Folders are watched, never files: a watched file is the old one after the first rename.
pub(super) struct Notifier {
    watcher: Option<RecommendedWatcher>,
    folders: HashSet<PathBuf>,
    /// With the identity of the folder that is watched under this name.
    watched: HashMap<PathBuf, (u64, u64)>,
    places: HashSet<PathBuf>,
    told: HashSet<PathBuf>,
    open: HashSet<PathBuf>,
    warned: bool,
}

/// Something may have happened.
pub(super) enum FsEvent {
    Event(Event),
    /// More happened than was told.
    Lost,
}

impl Notifier {
    pub(super) fn new(hand_on: impl Fn(FsEvent) + Send + 'static) -> Notifier {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            match event {
                // Our own reading is told too: to act on it would never end.
                Ok(Event {
                    kind: EventKind::Access(access),
                    ..
                }) if access != AccessKind::Close(AccessMode::Write) => {}
                Ok(event) if event.need_rescan() => hand_on(FsEvent::Lost),
                Ok(event) => hand_on(FsEvent::Event(event)),
                Err(_) => hand_on(FsEvent::Lost),
            }
        });
        let mut notifier = Notifier::disabled();
        match watcher {
            Ok(watcher) => notifier.watcher = Some(watcher),
            Err(error) => notifier.warn(&error),
        }
        notifier
    }

    pub(super) fn disabled() -> Notifier {
        Notifier {
            watcher: None,
            folders: HashSet::new(),
            watched: HashMap::new(),
            places: HashSet::new(),
            told: HashSet::new(),
            open: HashSet::new(),
            warned: false,
        }
    }

    /// What was told about a file that is known under these names.
    pub(super) fn of(&self, places: &[PathBuf]) -> Notified {
        Notified {
            changed: places.iter().any(|place| self.told.contains(place)),
            open: places.iter().any(|place| self.open.contains(place)),
        }
    }

    pub(super) fn forget_what_was_told(&mut self) {
        self.told.clear();
    }

    /// Returns whether it is worth looking.
    pub(super) fn take_in(&mut self, rumour: FsEvent) -> bool {
        let event = match rumour {
            FsEvent::Event(event) => event,
            FsEvent::Lost => {
                self.told.clear();
                self.open.clear();
                return true;
            }
        };
        let Some(path) = event.paths.last() else {
            return true;
        };
        match event.kind {
            EventKind::Modify(ModifyKind::Data(_)) => self.tell(path, true),
            EventKind::Access(_) => self.tell(path, false),
            EventKind::Modify(ModifyKind::Metadata(_)) => self.places.contains(path),
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                // Who was writing goes on under the new name.
                let from = event.paths.first();
                let open = from.is_some_and(|from| self.open.remove(from));
                self.tell(path, open);
                true
            }
            kind => {
                // The watch of a folder ends with the folder.
                self.watched.remove(path);
                match kind {
                    EventKind::Remove(_) => {
                        self.told.remove(path);
                        self.open.remove(path);
                    }
                    // If it stays in the folder, it is told once more with both names.
                    EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
                        self.told.remove(path);
                    }
                    _ => {
                        self.tell(path, false);
                    }
                }
                // Whatever comes and goes may be what a link leads through.
                true
            }
        }
    }

    fn tell(&mut self, path: &Path, open: bool) -> bool {
        // A new link says nothing about whether the file it leads to is complete.
        if CLOSING_IS_TOLD && !path.is_symlink() {
            self.told.insert(path.to_path_buf());
            if open {
                self.open.insert(path.to_path_buf());
            } else {
                self.open.remove(path);
            }
        }
        self.places.contains(path)
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
            self.watched.remove(&folder);
            self.unwatch(&folder);
        }
        self.follow_replaced_folders();
    }

    /// A watch stays with the folder it was made for, whatever has its name now.
    pub(super) fn follow_replaced_folders(&mut self) {
        if self.watcher.is_none() {
            return;
        }
        for folder in self.folders.clone() {
            let identity = Fingerprint::of(&folder).map(|fingerprint| fingerprint.identity());
            if identity == self.watched.get(&folder).copied() {
                continue;
            }
            self.watched.remove(&folder);
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
        if let Some(watcher) = &mut self.watcher {
            // Fails if the watch ended by itself.
            let _ = watcher.unwatch(folder);
        }
        // Nobody will tell when these are closed.
        self.open.retain(|path| path.parent() != Some(folder));
    }

    fn warn(&mut self, error: &notify::Error) {
        if !std::mem::replace(&mut self.warned, true) {
            log::warn!(
                "the system can't tell about changed files, so they are looked at regularly instead: {error}"
            );
        }
    }
}

/// Where something may be told of a path: its name in its folder, and those that links lead to.
/// The folders' paths are without links, since what is told of one comes under one path only.
pub(super) fn places(path: &Path) -> Vec<PathBuf> {
    /// As many as Linux follows.
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
