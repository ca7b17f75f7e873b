//! `wxreply backup`: a copy of a SQLite database that is in use.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::cli::database::{DatabaseArgumentError, DatabaseArguments};
use crate::cli::{Exit, fail};
use crate::i18n::phrase;
use crate::store::Access;

/// Copy the SQLite database to a new file, even while the server runs
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The file to write; it must not exist yet
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
}

#[derive(Debug, thiserror::Error)]
enum BackupError {
    #[error("{}", phrase!(backup_exists, path = .0.display()))]
    Exists(PathBuf),
    #[error("{}", phrase!(cannot_write, path = file.display(), reason = source))]
    Unwritable { file: PathBuf, source: io::Error },
    #[error(transparent)]
    Url(DatabaseArgumentError),
    #[error("{}", phrase!(backup_of_server, database = .0))]
    Server(String),
    #[error("{}", phrase!(backup_failed, path = file.display(), error = source.to_string()))]
    Store {
        file: PathBuf,
        source: DatabaseArgumentError,
    },
}

pub(super) fn run(arguments: &Arguments) -> Exit {
    match back_up(&arguments.database, &arguments.file) {
        Ok(()) => {
            println!("{}", phrase!(wrote, path = arguments.file.display()));
            Exit::Success
        }
        Err(error) => fail(&error),
    }
}

/// Under another name until it is complete, so that nobody takes half of it for a backup.
fn back_up(database: &DatabaseArguments, file: &Path) -> Result<(), BackupError> {
    let url = database.url().map_err(BackupError::Url)?;
    if !url.is_sqlite() {
        return Err(BackupError::Server(url.to_string()));
    }
    if fs::symlink_metadata(file).is_ok() {
        return Err(BackupError::Exists(file.to_owned()));
    }
    let unwritable = |source| BackupError::Unwritable {
        file: file.to_owned(),
        source,
    };
    if file.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(unwritable(io::ErrorKind::IsADirectory.into()));
    }
    let file = std::path::absolute(file).map_err(unwritable)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // Not by its process, which has the same number each time in a container.
    let random = RandomState::new().hash_one(());
    let new = file.with_file_name(format!(".{name}.{random:016x}"));
    let path = new.to_str().ok_or(io::ErrorKind::InvalidFilename);
    let path = path.map_err(|kind| unwritable(kind.into()))?;
    create_private(&new).map_err(unwritable)?;
    let written = database
        .with_store(Access::Read, async |store| store.back_up(path).await)
        .map_err(|source| BackupError::Store {
            file: file.clone(),
            source,
        });
    let kept = written.and_then(|()| {
        keep(&new, &file).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(file.clone()),
            _ => unwritable(error),
        })
    });
    let _ = fs::remove_file(&new);
    kept
}

/// It has followers' words in it.
fn create_private(file: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options.mode(0o600);
    options.open(file).map(drop)
}

/// Gives the copy its name, unless another has got it meanwhile.
fn keep(new: &Path, file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(new)?.sync_all()?;
    match fs::hard_link(new, file) {
        // Not every file system has links.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => rename(new, file)?,
        linked => linked?,
    }
    // Without this, a power cut may take the name.
    let _ = file.parent().map(|folder| File::open(folder)?.sync_all());
    Ok(())
}

fn rename(new: &Path, file: &Path) -> io::Result<()> {
    match fs::symlink_metadata(file) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(new, file),
    }
}
