//! One try to have WeChat keep some files: what is known is not asked for, and a few are uploaded
//! at a time.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::store::{MediaKey, StoreError};
use crate::uploads::{AccountUploads, MediaIds, ReadFile, UploadError, WantedFile};

/// Uploads of one account at once.
const MAX_OF_ACCOUNT: usize = 4;

/// How often it is looked for what another replica uploads, and for how long: an upload may take
/// two minutes.
const MIN_PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSE: Duration = Duration::from_secs(3);
const TIMEOUT: Duration = Duration::from_secs(180);

#[derive(Clone)]
pub(super) struct Round {
    /// There is nothing there once nobody waits for the files any more, or in another way.
    pub(super) wanted: Weak<()>,
    pub(super) account: AccountUploads,
    pub(super) files: Arc<[WantedFile]>,
    pub(super) ids: Arc<MediaIds>,
    pub(super) read: ReadFile,
}

/// What came of one file.
pub(super) enum UploadResult {
    Here,
    /// Somebody else uploads it just now.
    Elsewhere,
}

type FailedUploads = Vec<(usize, UploadError)>;

impl Round {
    /// What failed, by its place among the files.
    pub(super) async fn run(self, asks_again: bool, looked_up: impl FnOnce()) -> FailedUploads {
        let all = 0..self.files.len();
        let missing = all.filter(|place| asks_again || !self.is_known(*place));
        let mut missing: Vec<usize> = missing.collect();
        let Some(first) = missing.first().copied() else {
            looked_up();
            return FailedUploads::new();
        };
        let known = self.look_up(&mut missing).await;
        looked_up();
        match known {
            Ok(()) => self.upload_all(missing).await,
            Err(error) => vec![(first, error.into())],
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.wanted.strong_count() > 0
    }

    fn is_known(&self, place: usize) -> bool {
        let file = self.files.get(place);
        file.is_none_or(|file| self.ids.get(file.kind, file.content.hash).is_some())
    }

    /// Takes over what any replica has uploaded.
    async fn look_up(&self, missing: &mut Vec<usize>) -> Result<(), StoreError> {
        let AccountUploads { store, api, .. } = &self.account;
        let kept = store.kept_media(&api.credentials().app_id).await?;
        missing.retain(|place| {
            let Some(file) = self.files.get(*place) else {
                return false;
            };
            let is_it = |kept: &&crate::store::KeptMedia| {
                (kept.kind, kept.hash) == (file.kind, file.content.hash)
            };
            let found = kept.iter().find(is_it);
            if let Some(kept) = found {
                self.ids.insert(kept.kind, kept.hash, &kept.media_id);
            }
            found.is_none()
        });
        Ok(())
    }

    async fn upload_all(&self, mut missing: Vec<usize>) -> FailedUploads {
        let (mut failed, mut pause) = (FailedUploads::new(), MIN_PAUSE);
        let until = Instant::now() + TIMEOUT;
        loop {
            let elsewhere = self.upload_each(missing, &mut failed).await;
            let is_stopped = failed.iter().any(|(_, error)| !error.is_about_the_file());
            if elsewhere.is_empty() || is_stopped || !self.is_wanted() {
                return failed;
            }
            if Instant::now() > until {
                let late = elsewhere.into_iter();
                failed.extend(late.map(|place| (place, UploadError::Elsewhere)));
                return failed;
            }
            sleep(pause).await;
            pause = MAX_PAUSE.min(pause * 2);
            missing = elsewhere;
        }
    }

    /// Gives those that somebody else uploads.
    async fn upload_each(&self, places: Vec<usize>, failed: &mut FailedUploads) -> Vec<usize> {
        let (mut places, mut elsewhere) = (places.into_iter(), Vec::new());
        let mut under_way = JoinSet::new();
        let mut is_stopped = false;
        loop {
            while !is_stopped
                && self.is_wanted()
                && under_way.len() < MAX_OF_ACCOUNT
                && let Some(place) = places.next()
            {
                let round = self.clone();
                under_way.spawn(async move { (place, round.one(place).await) });
            }
            // A task that ends otherwise was ended with the program.
            match under_way.join_next().await {
                None => return elsewhere,
                Some(Err(_)) | Some(Ok((_, Ok(UploadResult::Here)))) => {}
                Some(Ok((place, Ok(UploadResult::Elsewhere)))) => elsewhere.push(place),
                Some(Ok((place, Err(error)))) => {
                    is_stopped |= !error.is_about_the_file();
                    failed.push((place, error));
                }
            }
        }
    }

    pub(super) fn key(&self, file: &WantedFile) -> MediaKey {
        MediaKey {
            app_id: self.account.api.credentials().app_id.clone(),
            kind: file.kind,
            hash: file.content.hash,
        }
    }
}
