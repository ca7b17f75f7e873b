//! Has WeChat keep the files that rules show: each once for each account and content, whichever
//! replica does it. Knows the store and WeChat's API; neither rules nor how files are read.

mod error;
mod file_upload;
mod ids;
mod upload_round;

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::lock::lock;
use crate::media::{MediaContent, MediaKind};
use crate::store::{MediaKey, Store};
use crate::uploads::upload_round::Round;
use crate::wechat_api::ApiAccount;

pub(crate) use crate::uploads::error::UploadError;
pub(crate) use crate::uploads::ids::MediaIds;

/// Files whose bytes are in memory at once, of all accounts.
const MAX_AT_ONCE: usize = 64;

/// All uploads of this process.
#[derive(Clone)]
pub(crate) struct Uploads(Arc<SharedUploads>);

struct SharedUploads {
    /// It outlives every upload.
    runtime: Handle,
    room: Semaphore,
    /// To the store, this process is one replica.
    under_way: Mutex<HashSet<MediaKey>>,
}

/// Uploads as one account makes them.
#[derive(Clone)]
pub(crate) struct AccountUploads {
    uploads: Uploads,
    store: Store,
    api: ApiAccount,
}

/// A file that WeChat is to keep, with what was in it when the rules were read.
#[derive(Clone, Debug)]
pub(crate) struct WantedFile {
    pub(crate) kind: MediaKind,
    pub(crate) content: MediaContent,
    pub(crate) path: PathBuf,
}

/// How far it has come with some files.
pub(crate) enum UploadProgress {
    /// What is known already is known here, too.
    LookedUp,
    /// What failed, by its place among the files. Where the failure is not about one file, the
    /// others were not tried.
    Over(Vec<(usize, UploadError)>),
}

/// A round of uploads goes on to a further file as long as this is held.
#[derive(Default)]
pub(crate) struct RoundUnderWay {
    held: Arc<()>,
}

/// How a file is read.
pub(crate) type ReadFile = fn(&Path) -> io::Result<Vec<u8>>;

impl Uploads {
    pub(crate) fn new(runtime: Handle) -> Uploads {
        Uploads(Arc::new(SharedUploads {
            runtime,
            room: Semaphore::new(MAX_AT_ONCE),
            under_way: Mutex::default(),
        }))
    }

    pub(crate) fn of_account(&self, store: Store, api: ApiAccount) -> AccountUploads {
        AccountUploads {
            uploads: self.clone(),
            store,
            api,
        }
    }

    /// Takes hold of a file, unless this process uploads it already.
    fn take(&self, key: &MediaKey) -> Option<UploadPermit> {
        let mut under_way = self.under_way();
        under_way.insert(key.clone()).then(|| UploadPermit {
            uploads: self.clone(),
            key: key.clone(),
        })
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<MediaKey>> {
        lock(&self.0.under_way)
    }
}

/// Held while a file is uploaded.
struct UploadPermit {
    uploads: Uploads,
    key: MediaKey,
}

impl Drop for UploadPermit {
    fn drop(&mut self) {
        self.uploads.under_way().remove(&self.key);
    }
}

impl AccountUploads {
    /// Has WeChat keep the files that it does not keep yet, in a task of its own; their ids are in
    /// `ids` then. `asks_again` is not content with what is known here.
    #[must_use = "without it, the round is over at once"]
    pub(crate) fn begin(
        &self,
        files: Vec<WantedFile>,
        ids: Arc<MediaIds>,
        asks_again: bool,
        read: ReadFile,
        tell: impl Fn(UploadProgress) + Send + Sync + 'static,
    ) -> RoundUnderWay {
        let under_way = RoundUnderWay::default();
        let round = Round {
            wanted: Arc::downgrade(&under_way.held),
            account: self.clone(),
            files: files.into(),
            ids,
            read,
        };
        self.uploads.0.runtime.spawn(async move {
            let failed = round
                .run(asks_again, || tell(UploadProgress::LookedUp))
                .await;
            tell(UploadProgress::Over(failed));
        });
        under_way
    }
}
