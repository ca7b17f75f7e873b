//! The thread that replaces rules when their files change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::Instant;

use crate::i18n::phrase;
use crate::live_rules::files::{FileError, FilesRead};
use crate::live_rules::followed_rules::{FollowedRules, ReloadOutcome};
use crate::live_rules::media::KnownMedia;
use crate::live_rules::watch::{Inputs, ReloadHandle, SetId, Watch, Woken};
use crate::live_rules::{Generation, LiveRules, Loading, ReloadError, ReloadResult, files};
use crate::rules::sources::Sources;
use crate::uploads::{AccountUploads, UploadProgress};

/// One thread and one watch for any number of rule sets. Each is followed until another one is
/// served in its place, whoever still holds its rules then.
pub(crate) struct Reloader {
    watch: Watch<ReloadRequest>,
    followed: BTreeMap<SetId, FollowedRules>,
    /// Sets that were not read yet, and who waits for that.
    first_loads: BTreeMap<SetId, FirstLoad>,
    /// Replaced rules that may still be in use. They are freed here, as that takes longer than
    /// answering a message.
    retired: Vec<Arc<Generation>>,
}

/// Reaches a running `Reloader` from any thread.
#[derive(Clone)]
pub(crate) struct ReloaderHandle(ReloadHandle<ReloadRequest>);

/// What the thread is asked for, and the way back for what comes of it.
pub(super) enum ReloadRequest {
    Reload(SyncSender<ReloadResult>),
    Follow(FirstLoad),
    ServeOnly(BTreeSet<SetId>),
    /// Of a set: how its files are uploaded, and who waits for what becomes of those that are live.
    UploadWith(SetId, AccountUploads, SyncSender<()>),
    /// Of a set: how far a round of uploads has come.
    Uploaded(SetId, u64, UploadProgress),
}

pub(super) struct FirstLoad {
    loading: Loading,
    answer: SyncSender<FirstResult>,
}

type FirstResult = Result<Arc<LiveRules>, ReloadError>;

impl Reloader {
    pub(crate) fn new() -> Reloader {
        Reloader {
            watch: Watch::start(),
            followed: BTreeMap::new(),
            first_loads: BTreeMap::new(),
            retired: Vec::new(),
        }
    }

    /// Loads rules, which are kept as their files are from the start on.
    pub(crate) fn add(&mut self, loading: Loading) -> FirstResult {
        let files = self.watch.add();
        self.load(loading, files)
    }

    /// Files that are being written are waited for together.
    pub(crate) fn add_all(&mut self, all: Vec<Loading>) -> Vec<FirstResult> {
        let all = all.into_iter().map(|loading| (loading, self.watch.add()));
        let all: Vec<(Loading, SetId)> = all.collect();
        let loaded = all
            .into_iter()
            .map(|(loading, files)| self.load(loading, files));
        loaded.collect()
    }

    fn load(&mut self, loading: Loading, files: SetId) -> FirstResult {
        let mut media = KnownMedia::default();
        let reading = self.watch.read(files, |inputs| {
            files::read(&loading.path, &Sources::default(), &mut media, inputs)
        });
        self.take(loading, reading, media, files)
    }

    pub(crate) fn start(self) -> ReloaderHandle {
        let handle = ReloaderHandle(self.watch.handle());
        let thread = thread::Builder::new().name("reload".to_owned());
        if let Err(error) = thread.spawn(move || self.run()) {
            log::warn!("{}", phrase!(log_no_watcher, reason = &error));
        }
        handle
    }

    fn run(mut self) {
        self.followed.values_mut().for_each(FollowedRules::serve);
        while self.step() {}
    }

    /// Waits until there is something to do, and does it. False when stopped.
    fn step(&mut self) -> bool {
        let woken = self.watch.wait();
        // First: what is served no longer is not read again.
        for request in self.watch.told() {
            self.hear(request);
        }
        match woken {
            Woken::Ready(sets) => sets.into_iter().for_each(|set| self.reload(set)),
            Woken::Idle => {}
            Woken::Stopped => return false,
        }
        self.followed.values_mut().for_each(FollowedRules::go_on);
        // If ours is the only reference, no other can be created.
        self.retired
            .retain(|generation| Arc::strong_count(generation) > 1);
        true
    }

    fn serve_only(&mut self, served: &BTreeSet<SetId>) {
        let is_left = |set: &SetId, _: &mut FollowedRules| !served.contains(set);
        for (set, rules) in self.followed.extract_if(.., is_left) {
            self.watch.remove(set);
            self.retired.push(rules.live.current.load_full());
        }
        // Last, as others may have been kept in the same place.
        self.followed.values_mut().for_each(FollowedRules::serve);
    }

    /// Reads a set for the first time.
    fn begin(&mut self, set: SetId) {
        let Some(expected) = self.first_loads.get(&set) else {
            return;
        };
        let (mut media, mut inputs) = (KnownMedia::default(), Inputs::default());
        let path = &expected.loading.path;
        let reading = files::read(path, &Sources::default(), &mut media, &mut inputs);
        if self.watch.accept(set, inputs).is_none() {
            return;
        }
        if let Some(FirstLoad { loading, answer }) = self.first_loads.remove(&set) {
            // The caller may be gone.
            let _ = answer.try_send(self.take(loading, reading, media, set));
        }
    }

    /// Makes rules live that were read for the first time, and follows their files.
    fn take(
        &mut self,
        loading: Loading,
        reading: Result<FilesRead, FileError>,
        media: KnownMedia,
        set: SetId,
    ) -> FirstResult {
        match LiveRules::first(loading, reading, set, self.watch.handle()) {
            Ok(mut rules) => {
                rules.media = media;
                let live = Arc::clone(&rules.live);
                self.followed.insert(set, rules);
                Ok(live)
            }
            Err(refused) => {
                self.watch.remove(set);
                Err(refused)
            }
        }
    }

    fn reload(&mut self, set: SetId) {
        let Some(rules) = self.followed.get_mut(&set) else {
            return self.begin(set);
        };
        let began = Instant::now();
        let current = rules.live.current.load_full();
        let mut inputs = Inputs::default();
        let (path, media) = (&rules.loading.path, &mut rules.media);
        let reading = files::read(path, &current.sources, media, &mut inputs);
        let Some(requests) = self.watch.accept(set, inputs) else {
            return;
        };
        let requests = requests.into_iter().filter_map(|request| match request {
            ReloadRequest::Reload(answer) => Some(answer),
            _ => None,
        });
        let settled = rules.read(reading, began, requests.collect());
        self.settle(set, settled);
    }

    fn settle(&mut self, set: SetId, settled: Option<ReloadOutcome>) {
        let Some(ReloadOutcome {
            result,
            requests,
            replaced,
        }) = settled
        else {
            return;
        };
        for answer in requests {
            // The caller may have timed out.
            let _ = answer.try_send(result.clone());
        }
        let is_new = replaced.is_some();
        self.retired.extend(replaced);
        if let Some(rules) = self.followed.get_mut(&set)
            && (is_new || !rules.is_kept())
        {
            rules.keep();
        }
    }

    fn hear(&mut self, request: ReloadRequest) {
        match request {
            ReloadRequest::Follow(expected) => {
                self.first_loads.insert(self.watch.add(), expected);
            }
            ReloadRequest::ServeOnly(served) => self.serve_only(&served),
            ReloadRequest::UploadWith(set, uploads, waiting) => {
                if let Some(rules) = self.followed.get_mut(&set) {
                    rules.upload_with(uploads, waiting);
                }
            }
            ReloadRequest::Uploaded(set, round, progress) => {
                let rules = self.followed.get_mut(&set);
                let settled = rules.and_then(|rules| rules.uploaded(round, progress));
                self.settle(set, settled);
            }
            // Is asked of a set.
            ReloadRequest::Reload(_) => {}
        }
    }
}

impl ReloaderHandle {
    /// Loads further rules and follows their files. None if that has ended.
    pub(crate) fn add_all(&self, all: Vec<Loading>) -> Option<Vec<FirstResult>> {
        let asked = all.into_iter().map(|loading| {
            let (answer, first) = mpsc::sync_channel(1);
            self.0
                .tell(ReloadRequest::Follow(FirstLoad { loading, answer }));
            first
        });
        let asked: Vec<_> = asked.collect();
        asked.iter().map(|first| first.recv().ok()).collect()
    }

    /// These rules answer from now on; all others are followed no longer, and nothing is done for
    /// them.
    pub(crate) fn serve_only<'l>(&self, served: impl Iterator<Item = &'l LiveRules>) {
        let served = served.map(|live| live.files).collect();
        self.0.tell(ReloadRequest::ServeOnly(served));
    }

    /// Ends the following of all.
    pub(crate) fn stop(&self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc;

    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn a_reload_is_answered_while_the_old_rules_are_still_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.yaml");
        let write = |reply: &str| {
            let rules = format!("rules: [{{ name: a, reply: {reply} }}]");
            fs::write(&path, rules).unwrap();
        };
        write("one");
        let loading = Loading {
            path: path.clone(),
            require_tests: false,
            system_zone: TimeZone::UTC,
            can_upload: false,
            last_good: None,
            last_good_of_path: false,
        };
        let mut reloader = Reloader::new();
        let live = reloader.add(loading).unwrap();
        let in_use = live.current.load_full();
        write("two");
        let (sender, answer) = mpsc::sync_channel(1);
        live.handle.ask(live.files, ReloadRequest::Reload(sender));
        let answer = loop {
            assert!(reloader.step());
            if let Ok(answer) = answer.try_recv() {
                break answer;
            }
        };
        assert_eq!(answer.unwrap().number, 2);
        assert_eq!(reloader.retired.len(), 1);

        // Their last user does not free them.
        let freed = Arc::downgrade(&in_use);
        drop(in_use);
        assert!(freed.upgrade().is_some());
        assert!(reloader.step());
        assert!(freed.upgrade().is_none() && reloader.retired.is_empty());
    }
}
