//! A rule file as a tree with the place of every node. Knows YAML, but no rules. Only built when a
//! place or the spelling of a number is needed.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use libyaml_safer::{Encoding, EventData, Mark, Parser, ScalarStyle};

use crate::rules::yaml::prepared::Prepared;

#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    root: Option<NodeId>,
    /// Of everything, with each alias counted as nothing.
    written: usize,
    /// Nodes with errors, which are skipped from then on.
    pruned: HashSet<NodeId>,
    /// Whether an anchor has the name of an earlier one.
    pub(super) repeats_a_name: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

#[derive(Debug)]
pub(crate) struct Node {
    /// In bytes of the file.
    pub range: Range<usize>,
    pub value: Value,
    /// In bytes, with what is in it; an alias counts each time it is used.
    pub weight: usize,
    /// How many brackets are nested in it and in what its aliases stand for.
    height: usize,
}

#[derive(Debug)]
pub(crate) enum Value {
    Scalar { text: String, plain: bool },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
}

/// One step from a node to a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathStep<'a> {
    Key(&'a str),
    Index(usize),
    /// To the key of an entry itself, by its place.
    KeyAt(usize),
}

/// Whether a path means the value or its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryPart {
    Key,
    Value,
}

/// Why there is no tree.
#[derive(Debug)]
pub(crate) struct TreeError {
    /// Where the reader stopped.
    pub stopped: usize,
    /// Where the construct began that it was reading.
    pub began: Option<usize>,
    pub reason: MistakeReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MistakeReason {
    /// The scanner's message and its context.
    Syntax {
        problem: &'static str,
        context: &'static str,
    },
    ControlCharacter,
    TooDeep,
    Tag,
    SecondDocument,
    UnknownAlias,
    AliasOfItself,
}

/// Nested brackets, with those that an alias stands for; as many as serde_yaml reads, and no rule
/// needs a tenth of this.
pub(super) const MAX_DEPTH: usize = 128;

/// What a node takes besides its text.
const NODE_BYTES: usize = 64;

impl Tree {
    /// Accepts and refuses what serde_yaml does, as both are ports of libyaml. Refuses tags, too.
    pub(crate) fn parse(written: &str) -> Result<Tree, TreeError> {
        let prepared = Prepared::of(written);
        let mut input = prepared.text.as_bytes();
        let mut parser = Parser::new();
        parser.set_encoding(Encoding::Utf8);
        parser.set_input_string(&mut input);
        let mut builder = Builder {
            mark: prepared.mark,
            ..Builder::default()
        };
        loop {
            let event = parser
                .parse()
                .map_err(|error| syntax(&error, &prepared, written))?;
            let at = |mark: &Mark| prepared.written(usize::try_from(mark.index).unwrap_or(0));
            let range = at(&event.start_mark)..at(&event.end_mark);
            if matches!(event.data, EventData::StreamEnd) {
                return Ok(builder.tree);
            }
            let stopped = range.start;
            let refused = |reason| TreeError {
                stopped,
                began: None,
                reason,
            };
            builder.put(event.data, range, written).map_err(refused)?;
        }
    }

    fn add(&mut self, range: Range<usize>, value: Value) -> NodeId {
        let own = match &value {
            Value::Scalar { text, .. } => NODE_BYTES + text.len(),
            Value::Sequence(_) | Value::Mapping(_) => NODE_BYTES,
        };
        let with = |(weight, height): (usize, usize), id: &NodeId| match self.node(*id) {
            Some(part) => (
                weight.saturating_add(part.weight),
                height.max(part.height + 1),
            ),
            None => (weight, height),
        };
        let (weight, height) = match &value {
            Value::Scalar { .. } => (own, 0),
            Value::Sequence(items) => items.iter().fold((own, 1), with),
            Value::Mapping(entries) => {
                let parts = entries.iter().flat_map(|(key, value)| [key, value]);
                parts.fold((own, 1), with)
            }
        };
        self.written = self.written.saturating_add(own);
        self.nodes.push(Node {
            range,
            value,
            weight,
            height,
        });
        NodeId(self.nodes.len() - 1)
    }

    /// The first of these texts under one of these keys, wherever it stands.
    pub(crate) fn find_text(&self, keys: &[&str], text: &str) -> Option<NodeId> {
        let entries = self.nodes.iter().flat_map(|node| match &node.value {
            Value::Mapping(entries) => entries.as_slice(),
            Value::Scalar { .. } | Value::Sequence(_) => &[],
        });
        let mut values = entries.filter(|(key, value)| {
            let key = self.scalar(*key);
            key.is_some_and(|key| keys.contains(&key)) && self.scalar(*value) == Some(text)
        });
        values.next().map(|(_, value)| *value)
    }

    /// What the file weighs as it is written.
    pub(super) fn written(&self) -> usize {
        self.written
    }

    pub(crate) fn root(&self) -> Option<NodeId> {
        self.root
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    pub(crate) fn prune(&mut self, id: NodeId) {
        self.pruned.insert(id);
    }

    /// Removes pruned nodes, so that they need not be checked for any more.
    pub(crate) fn sweep(&mut self) {
        let pruned = std::mem::take(&mut self.pruned);
        if pruned.is_empty() {
            return;
        }
        for node in &mut self.nodes {
            match &mut node.value {
                Value::Scalar { .. } => {}
                Value::Sequence(items) => items.retain(|item| !pruned.contains(item)),
                Value::Mapping(entries) => {
                    entries.retain(|(key, value)| !pruned.contains(key) && !pruned.contains(value))
                }
            }
        }
    }

    /// The children of a sequence that were not pruned.
    pub(crate) fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let items = match self.node(id).map(|node| &node.value) {
            Some(Value::Sequence(items)) => items.as_slice(),
            _ => &[],
        };
        items.iter().copied().filter(|id| !self.pruned.contains(id))
    }

    /// The entries of a mapping that were not pruned.
    pub(crate) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let entries = match self.node(id).map(|node| &node.value) {
            Some(Value::Mapping(entries)) => entries.as_slice(),
            _ => &[],
        };
        entries
            .iter()
            .copied()
            .filter(|(key, value)| !self.pruned.contains(key) && !self.pruned.contains(value))
    }

    pub(crate) fn scalar(&self, id: NodeId) -> Option<&str> {
        match &self.node(id)?.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The node at the end of a path, or the last one on the way that exists.
    pub(crate) fn find(&self, path: &[PathStep<'_>], part: EntryPart) -> Option<NodeId> {
        let mut found = self.root?;
        for (position, step) in path.iter().enumerate() {
            let last = position + 1 == path.len();
            let next = match step {
                PathStep::Key(name) => self
                    .entries(found)
                    .find(|(key, _)| self.scalar(*key) == Some(name))
                    .map(|(key, value)| {
                        if last && part == EntryPart::Key {
                            key
                        } else {
                            value
                        }
                    }),
                PathStep::KeyAt(index) => self.entries(found).nth(*index).map(|(key, _)| key),
                // A single value counts as a list of one.
                PathStep::Index(index) => match self.node(found).map(|node| &node.value) {
                    Some(Value::Sequence(items)) => match self.pruned.is_empty() {
                        true => items.get(*index).copied(),
                        false => self.items(found).nth(*index),
                    },
                    _ => Some(found),
                },
            };
            match next {
                Some(next) => found = next,
                None => break,
            }
        }
        Some(found)
    }
}

/// A partial tree, built from events.
#[derive(Default)]
struct Builder {
    tree: Tree,
    open: Vec<OpenNode>,
    /// The node of an anchor; `None` while the node is open.
    anchors: HashMap<String, Option<NodeId>>,
    documents: usize,
    /// The replacement of `!` in texts.
    mark: Option<char>,
}

struct OpenNode {
    anchor: Option<String>,
    start: usize,
    mapping: bool,
    children: Vec<NodeId>,
}

impl Builder {
    fn put(
        &mut self,
        event: EventData,
        range: Range<usize>,
        written: &str,
    ) -> Result<(), MistakeReason> {
        let id = match event {
            EventData::DocumentStart { .. } => {
                self.documents += 1;
                return match self.documents {
                    1 => Ok(()),
                    _ => Err(MistakeReason::SecondDocument),
                };
            }
            EventData::Scalar { tag: Some(_), .. }
            | EventData::SequenceStart { tag: Some(_), .. }
            | EventData::MappingStart { tag: Some(_), .. } => return Err(MistakeReason::Tag),
            EventData::Scalar {
                anchor,
                value,
                style,
                ..
            } => {
                let plain = style == ScalarStyle::Plain;
                let text = match self.mark {
                    Some(mark) if plain && value.starts_with(mark) => {
                        return Err(MistakeReason::Tag);
                    }
                    Some(mark) => value.replace(mark, "!"),
                    None => value,
                };
                let range = without_anchor(range, anchor.as_deref(), written);
                let id = self.tree.add(range, Value::Scalar { text, plain });
                self.note(anchor.as_deref());
                self.name(anchor, Some(id));
                id
            }
            EventData::Alias { anchor } => match self.anchors.get(&anchor) {
                Some(Some(id)) if self.is_too_deep(*id) => return Err(MistakeReason::TooDeep),
                Some(Some(id)) => *id,
                Some(None) => return Err(MistakeReason::AliasOfItself),
                None => return Err(MistakeReason::UnknownAlias),
            },
            EventData::SequenceStart { anchor, .. } => {
                return self.open(anchor, range, false, written);
            }
            EventData::MappingStart { anchor, .. } => {
                return self.open(anchor, range, true, written);
            }
            EventData::SequenceEnd | EventData::MappingEnd => match self.open.pop() {
                Some(open) => self.close(open, range),
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(id),
            None => self.tree.root = Some(id),
        }
        Ok(())
    }

    fn open(
        &mut self,
        anchor: Option<String>,
        range: Range<usize>,
        mapping: bool,
        written: &str,
    ) -> Result<(), MistakeReason> {
        if self.open.len() >= MAX_DEPTH {
            return Err(MistakeReason::TooDeep);
        }
        let start = without_anchor(range, anchor.as_deref(), written).start;
        self.note(anchor.as_deref());
        self.name(anchor.clone(), None);
        self.open.push(OpenNode {
            anchor,
            start,
            mapping,
            children: Vec::new(),
        });
        Ok(())
    }

    /// Whether brackets would be nested too deep with a node in this place.
    fn is_too_deep(&self, id: NodeId) -> bool {
        let height = self.tree.node(id).map_or(0, |node| node.height);
        self.open.len() + height > MAX_DEPTH
    }

    fn close(&mut self, open: OpenNode, range: Range<usize>) -> NodeId {
        // A closing bracket has a width; a block ends with its last part.
        let last = open.children.last().and_then(|id| self.tree.node(*id));
        let end = match last {
            Some(last) if range.is_empty() => last.range.end.max(open.start),
            _ => range.end.max(open.start),
        };
        let value = match open.mapping {
            true => {
                let pairs = open.children.chunks_exact(2);
                Value::Mapping(pairs.map(|pair| (pair[0], pair[1])).collect())
            }
            false => Value::Sequence(open.children),
        };
        let id = self.tree.add(open.start..end, value);
        self.name(open.anchor, Some(id));
        id
    }

    fn note(&mut self, anchor: Option<&str>) {
        self.tree.repeats_a_name |= anchor.is_some_and(|name| self.anchors.contains_key(name));
    }

    fn name(&mut self, anchor: Option<String>, id: Option<NodeId>) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
    }
}

/// The place of a node itself, where `&name` is before it.
fn without_anchor(range: Range<usize>, anchor: Option<&str>, written: &str) -> Range<usize> {
    let behind = |name: &str| {
        let start = range.start + 1 + name.len();
        let there = written.get(start..range.end.max(start))?;
        Some(start + there.len() - there.trim_start().len())
    };
    let start = anchor.and_then(behind).unwrap_or(range.start);
    start..range.end.max(start)
}

fn syntax(error: &libyaml_safer::Error, prepared: &Prepared, written: &str) -> TreeError {
    let at = |mark: Mark| prepared.written(usize::try_from(mark.index).unwrap_or(0));
    match error.problem_mark() {
        Some(mark) => TreeError {
            stopped: at(mark),
            began: error.context_mark().map(at),
            reason: MistakeReason::Syntax {
                problem: error.problem(),
                context: error.context().unwrap_or_default(),
            },
        },
        // The scanner has no place for an invalid character.
        None => TreeError {
            stopped: written.find(|letter| !is_yaml(letter)).unwrap_or(0),
            began: None,
            reason: MistakeReason::ControlCharacter,
        },
    }
}

fn is_yaml(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}
