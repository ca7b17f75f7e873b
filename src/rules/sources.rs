//! The texts of rule files. They are kept as long as their rules are live.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::i18n::Phrase;
use crate::media::MediaContent;
use crate::rules::diagnostic::Place;
use crate::rules::line_starts::Lines;
use crate::rules::media::{Location, MediaError, MediaFile, NamedFile};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::{EntryPart, PathStep, Tree};

/// A rule file and everything it includes; the first is where the reading began.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub files: Vec<Source>,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub text: Arc<SourceText>,
    pub includes: Vec<Include>,
    /// What its replies show that stands beside it.
    pub media: Vec<NamedFile>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    pub path: PathBuf,
    pub text: String,
}

/// A path under `include`, and the files that it matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// The entry among the rules of its file.
    pub entry: usize,
    /// The place in the list of that entry.
    pub place: usize,
    pub pattern: String,
    pub inclusion: Inclusion,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// Places in `Sources::files`, in the order of their paths.
    Files(Vec<usize>),
    /// No file there, or none that can be read.
    Failed(Phrase),
    /// A file that is already being read, so it would include itself.
    Itself(PathBuf),
}

/// The position of a rule or a test: its file, its list, and its index in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub file: usize,
    pub list: ListKey,
    pub entry: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKey {
    Rules,
    Tests,
}

/// Under which a file may be named.
const MEDIA_KEYS: [&str; 4] = ["image", "voice", "media_id", "thumb_media_id"];

impl Sources {
    pub fn root(&self) -> &Path {
        self.files
            .first()
            .map_or(Path::new(""), |file| &file.text.path)
    }

    pub fn inclusion(&self, file: usize, entry: usize, place: usize) -> Option<&Inclusion> {
        let mut includes = self.files.get(file)?.includes.iter();
        includes
            .find(|include| (include.entry, include.place) == (entry, place))
            .map(|include| &include.inclusion)
    }

    /// Where a file is that is named in one of the rule files.
    pub(crate) fn location(&self, file: usize, written: &str) -> Location {
        let naming = self.files.get(file);
        let naming = naming.map_or(self.root(), |naming| &naming.text.path);
        Location::of(self.root(), naming, written)
    }

    /// What is in it.
    pub(crate) fn found(&self, file: usize, written: &str) -> Result<MediaContent, MediaError> {
        let named = self
            .files
            .get(file)
            .into_iter()
            .flat_map(|file| &file.media);
        let mut named = named.filter(|named| named.written == written);
        let named = named.next().ok_or(MediaError::Missing)?;
        named.found.clone()
    }

    pub fn parse(&self) -> ParsedSources {
        ParsedSources::of(self, Vec::new())
    }

    /// Where a file is named first.
    pub(crate) fn place_of(&self, media: &MediaFile) -> Place {
        let Some(source) = self.files.get(media.file) else {
            return Place::default();
        };
        let SourceText { path, text } = &*source.text;
        let found = Tree::parse(text).ok().and_then(|tree| {
            let node = tree.node(tree.find_text(&MEDIA_KEYS, &media.written)?)?;
            Some(Place::of(path, text, &Lines::of(text), node.range.clone()))
        });
        found.unwrap_or_else(|| Place::file(path))
    }

    /// The place of a rule or a test. Nothing of what it takes to find out is kept.
    pub fn place(&self, origin: Origin) -> Place {
        let Some(source) = self.files.get(origin.file) else {
            return Place::default();
        };
        let SourceText { path, text } = &*source.text;
        let steps = [
            PathStep::Key(origin.list.key()),
            PathStep::Index(origin.entry),
        ];
        let found = Tree::parse(text).ok().and_then(|tree| {
            let node = tree.node(tree.find(&steps, EntryPart::Value)?)?;
            Some(Place::of(path, text, &Lines::of(text), node.range.clone()))
        });
        found.unwrap_or_else(|| Place::file(path))
    }
}

impl ListKey {
    pub fn key(self) -> &'static str {
        match self {
            ListKey::Rules => "rules",
            ListKey::Tests => "tests",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_same_before_and_after_the_tree_is_dropped() {
        let text = "rules:\n  - { name: a, reply: b }\n";
        let parsed = ParsedSources::of_text("rules.yaml", text);
        let origin = Origin {
            file: 0,
            list: ListKey::Rules,
            entry: 0,
        };
        let place = parsed.place(origin);
        assert_eq!((place.line, place.column), (2, 5));
        assert_eq!(parsed.sources.place(origin), place);
    }
}
