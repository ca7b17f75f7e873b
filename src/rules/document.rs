//! A text of YAML, the mistakes in it, and the place of everything in it. Knows nothing of what it
//! is about.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::rules::diagnostic::Place;
use crate::rules::line_starts::Lines;
use crate::rules::sources::SourceText;
use crate::rules::yaml;
use crate::rules::yaml::tree::{EntryPart, NodeId, PathStep, Tree};
use crate::rules::yaml::{Unread, Written};

#[derive(Debug)]
pub(crate) struct Document {
    pub(super) source: Arc<SourceText>,
    pub(super) unread: Unread,
    may_have_secrets: bool,
    tree: OnceLock<Option<Tree>>,
    lines: OnceLock<Lines>,
}

impl Document {
    /// Reads a text as one kind of file.
    pub(crate) fn read<F: Written>(source: Arc<SourceText>) -> (F, Document) {
        let read = yaml::read(&source.text);
        let document = Document {
            source,
            may_have_secrets: F::MAY_HAVE_SECRETS || is_one_text(&read.unread),
            unread: read.unread,
            tree: OnceLock::new(),
            lines: OnceLock::new(),
        };
        (read.file, document)
    }

    /// Whether a text is a mapping with this key.
    pub(crate) fn has_root_key(text: &str, key: &str) -> bool {
        let Ok(tree) = Tree::parse(text) else {
            let is_in_braces = text.trim_start().starts_with('{');
            let before: &[char] = if is_in_braces {
                &['{', ' ', '\t', '"', '\'']
            } else {
                &['"', '\'']
            };
            let mut lines = text.lines().map(|line| line.trim_start_matches(before));
            return lines.any(|line| line.starts_with(key));
        };
        let root = tree.root().into_iter();
        let mut keys = root.flat_map(|root| tree.entries(root));
        keys.any(|(found, _)| tree.scalar(found) == Some(key))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.source.path
    }

    pub(super) fn may_have_secrets(&self) -> bool {
        self.may_have_secrets
    }

    pub(super) fn tree(&self) -> Option<&Tree> {
        let own = || Tree::parse(&self.source.text).ok();
        self.unread
            .tree
            .as_ref()
            .or_else(|| self.tree.get_or_init(own).as_ref())
    }

    /// Where a path leads, or the nearest thing around it that is written.
    pub(crate) fn place_at(&self, steps: &[PathStep<'_>], part: EntryPart) -> Place {
        let node = self.tree().and_then(|tree| tree.find(steps, part));
        self.place_of(node)
    }

    pub(super) fn place_of(&self, node: Option<NodeId>) -> Place {
        let node = node.and_then(|node| self.tree()?.node(node));
        match node {
            Some(node) => self.place(node.range.clone()),
            None => Place::file(&self.source.path),
        }
    }

    pub(super) fn place(&self, range: Range<usize>) -> Place {
        let lines = self.lines.get_or_init(|| Lines::of(&self.source.text));
        let place = Place::of(&self.source.path, &self.source.text, lines, range);
        match self.may_have_secrets {
            true => place.without_text(),
            false => place,
        }
    }
}

/// As a token or a key is, which somebody may have named instead of a rule file.
fn is_one_text(unread: &Unread) -> bool {
    let tree = unread.tree.as_ref();
    tree.is_some_and(|tree| tree.root().is_some_and(|root| tree.scalar(root).is_some()))
}
