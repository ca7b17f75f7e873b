//! Texts that end before a `#`, as YAML takes what follows for a comment.

use std::collections::HashSet;

use crate::i18n::phrase;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::document::Document;
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::hints;
use crate::rules::yaml::tree::{NodeId, Tree, Value};

/// Under these stand the words of authors and followers, in which a `#` may be meant.
const TEXTS: &[&str] = &[
    "name",
    "equals",
    "prefix",
    "suffix",
    "contains",
    "contains_all",
    "regex",
    "key",
    "scene",
    "menu",
    "fields",
    "user",
    "reply",
    "set",
    "add",
    "remove",
    "ask",
    "failed",
    "otherwise",
    "give_up",
    "choices",
    "value",
    "send",
    "expect",
    "on_error",
    "slow",
    "more",
    "fetch",
    "system",
    "label",
];

/// Each with its file's place among the sources.
pub(super) fn warnings(sources: &ParsedSources) -> Vec<(usize, Diagnostic)> {
    let mut found = Vec::new();
    for (file, source) in sources.files.iter().enumerate() {
        let document = &source.document;
        let mut hashes = document.source.text.match_indices(" #");
        let behind = |at: usize| document.source.text.get(at..).unwrap_or_default();
        if !hashes.any(|(at, _)| hints::begins_unlikely_comment(behind(at))) {
            continue;
        }
        if let Some((tree, root)) = document.tree().and_then(|tree| Some((tree, tree.root()?))) {
            let mut search = Search {
                document,
                tree,
                seen: HashSet::new(),
                found: Vec::new(),
            };
            search.below(root, false);
            found.extend(search.found.into_iter().map(|warning| (file, warning)));
        }
    }
    found
}

struct Search<'s> {
    document: &'s Document,
    tree: &'s Tree,
    /// An alias is read wherever it stands, and is one text.
    seen: HashSet<NodeId>,
    found: Vec<Diagnostic>,
}

impl Search<'_> {
    fn below(&mut self, node: NodeId, is_text: bool) {
        for item in self.tree.items(node).collect::<Vec<_>>() {
            self.value(item, None, is_text);
        }
        for (key, value) in self.tree.entries(node).collect::<Vec<_>>() {
            let name = self.tree.scalar(key).unwrap_or_default();
            let is_text = is_text || TEXTS.contains(&name);
            self.value(value, Some(key), is_text);
        }
    }

    fn value(&mut self, node: NodeId, key: Option<NodeId>, is_text: bool) {
        if !self.seen.insert(node) {
            return;
        }
        let end = |id| self.tree.node(id).map(|node| node.range.end);
        let end = match self.tree.node(node).map(|node| &node.value) {
            Some(Value::Scalar { plain: true, text }) if is_text => match (text.as_str(), key) {
                // An empty text stands behind the colon of its key.
                ("", Some(key)) => end(key).map(|end| end + 1),
                ("", None) => None,
                _ => end(node),
            },
            Some(Value::Scalar { .. }) | None => None,
            Some(_) => return self.below(node, is_text),
        };
        self.found.extend(end.and_then(|end| self.comment(end)));
    }

    fn comment(&self, end: usize) -> Option<Diagnostic> {
        let behind = self.document.source.text.get(end..)?;
        if !hints::begins_unlikely_comment(behind) {
            return None;
        }
        let words = behind.lines().next()?.trim();
        let place = self.document.place(end + 1..end + 1 + words.len());
        let message = phrase!(text_cut_at_comment);
        let help = phrase!(help_quote_or_space);
        Some(Diagnostic::warning(place, message).help(help))
    }
}
