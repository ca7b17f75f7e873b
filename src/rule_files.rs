//! Reads a rule file and what it includes from the disk. Knows no rule.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::rules::sources::Inclusion;
use crate::rules::sources::Source;
use crate::rules::sources::Sources;

/// The file where the reading begins cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
pub struct Unreadable {
    pub path: PathBuf,
    source: io::Error,
}

/// Reads a file and everything it includes, as deep as it goes. `read` is how a file is read:
/// at once, or only when nobody is writing to it.
pub fn read(
    root: &Path,
    read: &dyn Fn(&Path) -> io::Result<Vec<u8>>,
) -> Result<Sources, Unreadable> {
    let mut reader = Reader {
        sources: Sources::default(),
        open: Vec::new(),
        read,
    };
    match reader.file(root) {
        Ok(_) => Ok(reader.sources),
        Err(source) => Err(Unreadable {
            path: root.to_owned(),
            source,
        }),
    }
}

/// The folders whose listing decides what is included: those of patterns with a `*` and the like.
pub fn folders(sources: &Sources) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = sources
        .files
        .iter()
        .flat_map(|file| {
            let includes = file.includes().into_iter();
            includes.map(|(_, text)| beside(&file.path, &text))
        })
        .filter(|pattern| is_pattern(pattern))
        .filter_map(|pattern| {
            let fixed = pattern
                .ancestors()
                .find(|folder| !is_pattern(folder))?
                .to_owned();
            Some(fixed)
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

struct Reader<'r> {
    sources: Sources,
    /// The files that are being read, each included by the one before it.
    open: Vec<PathBuf>,
    read: &'r dyn Fn(&Path) -> io::Result<Vec<u8>>,
}

impl Reader<'_> {
    /// Reads one file; its place among the sources.
    fn file(&mut self, path: &Path) -> io::Result<usize> {
        let bytes = (self.read)(path)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = line.filter(|byte| **byte == b'\n').count() + 1;
            let message = format!("it is not UTF-8 (line {line}); save it as UTF-8");
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        let text = match text.strip_prefix('\u{FEFF}') {
            Some(without_mark) => without_mark.to_owned(),
            None => text,
        };
        let source = Source::new(path.to_owned(), text);
        let includes = source.includes();
        let place = self.sources.files.len();
        self.sources.files.push(source);
        self.open.push(identity(path));
        for (at, pattern) in includes {
            let inclusion = self.include(path, &pattern);
            if let Some(source) = self.sources.files.get_mut(place) {
                source.resolve(at, inclusion);
            }
        }
        self.open.pop();
        Ok(place)
    }

    fn include(&mut self, including: &Path, pattern: &str) -> Inclusion {
        let pattern = beside(including, pattern);
        let paths = match matching(&pattern) {
            Ok(paths) => paths,
            Err(why) => return Inclusion::Failed(why),
        };
        let mut files = Vec::new();
        for path in paths {
            if self.open.contains(&identity(&path)) {
                return Inclusion::Itself(path);
            }
            match self.file(&path) {
                Ok(file) => files.push(file),
                Err(error) => {
                    return Inclusion::Failed(format!("cannot read {}: {error}", path.display()));
                }
            }
        }
        Inclusion::Files(files)
    }
}

/// The files that a pattern names, in the order of their paths.
fn matching(pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let shown = pattern.display();
    if !is_pattern(pattern) {
        return match fs::metadata(pattern) {
            Ok(metadata) if metadata.is_dir() => Err(format!(
                "{shown} is a folder; write {shown}/*.yaml for the files in it"
            )),
            Ok(_) => Ok(vec![pattern.to_owned()]),
            Err(error) => Err(format!("{shown}: {error}")),
        };
    }
    let text = pattern.to_string_lossy();
    let found = glob::glob(&text).map_err(|error| format!("{shown}: {}", error.msg))?;
    let mut paths: Vec<PathBuf> = found
        .filter_map(Result::ok)
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(format!("no file is like {shown}"));
    }
    Ok(paths)
}

fn beside(including: &Path, pattern: &str) -> PathBuf {
    match including.parent() {
        Some(folder) => folder.join(pattern),
        None => PathBuf::from(pattern),
    }
}

fn is_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '['])
}

/// The same for every spelling of a path to one file.
fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}
