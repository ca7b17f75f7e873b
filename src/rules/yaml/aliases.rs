//! Measures how much a file grows when its aliases are expanded. Knows which parts of a rule file
//! are read, but no rules.

use crate::rules::yaml::tree::{NodeId, Tree};

/// How much aliases may add to a file, in bytes; far more than any real file needs.
const MAX_ADDED: usize = 16 * 1024 * 1024;

/// Whether a text may contain an alias or a tag. Most files have neither.
pub(super) fn or_tags_may_be_in(text: &str) -> bool {
    let mut pairs = text.as_bytes().windows(2);
    let may_begin = |before: u8| !before.is_ascii_alphanumeric() && !b".)]}*\\".contains(&before);
    text.starts_with('!')
        || pairs.any(|pair| match pair {
            [before, b'*'] => may_begin(*before),
            [before, b'!'] => may_begin(*before) && before.is_ascii(),
            _ => false,
        })
}

/// The part at which the file exceeds the limit.
pub(crate) fn multiplied(tree: &Tree) -> Option<NodeId> {
    let root = tree.root()?;
    let mut left = MAX_ADDED.saturating_add(tree.written());
    // `definitions` is not read; it only holds what others repeat.
    let read = tree
        .entries(root)
        .filter(|(key, _)| tree.scalar(*key) != Some("definitions"));
    for (_, value) in read {
        let items: Vec<NodeId> = tree.items(value).collect();
        let parts = if items.is_empty() { vec![value] } else { items };
        for part in parts {
            let weight = tree.node(part).map_or(0, |node| node.weight);
            match left.checked_sub(weight) {
                Some(rest) => left = rest,
                None => return Some(part),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_seen_wherever_yaml_lets_one_stand() {
        for with in [
            "- *a",
            "[*a]",
            "[b,*a]",
            "{\"b\":*a}",
            "{*a : b}",
            "b:\t*a",
            "- \n*a",
            "- \u{a0}*a",
            "!a",
            "- !a",
            "[!a]",
        ] {
            assert!(or_tags_may_be_in(with), "{with}");
        }
        for without in [
            "",
            "*",
            "你好!",
            "Hello!",
            "regex: '^订(.*)单[0-9]*(a)*\\**$'",
            "**",
        ] {
            assert!(!or_tags_may_be_in(without), "{without}");
        }
    }
}
