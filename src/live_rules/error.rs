//! Why rule files were refused, as text for the log and as diagnostics for programs.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::i18n::io_error::reason;
use crate::i18n::{Translated, phrase};
use crate::live_rules::files::FileError;
use crate::rules::diagnostic::{Diagnostic, Place};

/// Files that were refused.
#[derive(Debug)]
pub(crate) enum ReloadError {
    File(FileError),
    Wrong {
        root: PathBuf,
        diagnostics: Vec<Diagnostic>,
    },
    /// The tests that failed; none when there is no test at all.
    Untested {
        root: PathBuf,
        failures: Vec<FailedTest>,
    },
    /// WeChat does not keep what the rules show.
    NotUploaded(Vec<Diagnostic>),
}

#[derive(Debug)]
pub(crate) struct FailedTest {
    pub(crate) diagnostic: Diagnostic,
    /// The same with everything that helps a person, as `test` prints it.
    pub(crate) report: Translated<String>,
}

impl ReloadError {
    /// Never empty.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        match self {
            ReloadError::File(error) => {
                let (path, problem) = (error.path.display(), reason(&error.source));
                let message = phrase!(file_unreadable, path, problem);
                vec![Diagnostic::error(Place::file(&error.path), message)]
            }
            ReloadError::Wrong { diagnostics, .. } | ReloadError::NotUploaded(diagnostics) => {
                diagnostics.clone()
            }
            ReloadError::Untested { root, failures } if failures.is_empty() => {
                vec![Diagnostic::error(Place::file(root), phrase!(test_required))]
            }
            ReloadError::Untested { failures, .. } => {
                let failures = failures.iter();
                failures.map(|failure| failure.diagnostic.clone()).collect()
            }
        }
    }
}

impl ReloadError {
    /// Whether it says nothing new. WeChat gives each of its refusals a number of its own.
    pub(super) fn says_the_same(&self, other: &ReloadError) -> bool {
        let said = |error: &ReloadError| -> Vec<String> {
            let said = error.to_string();
            let lines = said.lines();
            let parts = lines.map(|line| line.split(" rid: ").next().unwrap_or_default());
            parts.map(str::to_owned).collect()
        };
        said(self) == said(other)
    }
}

impl std::error::Error for ReloadError {}

impl fmt::Display for ReloadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReloadError::File(error) => write!(formatter, "{}: {error}", phrase!(level_error)),
            ReloadError::NotUploaded(diagnostics) => {
                let shown = diagnostics.iter().take(MAX_SHOWN);
                let shown: Vec<String> = shown.map(|one| one.render(false)).collect();
                formatter.write_str(&shown.join("\n\n"))
            }
            ReloadError::Wrong { root, diagnostics } => {
                for (index, diagnostic) in diagnostics.iter().take(MAX_SHOWN).enumerate() {
                    let gap = if index == 0 { "" } else { "\n\n" };
                    write!(formatter, "{gap}{}", diagnostic.render(false))?;
                }
                more(formatter, Diagnostic::count(diagnostics), "check", root)
            }
            ReloadError::Untested { failures, .. } if failures.is_empty() => {
                let (error, message) = (phrase!(level_error), phrase!(test_required));
                write!(formatter, "{error}: {message}")
            }
            ReloadError::Untested { root, failures } => {
                let shown = failures.iter().take(MAX_SHOWN);
                let shown: Vec<&str> = shown
                    .map(|failure| failure.report.current().as_str())
                    .collect();
                formatter.write_str(shown.join("\n").trim_end())?;
                more(formatter, failures.len(), "test", root)
            }
        }
    }
}

/// More would not be read in a log or by a probe.
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
            let more = phrase!(and_more_shown_by, more, command, path = root.display());
            write!(formatter, "\n\n{more}")
        }
    }
}
