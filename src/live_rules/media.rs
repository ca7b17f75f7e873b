//! Looks at the files that replies name, and knows again those that have not changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::i18n::io_error::reason;
use crate::live_rules::bytes;
use crate::live_rules::watch::{Fingerprint, Inputs};
use crate::media::{MAX_BYTES, MediaContent};
use crate::rules::media::{Location, MediaError};

/// What is in files that still look as they did when they were read.
#[derive(Debug, Default)]
pub(crate) struct KnownMedia(HashMap<PathBuf, (Fingerprint, MediaContent)>);

impl KnownMedia {
    /// What is in a file now; it is read only if it has changed.
    pub(super) fn find(
        &mut self,
        location: &Location,
        inputs: &mut Inputs,
    ) -> Result<MediaContent, MediaError> {
        // Before anything else, so that changes meanwhile are noticed.
        let fingerprint = inputs.note(&location.path);
        let found = self.look(location, fingerprint.as_ref());
        inputs.has_failed(found.as_ref().is_err_and(|fault| {
            fingerprint.is_some() && matches!(fault, MediaError::Unreadable(_))
        }));
        found
    }

    fn look(
        &mut self,
        Location { path, within, .. }: &Location,
        fingerprint: Option<&Fingerprint>,
    ) -> Result<MediaContent, MediaError> {
        let resolved = fs::canonicalize(path).map_err(fault)?;
        let within = fs::canonicalize(within).map_err(fault)?;
        if !resolved.starts_with(within) {
            return Err(MediaError::Outside);
        }
        let known = self.0.get(path);
        let known = known.filter(|(known, _)| Some(known) == fingerprint);
        if let Some((_, content)) = known {
            return Ok(*content);
        }
        self.0.remove(path);
        let content = read(&resolved)?;
        if let Some(fingerprint) = fingerprint.filter(|one| one.is_conclusive()) {
            self.0.insert(path.clone(), (*fingerprint, content));
        }
        Ok(content)
    }

    /// Drops all but those that are named.
    pub(super) fn keep_only<'p>(&mut self, named: impl Iterator<Item = &'p Path>) {
        let mut before = std::mem::take(&mut self.0);
        self.0 = named.filter_map(|path| before.remove_entry(path)).collect();
    }
}

fn read(path: &Path) -> Result<MediaContent, MediaError> {
    bytes::look_for(path).map_err(fault)?;
    let too_large = |bytes: u64| Err(MediaError::TooLarge(bytes));
    let bytes = fs::metadata(path).map_err(fault)?.len();
    if bytes > MAX_BYTES {
        return too_large(bytes);
    }
    let content = MediaContent::of(&bytes::of_file(path).map_err(fault)?);
    // It may have grown meanwhile.
    match content.bytes > MAX_BYTES {
        true => too_large(content.bytes),
        false => Ok(content),
    }
}

fn fault(error: io::Error) -> MediaError {
    match error.kind() {
        io::ErrorKind::NotFound => MediaError::Missing,
        _ => MediaError::Unreadable(reason(&error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::time::{Duration, SystemTime};

    use super::*;

    fn location(folder: &Path, written: &str) -> Location {
        let rules = folder.join("rules.yaml");
        Location::of(&rules, &rules, written)
    }

    #[test]
    fn a_file_is_read_again_only_if_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "one").unwrap();
        let age = |path: &Path| {
            let file = fs::File::options().write(true).open(path).unwrap();
            let before = SystemTime::now() - Duration::from_secs(60);
            file.set_modified(before).unwrap();
        };
        age(&path);
        let mut known = KnownMedia::default();
        let location = location(folder.path(), "./a.png");
        let find = |known: &mut KnownMedia| known.find(&location, &mut Inputs::default()).unwrap();
        let first = find(&mut known);
        assert_eq!(known.0.len(), 1);
        // What is known is believed: nobody looks into the file.
        let (fingerprint, _) = known.0[&path];
        let other = MediaContent::of(b"other");
        known.0.insert(path.clone(), (fingerprint, other));
        assert_eq!(find(&mut known), other);
        fs::write(&path, "two").unwrap();
        age(&path);
        assert_ne!(find(&mut known), first);
        known.keep_only(std::iter::empty());
        assert!(known.0.is_empty());
    }

    #[test]
    fn links_are_followed_within_the_folder_that_is_written() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("shop");
        fs::create_dir_all(folder.join("real")).unwrap();
        fs::write(folder.join("real/in.png"), "a").unwrap();
        fs::write(outer.path().join("out.png"), "b").unwrap();
        symlink("real/in.png", folder.join("in.png")).unwrap();
        symlink("../out.png", folder.join("out.png")).unwrap();
        symlink("..", folder.join("above")).unwrap();
        symlink("nowhere", folder.join("gone.png")).unwrap();
        let mut known = KnownMedia::default();
        for (written, found) in [
            ("./in.png", Ok(MediaContent::of(b"a"))),
            ("./out.png", Err(MediaError::Outside)),
            ("./above/out.png", Err(MediaError::Outside)),
            ("../out.png", Ok(MediaContent::of(b"b"))),
            ("./gone.png", Err(MediaError::Missing)),
        ] {
            let location = location(&folder, written);
            let mut inputs = Inputs::default();
            assert_eq!(known.find(&location, &mut inputs), found, "{written}");
        }
    }
}
