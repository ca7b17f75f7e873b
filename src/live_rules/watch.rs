//! Waits until files have changed and are at rest, and reads them only then.
//! Knows files and folders, not what is written in them.

pub(super) mod folder;
mod fs_events;
mod stability;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use crate::live_rules::bytes;
use crate::live_rules::watch::folder::{Folder, or_here};
use crate::live_rules::watch::fs_events::{FsEvent, Notifier, places};
use crate::live_rules::watch::stability::{FileState, Fingerprint};

/// Looking is what counts, notifier from the system only makes it faster and surer: it stays silent
/// for what others change on a network mount, and may not be available at all.
const POLL: Duration = Duration::from_millis(200);

/// However many files there are, looking at them takes at most this part of the time.
const POLL_SHARE: u32 = 20;

/// A busy neighbour in the same folder must not make us look without pause.
const BREATH: Duration = Duration::from_millis(5);

/// Follows what was read and listed since `wait` last returned.
///
/// The owner's loop is: read and list, use it, wait. What changes between the reading and the
/// waiting is not missed, since each file is compared with how it was when it was read.
pub struct Watch<R> {
    news: Receiver<News<R>>,
    sender: Sender<News<R>>,
    notifier: Notifier,
    files: BTreeMap<PathBuf, File>,
    folders: Vec<Folder>,
    asks: Vec<R>,
    stopped: bool,
    looked: Instant,
    poll: Duration,
}

/// Why `wait` returned.
#[derive(Debug, PartialEq, Eq)]
pub enum Woken<R> {
    /// A followed file changed, is gone for good, or a new one appeared in a followed folder.
    /// The content may still be the same, after a `touch`.
    Changed,
    /// Somebody asked; nobody is in the middle of a save. Files may have changed too.
    Asked(Vec<R>),
    Stopped,
}

/// Wakes a `Watch` from any thread. An `R` is whatever the asker wants to have handed on,
/// the way back for an answer for instance.
pub struct ReloadHandle<R> {
    sender: Sender<News<R>>,
}

impl<R> Clone for ReloadHandle<R> {
    fn clone(&self) -> Self {
        ReloadHandle {
            sender: self.sender.clone(),
        }
    }
}

impl<R: Send + 'static> Watch<R> {
    /// If the system can't tell about files, that is logged and looking at them has to do.
    pub fn start() -> Watch<R> {
        let watch = Watch::polling_only();
        let sender = watch.sender.clone();
        let notifier = Notifier::new(move |rumour| {
            // Fails only when the watch is gone, and then nobody wants to know.
            let _ = sender.send(News::FsEvent(rumour));
        });
        Watch { notifier, ..watch }
    }

    /// For systems that tell nothing about files.
    pub fn polling_only() -> Watch<R> {
        let (sender, news) = mpsc::channel();
        Watch {
            news,
            sender,
            notifier: Notifier::disabled(),
            files: BTreeMap::new(),
            folders: Vec::new(),
            asks: Vec::new(),
            stopped: false,
            looked: Instant::now(),
            poll: POLL,
        }
    }

    pub fn waker(&self) -> ReloadHandle<R> {
        ReloadHandle {
            sender: self.sender.clone(),
        }
    }

    /// Blocks until something that is followed has changed and everything is at rest, or until
    /// the waker calls.
    pub fn wait(&mut self) -> Woken<R> {
        self.follow_what_was_read();
        let woken = loop {
            self.look();
            if self.stopped {
                return Woken::Stopped;
            }
            let rests_at = self.files.values().filter_map(|file| file.rest.at()).max();
            let rested = rests_at.is_none_or(|at| at <= self.looked);
            if rested && !self.asks.is_empty() {
                break Woken::Asked(std::mem::take(&mut self.asks));
            }
            if rested && rests_at.is_some() {
                break Woken::Changed;
            }
            self.listen(rests_at);
        };
        for file in self.files.values_mut() {
            file.wanted = false;
        }
        for folder in &mut self.folders {
            folder.wanted = false;
        }
        woken
    }

    /// The content of a file at rest, which is followed from now on, also if it isn't there.
    ///
    /// Blocks while somebody is in the middle of saving it. Fails at once if a file that was
    /// not followed before is missing.
    pub fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        loop {
            if self.stopped {
                return Err(io::Error::new(
                    io::ErrorKind::Interrupted,
                    "stopped before the file was read",
                ));
            }
            let fingerprint = Fingerprint::of(path);
            let file = self
                .files
                .entry(path.to_path_buf())
                .or_insert_with(|| File::new(path, FileState::at_first_sight(fingerprint)));
            file.wanted = true;
            if !file.rest.last_was(fingerprint) {
                self.look();
                continue;
            }
            // Nobody is in the middle of saving a device, though many may write to it.
            let is_saved = fingerprint.is_none_or(|fingerprint| fingerprint.is_regular());
            let rests_at = file.rest.at().filter(|_| is_saved);
            if rests_at.is_some_and(|at| at > Instant::now()) {
                self.listen(rests_at);
                self.look();
                continue;
            }
            let content = bytes::of_file(path);
            if Fingerprint::of(path) == fingerprint {
                file.rest.read();
                return content;
            }
        }
    }

    /// The paths in a folder that are wanted, in order. New ones are followed from now on, also if
    /// the folder isn't there.
    pub fn list(
        &mut self,
        folder: &Path,
        wants: impl Fn(&Path) -> bool + Send + 'static,
    ) -> Vec<PathBuf> {
        let mut folder = Folder::new(folder, Box::new(wants));
        let paths = folder.new_paths();
        self.folders.push(folder);
        paths
    }

    fn follow_what_was_read(&mut self) {
        self.files.retain(|_, file| file.wanted);
        self.folders.retain(|folder| folder.wanted);
        for (path, file) in &mut self.files {
            // A link may point elsewhere by now.
            file.places = places(path);
        }
        let places: HashSet<PathBuf> = self
            .files
            .values()
            .flat_map(|file| file.places.iter().cloned())
            .collect();
        let folders = self.folders.iter();
        let folders = folders.filter_map(|folder| or_here(&folder.path).canonicalize().ok());
        let parents = places.iter().filter_map(|place| place.parent());
        let folders = folders.chain(parents.map(Path::to_path_buf)).collect();
        self.notifier.follow(places, folders);
    }

    fn look(&mut self) {
        let now = Instant::now();
        self.notifier.follow_replaced_folders();
        for folder in &mut self.folders {
            for path in folder.new_paths() {
                // Not followed by the owner, but it must be at rest before the owner finds it.
                self.files
                    .entry(path)
                    .or_insert_with_key(|path| File::new(path, FileState::of_a_missing_file(now)));
            }
        }
        for (path, file) in &mut self.files {
            let heard = self.notifier.of(&file.places);
            file.rest.look(Fingerprint::of(path), heard, now);
        }
        self.notifier.forget_what_was_told();
        self.looked = now;
        self.poll = POLL.max(now.elapsed().saturating_mul(POLL_SHARE));
    }

    /// Takes in news until it is time to look again.
    fn listen(&mut self, rests_at: Option<Instant>) {
        let next_poll = self.looked + self.poll;
        let mut until = rests_at.map_or(next_poll, |at| at.min(next_poll));
        while let Ok(news) = self
            .news
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            match news {
                News::FsEvent(rumour) => {
                    if self.notifier.take_in(rumour) {
                        until = until.min(self.looked + BREATH);
                    }
                }
                News::R(ask) => {
                    self.asks.push(ask);
                    until = until.min(self.looked + BREATH);
                }
                News::Stop => {
                    self.stopped = true;
                    return;
                }
            }
        }
    }
}

impl<R> ReloadHandle<R> {
    /// Makes `wait` return this as soon as nobody is in the middle of a save.
    pub fn ask(&self, ask: R) {
        // Fails only when the watch is gone; dropping what was asked tells the asker.
        let _ = self.sender.send(News::R(ask));
    }

    /// Makes `wait` return `Stopped`, now and from now on.
    pub fn stop(&self) {
        let _ = self.sender.send(News::Stop);
    }
}

enum News<R> {
    FsEvent(FsEvent),
    R(R),
    Stop,
}

struct File {
    rest: FileState,
    /// Where the system may tell of it: the path itself and what links lead to.
    places: Vec<PathBuf>,
    /// Read by the owner since it was last woken.
    wanted: bool,
}

impl File {
    fn new(path: &Path, rest: FileState) -> File {
        File {
            rest,
            places: places(path),
            wanted: false,
        }
    }
}
