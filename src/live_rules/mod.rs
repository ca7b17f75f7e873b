//! The live rules, and their reload when files change. Knows no HTTP.

pub(crate) mod bytes;
mod environment;
mod error;
pub mod files;
mod followed_rules;
mod generation;
pub(crate) mod hanging_drive;
mod hash;
mod last_good;
pub(crate) mod media;
mod reloader;
pub(crate) mod replacement;
mod told_followers;
mod upload_retries;
pub(crate) mod watch;

use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};

use crate::live_rules::files::{FileError, FilesRead};
use crate::live_rules::followed_rules::FollowedRules;
use crate::live_rules::hash::hash;
use crate::live_rules::reloader::ReloadRequest;
use crate::live_rules::watch::{ReloadHandle, SetId};
use crate::lock::lock;
use crate::uploads::AccountUploads;

pub(crate) use crate::live_rules::error::ReloadError;
pub(crate) use crate::live_rules::generation::{Generation, Loading};
pub(crate) use crate::live_rules::reloader::{Reloader, ReloaderHandle};

/// The current generation. Readers never wait for a reload, and one generation answers a message.
pub(crate) struct LiveRules {
    current: ArcSwap<Generation>,
    status: Mutex<Status>,
    handle: ReloadHandle<ReloadRequest>,
    files: SetId,
}

/// The results of the reloads so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Status {
    pub(crate) failures: u64,
    /// Why the current files were refused; `None` if they are live.
    pub(crate) refused: Option<Arc<ReloadError>>,
    /// The rules are those that were kept before the start, as the files were refused ever since.
    pub(crate) is_last_good: bool,
    /// Why WeChat does not keep everything that the live rules show.
    pub(crate) not_uploaded: Option<Arc<ReloadError>>,
}

/// The result of a requested reload: the current generation.
pub(crate) type ReloadResult = Result<Arc<Generation>, Arc<ReloadError>>;

/// A reload that was asked for.
pub(crate) struct Reload(mpsc::Receiver<ReloadResult>);

impl Reload {
    /// The result; `None` if it is not available in time.
    pub(crate) fn wait(self, until: Instant) -> Option<ReloadResult> {
        self.0.recv_timeout(left(until)).ok()
    }
}

/// The first try to upload what the rules show. Something comes when it is known what WeChat keeps
/// already, and it is over when nothing can come any more.
pub(crate) struct FirstUploads(mpsc::Receiver<()>);

impl FirstUploads {
    /// Waits until it is known what WeChat keeps already.
    pub(crate) fn wait_for_known(&self, until: Instant) {
        let _ = self.0.recv_timeout(left(until));
    }

    /// Waits until the try is over.
    pub(crate) fn wait(&self, until: Instant) {
        while self.0.recv_timeout(left(until)).is_ok() {}
    }
}

fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

impl LiveRules {
    /// The rules of files that were read for the first time.
    fn first(
        loading: Loading,
        reading: Result<FilesRead, FileError>,
        files: SetId,
        handle: ReloadHandle<ReloadRequest>,
    ) -> Result<FollowedRules, ReloadError> {
        let (hash, first) = match reading {
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
                not_uploaded: None,
            }),
            handle,
            files,
        });
        let refused = refused.map(|refused| (hash, refused));
        Ok(FollowedRules::new(loading, live, refused))
    }

    /// The rules to use for one message, from beginning to end.
    pub(crate) fn current(&self) -> Guard<Arc<Generation>> {
        self.current.load()
    }

    pub(crate) fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    fn set_status(&self, change: impl FnOnce(&mut Status)) {
        change(&mut lock(&self.status));
    }

    /// From now on what the rules show is uploaded in this way.
    pub(crate) fn upload_with(&self, uploads: AccountUploads) -> FirstUploads {
        let (waiting, steps) = mpsc::sync_channel(1);
        let request = ReloadRequest::UploadWith(self.files, uploads, waiting);
        self.handle.tell(request);
        FirstUploads(steps)
    }

    /// Reads the files again as soon as no save is in progress.
    pub(crate) fn reload(&self) -> Reload {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.handle.ask(self.files, ReloadRequest::Reload(sender));
        Reload(receiver)
    }
}
