//! Every code of an error or a warning has its section on the page about them, in both languages,
//! and what the page shows as wrong is wrong in just that way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use wxreply::rules::format;

use crate::media_files;
use crate::pages::{Page, root};
use crate::support::{Folder, Outcome, program, run_in};

/// Where the catalogue has what is said with a code.
const CATALOGUES: &[&str] = &["errors", "warnings", "asking", "media", "menu", "accounts"];

/// Why a file is not read or not taken, which is not a mistake in it.
const OTHER_CODES: &[&str] = &["file-unreadable", "test-failed", "test-required"];

/// What the catalogue has beside codes begins like this.
const NO_CODES: &[&str] = &[
    "help-",
    "expected-",
    "label-",
    "note-",
    "test-",
    "try-",
    "asked-nothing",
    "content-",
];

/// What takes far too much text, a second file, a bad secret or a server to be shown.
const WITHOUT_EXAMPLE: &[&str] = &[
    "empty-secret",
    "file-unreadable",
    "invalid-key-character",
    "invalid-key-length",
    "invalid-secret-text",
    "invalid-token-character",
    "invalid-token-length",
    "media-not-uploaded",
    "media-without-app-secret",
    "menu-in-include",
    "more-errors",
    "plain-mode-with-model",
    "regexes-too-large",
    "services-in-include",
    "test-failed",
    "test-required",
    "text-too-long",
    "too-many-errors",
    "too-many-warnings",
    "weak-token",
];

/// The secrets that the accounts files on the page name, in the form of variables.
const SECRETS: &[(&str, &str)] = &[
    ("BOOKS_TOKEN", "0ec6c8c0cafe51ed8b6b34f6f4e2a1d7"),
    ("FLOWERS_TOKEN", "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d"),
    ("BOOKS_AES", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    ("BOOKS_SECRET", "8f14e45fceea167a5a36dedd4bea2543"),
    ("DATABASE_URL", "postgres://wxreply:Iey5ooch@db/wxreply"),
];

/// What the accounts on the page answer.
const RULES_OF_ACCOUNTS: &str = "rules: [{ name: a, when: { equals: a }, reply: b }]\n";

const WHAT_TO_ADD: &str = "Each code has a section in docs/diagnostics.md and in \
docs/zh/diagnostics.md: a heading `### the-code`; a paragraph whose first sentence says what is \
wrong; a whole file in a block ```yaml wrong; the line `Instead:` (应改为：); the corrected file in \
a block ```yaml right. A file that is included comes before, in a block ```yaml its/name.yaml; a \
file that is not rules.yaml has its name behind `wrong` and `right`. Code blocks are the same on \
both pages.";

fn page(name: &str) -> Page {
    let text = fs::read_to_string(root().join(name)).unwrap();
    let name = name.to_owned();
    Page { name, text }
}

/// The sections about codes, in their order.
fn sections(page: &Page) -> Vec<(String, Page)> {
    let parts = page.text.split("\n### ").skip(1);
    parts
        .map(|part| {
            let part = part.split("\n## ").next().unwrap();
            let (code, text) = part.split_once('\n').unwrap();
            let name = format!("{} on {code}", page.name);
            let text = text.to_owned();
            (code.to_owned(), Page { name, text })
        })
        .collect()
}

fn codes() -> BTreeSet<String> {
    let mut codes: BTreeSet<String> = OTHER_CODES.iter().map(|code| (*code).to_owned()).collect();
    for catalogue in CATALOGUES {
        let path = root().join(format!("src/i18n/messages/{catalogue}.en.ftl"));
        let text = fs::read_to_string(path).unwrap();
        let messages = text.lines().filter_map(|line| line.split_once(" ="));
        let ids = messages.filter(|(id, _)| id.starts_with(|letter: char| letter.is_lowercase()));
        let is_code = |id: &str| !NO_CODES.iter().any(|other| id.starts_with(other));
        codes.extend(ids.map(|(id, _)| id.to_owned()).filter(|id| is_code(id)));
    }
    codes
}

#[test]
fn every_code_has_a_section_and_both_pages_show_the_same_files() {
    let english = sections(&page("docs/diagnostics.md"));
    let chinese = sections(&page("docs/zh/diagnostics.md"));
    for sections in [&english, &chinese] {
        let explained: BTreeSet<String> = sections.iter().map(|(code, _)| code.clone()).collect();
        let codes = codes();
        let missing: Vec<_> = codes.difference(&explained).collect();
        assert!(missing.is_empty(), "No section: {missing:?}. {WHAT_TO_ADD}");
        let unknown: Vec<_> = explained.difference(&codes).collect();
        assert!(unknown.is_empty(), "sections without a code: {unknown:?}");
    }
    assert_eq!(english.len(), chinese.len());
    for ((code, english), (other, chinese)) in english.iter().zip(&chinese) {
        assert_eq!(code, other, "the pages differ in the order of sections");
        let texts = |page: &Page| -> Vec<(String, String)> {
            let blocks = page.blocks().into_iter();
            blocks
                .map(|block| (block.info.to_owned(), block.text))
                .collect()
        };
        assert_eq!(texts(english), texts(chinese), "{code}");
    }
}

#[test]
fn what_is_shown_as_wrong_has_just_that_mistake_and_what_is_shown_instead_has_none() {
    let folder = Folder::with(&[]);
    let mut files = BTreeMap::new();
    for (code, section) in sections(&page("docs/diagnostics.md")) {
        let mut beside: Vec<(String, String)> = Vec::new();
        let mut shown = Vec::new();
        for block in section.blocks() {
            let (kind, name) = match block.info.split(' ').collect::<Vec<_>>()[..] {
                ["yaml", kind @ ("wrong" | "right")] => (kind, "rules.yaml"),
                ["yaml", kind @ ("wrong" | "right"), name] => (kind, name),
                ["yaml", name] => {
                    beside.push((name.to_owned(), block.text));
                    continue;
                }
                _ => panic!("{}: {}", section.name, block.info),
            };
            let file = format!("{code}/{kind}/{name}");
            for (name, text) in &beside {
                folder.write(&format!("{code}/{kind}/{name}"), text);
            }
            folder.write(&file, &block.text);
            media_files::put_beside(&folder.path().join(&file), &block.text);
            if name == "accounts.yaml" {
                folder.write(&format!("{code}/{kind}/shop.yaml"), RULES_OF_ACCOUNTS);
            }
            if (kind, name) == ("right", "rules.yaml") {
                let tidy = format::formatted(&block.text);
                assert_eq!(tidy.as_ref(), Ok(&block.text), "{}", section.name);
            }
            let wanted = match kind {
                "wrong" => BTreeSet::from([code.clone()]),
                _ => BTreeSet::new(),
            };
            files.insert(file, wanted);
            shown.push(kind);
        }
        match WITHOUT_EXAMPLE.contains(&code.as_str()) {
            true => assert!(shown.is_empty(), "{code}"),
            false => assert_eq!(shown, ["wrong", "right"], "{code}: {WHAT_TO_ADD}"),
        }
    }
    let names = files.keys().map(String::as_str);
    let arguments: Vec<&str> = ["check", "--format", "json"]
        .into_iter()
        .chain(names)
        .collect();
    let mut check = program(&arguments);
    for (name, secret) in SECRETS {
        check.env(format!("WXREPLY_SECRET_{name}"), secret);
    }
    let said = check.current_dir(folder.path()).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    // The rule files of an accounts file are checked, too.
    let results = said["files"].as_array().unwrap();
    let result_of = |file: &str| results.iter().find(|result| result["file"] == file);
    let mut different = Vec::new();
    for (file, wanted) in &files {
        let result = result_of(file).unwrap();
        let diagnostics = result["diagnostics"].as_array().unwrap().iter();
        let found: BTreeSet<String> = diagnostics
            .map(|diagnostic| diagnostic["code"].as_str().unwrap().to_owned())
            .collect();
        if found != *wanted || !result["error"].is_null() {
            different.push(format!("{file}: {result}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

fn explain(arguments: &[&str]) -> Outcome {
    run_in(Path::new("."), &[&["explain"], arguments].concat())
}

#[test]
fn explain_shows_the_section_in_the_language_of_the_process() {
    let said = explain(&["invalid-hours"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, ""));
    let wanted = "\
This is not a range of hours. Write two times in 24-hour format, from and until.

    options: { timezone: Asia/Shanghai }
    rules:
      - name: 营业
        when: { type: text, hours: 9-18 }
        reply: 在

Instead:

    options: { timezone: Asia/Shanghai }
    rules:
      - name: 营业
        when: { type: text, hours: \"09:00-18:00\" }
        reply: 在
";
    assert_eq!(said.stdout, wanted);
    let said = explain(&["invalid-hours", "--lang", "zh"]);
    assert!(said.stdout.starts_with("这不是时间段。"), "{}", said.stdout);
    assert!(said.stdout.contains("\n应改为：\n"), "{}", said.stdout);
}

#[test]
fn explain_without_a_code_lists_them_all_and_an_unknown_code_gets_a_suggestion() {
    let said = explain(&[]);
    assert_eq!(said.code, 0);
    let mut lines = said.stdout.lines();
    assert_eq!(lines.next(), Some("Reading the file"));
    let listed: BTreeSet<String> = said
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, codes());

    let said = explain(&["unkown-key"]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert!(
        said.stderr.ends_with("did you mean `unknown-key`?\n"),
        "{}",
        said.stderr
    );
    let said = explain(&["--lang", "zh", "E0308"]);
    assert_eq!(said.code, 2);
    assert!(
        said.stderr.starts_with("错误: 没有 `E0308`"),
        "{}",
        said.stderr
    );
}
