//! How many files the SQLite databases of this process may have open together. Without it they would
//! leave none to connections, and nobody would be answered.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::store::error::SqlError;

/// Of one database: the file and its log for each connection, and the index of the log.
pub const MAX_FILES_OF_DATABASE: usize = 14;

static FREE: AtomicUsize = AtomicUsize::new(usize::MAX / 2);

/// Before any database is opened. One always may be.
pub fn limit_files(files: usize) {
    FREE.store(files.max(MAX_FILES_OF_DATABASE), Ordering::Relaxed);
}

/// The files of one database, until this is dropped.
pub(super) struct ReservedFiles(());

impl ReservedFiles {
    pub(super) fn reserve() -> Result<ReservedFiles, SqlError> {
        let reserve = |free: usize| free.checked_sub(MAX_FILES_OF_DATABASE);
        let reserved = FREE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, reserve);
        match reserved {
            Ok(_) => Ok(ReservedFiles(())),
            Err(_) => Err(SqlError::NoFilesLeft),
        }
    }
}

impl Drop for ReservedFiles {
    fn drop(&mut self) {
        FREE.fetch_add(MAX_FILES_OF_DATABASE, Ordering::Relaxed);
    }
}
