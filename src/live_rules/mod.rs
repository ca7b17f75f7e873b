//! The rules that answer now, and how they are replaced when their files change.
//! Knows neither HTTP nor the messages that are answered.

pub(crate) mod bytes;
mod environment;
mod error;
pub mod files;
mod generation;
mod hash;
mod last_good;
mod reloader;
pub(crate) mod watch;

use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use crate::live_rules::hash::hash;
use crate::live_rules::reloader::{Reloader, Subject};
use crate::live_rules::watch::{ReloadHandle, SetId, Watch};
use crate::rules::sources::Sources;

pub(crate) use crate::live_rules::error::ReloadError;
pub(crate) use crate::live_rules::generation::{Generation, Loading};

/// Who answers now. Readers never wait for a reload, and one message is answered by one
/// generation.
pub(crate) struct LiveRules {
    current: ArcSwap<Generation>,
    status: Mutex<Status>,
    handle: ReloadHandle<ReloadRequest>,
    files: SetId,
}

/// What came of the reloads so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    pub(crate) failures: u64,
    /// Why the files as they are now were refused; none when they are live.
    pub(crate) refused: Option<Arc<ReloadError>>,
    /// The rules are those that were kept before the start, as the files were refused ever since.
    pub(crate) is_last_good: bool,
}

/// What a reload that was asked for came to: the generation that answers now.
pub(crate) type ReloadResult = Result<Arc<Generation>, Arc<ReloadError>>;

/// Somebody who wants the rules read again, and perhaps to hear what came of it.
pub(crate) type ReloadRequest = Option<mpsc::SyncSender<ReloadResult>>;

impl LiveRules {
    /// Loads the rules and keeps them as their files are, on a thread of its own.
    pub(crate) fn start(loading: Loading) -> Result<Arc<LiveRules>, ReloadError> {
        let (live, reloader) = LiveRules::load(loading)?;
        reloader.start();
        Ok(live)
    }

    fn load(loading: Loading) -> Result<(Arc<LiveRules>, Reloader), ReloadError> {
        let mut watch = Watch::start();
        let files = watch.add();
        let first = watch.read(files, |inputs| {
            files::read(&loading.path, &Sources::default(), inputs)
        });
        let (hash, first) = match first {
            Ok(reading) => {
                let hash = hash(&reading.sources);
                let first = loading.generation(reading.parse(), hash.clone(), None);
                (Some(hash), first)
            }
            Err(error) => (None, Err(ReloadError::File(error))),
        };
        let (first, refused) = match first {
            Ok(first) => (first, None),
            Err(refused) => match last_good::instead(&loading, &refused) {
                Some(kept) => (kept, Some(Arc::new(refused))),
                None => return Err(refused),
            },
        };
        first.log(None);
        let live = Arc::new(LiveRules {
            current: ArcSwap::from_pointee(first),
            status: Mutex::new(Status {
                failures: refused.iter().len() as u64,
                refused: refused.clone(),
                is_last_good: refused.is_some(),
            }),
            handle: watch.handle(),
            files,
        });
        let refused = refused.map(|refused| (hash, refused));
        let subject = Subject::new(loading, Arc::clone(&live), refused);
        Ok((live, Reloader::new(watch, files, subject)))
    }

    /// The rules to answer one message with, from beginning to end.
    pub(crate) fn current(&self) -> Guard<Arc<Generation>> {
        self.current.load()
    }

    pub(crate) fn status(&self) -> Status {
        let status = self.status.lock();
        status.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_status(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut status);
    }

    /// Reads the files again as soon as nobody is in the middle of saving them, and waits for what
    /// comes of it. None when there is no answer in time.
    pub(crate) fn reload_and_wait(&self, patience: Duration) -> Option<ReloadResult> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.handle.ask(self.files, Some(sender));
        receiver.recv_timeout(patience).ok()
    }

    /// Ends the watching.
    pub(crate) fn stop(&self) {
        self.handle.stop();
    }
}
