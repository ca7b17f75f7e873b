//! The parsed YAML of rule files, with the place of everything in it. Dropped once the rules are
//! compiled, as a tree is many times as large as its text.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::rules::diagnostic::Place;
use crate::rules::document::Document;
use crate::rules::file::RuleFile;
use crate::rules::sources::{Include, Inclusion, Origin, Source, SourceText, Sources};
use crate::rules::yaml::tree::{EntryPart, Node, NodeId, PathStep, Tree, Value};

/// Texts, each with what it says.
#[derive(Debug)]
pub struct ParsedSources {
    pub sources: Sources,
    pub(super) files: Vec<ParsedSource>,
}

#[derive(Debug)]
pub struct ParsedSource {
    pub(super) document: Document,
    pub(super) file: RuleFile,
}

impl ParsedSources {
    /// Files already parsed to find their includes are not parsed again.
    pub fn of(sources: &Sources, parsed: Vec<ParsedSource>) -> ParsedSources {
        let mut parsed = parsed.into_iter().peekable();
        let files = sources.files.iter().map(|file| {
            let is_parsed = |next: &ParsedSource| Arc::ptr_eq(&next.document.source, &file.text);
            let known = parsed.next_if(is_parsed);
            known.unwrap_or_else(|| ParsedSource::of(Arc::clone(&file.text)))
        });
        ParsedSources {
            files: files.collect(),
            sources: sources.clone(),
        }
    }

    /// A file that includes nothing.
    pub fn of_text(path: impl Into<PathBuf>, text: impl Into<String>) -> ParsedSources {
        let (path, text) = (path.into(), text.into());
        let source = Source {
            text: Arc::new(SourceText { path, text }),
            includes: Vec::new(),
            media: Vec::new(),
        };
        let files = vec![source];
        ParsedSources::of(&Sources { files }, Vec::new())
    }

    pub fn root(&self) -> &Path {
        self.sources.root()
    }

    /// The place of a rule or a test.
    pub fn place(&self, origin: Origin) -> Place {
        self.place_in(origin, &[])
    }

    /// Where a part of a file stands, or the nearest thing around it that is written.
    pub(super) fn place_at(&self, file: usize, path: &[PathStep<'_>]) -> Place {
        let Some(source) = self.files.get(file) else {
            return Place::default();
        };
        source.document.place_at(path, EntryPart::Value)
    }

    /// Where a key of a file stands.
    pub(super) fn place_of_key(&self, file: usize, path: &[PathStep<'_>]) -> Place {
        let Some(source) = self.files.get(file) else {
            return Place::default();
        };
        source.document.place_at(path, EntryPart::Key)
    }

    /// The place of a part of a rule or a test, or of the innermost part around it that exists.
    pub fn place_in(&self, origin: Origin, path: &[PathStep<'_>]) -> Place {
        let Some(source) = self.files.get(origin.file) else {
            return Place::default();
        };
        let mut steps = vec![
            PathStep::Key(origin.list.key()),
            PathStep::Index(origin.entry),
        ];
        steps.extend_from_slice(path);
        source.document.place_at(&steps, EntryPart::Value)
    }

    /// Whether a part of a rule or a test is a text without quotes, on lines of no block.
    pub fn is_plain(&self, origin: Origin, path: &[PathStep<'_>]) -> bool {
        self.node_in(origin, path)
            .is_some_and(|(_, node)| matches!(node.value, Value::Scalar { plain: true, .. }))
    }

    /// That text.
    pub fn plain_text(&self, origin: Origin, path: &[PathStep<'_>]) -> Option<&str> {
        match &self.node_in(origin, path)?.1.value {
            Value::Scalar { text, plain: true } => Some(text),
            _ => None,
        }
    }

    /// The only text of a list in brackets, where it has no quotes.
    pub fn lone_item(&self, origin: Origin, path: &[PathStep<'_>]) -> Option<&str> {
        let (tree, list) = self.node_in(origin, path)?;
        let (Value::Sequence(items), source) = (&list.value, self.files.get(origin.file)?) else {
            return None;
        };
        let text = &source.document.source.text;
        let is_bracketed = text.get(list.range.clone())?.starts_with('[');
        match (&items[..], is_bracketed) {
            ([item], true) => match &tree.node(*item)?.value {
                Value::Scalar { text, plain: true } => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Every text in a part of a rule, with its place in the file and as it is written there.
    pub(super) fn texts_in(&self, origin: Origin, key: &str) -> Vec<(Range<usize>, &str)> {
        let Some(source) = self.files.get(origin.file) else {
            return Vec::new();
        };
        let steps = [
            PathStep::Key(origin.list.key()),
            PathStep::Index(origin.entry),
        ];
        let Some(tree) = source.document.tree() else {
            return Vec::new();
        };
        let rule = tree.find(&steps, EntryPart::Value).into_iter();
        let mut entries = rule.flat_map(|rule| tree.entries(rule));
        let part = entries.find(|(found, _)| tree.scalar(*found) == Some(key));
        let mut waiting: Vec<NodeId> = part.map(|(_, value)| value).into_iter().collect();
        let mut texts = Vec::new();
        while let Some(id) = waiting.pop() {
            waiting.extend(tree.items(id));
            waiting.extend(tree.entries(id).map(|(_, value)| value));
            if let Some(node) = tree.node(id).filter(|_| tree.scalar(id).is_some()) {
                let written = source.document.source.text.get(node.range.clone());
                texts.extend(written.map(|written| (node.range.clone(), written)));
            }
        }
        texts
    }

    /// Where a part of the file is that a rule or a test stands in.
    pub(super) fn place_of(&self, origin: Origin, range: Range<usize>) -> Place {
        let source = self.files.get(origin.file);
        source.map_or_else(Place::default, |source| source.document.place(range))
    }

    fn node_in(&self, origin: Origin, path: &[PathStep<'_>]) -> Option<(&Tree, &Node)> {
        let mut steps = vec![
            PathStep::Key(origin.list.key()),
            PathStep::Index(origin.entry),
        ];
        steps.extend_from_slice(path);
        let tree = self.files.get(origin.file)?.document.tree()?;
        Some((tree, tree.node(tree.find(&steps, EntryPart::Value)?)?))
    }
}

impl ParsedSource {
    pub fn of(source: Arc<SourceText>) -> ParsedSource {
        let (file, document) = Document::read(source);
        ParsedSource { document, file }
    }

    /// The files that its replies name, as they are written.
    pub(crate) fn media(&self) -> impl Iterator<Item = &str> {
        self.file.media().into_iter()
    }

    /// The texts under `include`, none of them followed yet.
    pub fn includes(&self) -> Vec<Include> {
        let entries = self.file.rules.iter().enumerate();
        let listed =
            entries.filter_map(|(entry, written)| Some((entry, written.include.as_ref()?)));
        let each = listed.flat_map(|(entry, texts)| {
            let texts = texts.0.iter().enumerate();
            texts.map(move |(place, text)| Include {
                entry,
                place,
                pattern: text.0.clone(),
                inclusion: Inclusion::Files(Vec::new()),
            })
        });
        each.collect()
    }
}
