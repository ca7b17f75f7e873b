//! The rules that answer now, and how they are replaced when their files change.
//! Knows neither HTTP nor the messages that are answered.

pub mod bytes;
pub mod files;
pub mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use arc_swap::{ArcSwap, Guard};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha1::{Digest, Sha1};

use crate::live_rules::files::{Disk, FileError, Reading};
use crate::live_rules::watch::{ReloadHandle, Watch, Woken};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::sources::Sources;
use crate::rules::{Rule, RuleSet};
use crate::{case_runner, report, rules};

/// Who answers now. Readers never wait for a reload, and one message is answered by one
/// generation.
pub struct LiveRules {
    current: ArcSwap<Generation>,
    status: Mutex<Status>,
    waker: ReloadHandle<ReloadRequest>,
}

/// A set of rules since it went live.
#[derive(Debug)]
pub struct Generation {
    /// Counted from 1 since the program started.
    pub number: u64,
    pub rules: RuleSet,
    pub sources: Sources,
    /// Of all files together: the same rules have the same hash on every machine.
    pub hash: String,
    pub loaded_at: Timestamp,
}

/// What came of the reloads so far.
#[derive(Clone, Debug, Default)]
pub struct Status {
    pub failures: u64,
    /// Why the files as they are now were refused; none when they are live.
    pub refused: Option<Arc<ReloadError>>,
}

/// Files that were not taken.
#[derive(Debug)]
pub enum ReloadError {
    File(FileError),
    Wrong {
        root: PathBuf,
        diagnostics: Vec<Diagnostic>,
    },
    /// Reports of the tests that failed; none when there is no test at all.
    Untested {
        root: PathBuf,
        reports: Vec<String>,
    },
}

/// What a reload that was asked for came to: the generation that answers now.
pub type ReloadResult = Result<Arc<Generation>, Arc<ReloadError>>;

/// Somebody who wants the rules read again, and perhaps to hear what came of it.
pub type ReloadRequest = Option<mpsc::SyncSender<ReloadResult>>;

/// How rule files become live.
#[derive(Clone, Debug)]
pub struct Loading {
    pub path: PathBuf,
    /// A file whose own tests fail is refused.
    pub require_tests: bool,
    pub system_zone: TimeZone,
}

impl LiveRules {
    /// Loads the rules and keeps them as their files are, on a thread of its own.
    pub fn start(loading: Loading) -> Result<Arc<LiveRules>, ReloadError> {
        let mut watch = Watch::start();
        let waker = watch.waker();
        let disk = &mut Disk::Watched(&mut watch);
        let reading = files::read(&loading.path, &Sources::default(), disk);
        let reading = reading.map_err(ReloadError::File)?;
        let hash = hash(&reading.sources);
        let first = loading.generation(reading, hash, None)?;
        first.log(None);
        let live = Arc::new(LiveRules {
            current: ArcSwap::from_pointee(first),
            status: Mutex::default(),
            waker,
        });
        let reloader = Reloader {
            loading,
            watch,
            live: Arc::clone(&live),
            refused: None,
        };
        let spawned = thread::Builder::new()
            .name("reload".to_owned())
            .spawn(move || reloader.run());
        if let Err(error) = spawned {
            log::warn!("changes of the rules need a restart: no thread to watch them: {error}");
        }
        Ok(live)
    }

    /// The rules to answer one message with, from beginning to end.
    pub fn current(&self) -> Guard<Arc<Generation>> {
        self.current.load()
    }

    pub fn status(&self) -> Status {
        let status = self.status.lock();
        status.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again as soon as nobody is in the middle of saving them.
    pub fn reload(&self) {
        self.waker.ask(None);
    }

    /// The same, and waits for what comes of it. None when there is no answer in time.
    pub fn reload_and_wait(&self, patience: Duration) -> Option<ReloadResult> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.waker.ask(Some(sender));
        receiver.recv_timeout(patience).ok()
    }

    /// Ends the watching.
    pub fn stop(&self) {
        self.waker.stop();
    }
}

impl Loading {
    fn generation(
        &self,
        reading: Reading,
        hash: String,
        replaced: Option<&Generation>,
    ) -> Result<Generation, ReloadError> {
        let old = replaced.map(|generation| &generation.rules);
        let root = || self.path.clone();
        let parsed = reading.parse();
        let rules = rules::compile(&parsed, &self.system_zone, old);
        let rules = rules.map_err(|diagnostics| ReloadError::Wrong {
            root: root(),
            diagnostics,
        })?;
        if self.require_tests {
            let outcome = case_runner::run(&rules);
            if !outcome.failures.is_empty() || rules.cases.is_empty() {
                let failures = outcome.failures.iter();
                let reports = failures.map(|failure| report::failure(failure, &rules, &parsed));
                return Err(ReloadError::Untested {
                    root: root(),
                    reports: reports.collect(),
                });
            }
        }
        Ok(Generation {
            number: replaced.map_or(1, |generation| generation.number + 1),
            hash,
            rules,
            sources: parsed.sources,
            loaded_at: Timestamp::now(),
        })
    }
}

/// The thread that replaces the rules.
struct Reloader {
    loading: Loading,
    watch: Watch<ReloadRequest>,
    live: Arc<LiveRules>,
    /// What was refused last, so that it is told only once.
    refused: Option<(Option<String>, Arc<ReloadError>)>,
}

impl Reloader {
    fn run(mut self) {
        loop {
            let before = self.live.current.load_full().number;
            let (asks, failures) = match self.watch.wait() {
                Woken::Changed => (None, 0),
                Woken::Asked(asks) => (Some(asks), self.live.status().failures),
                Woken::Stopped => return,
            };
            let verdict = self.reload();
            let Some(asks) = asks else { continue };
            match &verdict {
                Ok(generation) if generation.number == before => {
                    log::info!("nothing has changed, generation {before} goes on answering");
                }
                Err(_) if self.live.status().failures == failures => {
                    log::info!("nothing has changed, the files are still refused");
                }
                _ => {}
            }
            for ask in asks.into_iter().flatten() {
                // Whoever asked may have lost patience.
                let _ = ask.try_send(verdict.clone());
            }
        }
    }

    fn reload(&mut self) -> ReloadResult {
        let current = self.live.current.load_full();
        let began = Instant::now();
        let disk = &mut Disk::Watched(&mut self.watch);
        let reading = match files::read(&self.loading.path, &current.sources, disk) {
            Ok(reading) => reading,
            Err(error) => return Err(self.refuse(None, ReloadError::File(error))),
        };
        let hash = hash(&reading.sources);
        if hash == current.hash {
            if self.refused.take().is_some() {
                self.live.set_status(|status| status.refused = None);
                log::info!("the rules are again as they are live; nothing to replace");
            }
            return Ok(current);
        }
        if let Some((Some(refused), why)) = &self.refused
            && *refused == hash
        {
            return Err(Arc::clone(why));
        }
        match self
            .loading
            .generation(reading, hash.clone(), Some(&current))
        {
            Ok(generation) => {
                generation.log(Some((&current, began.elapsed())));
                let generation = Arc::new(generation);
                self.live.current.store(Arc::clone(&generation));
                self.refused = None;
                self.live.set_status(|status| status.refused = None);
                retire(current);
                Ok(generation)
            }
            Err(refused) => Err(self.refuse(Some(hash), refused)),
        }
    }

    fn refuse(&mut self, hash: Option<String>, refused: ReloadError) -> Arc<ReloadError> {
        if let Some((known, why)) = &self.refused
            && *known == hash
            && hash.is_none()
            && why.to_string() == refused.to_string()
        {
            return Arc::clone(why);
        }
        log::error!("the rules are not replaced, the old ones go on answering:\n{refused}");
        let refused = Arc::new(refused);
        self.refused = Some((hash, Arc::clone(&refused)));
        self.live.set_status(|status| {
            status.failures += 1;
            status.refused = Some(Arc::clone(&refused));
        });
        refused
    }
}

impl LiveRules {
    fn set_status(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut status);
    }
}

/// Lets go of a replaced generation here, once no worker holds it: freeing a hundred thousand
/// rules takes longer than answering a message.
fn retire(mut generation: Arc<Generation>) {
    const LOOKS: u32 = 100;
    for _ in 0..LOOKS {
        match Arc::try_unwrap(generation) {
            Ok(_) => return,
            Err(still_held) => generation = still_held,
        }
        thread::sleep(Duration::from_millis(10));
    }
}

impl Generation {
    /// How many rules are new, changed and gone, by their names.
    fn differences(&self, old: &Generation) -> (usize, usize, usize) {
        let old = old.rules.rules.iter();
        let mut old: HashMap<&str, &Rule> = old.map(|rule| (&*rule.name, rule)).collect();
        let (mut new, mut changed) = (0, 0);
        for rule in &self.rules.rules {
            match old.remove(&*rule.name) {
                None => new += 1,
                Some(before) if !rule.says_the_same(before) => changed += 1,
                Some(_) => {}
            }
        }
        (new, changed, old.len())
    }

    fn log(&self, replaced: Option<(&Generation, Duration)>) {
        let rules = report::count(self.rules.rules.len(), "rule");
        let path = self.sources.root().display();
        match replaced {
            None => log::info!("{rules} from {path}"),
            Some((old, took)) => {
                let (new, changed, gone) = self.differences(old);
                log::info!(
                    "{rules} from {path} since now \
                     (generation {}: {new} new, {changed} changed, {gone} gone; {} ms)",
                    self.number,
                    took.as_millis(),
                );
            }
        }
    }
}

impl std::error::Error for ReloadError {}

impl fmt::Display for ReloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReloadError::File(error) => write!(formatter, "error: {error}"),
            ReloadError::Wrong { root, diagnostics } => {
                for (index, diagnostic) in diagnostics.iter().take(MAX_SHOWN).enumerate() {
                    let gap = if index == 0 { "" } else { "\n\n" };
                    write!(formatter, "{gap}{}", diagnostic.render(false))?;
                }
                more(formatter, diagnostics.len(), "check", root)
            }
            ReloadError::Untested { reports, .. } if reports.is_empty() => formatter
                .write_str("error: the rule file has no test, and --require-tests wants them"),
            ReloadError::Untested { root, reports } => {
                let shown: Vec<&str> = reports.iter().map(String::as_str).collect();
                let shown = shown.get(..MAX_SHOWN).unwrap_or(&shown).join("\n");
                formatter.write_str(shown.trim_end())?;
                more(formatter, reports.len(), "test", root)
            }
        }
    }
}

/// Nobody reads more in a log or on the page of a probe.
const MAX_SHOWN: usize = 20;

fn more(
    formatter: &mut fmt::Formatter<'_>,
    found: usize,
    command: &str,
    root: &Path,
) -> fmt::Result {
    match found.saturating_sub(MAX_SHOWN) {
        0 => Ok(()),
        more => {
            let root = root.display();
            write!(
                formatter,
                "\n\nand {more} more; `wxreply {command} {root}` shows all"
            )
        }
    }
}

fn hash(sources: &Sources) -> String {
    let mut hash = Sha1::new();
    for source in &sources.files {
        for part in [
            source.text.path.to_string_lossy().as_bytes(),
            source.text.text.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    hex::encode(hash.finalize())
}
