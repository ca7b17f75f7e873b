//! Reads a rule file and its includes from the disk. Knows no rules.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, fs, io};

use glob::Pattern;

use crate::accounts::ParsedAccounts;
use crate::i18n::io_error::reason;
use crate::i18n::{Phrase, phrase, shown};
use crate::live_rules::bytes;
use crate::live_rules::media::KnownMedia;
use crate::live_rules::watch::{Inputs, is_meant};
use crate::rules::media::{Location, NamedFile, or_here};
use crate::rules::parsed::{ParsedSource, ParsedSources};
use crate::rules::sources::{Include, Inclusion, Source, SourceText, Sources};

/// The main file cannot be read.
#[derive(Debug)]
pub struct FileError {
    pub path: PathBuf,
    pub source: io::Error,
}

impl std::error::Error for FileError {}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        phrase!(cannot_read, path, reason = reason(&self.source)).fmt(formatter)
    }
}

/// The files that were read, parsed as far as needed to find their includes.
pub(crate) struct FilesRead {
    pub(crate) sources: Sources,
    parsed: Vec<ParsedSource>,
}

impl FilesRead {
    /// The text of the file where the reading began.
    pub(crate) fn root_text(&self) -> &str {
        let root = self.sources.files.first();
        root.map_or("", |root| &root.text.text)
    }

    pub(crate) fn parse(self) -> ParsedSources {
        ParsedSources::of(&self.sources, self.parsed)
    }
}

/// Reads a file and everything it includes, as they are right now.
pub fn read_now(root: &Path) -> Result<ParsedSources, FileError> {
    read_argument(root).map(FilesRead::parse)
}

/// The same for a file that may turn out to be another than one of rules.
pub(crate) fn read_argument(root: &Path) -> Result<FilesRead, FileError> {
    let bytes = bytes::of_argument(root);
    let mut media = KnownMedia::default();
    read_on(
        root,
        bytes,
        &Sources::default(),
        &mut media,
        &mut Inputs::default(),
    )
}

/// The same, and records what the result depends on.
pub(crate) fn read_noting(root: &Path, inputs: &mut Inputs) -> Result<FilesRead, FileError> {
    read(
        root,
        &Sources::default(),
        &mut KnownMedia::default(),
        inputs,
    )
}

/// The same where they were read before. What files name that are unchanged since
/// `before` is known, and so is what is in other files that are unchanged.
pub(crate) fn read(
    root: &Path,
    before: &Sources,
    media: &mut KnownMedia,
    inputs: &mut Inputs,
) -> Result<FilesRead, FileError> {
    let bytes = match bytes::is_stdin(root) {
        true => bytes::of_argument(root),
        false => inputs.read(root),
    };
    read_on(root, bytes, before, media, inputs)
}

fn read_on(
    root: &Path,
    bytes: io::Result<Vec<u8>>,
    before: &Sources,
    media: &mut KnownMedia,
    inputs: &mut Inputs,
) -> Result<FilesRead, FileError> {
    let before = before.files.iter();
    let by_path = before.map(|source| (source.text.path.as_path(), source));
    let mut reader = FilesReader {
        reading: FilesRead {
            sources: Sources::default(),
            parsed: Vec::new(),
        },
        root,
        before: by_path.collect(),
        open: Vec::new(),
        media,
        inputs,
    };
    match bytes.and_then(|bytes| reader.source(root, bytes)) {
        Ok(_) => Ok(reader.finish()),
        Err(source) => Err(FileError {
            path: root.to_owned(),
            source,
        }),
    }
}

/// Reads an accounts file, and notes that it was read.
pub(crate) fn read_accounts(path: &Path, inputs: &mut Inputs) -> Result<ParsedAccounts, FileError> {
    let bytes = match bytes::is_stdin(path) {
        true => bytes::of_argument(path),
        false => inputs.read(path),
    };
    match bytes.and_then(text) {
        Ok(text) => Ok(ParsedAccounts::of(path, without_mark(text))),
        Err(source) => Err(FileError {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The text of a rule file named on the command line, without what it includes.
pub fn text_of_argument(path: &Path) -> Result<String, FileError> {
    let text = bytes::of_argument(path).and_then(text);
    text.map_err(|source| FileError {
        path: path.to_owned(),
        source,
    })
}

/// What the bytes of a rule file say.
fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let line = error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to());
        let line = line.filter(|byte| **byte == b'\n').count() + 1;
        let message = phrase!(io_not_utf8, line);
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}

/// Some editors begin a file with a byte order mark.
fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{FEFF}') {
        Some(without_mark) => without_mark.to_owned(),
        None => text,
    }
}

/// Files that include others twice multiply without end, so each time counts. The first file is
/// included by none.
const MAX_INCLUDED_FILES: usize = 10_000;

/// How many includes may lead to a file, one inside the other: whoever follows them takes stack.
pub(super) const MAX_INCLUDE_DEPTH: usize = 100;

struct FilesReader<'r> {
    root: &'r Path,
    reading: FilesRead,
    before: HashMap<&'r Path, &'r Source>,
    /// The files that are being read, each included by the one before it.
    open: Vec<PathBuf>,
    media: &'r mut KnownMedia,
    inputs: &'r mut Inputs,
}

/// What a rule file names: what it includes, and what its replies show.
type Named = (Vec<Include>, Vec<String>);

impl FilesReader<'_> {
    /// Reads one file; its place among the sources.
    fn file(&mut self, path: &Path) -> io::Result<usize> {
        if self.reading.sources.files.len() > MAX_INCLUDED_FILES {
            let why = phrase!(io_too_many_files, limit = MAX_INCLUDED_FILES);
            return Err(io::Error::other(why));
        }
        if self.open.len() > MAX_INCLUDE_DEPTH {
            let why = phrase!(io_include_too_deep, limit = MAX_INCLUDE_DEPTH);
            return Err(io::Error::other(why));
        }
        let bytes = self.inputs.read(path)?;
        self.source(path, bytes)
    }

    /// The same, once its bytes are there.
    fn source(&mut self, path: &Path, bytes: Vec<u8>) -> io::Result<usize> {
        let text = without_mark(text(bytes)?);
        let path = path.to_owned();
        let text = Arc::new(SourceText { path, text });
        let (mut includes, media) = self.named(&text);
        let media = media.into_iter();
        let media = media
            .map(|written| self.media(&text.path, written))
            .collect();
        let place = self.reading.sources.files.len();
        self.reading.sources.files.push(Source {
            text: Arc::clone(&text),
            includes: Vec::new(),
            media,
        });
        self.open.push(identity(&text.path));
        for include in &mut includes {
            include.inclusion = self.include(&text.path, &include.pattern);
        }
        self.open.pop();
        if let Some(source) = self.reading.sources.files.get_mut(place) {
            source.includes = includes;
        }
        Ok(place)
    }

    fn named(&mut self, text: &Arc<SourceText>) -> Named {
        let known = self.before.get(text.path.as_path());
        if let Some(known) = known.filter(|known| known.text == *text) {
            let media = known.media.iter().map(|named| named.written.clone());
            return (known.includes.clone(), media.collect());
        }
        let parsed = ParsedSource::of(Arc::clone(text));
        let named = (
            parsed.includes(),
            parsed.media().map(str::to_owned).collect(),
        );
        self.reading.parsed.push(parsed);
        named
    }

    fn media(&mut self, naming: &Path, written: String) -> NamedFile {
        let location = Location::of(self.root, naming, &written);
        NamedFile {
            found: self.media.find(&location, self.inputs),
            location,
            written,
        }
    }

    fn finish(self) -> FilesRead {
        let named = self
            .reading
            .sources
            .files
            .iter()
            .flat_map(|file| &file.media);
        self.media
            .keep_only(named.map(|named| named.location.path.as_path()));
        self.reading
    }

    fn include(&mut self, including: &Path, pattern: &str) -> Inclusion {
        let pattern = beside(including, pattern);
        let paths = match self.matching(&pattern) {
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
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Inclusion::Failed(phrase!(no_such_file, path = path.display()));
                }
                Err(error) => {
                    return Inclusion::Failed(phrase!(
                        cannot_read,
                        path = path.display(),
                        reason = reason(&error)
                    ));
                }
            }
        }
        Inclusion::Files(files)
    }

    /// The files that a path or a pattern names.
    fn matching(&mut self, path: &Path) -> Result<Vec<PathBuf>, Phrase> {
        let shown = shown(path);
        if !is_pattern(path) {
            return match path.is_dir() {
                true => Err(phrase!(include_of_folder, path = shown)),
                false => Ok(vec![path.to_owned()]),
            };
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        if is_pattern(folder) {
            return Err(phrase!(pattern_in_folder, path = shown));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let pattern = Pattern::new(&name).map_err(|_| phrase!(invalid_pattern, path = &shown))?;
        let paths = self.inputs.list(folder, pattern);
        let paths = paths.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                phrase!(no_such_folder, path = or_here(folder).display())
            }
            _ => phrase!(
                cannot_list,
                path = or_here(folder).display(),
                reason = reason(&error)
            ),
        })?;
        match paths.is_empty() {
            true => Err(phrase!(no_match, path = shown)),
            false => Ok(paths),
        }
    }
}

/// Whether a file that is put there would be included by this pattern.
pub(super) fn would_include(including: &Path, pattern: &str, file: &Path) -> bool {
    let pattern = beside(including, pattern);
    let folder = |path: &Path| identity(or_here(path.parent().unwrap_or(Path::new(""))));
    let name = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    is_pattern(&pattern)
        && folder(&pattern) == folder(file)
        && Pattern::new(&name(&pattern)).is_ok_and(|pattern| is_meant(&pattern, &name(file)))
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

/// The same for every path to one file.
fn identity(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_before_is_not_parsed_again() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("rules.yaml", "rules: [{ include: 'w*.yaml' }]");
        write("w.yaml", "rules: [{ name: a, reply: b }]");
        let root = folder.path().join("rules.yaml");
        let parsed_of = |before: &Sources| {
            let media = &mut KnownMedia::default();
            let reading = read(&root, before, media, &mut Inputs::default()).unwrap();
            let parsed = reading.parsed.len();
            assert_eq!(reading.sources.files.len(), 2);
            (parsed, reading.sources)
        };
        let (parsed, sources) = parsed_of(&Sources::default());
        assert_eq!(parsed, 2);
        assert_eq!(parsed_of(&sources).0, 0);
        write("w.yaml", "rules: [{ name: a, reply: c }]");
        assert_eq!(parsed_of(&sources).0, 1);
    }
}
