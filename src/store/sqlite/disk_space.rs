//! Ensures the disk space that SQLite needs.
//!
//! SQLite writes to memory mapped from the file `-shm`. If the disk has no block for a write there,
//! the system kills the process instead of returning an error.

use std::fs::{self, File};
use std::path::Path;

use rustix::fs::{StatVfs, statvfs};
use rustix::process::{Flock, FlockType, fcntl_getlk};

use crate::store::error::SqlError;
use crate::store::sqlite::files::beside;
use crate::store::sqlite::open_files::OpenFile;

/// More than opening a database takes, or a message on a file system that needs a new block for
/// every write.
const MIN_FREE_BYTES: u64 = 1 << 20;

/// A page in the log takes 536 bytes at least, of which the shared memory has eight.
const LOG_BYTES_FOR_EACH: u64 = 64;

/// Enough for a transaction of a hundred megabytes.
const MIN_SPARE_BYTES: u64 = 256 * 1024;

const STEP: u64 = 64 * 1024;

/// Refuses a database whose disk is full or nearly full.
pub(super) fn check(database: &Path) -> Result<(), SqlError> {
    // If this is unknown, SQLite itself reports a full disk.
    match disk_of(database) {
        Ok(disk) if disk.f_blocks > 0 && disk.f_bavail * disk.f_frsize < MIN_FREE_BYTES => {
            Err(SqlError::NoRoom)
        }
        _ => Ok(()),
    }
}

/// Whether the disk may have room, but not for one more file. SQLite does not say so.
pub(super) fn has_too_many_files(database: &Path) -> bool {
    // Some file systems have no limit, and say that there are none.
    disk_of(database).is_ok_and(|disk| disk.f_files > 0 && disk.f_favail == 0)
}

fn disk_of(database: &Path) -> rustix::io::Result<StatVfs> {
    let folder = database.parent().filter(|folder| *folder != Path::new(""));
    let folder = folder.unwrap_or(Path::new("."));
    statvfs(database).or_else(|_| statvfs(folder))
}

/// Whether a program that only reads should keep the index of the log in its own memory: the disk
/// may have no block left for it, and no other program has the database open, which would need to
/// share it. [https://sqlite.org/vfs.html#standard_unix_vfses]
pub(in crate::store) fn needs_private_index(database: &Path) -> bool {
    check(database).is_err() && !is_in_use(&beside(database, "-shm"))
}

/// The byte of the file that every program locks for as long as it has the database open.
const IN_USE_BYTE: u64 = 128;

/// Whether another process has it open.
pub(super) fn is_in_use(memory: &Path) -> bool {
    let Ok(memory) = OpenFile::open(memory, false) else {
        return false;
    };
    let mut wanted = Flock::from(FlockType::WriteLock);
    wanted.start = IN_USE_BYTE;
    wanted.length = 1;
    let holder = memory.file().map(|file| fcntl_getlk(file, &wanted));
    matches!(holder, Some(Ok(Some(_))))
}

/// The file `-shm`, with all its blocks allocated before SQLite writes to them.
pub(super) struct SharedMemory {
    file: OpenFile,
    allocated: u64,
}

impl SharedMemory {
    /// Creates the file before SQLite does, without copy-on-write: otherwise btrfs allocates a new
    /// block for each write, even within allocated ones. Since 6.16, Linux honours this on a full
    /// disk.
    #[cfg(target_os = "linux")]
    pub(super) fn create(path: &Path, database: &Path) {
        use std::fs::OpenOptions;
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

        use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags, statfs};

        const BTRFS: u32 = 0x9123_683e;

        let (Ok(disk), Ok(database)) = (statfs(database), fs::metadata(database)) else {
            return;
        };
        if u32::try_from(disk.f_type) != Ok(BTRFS) {
            return;
        }
        // Everyone who may read the database must be able to use this file, too.
        let permissions = database.permissions();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        options.mode(permissions.mode() & 0o600);
        if let Ok(file) = options.open(path) {
            let _ = file.set_permissions(permissions);
            let _ = ioctl_getflags(&file)
                .and_then(|flags| ioctl_setflags(&file, flags | IFlags::NOCOW));
            drop(OpenFile::of(file, true));
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn create(_: &Path, _: &Path) {}

    /// None where there is no such file, or it may only be read.
    pub(super) fn open(path: &Path) -> Option<SharedMemory> {
        let file = OpenFile::open(path, true).ok()?;
        Some(SharedMemory { file, allocated: 0 })
    }

    pub(super) fn stay_ahead_of(&mut self, log: &Path) -> Result<(), SqlError> {
        let log = fs::metadata(log).map_or(0, |log| log.len());
        let needed = log / LOG_BYTES_FOR_EACH + MIN_SPARE_BYTES;
        if needed <= self.allocated {
            return Ok(());
        }
        let bytes = needed.next_multiple_of(STEP);
        self.file
            .file()
            .map_or(Ok(()), |file| allocate(file, bytes))?;
        self.allocated = bytes;
        Ok(())
    }
}

/// Changes nothing that is in the file.
#[cfg(target_os = "linux")]
fn allocate(file: &File, bytes: u64) -> Result<(), SqlError> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;

    match fallocate(file, FallocateFlags::empty(), 0, bytes) {
        Err(Errno::NOSPC | Errno::DQUOT) => Err(SqlError::NoRoom),
        // Not every file system supports it; then only the check of free space remains.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &File, _: u64) -> Result<(), SqlError> {
    Ok(())
}
