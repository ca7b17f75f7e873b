//! Reads one file from the disk; refuses what is not a file or is too large. Knows no rules.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::{fs, io};

use crate::i18n::{Phrase, phrase};
use crate::live_rules::hanging_drive;
use crate::lock::lock;

/// Far more than any real file. Its text is in memory several times.
const MAX_MEBIBYTES: u64 = 64;
const MAX_BYTES: u64 = MAX_MEBIBYTES * 1024 * 1024;

/// All of a file. A pipe may never have a writer, and a device no end.
pub(crate) fn of_file(path: &Path) -> io::Result<Vec<u8>> {
    hanging_drive::ask(path, || {
        let file = open_file(path)?;
        only_of_a_size(&file.metadata()?)?;
        whole(file)
    })
}

/// The first bytes of a file, of which there may be fewer.
pub(crate) fn beginning_of_file(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    hanging_drive::ask(path, || {
        open_file(path)?.take(most as u64).read_to_end(&mut bytes)
    })?;
    Ok(bytes)
}

/// Refuses what is too large to be read.
pub(crate) fn only_of_a_size(metadata: &Metadata) -> io::Result<()> {
    match metadata.len() > MAX_BYTES {
        true => Err(too_large()),
        false => Ok(()),
    }
}

/// Whether there is a file that can be read.
pub(crate) fn look_for(path: &Path) -> io::Result<()> {
    hanging_drive::ask(path, || open_file(path).map(drop))
}

/// The same for a file named on the command line: `-` is standard input, and what the caller has
/// opened is read whatever it is, as `<(…)` is a pipe.
pub(crate) fn of_argument(path: &Path) -> io::Result<Vec<u8>> {
    match is_stdin(path) || is_open(path) {
        true => of_argument_or_pipe(path),
        false => of_file(path),
    }
}

/// The same for a secret or a certificate, which tools hand over in named pipes, too.
pub(crate) fn of_argument_or_pipe(path: &Path) -> io::Result<Vec<u8>> {
    if is_stdin(path) {
        return once(path, || Ok(io::stdin()));
    }
    match fs::metadata(path)? {
        metadata if metadata.is_dir() => Err(not_a_file(phrase!(io_folder))),
        metadata if metadata.is_file() => whole(File::open(path)?),
        _ => once(path, || File::open(path)),
    }
}

/// The same once more, while the server runs: what came from a pipe stays as it was read, and a
/// pipe that has taken the place of a file is not opened.
pub(crate) fn of_argument_again(path: &Path) -> io::Result<Vec<u8>> {
    if !is_stdin(path) && fs::metadata(path)?.is_file() {
        kept().remove(path);
    } else if let Some(bytes) = kept().get(path) {
        return Ok(bytes.clone());
    }
    of_file(path)
}

pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// What can be read only once is kept. Nobody else waits while it is read.
fn once<R: Read>(path: &Path, open: impl FnOnce() -> io::Result<R>) -> io::Result<Vec<u8>> {
    if let Some(bytes) = kept().get(path) {
        return Ok(bytes.clone());
    }
    let bytes = whole(open()?)?;
    kept().insert(path.to_owned(), bytes.clone());
    Ok(bytes)
}

fn kept() -> MutexGuard<'static, BTreeMap<PathBuf, Vec<u8>>> {
    static KEPT: Mutex<BTreeMap<PathBuf, Vec<u8>>> = Mutex::new(BTreeMap::new());
    lock(&KEPT)
}

/// All that comes, up to as much as a file may have.
fn whole(stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(too_large()),
        false => Ok(bytes),
    }
}

/// Refuses everything but regular files.
pub(crate) fn only_file(metadata: &Metadata) -> io::Result<()> {
    let what = match metadata {
        metadata if metadata.is_file() => return Ok(()),
        metadata if metadata.is_dir() => phrase!(io_folder),
        _ => phrase!(io_device),
    };
    Err(not_a_file(what))
}

fn not_a_file(why: Phrase) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, why)
}

fn too_large() -> io::Error {
    let why = phrase!(io_too_large, limit = MAX_MEBIBYTES);
    io::Error::new(ErrorKind::FileTooLarge, why)
}

/// Whether a path stands for what this process was started with.
fn is_open(path: &Path) -> bool {
    let descriptors = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];
    descriptors.iter().any(|known| path.starts_with(known))
}

fn open_file(path: &Path) -> io::Result<File> {
    // Even opening a device may have an effect.
    only_file(&fs::metadata(path)?)?;
    let file = open(path)?;
    only_file(&file.metadata()?)?;
    Ok(file)
}

/// Does not block if a pipe has just replaced the file.
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    let at_once = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new()
        .read(true)
        .custom_flags(at_once)
        .open(path)
}
