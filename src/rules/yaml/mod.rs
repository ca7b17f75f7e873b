//! Text to `RuleFile`. serde_yaml reads; the tree explains what it could not read.

pub mod reader;
pub mod tree;

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde::de::IgnoredAny;

use crate::rules::file::Case;
use crate::rules::file::Entry;
use crate::rules::file::FILE_KEYS;
use crate::rules::file::Options;
use crate::rules::file::RuleFile;
use crate::rules::file::SPELLING_LOST;
use crate::rules::yaml::reader::Mistake;
use crate::rules::yaml::reader::MistakeKind;
use crate::rules::yaml::tree::NodeId;
use crate::rules::yaml::tree::Tree;
use crate::rules::yaml::tree::Value;

/// A file as far as it could be read.
#[derive(Debug, Default)]
pub struct Read {
    pub file: RuleFile,
    pub mistakes: Vec<Mistake>,
    /// What is not even YAML; then there is nothing else.
    pub broken: Option<Broken>,
    /// There whenever there are mistakes.
    pub tree: Option<Tree>,
}

#[derive(Debug)]
pub struct Broken {
    pub range: Range<usize>,
    pub message: String,
}

pub fn read(text: &str) -> Read {
    match serde_yaml::from_str(text) {
        Ok(file) => Read {
            file,
            ..Read::default()
        },
        Err(error) => read_tree(text, &error),
    }
}

/// Reads again what serde_yaml gave up on: to find every mistake, or to spell a number rightly.
fn read_tree(text: &str, error: &serde_yaml::Error) -> Read {
    let said = Broken {
        range: location(text, error),
        message: without_location(error),
    };
    // These two protect against files made to exhaust the reader; the tree has no such guard.
    let guarded = ["repetition limit", "recursion limit"];
    if guarded.iter().any(|limit| said.message.contains(limit)) {
        return broken(said);
    }
    let mut tree = match Tree::parse(text) {
        Ok(tree) => tree,
        Err(_) if is_syntax(text) => return broken(said),
        Err(no_tree) => {
            return broken(Broken {
                range: no_tree.range,
                message: no_tree.message,
            });
        }
    };
    let mut mistakes = Vec::new();
    let file = read_root(&mut tree, &mut mistakes);
    if mistakes.is_empty() && !said.message.contains(SPELLING_LOST) {
        return broken(said);
    }
    Read {
        file,
        mistakes,
        broken: None,
        tree: Some(tree),
    }
}

fn broken(broken: Broken) -> Read {
    Read {
        broken: Some(broken),
        ..Read::default()
    }
}

/// The root is walked by hand, so that a rule that cannot be read costs no more than itself.
fn read_root(tree: &mut Tree, mistakes: &mut Vec<Mistake>) -> RuleFile {
    let mut file = RuleFile::default();
    let Some(root) = tree.root() else {
        return file;
    };
    if !matches!(
        tree.node(root).map(|node| &node.value),
        Some(Value::Mapping(_))
    ) {
        let kind = MistakeKind::WrongType {
            expected: "a mapping of options, rules and tests|rules:".to_owned(),
            found: "something else".to_owned(),
        };
        mistakes.push(Mistake { node: root, kind });
        return file;
    }
    let mut seen: Vec<(String, NodeId)> = Vec::new();
    for (key, value) in tree.entries(root).collect::<Vec<_>>() {
        let name = tree.scalar(key).unwrap_or_default().to_owned();
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
            "rules" => file.rules = read_list::<Entry>(tree, value, "rules", mistakes),
            "tests" => file.tests = read_list::<Case>(tree, value, "tests", mistakes),
            "definitions" => {}
            _ => {
                let known = FILE_KEYS;
                let kind = MistakeKind::UnknownKey { key: name, known };
                mistakes.push(Mistake { node: key, kind });
            }
        }
    }
    file
}

fn read_list<T: DeserializeOwned>(
    tree: &mut Tree,
    list: NodeId,
    what: &str,
    mistakes: &mut Vec<Mistake>,
) -> Vec<T> {
    match tree.node(list).map(|node| &node.value) {
        Some(Value::Sequence(_)) => {}
        Some(Value::Scalar { text, plain: true }) if text.is_empty() => return Vec::new(),
        _ => {
            let kind = MistakeKind::WrongType {
                expected: format!("a list of {what}|{what}:\n  - name: …"),
                found: "something else".to_owned(),
            };
            mistakes.push(Mistake { node: list, kind });
            return Vec::new();
        }
    }
    let items: Vec<_> = tree.items(list).collect();
    let mut read = Vec::with_capacity(items.len());
    for item in items {
        match reader::read(tree, item, mistakes) {
            Some(value) => read.push(value),
            None => tree.prune(item),
        }
    }
    read
}

fn location(text: &str, error: &serde_yaml::Error) -> Range<usize> {
    let at = error.location().map_or(0, |location| location.index());
    let at = (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    at..at
}

/// serde_yaml puts line and column into its sentence; here they stand before it.
fn without_location(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    match error.location() {
        Some(location) => {
            let place = format!(" at line {} column {}", location.line(), location.column());
            text.replacen(&place, "", 1)
        }
        None => text,
    }
}

/// Whether serde_yaml could not even take the text apart; then its words are better than the tree's.
fn is_syntax(text: &str) -> bool {
    serde_yaml::from_str::<IgnoredAny>(text).is_err()
}
