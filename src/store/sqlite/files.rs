//! Compares the files at a path with those that were opened as the database.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::Access;

use crate::store::sqlite::open_files::OpenFile;

/// The database and the files that SQLite keeps next to it.
pub(super) struct DatabaseFiles {
    path: PathBuf,
    /// Where links lead: SQLite names the files next to it by that.
    target: PathBuf,
    database: FileId,
    log: Seen,
    memory: Seen,
}

struct Seen {
    path: PathBuf,
    /// None where there was no file.
    id: Option<FileId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl DatabaseFiles {
    /// None where there is no database.
    pub(super) fn of(database: &Path) -> Option<DatabaseFiles> {
        let target = fs::canonicalize(database).ok()?;
        Some(DatabaseFiles {
            path: database.to_owned(),
            database: FileId::of(&target).ok()?,
            log: Seen::now(with_suffix(&target, "-wal")),
            memory: Seen::now(with_suffix(&target, "-shm")),
            target,
        })
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = FileId> {
        let beside = [&self.log, &self.memory].into_iter();
        let beside = beside.filter_map(|seen| seen.id);
        [self.database].into_iter().chain(beside)
    }

    /// Whether SQLite, which opened what was there after `before` was seen, has these open.
    pub(super) fn were_opened_since(&self, before: &DatabaseFiles) -> bool {
        let is_same = self.database == before.database && self.target == before.target;
        is_same && self.log.was_there(&before.log) && self.memory.was_there(&before.memory)
    }

    /// Whether there is all that belongs to a database whose changes go to a log first.
    pub(super) fn are_complete(&self) -> bool {
        self.log.id.is_some() && self.memory.id.is_some()
    }

    pub(super) fn log(&self) -> &Path {
        &self.log.path
    }

    pub(super) fn memory(&self) -> &Path {
        &self.memory.path
    }

    pub(super) fn are_current(&self) -> bool {
        // A link to the same file under another name is another database to whoever opens it next.
        let is_where_it_was = || fs::canonicalize(&self.path).is_ok_and(|it| it == self.target);
        let is_same = || FileId::of(&self.path).is_ok_and(|it| it == self.database);
        is_same() && self.log.is_current() && self.memory.is_current() && is_where_it_was()
    }

    /// The log of another database would damage the one that is there now.
    pub(super) fn remove_log_of_replaced(&self) {
        // Where a link led, it is still the log of the one that was opened.
        if FileId::of(&self.target).is_ok_and(|it| it == self.database) {
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
    with_suffix(&target, suffix)
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The log that stayed next to a link when the database was moved to where the link leads. It has
/// what was acknowledged last, and SQLite does not look there.
pub(super) fn log_left_by_move(database: &Path) -> Option<PathBuf> {
    let target = fs::canonicalize(database).ok()?;
    let is_link = fs::symlink_metadata(database).is_ok_and(|it| it.is_symlink());
    let log = with_suffix(database, "-wal");
    (is_link && target != database && has_changes(&log)).then_some(log)
}

/// Whether a file can be written to, by its permissions.
pub(super) fn is_writable(file: &Path) -> bool {
    rustix::fs::access(file, Access::WRITE_OK).is_ok()
}

/// SQLite gives the files next to a database its permissions, but leaves them as they are if these
/// change. Returns the one that cannot be written to although the database can.
pub(super) fn make_writable_beside(database: &Path) -> Option<PathBuf> {
    let permissions = fs::metadata(database).ok()?.permissions();
    if !is_writable(database) {
        return None;
    }
    let beside = ["-wal", "-shm"].map(|suffix| beside(database, suffix));
    beside.into_iter().find(|beside| {
        let is_wrong = || beside.exists() && !is_writable(beside);
        is_wrong() && {
            let _ = fs::set_permissions(beside, permissions.clone());
            is_wrong()
        }
    })
}

/// Whether there is anything in the log next to a database.
fn has_changes(log: &Path) -> bool {
    fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Whether the log next to a database is not of that database. SQLite would delete it, or write its
/// pages into the other database.
pub(super) fn has_log_of_another(database: &Path) -> bool {
    // What cannot be read cannot be opened either.
    has_changes(&beside(database, "-wal")) && !has_log(database).unwrap_or(true)
}

/// Sets such a log aside, and returns where.
pub(super) fn set_aside_log_of_another(database: &Path) -> Option<PathBuf> {
    if !has_log_of_another(database) {
        return None;
    }
    let log = beside(database, "-wal");
    let mut numbers = 1..MAX_SET_ASIDE;
    let kept = numbers.find_map(|number| {
        let kept = beside(database, &format!("-wal.set-aside-{number}"));
        (!kept.exists()).then_some(kept)
    })?;
    fs::rename(&log, &kept).ok()?;
    Some(kept)
}

/// More would mean that nobody looks.
const MAX_SET_ASIDE: u32 = 1000;

/// The index of a log with changes that is missing, without which they cannot be read.
pub(super) fn missing_index(database: &Path) -> Option<PathBuf> {
    let index = beside(database, "-shm");
    let is_missing = has_changes(&beside(database, "-wal")) && !index.exists();
    is_missing.then_some(index)
}

/// Whether the database has ever been in the mode in which changes go to a log first: its header
/// has said so since. [https://sqlite.org/fileformat2.html#file_format_version_numbers]
pub(super) fn has_log(database: &Path) -> io::Result<bool> {
    // Opening a pipe would wait for somebody to write to it.
    if fs::metadata(database).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut header = [0; 20];
    let read = OpenFile::open(database, false).and_then(|open| match open.file() {
        Some(file) => file.read_exact_at(&mut header, 0),
        None => Ok(()),
    });
    match read.map_err(|error| (error.kind(), error)) {
        Ok(()) => Ok(header.ends_with(&[2, 2])),
        Err((ErrorKind::NotFound | ErrorKind::UnexpectedEof, _)) => Ok(false),
        Err((_, error)) => Err(error),
    }
}

impl Seen {
    fn now(path: PathBuf) -> Seen {
        let id = FileId::of(&path).ok();
        Seen { path, id }
    }

    /// Whether it is what was there before, if anything was.
    fn was_there(&self, before: &Seen) -> bool {
        before.id.is_none() || before.id == self.id
    }

    fn is_current(&self) -> bool {
        self.id.is_none() || FileId::of(&self.path).ok() == self.id
    }
}

impl FileId {
    pub(super) fn of(path: &Path) -> io::Result<FileId> {
        Ok(FileId::told_by(&fs::metadata(path)?))
    }

    pub(super) fn of_open(file: &File) -> io::Result<FileId> {
        Ok(FileId::told_by(&file.metadata()?))
    }

    fn told_by(metadata: &Metadata) -> FileId {
        FileId {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_what_cannot_be_read_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("folder.db")).unwrap();
        fs::write(at("short.db"), "").unwrap();
        for name in ["folder.db-wal", "short.db-wal", "missing.db-wal"] {
            fs::write(at(name), "changes").unwrap();
        }
        assert_eq!(set_aside_log_of_another(&at("folder.db")), None);
        assert!(at("folder.db-wal").exists());
        for name in ["short.db", "missing.db"] {
            let kept = at(&format!("{name}-wal.set-aside-1"));
            assert_eq!(set_aside_log_of_another(&at(name)), Some(kept));
        }
    }
}
