//! Puts a new file in the place of another, so that nobody ever reads half of it.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::i18n::phrase;
use crate::rules::media::or_here;

/// As many as Linux follows.
const MAX_LINKS: usize = 40;

/// What is written is readable only by its owner, unless `write` says otherwise. Behind a link, the
/// place is where the link leads.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let path = behind_links(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // No pattern of an include takes hidden files.
    let new = path.with_file_name(format!(".{name}.{:08x}", getrandom::u32()?));
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(&new);
    let written = opened.and_then(|mut file| {
        write(&mut file)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&new, &path));
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced
}

/// Where a file belongs that may not be there yet.
pub(super) fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut place = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&place) else {
            return Ok(place);
        };
        place = place.parent().unwrap_or(&place).join(target);
        if let Some(folder) = place.parent()
            && let Err(error) = fs::metadata(or_here(folder))
            && error.kind() == io::ErrorKind::NotFound
        {
            let target = place.display();
            return Err(io::Error::new(
                error.kind(),
                phrase!(io_leads_nowhere, target),
            ));
        }
    }
    Err(rustix::io::Errno::LOOP.into())
}
