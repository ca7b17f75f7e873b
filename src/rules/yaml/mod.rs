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
use crate::rules::yaml::reader::KEY_IS_NO_TEXT;
use crate::rules::yaml::reader::MULTIPLIED;
use crate::rules::yaml::reader::Mistake;
use crate::rules::yaml::reader::MistakeKind;
use crate::rules::yaml::tree::NoTree;
use crate::rules::yaml::tree::NodeId;
use crate::rules::yaml::tree::SECOND_DOCUMENT;
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
    let said = said(text, error);
    // These protect against files made to exhaust the reader; the tree has no such guard.
    if [TOO_DEEP, MULTIPLIED].contains(&said.message.as_str()) {
        return broken(said);
    }
    let mut tree = match Tree::parse(text) {
        Ok(tree) => tree,
        Err(no_tree) => return broken(syntax(text, no_tree)),
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
    match tree.node(root).map(|node| &node.value) {
        Some(Value::Mapping(_)) | None => {}
        Some(other) => {
            let kind = MistakeKind::WrongType {
                expected: "a mapping of options, rules and tests|rules:\n  - name: …".to_owned(),
                found: reader::found(other),
            };
            mistakes.push(Mistake { node: root, kind });
            return file;
        }
    }
    let mut seen: Vec<(String, NodeId)> = Vec::new();
    for (key, value) in tree.entries(root).collect::<Vec<_>>() {
        let Some(name) = tree.scalar(key).map(str::to_owned) else {
            let kind = MistakeKind::Other(KEY_IS_NO_TEXT.to_owned());
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
        Some(other) => {
            let kind = MistakeKind::WrongType {
                expected: format!("a list of {what}|{what}:\n  - name: …"),
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
        match reader::read(tree, item, mistakes) {
            Some(value) => read.push(value),
            None => tree.prune(item),
        }
    }
    read
}

const TOO_DEEP: &str = "it is nested too deeply";
const TAGGED: &str = "a tag (a word that begins with !) where a text is expected";

/// The words of serde_yaml, without the places that they mention: ours stands before them.
fn said(text: &str, error: &serde_yaml::Error) -> Broken {
    let words = error.to_string();
    let (words, offset) = match words.split_once(" at position ") {
        Some((before, behind)) => {
            let digits = behind.find(|letter: char| !letter.is_ascii_digit());
            let (digits, after) = behind.split_at(digits.unwrap_or(behind.len()));
            (format!("{before}{after}"), digits.parse().ok())
        }
        None => (words, None),
    };
    let opening = opening(&words).or(error.location().map(|at| (at.line(), at.column())));
    let at = match (offset, opening) {
        (Some(offset), _) => offset,
        (None, Some((line, column))) => byte_at(text, line, column),
        (None, None) => 0,
    };
    let tab = text.get(at..).is_some_and(|there| there.starts_with('\t'));
    Broken {
        range: at..next_character(text, at),
        message: match tab {
            true => "a tab begins the line".to_owned(),
            false => in_our_words(&words),
        },
    }
}

/// Where that began whose end was not found: of more use than where the search ended.
fn opening(words: &str) -> Option<(usize, usize)> {
    let began = ["a quoted scalar", "a flow", "a simple key"];
    let (_, behind) = words.split_once(", while ")?;
    let (what, place) = behind.split_once(" at line ")?;
    let (line, column) = place.split_once(" column ")?;
    let known = began.iter().any(|began| what.contains(began)) && !words.contains("escape");
    known.then_some((line.parse().ok()?, column.parse().ok()?))
}

fn in_our_words(words: &str) -> String {
    match words {
        words if words.contains("recursion limit") => TOO_DEEP.to_owned(),
        words if words.contains("repetition limit") => MULTIPLIED.to_owned(),
        words if words.contains("invalid type: enum") => TAGGED.to_owned(),
        words => without_places(words),
    }
}

/// serde_yaml counts characters, from 1.
fn byte_at(text: &str, line: usize, column: usize) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let line = lines.next().unwrap_or_default();
    let mut places = line.char_indices().map(|(at, _)| at);
    before + places.nth(column.saturating_sub(1)).unwrap_or(line.len())
}

/// Behind the character that begins at, or after, a byte.
fn next_character(text: &str, at: usize) -> usize {
    let mut ends = at + 1..=text.len();
    ends.find(|end| text.is_char_boundary(*end)).unwrap_or(at)
}

fn without_places(words: &str) -> String {
    let mut kept = String::new();
    for (index, part) in words.split(" at line ").enumerate() {
        match index {
            0 => kept.push_str(part),
            _ => kept.push_str(part.trim_start_matches(|letter: char| {
                letter.is_ascii_digit() || " column".contains(letter)
            })),
        }
    }
    kept
}

/// What is not YAML at all: serde_yaml's words, where it has any, are better than the tree's.
fn syntax(text: &str, no_tree: NoTree) -> Broken {
    match serde_yaml::from_str::<IgnoredAny>(text) {
        Err(error) if no_tree.message != SECOND_DOCUMENT => said(text, &error),
        _ => Broken {
            range: no_tree.range,
            message: in_our_words(&no_tree.message),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::Just;
    use proptest::prelude::Strategy;
    use proptest::prop_oneof;
    use proptest::proptest;
    use proptest::sample::select;

    use super::*;

    /// What serde_yaml takes, the tree takes too, and reads as the same; what serde_yaml refuses,
    /// the tree finds a mistake in, unless it is a number whose spelling was lost.
    fn agree(text: &str) -> bool {
        let streamed = serde_yaml::from_str::<RuleFile>(text);
        let Ok(mut tree) = Tree::parse(text) else {
            assert!(streamed.is_err(), "only serde_yaml reads {text}");
            return false;
        };
        let mut mistakes = Vec::new();
        let read = read_root(&mut tree, &mut mistakes);
        match streamed {
            Ok(streamed) => {
                assert_eq!(mistakes, [], "{text}");
                assert_eq!(format!("{read:?}"), format!("{streamed:?}"), "{text}");
                true
            }
            Err(error) => {
                let lost = error.to_string().contains(SPELLING_LOST);
                assert!(lost || !mistakes.is_empty(), "{error}: {text}");
                false
            }
        }
    }

    const SCALARS: &[&str] = &[
        "a",
        "你好",
        "110",
        "007",
        "no",
        "true",
        "1.0",
        "12:30",
        "~",
        "null",
        "",
        "''",
        "\"\"",
        "'it''s'",
        "\"a\\n\\u4f60\"",
        "0x1F",
        "1e3",
        ".5",
        "+1",
        "-0",
        "2026-01-02",
        "success",
        "<rest>",
        "'true'",
        "\"~\"",
        "a b",
        "'# no comment'",
        "a # a comment\n        ",
        "!!str 1",
        "&x a",
        "'a\n\n        b'",
    ];

    fn scalar() -> impl Strategy<Value = String> {
        select(SCALARS).prop_map(str::to_owned)
    }

    fn list(item: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        proptest::collection::vec(item, 0..3).prop_map(|items| format!("[{}]", items.join(", ")))
    }

    fn mapping(
        keys: &'static [&'static str],
        value: impl Strategy<Value = String>,
    ) -> impl Strategy<Value = String> {
        let entry = (select(keys), value).prop_map(|(key, value)| format!("{key}: {value}"));
        proptest::collection::vec(entry, 0..4).prop_map(|entries| {
            let entries: Vec<_> = entries
                .iter()
                .map(|entry| format!("{entry}\n      "))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        })
    }

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![3 => scalar(), 2 => list(scalar())]
    }

    fn value_test() -> impl Strategy<Value = String> {
        const OPERATORS: &[&str] = &["equals", "prefix", "regex"];
        prop_oneof![texts(), mapping(OPERATORS, texts())]
    }

    fn answer() -> impl Strategy<Value = String> {
        const PARTS: &[&str] = &["text", "image", "voice", "transfer_customer_service"];
        const VIDEO: &[&str] = &["media_id", "title"];
        let news = list(mapping(&["title", "url"], scalar()));
        prop_oneof![
            3 => scalar(),
            2 => mapping(PARTS, scalar()),
            1 => mapping(&["video"], mapping(VIDEO, scalar())),
            1 => mapping(&["news"], news),
            1 => mapping(&["random"], list(scalar())),
        ]
    }

    fn entry(keys: Vec<String>) -> String {
        format!("\n  - {}", keys.join("\n    "))
    }

    fn rule() -> impl Strategy<Value = String> {
        let pairs = || mapping(&["a", "1", "true", "~"], scalar());
        let key = prop_oneof![
            scalar().prop_map(|name| format!("name: {name}")),
            mapping(&["type", "prefix", "event", "hours"], texts())
                .prop_map(|when| format!("when: {when}")),
            mapping(&["key", "scene", "menu"], value_test())
                .prop_map(|unless| format!("unless: {unless}")),
            mapping(&["user", "fields"], mapping(&["a", "b"], value_test()))
                .prop_map(|when| format!("when: {when}")),
            answer().prop_map(|reply| format!("reply: {reply}")),
            pairs().prop_map(|set| format!("set: {set}")),
            pairs().prop_map(|add| format!("add: {add}")),
            texts().prop_map(|keys| format!("clear: {keys}")),
            texts().prop_map(|files| format!("include: {files}")),
            (scalar(), scalar()).prop_map(|(key, value)| format!("{key}: {value}")),
        ];
        proptest::collection::vec(key, 1..4).prop_map(entry)
    }

    fn case() -> impl Strategy<Value = String> {
        let kept = || mapping(&["a", "b"], texts());
        let send = || prop_oneof![scalar(), mapping(&["type", "event"], scalar())];
        let expect = || prop_oneof![mapping(&["rule"], scalar()), mapping(&["user"], kept())];
        let turn = mapping(&["send", "at"], send());
        let key = prop_oneof![
            scalar().prop_map(|name| format!("name: {name}")),
            send().prop_map(|sent| format!("send: {sent}")),
            expect().prop_map(|expected| format!("expect: {expected}")),
            list(turn).prop_map(|talk| format!("talk: {talk}")),
            kept().prop_map(|user| format!("user: {user}")),
        ];
        proptest::collection::vec(key, 1..4).prop_map(entry)
    }

    fn file() -> impl Strategy<Value = String> {
        let options = mapping(&["trim", "ignore_case", "timezone", "on_error"], scalar());
        let options = prop_oneof![Just(String::new()), options];
        let rules = proptest::collection::vec(rule(), 0..3);
        let tests = proptest::collection::vec(case(), 0..3);
        (options, rules, tests).prop_map(|(options, rules, tests)| {
            let (rules, tests) = (rules.concat(), tests.concat());
            format!("options: {options}\nrules:{rules}\ntests:{tests}\n")
        })
    }

    proptest! {
        #[test]
        fn a_file_read_as_a_stream_and_as_a_tree_is_the_same(text in file()) {
            agree(&text);
        }
    }

    #[test]
    fn the_shipped_and_the_valid_files_read_the_same_both_ways() {
        let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/rules/valid");
        let paths = std::fs::read_dir(data).unwrap();
        let paths = paths.map(|entry| entry.unwrap().path());
        let texts = paths.filter(|path| path.is_file());
        let mut texts: Vec<_> = texts
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect();
        texts.push(include_str!("../../../rules.yaml").to_owned());
        let streamed = texts.iter().filter(|text| agree(text)).count();
        assert!(
            streamed > 10,
            "only {streamed} files could be read as a stream"
        );
    }
}
