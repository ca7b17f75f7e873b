//! Saves the live rules to a file, so that the server can start with a broken rule file.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{self, Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::i18n::phrase;
use crate::live_rules::bytes;
use crate::live_rules::error::ReloadError;
use crate::live_rules::files::{MAX_INCLUDE_DEPTH, would_include};
use crate::live_rules::generation::{Generation, Loading};
use crate::live_rules::hanging_drive;
use crate::live_rules::hash::hash;
use crate::live_rules::replacement::{behind_links, replace};
use crate::media::MediaContent;
use crate::rules::media::{Location, NamedFile};
use crate::rules::sources::{Include, Inclusion, Source, SourceText, Sources};

/// Rule files as they were when they went live, and what each included.
#[derive(Serialize, Deserialize)]
struct KeptFiles<'k> {
    files: Vec<KeptFile<'k>>,
}

#[derive(Serialize, Deserialize)]
struct KeptFile<'k> {
    path: KeptPath<'k>,
    text: Cow<'k, str>,
    includes: Vec<KeptInclude>,
    #[serde(default)]
    media: Vec<KeptMediaFile>,
}

/// A name may be in any encoding, or none.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptPath<'k> {
    Text(Cow<'k, str>),
    Bytes(OsString),
}

/// The file itself may be another by then.
#[derive(Serialize, Deserialize)]
struct KeptMediaFile {
    written: String,
    content: MediaContent,
}

#[derive(Serialize, Deserialize)]
struct KeptInclude {
    entry: usize,
    place: usize,
    pattern: String,
    files: Vec<usize>,
}

#[derive(Debug, thiserror::Error)]
enum LastGoodError {
    #[error("{}", phrase!(last_good_unreadable, reason = .0))]
    Unreadable(#[from] io::Error),
    #[error("{}", phrase!(last_good_damaged, why = .0.to_string()))]
    Damaged(#[from] serde_json::Error),
    #[error("{}", phrase!(last_good_inconsistent))]
    Inconsistent,
    #[error("{}", phrase!(last_good_of_another, path = .0.display()))]
    OfAnother(PathBuf),
    #[error("{}", phrase!(last_good_refused, why = .0.to_string()))]
    Refused(Box<ReloadError>),
}

/// The last live rules, in case the files are refused at the start.
pub(super) fn instead(loading: &Loading, refused: &ReloadError) -> Option<Generation> {
    let path = loading.last_good.as_deref()?;
    match generation(loading, path) {
        Ok(kept) => {
            let said = phrase!(log_last_good, path = path.display());
            log::error!("{said}\n{refused}");
            Some(kept)
        }
        Err(error) => {
            let said = phrase!(
                log_no_last_good,
                path = path.display(),
                why = error.to_string()
            );
            log::error!("{said}");
            None
        }
    }
}

fn generation(loading: &Loading, path: &Path) -> Result<Generation, LastGoodError> {
    let sources = read(path)?;
    let was = sources.files.first().map(|file| &file.text.path);
    if let Some(was) = was
        && loading.last_good_of_path
        && path::absolute(was)? != path::absolute(&loading.path)?
    {
        return Err(LastGoodError::OfAnother(was.clone()));
    }
    let hash = hash(&sources);
    // They have passed their tests when they went live.
    let untested = Loading {
        require_tests: false,
        ..loading.clone()
    };
    let generation = untested.generation(sources.parse(), hash, None);
    generation.map_err(|error| LastGoodError::Refused(Box::new(error)))
}

fn read(path: &Path) -> Result<Sources, LastGoodError> {
    let kept: KeptFiles = serde_json::from_slice(&bytes::of_file(path)?)?;
    if !is_consistent(&kept.files) {
        return Err(LastGoodError::Inconsistent);
    }
    let root = kept.files.first();
    let root = root.map_or_else(PathBuf::new, |root| root.path.to_path());
    let files = kept.files.into_iter().map(|file| {
        let path = file.path.to_path();
        let media = file.media.into_iter().map(|media| NamedFile {
            location: Location::of(&root, &path, &media.written),
            written: media.written,
            found: Ok(media.content),
        });
        let media = media.collect();
        let includes = file.includes.into_iter().map(|include| Include {
            entry: include.entry,
            place: include.place,
            pattern: include.pattern,
            inclusion: Inclusion::Files(include.files),
        });
        Source {
            text: Arc::new(SourceText {
                path,
                text: file.text.into_owned(),
            }),
            includes: includes.collect(),
            media,
        }
    });
    let files = files.collect();
    Ok(Sources { files })
}

/// Whether each file comes before what it includes, as none that includes itself can, and none is
/// deeper inside others than one that is read may be.
fn is_consistent(files: &[KeptFile<'_>]) -> bool {
    let mut depths = vec![0; files.len()];
    files.iter().enumerate().all(|(place, file)| {
        let depth = depths.get(place).map_or(0, |depth| depth + 1);
        let mut included = file.includes.iter().flat_map(|include| &include.files);
        included.all(|included| match depths.get_mut(*included) {
            Some(known) if *included > place => {
                *known = depth.max(*known);
                *known <= MAX_INCLUDE_DEPTH
            }
            _ => false,
        })
    })
}

/// Refuses to write what could not be read again.
pub(super) fn write(path: &Path, sources: &Sources) -> io::Result<()> {
    if is_foreign(path)? {
        return Err(phrase!(last_good_foreign).into());
    }
    let target = behind_links(path)?;
    let places = [path, &target].into_iter();
    if let Some(pattern) = places
        .filter_map(|it| pattern_that_includes(it, sources))
        .next()
    {
        return Err(phrase!(last_good_included, pattern).into());
    }
    let files = sources.files.iter().map(|file| KeptFile {
        path: KeptPath::of(&file.text.path),
        text: Cow::from(&file.text.text),
        includes: file.includes.iter().filter_map(kept).collect(),
        media: file.media.iter().filter_map(kept_media).collect(),
    });
    let files = files.collect();
    let write = |file: &mut File| {
        let mut writer = BufWriter::new(&*file);
        serde_json::to_writer(&mut writer, &KeptFiles { files })?;
        writer.flush()?;
        bytes::only_of_a_size(&file.metadata()?)
    };
    hanging_drive::ask(path, || replace(path, write))
}

/// As a part of the rules, what is kept would be no rules, and refused with the next change.
fn pattern_that_includes<'s>(path: &Path, sources: &'s Sources) -> Option<&'s str> {
    let includes = sources.files.iter().flat_map(|file| {
        let includes = file.includes.iter();
        includes.map(|include| (file.text.path.as_path(), include.pattern.as_str()))
    });
    let mut includes = includes.filter(|(file, pattern)| would_include(file, pattern, path));
    includes.next().map(|(_, pattern)| pattern)
}

impl KeptPath<'_> {
    fn of(path: &Path) -> KeptPath<'_> {
        match path.to_str() {
            Some(text) => KeptPath::Text(text.into()),
            None => KeptPath::Bytes(path.into()),
        }
    }

    fn to_path(&self) -> PathBuf {
        match self {
            KeptPath::Text(text) => PathBuf::from(&**text),
            KeptPath::Bytes(bytes) => PathBuf::from(bytes),
        }
    }
}

/// Whether something else is there, such as the rule file or the database; empty is nothing.
fn is_foreign(path: &Path) -> io::Result<bool> {
    match bytes::beginning_of_file(path, BEGIN.len()) {
        Ok(begin) => Ok(!BEGIN.starts_with(&begin)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Of every file that is written here.
const BEGIN: &[u8] = br#"{"files":"#;

fn kept(include: &Include) -> Option<KeptInclude> {
    match &include.inclusion {
        Inclusion::Files(files) => Some(KeptInclude {
            entry: include.entry,
            place: include.place,
            pattern: include.pattern.clone(),
            files: files.clone(),
        }),
        // Rules whose files include what cannot be read never go live.
        Inclusion::Failed(_) | Inclusion::Itself(_) => None,
    }
}

fn kept_media(named: &NamedFile) -> Option<KeptMediaFile> {
    let content = named.found.as_ref().ok()?;
    Some(KeptMediaFile {
        written: named.written.clone(),
        content: *content,
    })
}
