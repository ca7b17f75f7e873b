//! A rule file as a tree in which every node knows its place. Knows YAML, but no rule.
//! Only built when a place is asked for or a number must be read as it was spelled.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    root: Option<NodeId>,
    /// Nodes that were found faulty and are read over from then on.
    pruned: HashSet<NodeId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(usize);

#[derive(Debug)]
pub(crate) struct Node {
    /// In bytes of the file.
    pub range: Range<usize>,
    pub value: Value,
    /// How many nodes are read here, as an alias is read anew wherever it stands.
    pub steps: usize,
}

#[derive(Debug)]
pub(crate) enum Value {
    Scalar { text: String, plain: bool },
    Sequence(Vec<NodeId>),
    Mapping(Vec<(NodeId, NodeId)>),
}

pub(super) const SECOND_DOCUMENT: &str = "a second document";
pub(super) const ALIAS_OF_ITSELF: &str = "an alias inside the anchor it refers to";

/// One step from a node to a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// What a path asks for: the value, or the key that leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Key,
    Value,
}

/// Why there is no tree: something that this reading of YAML leaves out.
#[derive(Debug)]
pub(crate) struct TreeError {
    pub range: Range<usize>,
    pub message: String,
}

impl Tree {
    pub(crate) fn parse(text: &str) -> Result<Tree, TreeError> {
        let offsets = Offsets::of(text);
        let mut tree = Tree {
            nodes: Vec::new(),
            root: None,
            pruned: HashSet::new(),
        };
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<usize, NodeId> = HashMap::new();
        let mut documents = 0;
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| TreeError {
                range: offsets.range(error.marker().index(), error.marker().index()),
                message: error.info().to_owned(),
            })?;
            let range = offsets.range(span.start.index(), span.end.index());
            let done = match event {
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == ScalarStyle::Plain;
                    let text = text.into_owned();
                    let id = tree.add(range, Value::Scalar { text, plain });
                    remember(&mut anchors, anchor, id);
                    Some(id)
                }
                Event::Alias(anchor) => match anchors.get(&anchor) {
                    Some(id) => Some(*id),
                    None => {
                        let message = ALIAS_OF_ITSELF.to_owned();
                        return Err(TreeError { range, message });
                    }
                },
                Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                    open.push(Open {
                        anchor,
                        start: range.start,
                        mapping: matches!(event, Event::MappingStart(..)),
                        children: Vec::new(),
                    });
                    None
                }
                Event::SequenceEnd | Event::MappingEnd => open.pop().map(|open| {
                    // A closing bracket has a width; a block ends where its last part does.
                    let last = open.children.last().and_then(|id| tree.node(*id));
                    let end = match last {
                        Some(last) if range.is_empty() => last.range.end.max(open.start),
                        _ => range.end,
                    };
                    let anchor = open.anchor;
                    let id = tree.add(open.start..end, open.into_value());
                    remember(&mut anchors, anchor, id);
                    id
                }),
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let message = SECOND_DOCUMENT.to_owned();
                        return Err(TreeError { range, message });
                    }
                    None
                }
                _ => None,
            };
            if let Some(id) = done {
                match open.last_mut() {
                    Some(parent) => parent.children.push(id),
                    None => tree.root = Some(id),
                }
            }
        }
        Ok(tree)
    }

    fn add(&mut self, range: Range<usize>, value: Value) -> NodeId {
        let steps = |id: &NodeId| self.node(*id).map_or(0, |node| node.steps);
        let below = match &value {
            Value::Scalar { .. } => 0,
            Value::Sequence(items) => items.iter().map(steps).fold(0, usize::saturating_add),
            Value::Mapping(entries) => {
                let parts = entries.iter().flat_map(|(key, value)| [key, value]);
                parts.map(steps).fold(0, usize::saturating_add)
            }
        };
        let steps = below.saturating_add(1);
        self.nodes.push(Node {
            range,
            value,
            steps,
        });
        NodeId(self.nodes.len() - 1)
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

    /// Takes out for good what was pruned, so that nobody has to look for it any more.
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
    pub(crate) fn find(&self, path: &[Step<'_>], part: Part) -> Option<NodeId> {
        let mut found = self.root?;
        for (position, step) in path.iter().enumerate() {
            let last = position + 1 == path.len();
            let next = match step {
                Step::Key(name) => self
                    .entries(found)
                    .find(|(key, _)| self.scalar(*key) == Some(name))
                    .map(|(key, value)| {
                        if last && part == Part::Key {
                            key
                        } else {
                            value
                        }
                    }),
                // A single value stands for a list of one.
                Step::Index(index) => match self.node(found).map(|node| &node.value) {
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

struct Open {
    anchor: usize,
    start: usize,
    mapping: bool,
    children: Vec<NodeId>,
}

impl Open {
    fn into_value(self) -> Value {
        if self.mapping {
            let pairs = self.children.chunks_exact(2);
            Value::Mapping(pairs.map(|pair| (pair[0], pair[1])).collect())
        } else {
            Value::Sequence(self.children)
        }
    }
}

fn remember(anchors: &mut HashMap<usize, NodeId>, anchor: usize, id: NodeId) {
    if anchor != 0 {
        anchors.insert(anchor, id);
    }
}

/// The parser counts characters; everything else here counts bytes.
struct Offsets(Vec<usize>);

impl Offsets {
    fn of(text: &str) -> Offsets {
        let ends = std::iter::once(text.len());
        Offsets(text.char_indices().map(|(at, _)| at).chain(ends).collect())
    }

    fn range(&self, start: usize, end: usize) -> Range<usize> {
        let last = self.0.last().copied().unwrap_or(0);
        let at = |index: usize| self.0.get(index).copied().unwrap_or(last);
        at(start)..at(end).max(at(start))
    }
}
