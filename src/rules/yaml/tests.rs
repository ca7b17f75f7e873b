//! Both ways of reading a file agree. Knows what a rule file may look like.

use jiff::tz::TimeZone;
use proptest::prelude::{Just, ProptestConfig, Strategy, any};
use proptest::sample::{Index, select};
use proptest::{prop_oneof, proptest};

use crate::i18n::Language;
use crate::rules::compile;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::file::RuleFile;
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::agreement::both_readers_agree;
use crate::rules::yaml::reader::MistakeKind;
use crate::rules::yaml::{Unread, read};

#[track_caller]
fn agree(text: &str) -> bool {
    match both_readers_agree(text) {
        Ok(taken) => taken,
        Err(difference) => panic!("{difference}\n{text:?}"),
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
    "123456789012345678901234567890",
    "-123456789012345678901234567890",
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

/// Characters with a meaning in YAML, and their look-alikes.
const SIGNS: &[&str] = &[
    "\t",
    "\n",
    "\r",
    "\r\n",
    " ",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "#",
    " #",
    "&a ",
    "*a",
    "!t ",
    "!t,",
    "!!str ",
    "!<x> ",
    "!",
    "|",
    ">",
    "|-\n",
    ">2\n",
    "'",
    "\"",
    "\\",
    "\\u",
    "\\ud83d\\ude00",
    "\\x41",
    "%YAML 1.1\n",
    "%TAG ! x\n",
    "---\n",
    "...\n",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\u{3000}",
    "：",
    "，",
    "“",
    "\0",
    "\u{7f}",
    "@",
    "`",
    "~",
    "<<: ",
    "%",
    "😀",
    "\n  ",
    "\n    ",
    "\u{fffe}",
    "\u{e000}",
    "!a,",
];

fn files(folders: &[&str]) -> Vec<String> {
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rules");
    let folders = folders
        .iter()
        .map(|folder| std::fs::read_dir(data.join(folder)).unwrap());
    let paths = folders.flatten().map(|entry| entry.unwrap().path());
    let texts = paths.filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "yaml")
    });
    texts
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter(|text| text.len() < 4000)
        .collect()
}

/// A part of a file with some characters inserted and some removed.
fn spoilt() -> impl Strategy<Value = String> {
    let file = select(files(&["valid", "invalid", "warnings"]));
    let change = (
        any::<Index>(),
        prop_oneof![Just(None), select(SIGNS).prop_map(Some)],
    );
    let changes = proptest::collection::vec(change, 1..6);
    (file, any::<Index>(), 20..400_usize, changes).prop_map(|(file, start, length, changes)| {
        let letters: Vec<char> = file.chars().collect();
        let start = start.index(letters.len().max(1));
        let mut part: Vec<char> = letters.into_iter().skip(start).take(length).collect();
        for (place, sign) in changes {
            let at = place.index(part.len() + 1);
            match sign {
                Some(sign) => drop(part.splice(at..at, sign.chars())),
                None => drop(part.drain(at..(at + 2).min(part.len()))),
            }
        }
        part.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_is_wrong_with_a_file_both_readers_say_the_same(text in spoilt()) {
        agree(&text);
    }
}

#[test]
fn both_readers_agree_on_what_is_rarely_written() {
    for text in [
        "",
        " ",
        "\n",
        "#",
        "---",
        "...",
        "a",
        "~",
        "- a",
        "a: b\r\nc: |\r\n  d\r\n  e\r\n",
        "a: |\n  b",
        "a: >+\n  b\n\n",
        "\u{feff}a: b",
        "[!a, b]",
        "a: !b, c",
        "- !!str a",
        "!a",
        "a: \"!b,\"",
        "a: &x b\nc: *x",
        "a: *x",
        "a: &x [*x]",
        "? a\n: b",
        "a: b\n---\nc: d",
        "{\"rules\": [{\"name\": \"\\ud83d\\ude00\"}]}",
        "a: \"\\ud83d\"",
        "rules: [\n{ name: a, reply: 110 },\n]",
        "a\0b",
        "a: \u{7f}",
        "a: b\rc: d\r",
        "rules:\n  - reply: |\n      a",
        "rules:\n  - reply: |+\n      a\n      ",
        "rules:\n  - reply: >-\n      a",
    ] {
        agree(text);
    }
}

#[test]
fn json_with_surrogate_pairs_is_read_and_its_places_are_those_of_the_file() {
    let text = r#"{"rules": [{"name": "\ud83d\ude00", "reply": "\ud83d\ude00!"}, {"nmae": "b"}]}"#;
    let read = read::<RuleFile>(text);
    assert_eq!(read.file.rules[0].name.as_ref().unwrap().0, "😀");
    let tree = read.unread.tree.unwrap();
    let node = tree.node(read.unread.mistakes[0].node).unwrap();
    assert_eq!(text.get(node.range.clone()), Some("\"nmae\""));
}

#[test]
fn an_alias_means_the_last_anchor_of_its_name() {
    let text = "definitions: [&a one, &a two, &b three]\nrules: [{ name: *a, reply: *b }]";
    let read = read::<RuleFile>(text);
    assert_eq!(read.file.rules[0].name.as_ref().unwrap().0, "two");
    let reply = format!("{:?}", read.file.rules[0].reply);
    assert!(reply.contains("three"), "{reply}");
}

#[test]
fn a_tag_is_refused_wherever_it_is() {
    for text in [
        "rules: [{ name: a, when: { contains: !help now }, reply: b }]",
        "rules: [{ name: a, when: { contains: [!help now, b] }, reply: b }]",
        "rules: [{ name: a, when: { contains: [!help, b] }, reply: b }]",
        "rules: [!rule { name: a, reply: b }]",
        "rules:\n  - name: a\n    reply: ! b\n",
        "!rules { rules: [] }",
    ] {
        let broken = read::<RuleFile>(text).unread.broken.unwrap();
        assert_eq!(broken.problem.id(), "yaml-tag", "{text}");
        assert_eq!(text.get(broken.range.clone()), Some("!"), "{text}");
    }
}

#[test]
fn the_shipped_and_the_valid_files_read_the_same_both_ways() {
    let mut texts = files(&["valid"]);
    texts.push(include_str!("../../../rules.yaml").to_owned());
    let streamed = texts.iter().filter(|text| agree(text)).count();
    assert!(
        streamed > 10,
        "only {streamed} files could be read as a stream"
    );
}

#[test]
fn of_a_rule_with_nothing_but_mistakes_some_are_told_and_that_there_are_more() {
    let wrong = "[], ".repeat(1000);
    let text = format!("rules:\n  - {{ name: a, when: {{ equals: [{wrong}] }}, reply: b }}\n");
    let mistakes = read::<RuleFile>(&text).unread.mistakes;
    let last = mistakes.last().map(|mistake| &mistake.kind);
    assert_eq!(last, Some(&MistakeKind::TooMany));
    assert!((50..200).contains(&mistakes.len()), "{}", mistakes.len());
}

/// Every error from truncating a file or changing a character has a place.
#[test]
fn no_half_of_a_file_and_no_slip_is_too_much() {
    let whole = "rules:\n  - name: “你好”\n    when: { contains: [\"几点\", '营业' #x\n, y] }\n    \
                 reply: '一''二' #三\n  -  name：四\n    reply: |\n      五\n";
    let hints = [
        "", "：", "，", "“", "\"", "'", "[", "}", "#", " #一", "\t", "－", "\u{3000}", "\n", "”",
        "；", "}", "]", ">", "- ", "//", "•", "\u{a0}", "\u{200b}", "\u{feff}",
    ];
    let mut told = 0;
    for (at, _) in whole.char_indices() {
        let (before, behind) = whole.split_at(at);
        let texts = hints.map(|hint| format!("{before}{hint}{behind}"));
        for text in texts.iter().map(String::as_str).chain([before]) {
            if let Some(broken) = read::<RuleFile>(text).unread.broken {
                assert!(
                    text.get(broken.range.clone()).is_some(),
                    "{broken:?}: {text}"
                );
                told += usize::from(broken.problem.id().starts_with("hint-"));
            }
        }
    }
    assert!(told > 100, "only {told} hints were called by their name");
}

#[test]
fn of_very_many_mistakes_some_are_kept_and_the_others_counted() {
    let slip = "- { nmae: a, reply: b }\n";
    let text = format!("rules:\n{}", slip.repeat(3000));
    let kept = read::<RuleFile>(&text).unread;
    assert_eq!((kept.mistakes.len(), kept.mistakes_left_out), (1000, 2000));
    let sources = ParsedSources::of_text("rules.yaml", &text);
    let errors = compile(&sources, &TimeZone::UTC, None).unwrap_err();
    assert_eq!(errors.len(), 1001);
    let last = errors.last().unwrap().message.text(Language::English);
    assert_eq!(last, "2000 more errors are not shown");
    assert_eq!(Diagnostic::count(&errors), 3000);
}

#[test]
fn what_aliases_repeat_counts_with_its_texts() {
    /// That many rules with one text.
    fn repeated(letters: usize, rules: usize) -> String {
        let rule = |number| format!("  - {{ name: r{number}, reply: *text }}\n");
        let rules: String = (0..rules).map(rule).collect();
        let text = "y".repeat(letters);
        format!("definitions: {{ text: &text \"{text}\" }}\nrules:\n{rules}")
    }
    let is_refused = |unread: &Unread| match &unread.mistakes[..] {
        [mistake] => mistake.kind == MistakeKind::TooManyAliases,
        _ => false,
    };
    for (letters, rules, refused) in [
        (60, 10_000, false),
        (2000, 500, false),
        (2000, 8000, false),
        (3000, 8000, true),
        (300_000, 8000, true),
    ] {
        let text = repeated(letters, rules);
        // The other has a mistake besides, and is read in another way.
        for text in [text.replace("definitions", "defs"), text] {
            let unread = read::<RuleFile>(&text).unread;
            assert_eq!(is_refused(&unread), refused, "{letters} × {rules}");
        }
    }
}
