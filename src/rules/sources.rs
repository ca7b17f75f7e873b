//! The files that rules come from, as read by whoever has a disk; every place in them.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::rules::diagnostic::Place;
use crate::rules::lines::Lines;
use crate::rules::yaml;
use crate::rules::yaml::Read;
use crate::rules::yaml::tree::{Node, NodeId, Part, Step, Tree, Value};

/// A rule file and everything it includes; the first is where the reading began.
#[derive(Debug, Default)]
pub struct Sources {
    pub files: Vec<Source>,
}

#[derive(Debug)]
pub struct Source {
    pub path: PathBuf,
    pub text: String,
    pub(super) read: Read,
    /// What the texts under `include` led to, by entry and place in its list.
    inclusions: HashMap<(usize, usize), Inclusion>,
    tree: OnceLock<Option<Tree>>,
    lines: OnceLock<Lines>,
}

/// What a text under `include` led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inclusion {
    /// Places in `Sources::files`, in the order of their paths.
    Files(Vec<usize>),
    /// No file there, or none that can be read.
    Failed(String),
    /// A file that is being read already: it would include itself.
    Itself(PathBuf),
}

/// Where a rule or a test stands: a file, the list in it, and the place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    pub file: usize,
    pub list: List,
    pub entry: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Rules,
    Tests,
}

impl Source {
    pub fn new(path: PathBuf, text: String) -> Source {
        let read = yaml::read(&text);
        Source {
            path,
            text,
            read,
            inclusions: HashMap::new(),
            tree: OnceLock::new(),
            lines: OnceLock::new(),
        }
    }

    /// The texts under `include`, each with the entry it stands in and its place there.
    pub fn includes(&self) -> Vec<((usize, usize), String)> {
        let entries = self.read.file.rules.iter().enumerate();
        entries
            .filter_map(|(entry, written)| Some((entry, written.include.as_ref()?)))
            .flat_map(|(entry, texts)| {
                let texts = texts.0.iter().enumerate();
                texts.map(move |(place, text)| ((entry, place), text.0.clone()))
            })
            .collect()
    }

    pub fn resolve(&mut self, at: (usize, usize), inclusion: Inclusion) {
        self.inclusions.insert(at, inclusion);
    }

    pub fn inclusion(&self, at: (usize, usize)) -> Option<&Inclusion> {
        self.inclusions.get(&at)
    }

    pub(super) fn tree(&self) -> Option<&Tree> {
        let own = || Tree::parse(&self.text).ok();
        self.read
            .tree
            .as_ref()
            .or_else(|| self.tree.get_or_init(own).as_ref())
    }

    pub(super) fn place_of(&self, node: Option<NodeId>) -> Place {
        let node = node.and_then(|node| self.tree()?.node(node));
        match node {
            Some(node) => self.place(node.range.clone()),
            None => Place::file(&self.path),
        }
    }

    pub(super) fn place(&self, range: Range<usize>) -> Place {
        let lines = self.lines.get_or_init(|| Lines::of(&self.text));
        Place::of(&self.path, &self.text, lines, range)
    }
}

impl Sources {
    /// Lets go of what was read once it is compiled: the places of all things can be found in
    /// the texts again.
    pub fn forget_written(&mut self) {
        for source in &mut self.files {
            source.read = Read::default();
            source.tree = OnceLock::new();
            source.lines = OnceLock::new();
        }
    }

    /// The same files as they were read, for whoever asks after all was forgotten.
    pub fn read_again(&self) -> Sources {
        let files = self.files.iter();
        let files = files.map(|file| Source::new(file.path.clone(), file.text.clone()));
        Sources {
            files: files.collect(),
        }
    }

    pub fn root(&self) -> &Path {
        self.files.first().map_or(Path::new(""), |file| &file.path)
    }

    /// Every file that was read.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// Where a rule or a test stands.
    pub fn place(&self, origin: Origin) -> Place {
        self.place_in(origin, &[])
    }

    /// The same, and keeps nothing of what it takes to find out: rules that are live for weeks
    /// are not to hold the tree of their file for one question.
    pub fn look_up(&self, origin: Origin) -> Place {
        let Some(source) = self.files.get(origin.file) else {
            return Place::default();
        };
        let steps = [Step::Key(origin.list.key()), Step::Index(origin.entry)];
        let found = Tree::parse(&source.text).ok().and_then(|tree| {
            let node = tree.node(tree.find(&steps, Part::Value)?)?;
            let lines = Lines::of(&source.text);
            let range = node.range.clone();
            Some(Place::of(&source.path, &source.text, &lines, range))
        });
        found.unwrap_or_else(|| Place::file(&source.path))
    }

    /// Where a part of a rule or a test stands, or the nearest thing around it that is written.
    pub fn place_in(&self, origin: Origin, path: &[Step<'_>]) -> Place {
        let Some(source) = self.files.get(origin.file) else {
            return Place::default();
        };
        let mut steps = vec![Step::Key(origin.list.key()), Step::Index(origin.entry)];
        steps.extend_from_slice(path);
        let node = source
            .tree()
            .and_then(|tree| tree.find(&steps, Part::Value));
        source.place_of(node)
    }

    /// Whether a part of a rule or a test is a text without quotes, on lines of no block.
    pub fn is_plain(&self, origin: Origin, path: &[Step<'_>]) -> bool {
        self.node_in(origin, path)
            .is_some_and(|(_, node)| matches!(node.value, Value::Scalar { plain: true, .. }))
    }

    /// That text.
    pub fn plain_text(&self, origin: Origin, path: &[Step<'_>]) -> Option<&str> {
        match &self.node_in(origin, path)?.1.value {
            Value::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    /// The only text of a list in brackets, where it has no quotes.
    pub fn lone_item(&self, origin: Origin, path: &[Step<'_>]) -> Option<&str> {
        let (tree, list) = self.node_in(origin, path)?;
        let (Value::Sequence(items), source) = (&list.value, self.files.get(origin.file)?) else {
            return None;
        };
        let is_bracketed = source.text.get(list.range.clone())?.starts_with('[');
        match (&items[..], is_bracketed) {
            ([item], true) => match &tree.node(*item)?.value {
                Value::Scalar { text, plain: true } => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    fn node_in(&self, origin: Origin, path: &[Step<'_>]) -> Option<(&Tree, &Node)> {
        let mut steps = vec![Step::Key(origin.list.key()), Step::Index(origin.entry)];
        steps.extend_from_slice(path);
        let tree = self.files.get(origin.file)?.tree()?;
        Some((tree, tree.node(tree.find(&steps, Part::Value)?)?))
    }
}

impl List {
    pub fn key(self) -> &'static str {
        match self {
            List::Rules => "rules",
            List::Tests => "tests",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_out_for_places_is_not_kept_for_weeks() {
        let text = "rules:\n  - { name: a, reply: b }\n".to_owned();
        let source = Source::new(PathBuf::from("rules.yaml"), text);
        let mut sources = Sources {
            files: vec![source],
        };
        let origin = Origin {
            file: 0,
            list: List::Rules,
            entry: 0,
        };
        let place = sources.place(origin);
        assert_eq!((place.line, place.column), (2, 5));
        let is_kept = |sources: &Sources| {
            let mut files = sources.files.iter();
            files.any(|file| file.tree.get().is_some() || file.lines.get().is_some())
        };
        assert!(is_kept(&sources));
        sources.forget_written();
        assert!(!is_kept(&sources));
        assert_eq!(sources.look_up(origin), place);
        assert!(!is_kept(&sources));
    }
}
