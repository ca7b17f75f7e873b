//! Text to `RuleFile`, or to another kind of file. serde_yaml reads; the tree explains what it
//! could not read.

#[cfg(any(test, fuzzing))]
pub(super) mod agreement;
pub(super) mod aliases;
mod broken;
mod depth;
pub(super) mod hints;
mod prepared;
pub(crate) mod reader;
#[cfg(test)]
mod tests;
pub(super) mod tree;

use serde::de::DeserializeOwned;

use crate::rules::file::expected::ExpectedValue;
use crate::rules::file::{
    ButtonEntry, CaseEntry, Entry, FILE_KEYS, Maybe, Options, Pairs, RuleFile, SPELLING_LOST,
    ServiceEntry,
};
use crate::rules::yaml::broken::{syntax_error, too_deep};
use crate::rules::yaml::prepared::with_joined_surrogates;
use crate::rules::yaml::reader::{Mistake, MistakeKind};
use crate::rules::yaml::tree::{NodeId, Tree, Value};

pub(super) use crate::rules::yaml::broken::SyntaxError;

/// A kind of file, exactly as written.
pub(crate) trait Written: DeserializeOwned + Default {
    /// Whether somebody may have written a secret into it, so that nothing of it is shown.
    const MAY_HAVE_SECRETS: bool = false;

    /// What can be read of a tree, every mistake in it, and how many more there are than are kept.
    fn read_root(tree: &mut Tree, mistakes: &mut Vec<Mistake>) -> (Self, usize);
}

/// A file as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Read<F> {
    pub file: F,
    pub unread: Unread,
}

/// What could not be read of a file, and why.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    pub mistakes: Vec<Mistake>,
    /// How many more there are than are kept.
    pub mistakes_left_out: usize,
    /// A syntax error; then there are no other errors.
    pub broken: Option<SyntaxError>,
    /// Present whenever there are errors.
    pub tree: Option<Tree>,
}

pub(super) fn read<F: Written>(text: &str) -> Read<F> {
    // A stream expands aliases without a limit, takes quadratic time for brackets, and ignores
    // tags; only the tree can check that first.
    if aliases::or_tags_may_be_in(text) || depth::may_be_too_much(text) {
        match Tree::parse(text) {
            Ok(tree) => {
                if let Some(node) = aliases::multiplied(&tree) {
                    return multiplied(tree, node);
                }
                // The stream counts names, not anchors, and takes one for another.
                if tree.repeats_a_name {
                    return of_tree(tree);
                }
            }
            Err(error) => return broken(syntax_error(text, &error)),
        }
    }
    match serde_yaml::from_str(&with_joined_surrogates(text)) {
        Ok(file) => Read {
            file,
            unread: Unread::default(),
        },
        Err(error) => read_tree(text, &error),
    }
}

/// Reads a file again that serde_yaml could not read, to find every error or the spelling of a
/// number.
fn read_tree<F: Written>(text: &str, error: &serde_yaml::Error) -> Read<F> {
    let tree = match Tree::parse(text) {
        Ok(tree) => tree,
        Err(error) => return broken(syntax_error(text, &error)),
    };
    if let Some(node) = aliases::multiplied(&tree) {
        return multiplied(tree, node);
    }
    let read = of_tree(tree);
    if read.unread.mistakes.is_empty() && !error.to_string().contains(SPELLING_LOST) {
        return broken(too_deep(text, error));
    }
    read
}

fn of_tree<F: Written>(mut tree: Tree) -> Read<F> {
    let mut mistakes = Vec::new();
    let (file, mistakes_left_out) = F::read_root(&mut tree, &mut mistakes);
    tree.sweep();
    let unread = Unread {
        mistakes,
        mistakes_left_out,
        broken: None,
        tree: Some(tree),
    };
    Read { file, unread }
}

fn multiplied<F: Written>(tree: Tree, node: NodeId) -> Read<F> {
    let kind = MistakeKind::TooManyAliases;
    let unread = Unread {
        mistakes: vec![Mistake { node, kind }],
        tree: Some(tree),
        ..Unread::default()
    };
    Read {
        file: F::default(),
        unread,
    }
}

fn broken<F: Written>(broken: SyntaxError) -> Read<F> {
    let unread = Unread {
        broken: Some(broken),
        ..Unread::default()
    };
    Read {
        file: F::default(),
        unread,
    }
}

impl Written for RuleFile {
    /// The root is traversed by hand, so that an unreadable rule does not affect the others.
    fn read_root(tree: &mut Tree, mistakes: &mut Vec<Mistake>) -> (RuleFile, usize) {
        read_rule_file(tree, mistakes)
    }
}

fn read_rule_file(tree: &mut Tree, mistakes: &mut Vec<Mistake>) -> (RuleFile, usize) {
    let mut file = RuleFile::default();
    let mut left_out = 0;
    let Some(root) = tree.root() else {
        return (file, left_out);
    };
    match tree.node(root).map(|node| &node.value) {
        Some(Value::Mapping(_)) | None => {}
        Some(Value::Scalar { text, plain: true }) if text.is_empty() => {}
        Some(other) => {
            let kind = MistakeKind::WrongType {
                expected: ExpectedValue::named("a rule file"),
                found: reader::found(other),
            };
            mistakes.push(Mistake { node: root, kind });
            return (file, left_out);
        }
    }
    let mut seen: Vec<(String, NodeId)> = Vec::new();
    for (key, value) in tree.entries(root).collect::<Vec<_>>() {
        let Some(name) = tree.scalar(key).map(str::to_owned) else {
            let kind = MistakeKind::KeyNotText;
            mistakes.push(Mistake { node: key, kind });
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(present, _)| *present == name) {
            let first = *first;
            let kind = MistakeKind::DuplicateKey { key: name, first };
            mistakes.push(Mistake { node: key, kind });
            tree.prune(key);
            continue;
        }
        seen.push((name.clone(), key));
        match name.as_str() {
            "options" => {
                file.options = reader::read::<Options>(tree, value, mistakes).unwrap_or_default();
            }
            "services" => {
                let read = reader::read::<Pairs<ServiceEntry>>(tree, value, mistakes);
                file.services = read.unwrap_or_default();
            }
            "menu" => {
                file.menu = Maybe(reader::read::<Vec<ButtonEntry>>(tree, value, mistakes));
            }
            "rules" => {
                file.rules = read_list::<Entry>(tree, value, "rules", mistakes, &mut left_out)
            }
            "tests" => {
                file.tests = read_list::<CaseEntry>(tree, value, "tests", mistakes, &mut left_out)
            }
            "definitions" => {}
            _ => {
                let known = FILE_KEYS;
                let kind = MistakeKind::UnknownKey { key: name, known };
                mistakes.push(Mistake { node: key, kind });
            }
        }
    }
    (file, left_out)
}

/// At most this many errors of a file are kept; the others are counted.
const MAX_MISTAKES: usize = 1000;

fn read_list<T: DeserializeOwned>(
    tree: &mut Tree,
    list: NodeId,
    what: &str,
    mistakes: &mut Vec<Mistake>,
    left_out: &mut usize,
) -> Vec<T> {
    match tree.node(list).map(|node| &node.value) {
        Some(Value::Sequence(_)) => {}
        Some(Value::Scalar { text, plain: true }) if text.is_empty() => return Vec::new(),
        Some(other) => {
            let kind = MistakeKind::WrongType {
                expected: ExpectedValue::named(&format!("a list of {what}")),
                found: reader::found(other),
            };
            mistakes.push(Mistake { node: list, kind });
            return Vec::new();
        }
        None => return Vec::new(),
    }
    let items: Vec<_> = tree.items(list).collect();
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        let value = reader::read(tree, item, mistakes);
        let too_many = mistakes.len().saturating_sub(MAX_MISTAKES);
        // An item whose errors are left out is dropped, or its misspelt keys would be missing.
        match value.filter(|_| too_many == 0) {
            Some(value) => read.push(value),
            None => tree.prune(item),
        }
        *left_out += too_many;
        mistakes.truncate(MAX_MISTAKES);
    }
    read
}
