//! Files that SQLite uses in this process, and descriptors of them that are not SQLite's own.
//!
//! Locks belong to the process and the file: closing any descriptor of a file releases those of
//! SQLite, too. Other programs then take the database for unused. So such a descriptor stays open
//! for as long as SQLite uses the file, by whatever name.
//! [https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_]

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::sync::Mutex;

use crate::lock::lock;
use crate::store::sqlite::files::FileId;

static FILES: Mutex<OpenFiles> = Mutex::new(OpenFiles {
    used: Vec::new(),
    to_close: Vec::new(),
});

struct OpenFiles {
    /// Each as often as it is used.
    used: Vec<FileId>,
    to_close: Vec<Descriptor>,
}

struct Descriptor {
    id: FileId,
    may_write: bool,
    file: File,
}

/// Files that SQLite uses until this is dropped.
#[derive(Default)]
pub(super) struct InUse(Vec<FileId>);

impl InUse {
    /// Before SQLite opens it, if that is possible.
    pub(super) fn add(&mut self, id: FileId) {
        self.0.push(id);
        lock(&FILES).used.push(id);
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut files = lock(&FILES);
        let OpenFiles { used, to_close } = &mut *files;
        for id in &self.0 {
            if let Some(place) = used.iter().position(|used| used == id) {
                used.swap_remove(place);
            }
        }
        to_close.retain(|descriptor| used.contains(&descriptor.id));
    }
}

/// A file that SQLite may use. Closed once it does not.
pub(super) struct OpenFile(Option<Descriptor>);

impl OpenFile {
    pub(super) fn open(path: &Path, may_write: bool) -> io::Result<OpenFile> {
        if let Some(descriptor) = FileId::of(path).ok().and_then(|id| kept(id, may_write)) {
            return Ok(OpenFile(Some(descriptor)));
        }
        let file = OpenOptions::new().read(true).write(may_write).open(path)?;
        OpenFile::of(file, may_write)
    }

    pub(super) fn of(file: File, may_write: bool) -> io::Result<OpenFile> {
        let id = FileId::of_open(&file)?;
        Ok(OpenFile(Some(Descriptor {
            id,
            may_write,
            file,
        })))
    }

    /// None only while it is dropped.
    pub(super) fn file(&self) -> Option<&File> {
        self.0.as_ref().map(|descriptor| &descriptor.file)
    }
}

/// One that waits to be closed, so that they do not become more and more.
fn kept(id: FileId, may_write: bool) -> Option<Descriptor> {
    let to_close = &mut lock(&FILES).to_close;
    let is_it = |kept: &Descriptor| kept.id == id && kept.may_write == may_write;
    let place = to_close.iter().position(is_it)?;
    Some(to_close.swap_remove(place))
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        let Some(descriptor) = self.0.take() else {
            return;
        };
        let mut files = lock(&FILES);
        match files.used.contains(&descriptor.id) {
            true => files.to_close.push(descriptor),
            // While nobody can begin to use it.
            false => drop(descriptor),
        }
    }
}
