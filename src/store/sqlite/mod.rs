//! Guards the file of a SQLite database while it is in use. Knows no tables.
//!
//! SQLite does not notice when its file is removed or replaced, and goes on writing to the old one.
//! So a write counts only once a check has shown that the files are still those that were opened.

mod disk_space;
mod file_budget;
mod files;
mod open_files;
mod write_ahead_log;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::i18n::phrase;
use crate::lock::lock;
use crate::store::connection::Connection;
use crate::store::error::{Meaning, SqlError};
use crate::store::sqlite::disk_space::SharedMemory;
use crate::store::sqlite::file_budget::ReservedFiles;
use crate::store::sqlite::files::DatabaseFiles;
use crate::store::sqlite::open_files::{InUse, OpenFile};
use crate::store::url::Access;

pub(super) use crate::store::sqlite::disk_space::needs_private_index;
pub use crate::store::sqlite::file_budget::{MAX_FILES_OF_DATABASE, limit_files};

pub(super) struct SqliteFile {
    path: PathBuf,
    access: Access,
    /// While it is open, SQLite keeps the files next to the database. Not used for writing.
    keeper: tokio::sync::Mutex<Option<Connection>>,
    opened: Mutex<Option<OpenedFile>>,
    openings: AtomicU64,
}

/// Nobody replaces a file again and again.
const MAX_TRIES: u32 = 4;

struct OpenedFile {
    opening: Opening,
    files: DatabaseFiles,
    memory: Option<SharedMemory>,
    /// Until the last connection is closed.
    _in_use: InUse,
    _reserved: ReservedFiles,
    /// To be opened again before it is used again.
    is_outdated: bool,
}

/// One opening of the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Opening(u64);

impl SqliteFile {
    pub(super) fn new(path: &Path, access: Access) -> SqliteFile {
        SqliteFile {
            path: path.to_owned(),
            access,
            keeper: tokio::sync::Mutex::default(),
            opened: Mutex::default(),
            openings: AtomicU64::new(0),
        }
    }

    pub(super) fn is_current(&self) -> bool {
        let opened = lock(&self.opened);
        opened
            .as_ref()
            .is_some_and(|opened| opened.files.are_current() && !opened.is_outdated)
    }

    /// What was opened while it could only be read stays so. Returns whether it was, and may be
    /// written to by now. The files beside it still have its old permissions, which opening mends.
    pub(super) fn is_writable_again(&self) -> bool {
        let mut opened = lock(&self.opened);
        match opened.as_mut() {
            Some(opened) if files::is_writable(&self.path) => {
                opened.is_outdated = true;
                true
            }
            _ => false,
        }
    }

    /// Before a connection is made or used.
    pub(super) fn check(&self) -> Result<Opening, SqlError> {
        let mut opened = lock(&self.opened);
        match opened.as_mut() {
            Some(opened) if opened.files.are_current() => {
                if self.access != Access::Read {
                    opened.make_room(&self.path)?;
                }
                Ok(opened.opening)
            }
            _ => Err(SqlError::Replaced),
        }
    }

    /// Whether everything written since the check is in the current file.
    pub(super) fn confirm(&self, opening: Opening) -> Result<(), SqlError> {
        match lock(&self.opened).as_ref() {
            Some(opened) if opened.opening == opening && opened.files.are_current() => Ok(()),
            _ => Err(SqlError::Replaced),
        }
    }

    /// Opens the current file, while no other connection is open.
    pub(super) async fn open<F>(&self, connect: impl Fn() -> F) -> Result<(), SqlError>
    where
        F: Future<Output = Result<Connection, SqlError>>,
    {
        self.close().await;
        for _ in 0..MAX_TRIES {
            if let Some((keeper, opened)) = self.try_to_open(connect()).await? {
                *self.keeper.lock().await = Some(keeper);
                *lock(&self.opened) = Some(opened);
                return Ok(());
            }
        }
        Err(SqlError::Replaced)
    }

    /// Nothing if the files were replaced meanwhile: then nobody knows which of them are open.
    async fn try_to_open(
        &self,
        connect: impl Future<Output = Result<Connection, SqlError>>,
    ) -> Result<Option<(Connection, OpenedFile)>, SqlError> {
        let reserved = ReservedFiles::reserve()?;
        if self.access != Access::Read {
            disk_space::check(&self.path)?;
        }
        if self.access == Access::Create {
            create_private(&self.path);
        }
        let before = DatabaseFiles::of(&self.path);
        if let Some(log) = files::log_left_by_move(&self.path) {
            let target = files::beside(&self.path, "-wal");
            return Err(SqlError::LeftLog { log, target });
        }
        let is_beside = || self.path.exists() && files::has_log_of_another(&self.path);
        if self.access != Access::Create
            && is_beside()
            && disk_space::is_in_use(&files::beside(&self.path, "-shm"))
        {
            return Err(SqlError::LogInUse);
        }
        if (self.access == Access::Create || self.path.exists())
            && let Some(kept) = files::set_aside_log_of_another(&self.path)
        {
            let (database, kept) = (self.path.display(), kept.display());
            ::log::error!("{}", phrase!(log_of_another_database, database, kept));
            return Ok(None);
        }
        if let Some(path) = files::make_writable_beside(&self.path) {
            return Err(SqlError::ReadOnlyBeside(path));
        }
        let has_log = || files::has_log(&self.path).unwrap_or(false);
        if self.access == Access::Create || (self.access == Access::Change && has_log()) {
            SharedMemory::create(&files::beside(&self.path, "-shm"), &self.path);
        }
        let mut in_use = InUse::default();
        if let Some(before) = &before {
            before.ids().for_each(|id| in_use.add(id));
        }
        let keeper = async {
            let mut keeper = connect.await?;
            write_ahead_log::prepare(&mut keeper).await?;
            Ok(keeper)
        };
        let keeper = keeper.await.map_err(|error| self.explained(error))?;
        let files = DatabaseFiles::of(&self.path).filter(|files| {
            let were_opened = |before| files.were_opened_since(before);
            let is_complete = self.access != Access::Create || files.are_complete();
            is_complete && before.as_ref().is_some_and(were_opened)
        });
        let Some(files) = files else {
            close(keeper).await;
            if let Some(before) = before {
                before.remove_log_of_replaced();
            }
            return Ok(None);
        };
        files.ids().for_each(|id| in_use.add(id));
        let mut opened = OpenedFile {
            opening: Opening(self.openings.fetch_add(1, Ordering::Relaxed)),
            memory: None,
            _in_use: in_use,
            _reserved: reserved,
            files,
            is_outdated: false,
        };
        if self.access != Access::Read {
            opened.memory = SharedMemory::open(opened.files.memory());
            if let Err(error) = opened.make_room(&self.path) {
                // Before the descriptors of its files.
                close(keeper).await;
                return Err(error);
            }
        }
        Ok(Some((keeper, opened)))
    }

    /// SQLite does not say which file it could not open.
    fn explained(&self, error: SqlError) -> SqlError {
        if error.meaning() != Meaning::NoFile {
            return error;
        }
        let may_make_files = self.access != Access::Read;
        match files::missing_index(&self.path) {
            _ if may_make_files && disk_space::has_too_many_files(&self.path) => {
                SqlError::TooManyFiles
            }
            Some(index) => SqlError::NoIndex(index),
            None => error,
        }
    }

    /// Moves the log into the opened file, wherever that is now.
    pub(super) async fn close(&self) {
        if let Some(keeper) = self.keeper.lock().await.take() {
            close(keeper).await;
        }
        if let Some(opened) = lock(&self.opened).take() {
            opened.files.remove_log_of_replaced();
        }
    }

    /// Whether nobody was in the way.
    pub(super) async fn empty_log(&self) -> Result<bool, SqlError> {
        let opening = self.check()?;
        let is_empty = match self.keeper.lock().await.as_mut() {
            Some(keeper) => write_ahead_log::empty(keeper).await?,
            None => false,
        };
        self.confirm(opening)?;
        Ok(is_empty)
    }
}

/// Whether this works or not, nothing more can be done for these files.
async fn close(mut keeper: Connection) {
    let _ = write_ahead_log::empty(&mut keeper).await;
    let _ = keeper.close().await;
}

/// SQLite itself would create a file that everyone can read. The files next to it get the same
/// mode. An error here occurs again, and is reported, when SQLite opens the file.
fn create_private(file: &Path) {
    if file.exists() {
        return;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    options.mode(0o600);
    // Another database of this process may have been as quick.
    drop(
        options
            .open(file)
            .and_then(|file| OpenFile::of(file, false)),
    );
}

impl OpenedFile {
    fn make_room(&mut self, database: &Path) -> Result<(), SqlError> {
        disk_space::check(database)?;
        match &mut self.memory {
            Some(memory) => memory.stay_ahead_of(self.files.log()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use sqlx::Row;

    use super::*;
    use crate::store::connections::Connections;
    use crate::store::url::DatabaseUrl;

    type Happening<'a> = &'a dyn Fn(&Path) -> std::io::Result<()>;

    fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
        PathBuf::from(format!("{}{suffix}", file.display()))
    }

    /// Opens a file in which something happens as soon as SQLite has it open.
    async fn open_while(url: &DatabaseUrl, happens: impl Fn(&Path)) -> SqliteFile {
        let file = url.file().unwrap();
        let connections = Connections::new(url, 1, Duration::from_secs(5), None);
        let has_happened = AtomicBool::new(false);
        let connect = || async {
            let mut connection = connections.connect().await?;
            connection.run("SELECT 1 FROM sqlite_schema").await?;
            if !has_happened.swap(true, Ordering::Relaxed) {
                happens(url.path().unwrap());
            }
            Ok(connection)
        };
        file.open(connect).await.unwrap();
        file
    }

    #[test]
    fn what_is_replaced_while_it_is_opened_is_opened_again() {
        let replace = |suffix: &'static str| {
            move |file: &Path| fs::rename(with_suffix(file, ".new"), with_suffix(file, suffix))
        };
        let cases: [(&str, Happening<'_>); 6] = [
            ("another takes its place", &replace("")),
            ("another log takes its place", &replace("-wal")),
            ("it is moved", &|file| {
                fs::rename(file, with_suffix(file, ".old"))
            }),
            ("its log is removed", &|file| {
                fs::remove_file(with_suffix(file, "-wal"))
            }),
            ("its shared memory is removed", &|file| {
                fs::remove_file(with_suffix(file, "-shm"))
            }),
            ("its folder is moved and made again", &|file| {
                let folder = file.parent().unwrap();
                fs::rename(folder, folder.with_extension("old"))?;
                fs::create_dir(folder)
            }),
        ];
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        let cases = cases.iter().flat_map(|(what, happens)| {
            // Nobody can have the log of a new one already.
            let new = (!what.contains("another log")).then_some(true);
            let ages = new.into_iter().chain([false]);
            ages.map(move |is_new| (what, happens, is_new))
        });
        for (what, happens, is_new) in cases {
            let folder = tempfile::tempdir().unwrap();
            let data = folder.path().join("data");
            fs::create_dir(&data).unwrap();
            let path = data.join("a.db");
            fs::write(with_suffix(&path, ".new"), "").unwrap();
            let url = format!("sqlite:{}", path.display()).parse().unwrap();
            runtime.block_on(async {
                if !is_new {
                    open_while(&url, |_| ()).await.close().await;
                    fs::write(with_suffix(&path, "-wal"), "").unwrap();
                }
                let file = open_while(&url, |path| happens(path).unwrap()).await;
                let opening = file.check().unwrap();
                let mut keeper = file.keeper.lock().await;
                let keeper = keeper.as_mut().unwrap();
                keeper.run("CREATE TABLE t (c)").await.unwrap();
                file.confirm(opening).unwrap();
                let other = Connections::new(&url, 1, Duration::from_secs(5), None);
                let mut other = other.connect().await.unwrap();
                let tables = "SELECT COUNT(*) FROM sqlite_schema";
                let row = other.fetch_one(tables, []).await.unwrap();
                assert_eq!(row.get::<i64, _>(0), 1, "{what}, {is_new}");
                assert!(with_suffix(&path, "-wal").exists(), "{what}, {is_new}");
                fs::remove_file(&path).unwrap();
                assert!(!file.is_current(), "{what}, {is_new}");
            });
        }
    }
}
