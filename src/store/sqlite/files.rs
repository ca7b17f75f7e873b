//! Compares the files at a path with those that were opened as the database.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The database and the files that SQLite keeps next to it.
pub(super) struct Files {
    database: Seen,
    log: Seen,
    memory: Seen,
}

struct Seen {
    path: PathBuf,
    /// None where there was no file.
    id: Option<FileId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl Files {
    pub(super) fn of(database: &Path) -> Files {
        Files {
            log: Seen::now(beside(database, "-wal")),
            memory: Seen::now(beside(database, "-shm")),
            database: Seen::now(database.to_owned()),
        }
    }

    pub(super) fn log(&self) -> &Path {
        &self.log.path
    }

    pub(super) fn memory(&self) -> &Path {
        &self.memory.path
    }

    pub(super) fn are_current(&self) -> bool {
        let all = [&self.database, &self.log, &self.memory];
        all.into_iter().all(Seen::is_current)
    }

    /// The log of another database would damage the one that is there now.
    pub(super) fn remove_log_of_replaced(&self) {
        if self.database.is_current() {
            return;
        }
        for beside in [&self.log, &self.memory] {
            if beside.id.is_some() && beside.is_current() {
                // If it remains, opening the database reports the same problem.
                let _ = fs::remove_file(&beside.path);
            }
        }
    }
}

/// SQLite keeps them next to the target of a link.
pub(super) fn beside(database: &Path, suffix: &str) -> PathBuf {
    let target = fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
    let mut name = target.into_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

impl Seen {
    fn now(path: PathBuf) -> Seen {
        let id = FileId::of(&path).ok();
        Seen { path, id }
    }

    fn is_current(&self) -> bool {
        self.id.is_none() || FileId::of(&self.path).ok() == self.id
    }
}

impl FileId {
    fn of(path: &Path) -> io::Result<FileId> {
        let metadata = fs::metadata(path)?;
        Ok(FileId {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}
