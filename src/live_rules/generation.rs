//! A set of rules since it went live, and how files become one.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::engine::{Decision, RuleError};
use crate::i18n::{Translated, phrase};
use crate::live_rules::error::{FailedTest, ReloadError};
use crate::live_rules::told_followers::ToldFollowers;
use crate::message::Message;
use crate::reply::{MediaSource, Reply};
use crate::rules::diagnostic::{Diagnostic, Place};
use crate::rules::media::MediaFile;
use crate::rules::parsed::ParsedSources;
use crate::rules::sources::Sources;
use crate::rules::{Rule, RuleSet, lint};
use crate::uploads::{MediaIds, UploadError, WantedFile};
use crate::{case_runner, report, rules};

/// A set of rules since it went live.
#[derive(Debug)]
pub(crate) struct Generation {
    /// Counted from 1 since the program started.
    pub(crate) number: u64,
    pub(crate) rules: RuleSet,
    told: ToldFollowers,
    pub(crate) sources: Sources,
    /// Of what the rules show; the same for all generations of one account.
    pub(super) media_ids: Arc<MediaIds>,
    /// Of all files together: the same rules have the same hash on every machine.
    pub(crate) hash: String,
    pub(crate) loaded_at: Timestamp,
}

/// How rule files become live.
#[derive(Clone, Debug)]
pub(crate) struct Loading {
    pub(crate) path: PathBuf,
    /// A file whose own tests fail is refused.
    pub(crate) require_tests: bool,
    pub(crate) system_zone: TimeZone,
    /// Whether the account has an app secret.
    pub(crate) can_upload: bool,
    /// Where the rules that are live are kept, for a start at which the files are refused.
    pub(crate) last_good: Option<PathBuf>,
    /// Whether what is kept there counts only if it was in the same file.
    pub(crate) last_good_of_path: bool,
}

impl Loading {
    pub(super) fn generation(
        &self,
        sources: ParsedSources,
        hash: String,
        replaced: Option<&Generation>,
    ) -> Result<Generation, ReloadError> {
        let old = replaced.map(|generation| &generation.rules);
        let rules = rules::compile(&sources, &self.system_zone, old);
        let rules = rules.map_err(|diagnostics| ReloadError::Wrong {
            root: self.path.clone(),
            diagnostics,
        })?;
        self.check_media(&rules, &sources.sources)?;
        if self.require_tests {
            self.test(&rules, &sources)?;
        }
        Ok(Generation {
            number: replaced.map_or(1, |generation| generation.number + 1),
            told: ToldFollowers::of(&rules, replaced.map(|it| (&it.told, &it.rules))),
            rules,
            sources: sources.sources,
            media_ids: replaced
                .map(|it| Arc::clone(&it.media_ids))
                .unwrap_or_default(),
            hash,
            loaded_at: Timestamp::now(),
        })
    }

    /// Without an app secret, nothing can be uploaded.
    fn check_media(&self, rules: &RuleSet, sources: &Sources) -> Result<(), ReloadError> {
        match lint::without_app_secret(rules, sources) {
            Some(diagnostic) if !self.can_upload => Err(ReloadError::Wrong {
                root: self.path.clone(),
                diagnostics: vec![diagnostic],
            }),
            _ => Ok(()),
        }
    }

    fn test(&self, rules: &RuleSet, sources: &ParsedSources) -> Result<(), ReloadError> {
        let outcome = case_runner::run(rules);
        if outcome.failures.is_empty() && !rules.cases.is_empty() {
            return Ok(());
        }
        let failures = outcome.failures.iter().map(|failure| FailedTest {
            diagnostic: report::failure_diagnostic(failure, rules, sources),
            report: Translated::new(|| report::failure(failure, rules, sources)),
        });
        Err(ReloadError::Untested {
            root: self.path.clone(),
            failures: failures.collect(),
        })
    }
}

impl Generation {
    /// The number of new, changed and removed rules, by name.
    fn differences(&self, old: &Generation) -> (usize, usize, usize) {
        let rules = old.rules.rules.iter();
        let mut rules: HashMap<_, &Rule> = rules.map(|rule| (rule.title(), rule)).collect();
        let (mut new, mut changed) = (0, 0);
        for rule in &self.rules.rules {
            match rules.remove(&rule.title()) {
                None => new += 1,
                Some(before) if !rule.says_the_same(before) || self.shows_other(rule, old) => {
                    changed += 1;
                }
                Some(_) => {}
            }
        }
        (new, changed, rules.len())
    }

    /// Whether a file that a rule shows was another before.
    fn shows_other(&self, rule: &Rule, old: &Generation) -> bool {
        let media = rule.answer.media().into_iter();
        let mut files = media.filter_map(|(kind, media)| Some((kind, media.file()?.into())));
        files.any(|file| {
            let content =
                |generation: &Generation| Some(generation.rules.media.get(&file)?.content);
            content(self) != content(old)
        })
    }

    /// Whether a question of these rules, or of rules before them, may be under way, or its answer
    /// not fetched.
    pub(crate) fn may_wait(&self) -> bool {
        self.told.may_wait()
    }

    /// Whether a message fetches what waits, also as rules before these said.
    pub(crate) fn fetches(&self, message: &Message) -> bool {
        self.rules.settings.fetches(message) || self.told.fetches(message)
    }

    /// What a follower gets while an answer is not there.
    pub(crate) fn slow(&self) -> &Reply {
        self.told.slow(&self.rules.settings)
    }

    /// Every file that the rules may show.
    pub(super) fn shown_files(&self) -> Vec<WantedFile> {
        let files = self.rules.media.iter();
        let files = files.map(|((kind, _), file)| WantedFile {
            kind: *kind,
            content: file.content,
            path: file.path.clone(),
        });
        files.collect()
    }

    /// The files that WeChat does not keep, as far as is known here.
    pub(crate) fn missing(&self) -> Vec<&MediaFile> {
        let files = self.rules.media.iter();
        let missing = files
            .filter(|((kind, _), file)| self.media_ids.get(*kind, file.content.hash).is_none());
        missing.map(|(_, file)| file).collect()
    }

    /// What failed, by its place among the files that are shown.
    pub(super) fn not_uploaded(&self, failed: Vec<(usize, UploadError)>) -> ReloadError {
        let files: Vec<&MediaFile> = self.rules.media.values().collect();
        let failed = failed.iter().filter_map(|(place, error)| {
            let file = files.get(*place)?;
            let (path, reason) = (file.path.display(), error.to_string());
            let message = phrase!(media_not_uploaded, path, reason);
            let diagnostic = Diagnostic::error(self.sources.place_of(file), message);
            Some(match error.remedy() {
                Some(remedy) => diagnostic.help(remedy),
                None => diagnostic,
            })
        });
        let mut failed: Vec<Diagnostic> = failed.collect();
        failed.sort_by_key(|failed| {
            let Place { path, line, .. } = &failed.place;
            (path.clone(), *line, failed.place.column)
        });
        ReloadError::NotUploaded(failed)
    }

    /// What of a decision can be sent: a file by its id. As long as WeChat does not keep it, the
    /// rule has failed, and nothing changes.
    pub(crate) fn sendable(&self, mut decision: Decision) -> Decision {
        match self.put_id(&mut decision.reply) {
            Ok(()) => decision,
            Err(file) => Decision {
                reply: self.on_error(),
                changes: Vec::new(),
                failure: Some(RuleError::NotUploaded { file }),
                ..decision
            },
        }
    }

    /// What is sent where a rule fails.
    pub(crate) fn on_error(&self) -> Reply {
        let mut reply = self.rules.settings.on_error.clone();
        match self.put_id(&mut reply) {
            Ok(()) => reply,
            Err(_) => Reply::Silence,
        }
    }

    /// Or the file that WeChat does not keep.
    fn put_id(&self, reply: &mut Reply) -> Result<(), String> {
        let Some((kind, media)) = reply.media_mut() else {
            return Ok(());
        };
        let MediaSource::File(name) = media else {
            return Ok(());
        };
        let file = self.rules.media.get(&(kind, name.as_str().into()));
        let id = file.and_then(|file| self.media_ids.get(kind, file.content.hash));
        let id = id.ok_or_else(|| name.clone())?;
        *media = MediaSource::Id(id.to_string());
        Ok(())
    }

    pub(super) fn log(&self, replaced: Option<(&Generation, Duration)>) {
        let rules = phrase!(count_rules, count = self.rules.count());
        let path = self.sources.root().display();
        match replaced {
            None => log::info!("{}", phrase!(log_loaded, rules, path)),
            Some((old, took)) => {
                let (new, changed, gone) = self.differences(old);
                let milliseconds = took.as_millis().to_string();
                let generation = self.number;
                let said = phrase!(
                    log_reloaded,
                    path,
                    rules,
                    generation,
                    new,
                    changed,
                    gone,
                    milliseconds,
                );
                log::info!("{said}");
            }
        }
    }
}
