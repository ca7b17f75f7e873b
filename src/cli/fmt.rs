//! `wxreply fmt`: formats rule files without changing their meaning.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cli::{Exit, fail};
use crate::i18n::phrase;
use crate::live_rules::files::FileError;
use crate::live_rules::replacement::replace;
use crate::live_rules::{bytes, files};
use crate::rules::format::{FormatError, formatted};

/// Format rule files: spaces, indentation, line lengths; comments and order stay
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Rule files, without their includes; - for standard input to standard output
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write nothing, and fail if a file is not formatted
    #[arg(long)]
    check: bool,
}

/// Why a file was not formatted.
#[derive(Debug, thiserror::Error)]
enum FmtError {
    #[error("{}", phrase!(about_file, path = path.display(), said = error.to_string()))]
    Format { path: PathBuf, error: FormatError },
    #[error(transparent)]
    Unreadable(#[from] FileError),
    #[error("{}", phrase!(cannot_write, path = path.display(), reason = source))]
    Unwritable { path: PathBuf, source: io::Error },
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    let exits = arguments.files.iter().map(|path| {
        let error = match tidy(path, arguments.check) {
            Ok(exit) => return exit,
            Err(error) => error,
        };
        fail(&error);
        match error {
            FmtError::Format { .. } => Exit::RulesInvalid,
            FmtError::Unreadable(_) | FmtError::Unwritable { .. } => Exit::Error,
        }
    });
    exits.max().unwrap_or(Exit::Success)
}

fn tidy(path: &Path, only_check: bool) -> Result<Exit, FmtError> {
    let text = files::text_of_argument(path)?;
    let tidy = formatted(text.strip_prefix('\u{FEFF}').unwrap_or(&text));
    let tidy = tidy.map_err(|error| FmtError::Format {
        path: path.to_owned(),
        error,
    })?;
    if only_check {
        return Ok(match tidy == text {
            true => Exit::Success,
            false => {
                println!("{}", phrase!(not_tidy, path = path.display()));
                Exit::RulesInvalid
            }
        });
    }
    if bytes::is_stdin(path) {
        print!("{tidy}");
    } else if tidy != text {
        rewrite(path, &tidy).map_err(|source| FmtError::Unwritable {
            path: path.to_owned(),
            source,
        })?;
        println!("{}", phrase!(made_tidy, path = path.display()));
    }
    Ok(Exit::Success)
}

/// It stays whose it was, with the same permissions.
fn rewrite(path: &Path, text: &str) -> io::Result<()> {
    let old = fs::metadata(path)?;
    replace(path, |file| {
        file.write_all(text.as_bytes())?;
        // Only root can give a file away; for everyone else it is their own already.
        let _ = fchown(&*file, Some(old.uid()), Some(old.gid()));
        file.set_permissions(old.permissions())
    })
}
