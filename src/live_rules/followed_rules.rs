//! The rules of one set of files: those that answer, those that were refused, and those that wait
//! until WeChat keeps what they show.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Instant;

use jiff::Timestamp;

use crate::i18n::phrase;
use crate::live_rules::files::{FileError, FilesRead};
use crate::live_rules::hanging_drive;
use crate::live_rules::hash::hash;
use crate::live_rules::media::KnownMedia;
use crate::live_rules::reloader::ReloadRequest;
use crate::live_rules::upload_retries::Attempts;
use crate::live_rules::{
    Generation, LiveRules, Loading, ReloadError, ReloadResult, bytes, last_good,
};
use crate::uploads::{AccountUploads, UploadError, UploadProgress};

pub(super) struct FollowedRules {
    pub(super) loading: Loading,
    pub(super) live: Arc<LiveRules>,
    /// What is in the files that replies name, as they were read last.
    pub(super) media: KnownMedia,
    /// The last refusal, so that it is reported only once: the hash of the files, if they could be
    /// read, and the reason.
    refused: Option<RefusedFiles>,
    /// Rules that nobody answers by yet are not kept.
    is_served: bool,
    /// Then the rules that are live are not in the file of the last good ones.
    has_failed_to_keep: bool,
    uploads: Option<AccountUploads>,
    candidate: Option<Candidate>,
    /// Has WeChat keep what the live rules show, which answer without it meanwhile.
    missing: Option<Attempts>,
    rounds: u64,
}

pub(super) type RefusedFiles = (Option<String>, Arc<ReloadError>);

/// Who waits for what comes of a reload.
pub(super) type Requests = Vec<SyncSender<ReloadResult>>;

/// Rules that go live once WeChat keeps what they show.
struct Candidate {
    generation: Generation,
    began: Instant,
    requests: Requests,
    attempts: Attempts,
}

/// What came of a reload.
pub(super) struct ReloadOutcome {
    pub(super) result: ReloadResult,
    pub(super) requests: Requests,
    pub(super) replaced: Option<Arc<Generation>>,
}

impl FollowedRules {
    pub(super) fn new(
        loading: Loading,
        live: Arc<LiveRules>,
        refused: Option<RefusedFiles>,
    ) -> FollowedRules {
        FollowedRules {
            loading,
            live,
            media: KnownMedia::default(),
            refused,
            is_served: false,
            has_failed_to_keep: false,
            uploads: None,
            candidate: None,
            missing: None,
            rounds: 0,
        }
    }

    /// The files were read again. None where WeChat is asked first.
    pub(super) fn read(
        &mut self,
        reading: Result<FilesRead, FileError>,
        began: Instant,
        mut requests: Requests,
    ) -> Option<ReloadOutcome> {
        let current = self.live.current.load_full();
        let hash = reading.as_ref().ok().map(|reading| hash(&reading.sources));
        let is_candidate =
            |candidate: &Candidate| Some(&candidate.generation.hash) == hash.as_ref();
        if let Some(candidate) = self.candidate.as_mut().filter(|it| is_candidate(it)) {
            candidate.requests.append(&mut requests);
            candidate.attempts.hurry();
            self.go_on();
            return None;
        }
        if let Some(outdated) = self.candidate.take() {
            requests.extend(outdated.requests);
        }
        let failures = self.live.status().failures;
        let result = match reading {
            Ok(reading) => self.replace(&current, reading, hash.unwrap_or_default(), began),
            Err(error) => Some(Err(self.refuse(None, ReloadError::File(error)))),
        };
        let Some(result) = result else {
            if let Some(candidate) = &mut self.candidate {
                candidate.requests = requests;
            }
            return None;
        };
        let is_new = matches!(&result, Ok(generation) if generation.number != current.number);
        if !requests.is_empty() && !is_new && self.live.status().failures == failures {
            self.log_that_nothing_changed(&result);
            self.look_up_again();
        }
        Some(ReloadOutcome {
            result,
            requests,
            replaced: is_new.then_some(current),
        })
    }

    fn replace(
        &mut self,
        current: &Arc<Generation>,
        reading: FilesRead,
        hash: String,
        began: Instant,
    ) -> Option<ReloadResult> {
        if hash == current.hash {
            if self.refused.take().is_some() {
                self.are_live();
                log::info!("{}", phrase!(log_as_live));
            }
            return Some(Ok(Arc::clone(current)));
        }
        if let Some((Some(refused), why)) = &self.refused
            && *refused == hash
        {
            return Some(Err(Arc::clone(why)));
        }
        let parsed = reading.parse();
        match self.loading.generation(parsed, hash.clone(), Some(current)) {
            Ok(generation) if generation.missing().is_empty() => {
                Some(Ok(self.go_live(generation, began)))
            }
            Ok(generation) => {
                self.candidate = Some(Candidate {
                    generation,
                    began,
                    requests: Vec::new(),
                    attempts: Attempts::default(),
                });
                self.go_on();
                None
            }
            Err(refused) => Some(Err(self.refuse(Some(hash), refused))),
        }
    }

    fn go_live(&mut self, mut generation: Generation, began: Instant) -> Arc<Generation> {
        let current = self.live.current.load_full();
        generation.loaded_at = Timestamp::now();
        let generation = Arc::new(generation);
        self.live.current.store(Arc::clone(&generation));
        let took = began.elapsed();
        self.refused = None;
        self.missing = None;
        self.are_live();
        self.live.set_status(|status| status.not_uploaded = None);
        // Whoever reads of it finds it so.
        generation.log(Some((&current, took)));
        generation
    }

    fn are_live(&self) {
        self.live.set_status(|status| {
            status.refused = None;
            status.is_last_good = false;
        });
    }

    fn refuse(&mut self, hash: Option<String>, refused: ReloadError) -> Arc<ReloadError> {
        if let Some((known, why)) = &self.refused
            && *known == hash
            && why.says_the_same(&refused)
        {
            return Arc::clone(why);
        }
        let refused = Arc::new(refused);
        self.refused = Some((hash, Arc::clone(&refused)));
        self.live.set_status(|status| {
            status.failures += 1;
            status.refused = Some(Arc::clone(&refused));
        });
        log::error!("{}\n{refused}", phrase!(log_not_replaced));
        refused
    }

    fn log_that_nothing_changed(&self, result: &ReloadResult) {
        match result {
            Ok(generation) => {
                let generation = generation.number;
                log::info!("{}", phrase!(log_unchanged, generation));
            }
            Err(_) => log::info!("{}", phrase!(log_still_refused)),
        }
    }

    /// From now on messages are answered by these rules.
    pub(super) fn serve(&mut self) {
        if !std::mem::replace(&mut self.is_served, true) {
            self.keep();
        }
    }

    /// Keeps the rules that are live for a start at which their files are refused.
    pub(super) fn keep(&mut self) {
        let Some(path) = &self.loading.last_good else {
            return;
        };
        if !self.is_served || self.live.status().is_last_good {
            return;
        }
        let written = last_good::write(path, &self.live.current().sources);
        self.has_failed_to_keep = written.is_err();
        if let Err(error) = written {
            let path = path.display();
            log::warn!("{}", phrase!(log_cannot_keep, path, reason = &error));
        }
    }

    pub(super) fn is_kept(&self) -> bool {
        let exists = |path: &PathBuf| hanging_drive::ask(path, || path.exists());
        let is_there = |path: &PathBuf| !self.has_failed_to_keep && exists(path);
        self.loading.last_good.as_ref().is_none_or(is_there)
    }

    /// From now on files are uploaded in this way. Who asks hears when it is known what WeChat
    /// keeps of what the live rules show, and when the first try to upload the rest is over.
    pub(super) fn upload_with(&mut self, uploads: AccountUploads, waiting: SyncSender<()>) {
        self.uploads = Some(uploads);
        if !self.live.current().rules.media.is_empty() {
            self.missing = Some(Attempts::for_who_waits(waiting));
        }
        if let Some(candidate) = &mut self.candidate {
            candidate.attempts.hurry();
        }
        self.go_on();
    }

    /// What was kept may have been forgotten on purpose.
    fn look_up_again(&mut self) {
        if !self.live.current().rules.media.is_empty() && self.missing.is_none() {
            self.missing = Some(Attempts::anew());
            self.go_on();
        }
    }

    /// Begins what it is time for.
    pub(super) fn go_on(&mut self) {
        let Some(uploads) = &self.uploads else {
            return;
        };
        let now = Instant::now();
        let current = self.live.current();
        let candidate = self.candidate.as_mut();
        let candidate = candidate.map(|it| (&mut it.attempts, &it.generation));
        let missing = self.missing.as_mut().map(|it| (it, &**current));
        for (attempts, generation) in candidate.into_iter().chain(missing) {
            if !attempts.is_due(now) {
                continue;
            }
            self.rounds += 1;
            let (round, handle, set) = (self.rounds, self.live.handle.clone(), self.live.files);
            let under_way = uploads.begin(
                generation.shown_files(),
                Arc::clone(&generation.media_ids),
                attempts.asks_again,
                bytes::of_file,
                move |progress| handle.tell(ReloadRequest::Uploaded(set, round, progress)),
            );
            attempts.begin(round, under_way);
        }
    }

    /// What came of a round of uploads.
    pub(super) fn uploaded(
        &mut self,
        round: u64,
        progress: UploadProgress,
    ) -> Option<ReloadOutcome> {
        let candidate = self.candidate.as_ref();
        let is_candidate = candidate.is_some_and(|it| it.attempts.is_round(round));
        match progress {
            UploadProgress::LookedUp => {
                if let Some(missing) = self.missing.as_ref().filter(|it| it.is_round(round)) {
                    missing.tell();
                }
                None
            }
            UploadProgress::Over(failed) if is_candidate => self.candidate_is_over(failed),
            UploadProgress::Over(failed) => {
                self.missing_is_over(round, failed);
                None
            }
        }
    }

    fn candidate_is_over(&mut self, failed: Vec<(usize, UploadError)>) -> Option<ReloadOutcome> {
        let mut candidate = self.candidate.take()?;
        let requests = std::mem::take(&mut candidate.requests);
        if failed.is_empty() {
            let replaced = Some(self.live.current.load_full());
            let result = Ok(self.go_live(candidate.generation, candidate.began));
            return Some(ReloadOutcome {
                result,
                requests,
                replaced,
            });
        }
        candidate.attempts.failed(Instant::now());
        let error = candidate.generation.not_uploaded(failed);
        let hash = Some(candidate.generation.hash.clone());
        self.candidate = Some(candidate);
        Some(ReloadOutcome {
            result: Err(self.refuse(hash, error)),
            requests,
            replaced: None,
        })
    }

    fn missing_is_over(&mut self, round: u64, failed: Vec<(usize, UploadError)>) {
        let Some(attempts) = self.missing.as_mut().filter(|it| it.is_round(round)) else {
            return;
        };
        let before = self.live.status().not_uploaded;
        if failed.is_empty() {
            self.missing = None;
            self.live.set_status(|status| status.not_uploaded = None);
            if before.is_some() {
                log::info!("{}", phrase!(log_all_uploaded));
            }
            return;
        }
        attempts.failed(Instant::now());
        let error = self.live.current().not_uploaded(failed);
        if before.is_none_or(|before| !before.says_the_same(&error)) {
            log::error!("{}\n{error}", phrase!(log_not_uploaded));
        }
        let error = Some(Arc::new(error));
        self.live.set_status(|status| status.not_uploaded = error);
    }
}
