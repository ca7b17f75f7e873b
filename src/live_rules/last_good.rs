//! Saves the live rules to a file, so that the server can start with a broken rule file.

use std::borrow::Cow;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::live_rules::error::ReloadError;
use crate::live_rules::generation::{Generation, Loading};
use crate::live_rules::hash::hash;
use crate::rules::sources::{Include, Inclusion, Source, SourceText, Sources};

/// Rule files as they were when they went live, and what each included.
#[derive(Serialize, Deserialize)]
struct Kept<'k> {
    files: Vec<KeptFile<'k>>,
}

#[derive(Serialize, Deserialize)]
struct KeptFile<'k> {
    path: Cow<'k, Path>,
    text: Cow<'k, str>,
    includes: Vec<KeptInclude>,
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
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("it is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    #[error("it is damaged: a file in it includes one that is not there")]
    Inconsistent,
    #[error("this version does not take them: {0}")]
    Refused(Box<ReloadError>),
}

/// The last live rules, in case the files are refused at the start.
pub(super) fn instead(loading: &Loading, refused: &ReloadError) -> Option<Generation> {
    let path = loading.last_good.as_deref()?;
    let shown = path.display();
    match generation(loading, path) {
        Ok(kept) => {
            log::error!(
                "the rules are refused, the last good ones from {shown} answer:\n{refused}"
            );
            Some(kept)
        }
        Err(error) => {
            log::error!("there are no last good rules in {shown}: {error}");
            None
        }
    }
}

fn generation(loading: &Loading, path: &Path) -> Result<Generation, LastGoodError> {
    let sources = read(path)?;
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
    let kept: Kept = serde_json::from_slice(&fs::read(path)?)?;
    // A file comes before what it includes. Otherwise it could include itself.
    let (last, mut files) = (kept.files.len(), kept.files.iter().enumerate());
    let is_consistent = files.all(|(place, file)| {
        let mut included = file.includes.iter().flat_map(|include| &include.files);
        included.all(|included| (place + 1..last).contains(included))
    });
    if !is_consistent {
        return Err(LastGoodError::Inconsistent);
    }
    let files = kept.files.into_iter().map(|file| {
        let includes = file.includes.into_iter().map(|include| Include {
            entry: include.entry,
            place: include.place,
            pattern: include.pattern,
            inclusion: Inclusion::Files(include.files),
        });
        Source {
            text: Arc::new(SourceText {
                path: file.path.into_owned(),
                text: file.text.into_owned(),
            }),
            includes: includes.collect(),
        }
    });
    let files = files.collect();
    Ok(Sources { files })
}

/// Readable only by its owner, and replaced atomically.
pub(super) fn write(path: &Path, sources: &Sources) -> io::Result<()> {
    let files = sources.files.iter().map(|file| KeptFile {
        path: Cow::from(&file.text.path),
        text: Cow::from(&file.text.text),
        includes: file.includes.iter().filter_map(kept).collect(),
    });
    let files = files.collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{name}.{:08x}", getrandom::u32()?));
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(&new);
    let written = opened.and_then(|file| {
        let mut file = BufWriter::new(file);
        serde_json::to_writer(&mut file, &Kept { files })?;
        file.into_inner()?.sync_all()
    });
    let replaced = written.and_then(|()| fs::rename(&new, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&new);
    }
    replaced
}

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
