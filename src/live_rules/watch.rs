//! Waits until files have changed and are stable. One `Watch` follows any number of sets of files,
//! each read as a whole. Knows files and folders, but not their content.

mod fingerprint;
mod fs_events;
mod inputs;
mod set;
mod stability;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use crate::live_rules::watch::fs_events::{FsEvent, Notifier};
use crate::live_rules::watch::set::FileSet;

pub(crate) use crate::live_rules::watch::fingerprint::Fingerprint;
pub(crate) use crate::live_rules::watch::inputs::{Inputs, is_meant};

/// Polling is what counts; events only make it faster and more reliable. There are none for changes
/// by others on a network mount, and perhaps none at all.
const POLL: Duration = Duration::from_millis(250);

/// Polling takes at most this share of the time, however many files there are.
const POLL_SHARE: u32 = 20;

/// The same while events arrive: a busy neighbour in the same folder must not cause polling without
/// pause.
const EVENT_SHARE: u32 = 4;
const BREATH: Duration = Duration::from_millis(5);

/// Follows sets of files.
///
/// The owner's loop is: wait, read each set that is ready, and hand in what the reading depended
/// on. What changes in between is not missed, since each file is compared with how it was when it
/// was read.
pub(crate) struct Watch<R> {
    news: Receiver<News<R>>,
    sender: Sender<News<R>>,
    notifier: Notifier,
    sets: BTreeMap<SetId, FileSet<R>>,
    added: usize,
    told: Vec<R>,
    /// Whether the events are those of the sets as they are now.
    is_followed: bool,
    stopped: bool,
    looked: Instant,
    look_took: Duration,
}

/// One of the sets of files that a `Watch` follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SetId(usize);

/// Why `wait` returned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Woken {
    /// These sets should be read: something has changed or a reload was requested, and all files
    /// are stable. The content may still be the same, after a `touch`.
    Ready(Vec<SetId>),
    /// Nothing happened for a while, or somebody told something.
    Idle,
    Stopped,
}

/// Reaches a `Watch` from any thread. An `R` is whatever the asker wants to have handed on, the
/// way back for an answer for instance.
pub(crate) struct ReloadHandle<R> {
    sender: Sender<News<R>>,
}

enum News<R> {
    Event(FsEvent),
    Ask(SetId, R),
    Tell(R),
    Stop,
}

impl<R> Clone for ReloadHandle<R> {
    fn clone(&self) -> Self {
        ReloadHandle {
            sender: self.sender.clone(),
        }
    }
}

impl<R> ReloadHandle<R> {
    /// Makes a set ready as soon as no save is in progress.
    pub(crate) fn ask(&self, set: SetId, ask: R) {
        // Fails only when the watch is gone; dropping what was asked tells the asker.
        let _ = self.sender.send(News::Ask(set, ask));
    }

    /// Tells the owner something that is about no set.
    pub(crate) fn tell(&self, what: R) {
        let _ = self.sender.send(News::Tell(what));
    }

    /// Makes `wait` return `Stopped`, now and from now on.
    pub(crate) fn stop(&self) {
        let _ = self.sender.send(News::Stop);
    }
}

impl<R: Send + 'static> Watch<R> {
    /// If the system cannot report changes, logs that and relies on polling.
    pub(crate) fn start() -> Watch<R> {
        let watch = Watch::polling_only();
        let sender = watch.sender.clone();
        let notifier = Notifier::new(move |event| {
            // Fails only when the watch is gone, and then it does not matter.
            let _ = sender.send(News::Event(event));
        });
        Watch { notifier, ..watch }
    }

    pub(crate) fn polling_only() -> Watch<R> {
        let (sender, news) = mpsc::channel();
        Watch {
            news,
            sender,
            notifier: Notifier::disabled(),
            sets: BTreeMap::new(),
            added: 0,
            told: Vec::new(),
            is_followed: true,
            stopped: false,
            looked: Instant::now(),
            look_took: Duration::ZERO,
        }
    }

    pub(crate) fn handle(&self) -> ReloadHandle<R> {
        ReloadHandle {
            sender: self.sender.clone(),
        }
    }

    /// A set that is to be read for the first time, which somebody waits for.
    pub(crate) fn add(&mut self) -> SetId {
        let id = SetId(self.added);
        self.added += 1;
        self.sets.insert(id, FileSet::new(Instant::now()));
        id
    }

    /// Follows a set no longer. Who asked for it to be read hears that nobody will.
    pub(crate) fn remove(&mut self, id: SetId) {
        self.sets.remove(&id);
        self.is_followed = false;
    }

    /// What was told meanwhile.
    pub(crate) fn told(&mut self) -> Vec<R> {
        std::mem::take(&mut self.told)
    }

    /// Reads a set once it is stable, or as it is if stopped first.
    pub(crate) fn read<T>(&mut self, id: SetId, mut read: impl FnMut(&mut Inputs) -> T) -> T {
        loop {
            let mut inputs = Inputs::default();
            let result = read(&mut inputs);
            if self.accept(id, inputs).is_some() || !self.wait_for(id) {
                return result;
            }
        }
    }

    /// Blocks until this set is ready. False when stopped before.
    pub(crate) fn wait_for(&mut self, id: SetId) -> bool {
        loop {
            match self.next(Some(id)) {
                Woken::Ready(_) => return true,
                Woken::Idle => {}
                Woken::Stopped => return false,
            }
        }
    }

    /// Takes what a reading of a set depended on, to follow it from now on, and gives who asked
    /// for the reading. None if something of it is not at rest: the reading is worth nothing, and
    /// the set will be ready once more.
    pub(crate) fn accept(&mut self, id: SetId, inputs: Inputs) -> Option<Vec<R>> {
        while let Ok(news) = self.news.try_recv() {
            self.take_in(news);
        }
        self.is_followed = false;
        let set = self.sets.get_mut(&id)?;
        set.accept(inputs, &self.notifier, Instant::now())
    }

    /// Blocks until there is work.
    pub(crate) fn wait(&mut self) -> Woken {
        self.next(None)
    }

    /// The same for one set, whatever happens besides.
    fn next(&mut self, only: Option<SetId>) -> Woken {
        let idle_at = Instant::now() + POLL;
        loop {
            self.look();
            if self.stopped {
                return Woken::Stopped;
            }
            let now = self.looked;
            let is_ready = |set: &FileSet<R>| set.ready_at().is_some_and(|at| at <= now);
            let ready = self.sets.iter().filter(|(_, set)| is_ready(set));
            let ready = ready
                .map(|(id, _)| *id)
                .filter(|id| only.is_none_or(|only| only == *id));
            let ready: Vec<SetId> = ready.collect();
            if !ready.is_empty() {
                return Woken::Ready(ready);
            }
            if now >= idle_at || only.is_none() && !self.told.is_empty() {
                return Woken::Idle;
            }
            self.listen();
        }
    }

    fn look(&mut self) {
        self.follow_what_was_read();
        let now = Instant::now();
        self.notifier.follow_replaced_folders();
        for set in self.sets.values_mut() {
            set.look(&mut self.notifier, now);
        }
        self.notifier.forget_what_was_told();
        self.looked = now;
        // Without the following, which costs more and is not done each time.
        self.look_took = now.elapsed();
    }

    fn follow_what_was_read(&mut self) {
        if self.is_followed {
            return;
        }
        let (mut places, mut folders) = (HashSet::new(), HashSet::new());
        for set in self.sets.values() {
            set.add_to(&mut places, &mut folders);
        }
        self.notifier.follow(places, folders);
        self.is_followed = true;
    }

    /// Receives notifications until the next poll is due.
    fn listen(&mut self) {
        let ready = self.sets.values().filter_map(FileSet::ready_at).min();
        let next_poll = self.looked + POLL.max(self.look_took.saturating_mul(POLL_SHARE));
        let after_event = self.looked + BREATH.max(self.look_took.saturating_mul(EVENT_SHARE));
        let mut until = ready.map_or(next_poll, |at| at.min(next_poll));
        while !self.stopped
            && let Ok(news) = self
                .news
                .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            if self.take_in(news) {
                until = until.min(after_event);
            }
        }
    }

    /// Returns whether to poll.
    fn take_in(&mut self, news: News<R>) -> bool {
        match news {
            News::Event(event) => return self.notifier.take_in(event),
            News::Ask(id, ask) => {
                if let Some(set) = self.sets.get_mut(&id) {
                    set.ask(ask, Instant::now());
                }
            }
            News::Tell(what) => self.told.push(what),
            News::Stop => self.stopped = true,
        }
        true
    }
}
