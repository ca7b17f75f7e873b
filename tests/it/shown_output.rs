//! What the documents say the program prints is what it prints.

use std::fs;
use std::path::Path;

use crate::pages::{Page, pages, shipped};
use crate::support::program;

fn page(name: &str) -> Page {
    let mut pages = pages().into_iter();
    pages.find(|page| page.name == name).unwrap()
}

/// The texts of all blocks of one kind, in order.
fn blocks(page: &Page, info: &str) -> Vec<String> {
    let blocks = page.blocks().into_iter();
    let blocks = blocks.filter(|block| block.info == info);
    blocks.map(|block| block.text).collect()
}

/// What the program prints for the readers of a page.
fn prints(page: &str, folder: &Path, arguments: &[&str]) -> String {
    let language = if page.starts_with("docs/zh/") {
        "zh"
    } else {
        "en"
    };
    let mut program = program(arguments);
    program.env("WXREPLY_LANG", language).current_dir(folder);
    let output = program.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The time of an answer is another every time.
fn without_digits(text: &str) -> String {
    text.replace(|letter: char| letter.is_ascii_digit(), "0")
}

#[track_caller]
fn check_walk_through(readme: &str) {
    let page = page(readme);
    let [rule, tests] = &blocks(&page, "yaml ignore-check")[..] else {
        panic!("{readme}: a first rule and a first test are wanted");
    };
    let [_, tried, mistakes, passed, alone] = &blocks(&page, "text")[..] else {
        panic!("{readme}: another number of outputs");
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yaml");
    fs::write(&file, &blocks(&page, "yaml")[0]).unwrap();
    assert_eq!(
        prints(readme, folder.path(), &["test", "rules.yaml"]),
        *alone
    );

    let shipped = shipped();
    let (before, after) = shipped
        .split_once("  # Any other text is repeated.")
        .unwrap();
    let with_rule = format!("{before}{rule}\n  # Any other text is repeated.{after}");

    fs::write(&file, &with_rule).unwrap();
    let printed = prints(
        readme,
        folder.path(),
        &["try", "rules.yaml", "你们开门了吗"],
    );
    assert_eq!(without_digits(&printed), without_digits(tried));

    let wrong = with_rule.replace("contains: [几点", "contain: [几点");
    fs::write(&file, wrong.replace("<time:%H:%M>", "<tiem:%H:%M>")).unwrap();
    assert_eq!(
        prints(readme, folder.path(), &["check", "rules.yaml"]),
        *mistakes
    );

    let tested = format!("{with_rule}\n{tests}");
    fs::write(&file, &tested).unwrap();
    assert_eq!(
        prints(readme, folder.path(), &["test", "rules.yaml"]),
        *passed
    );
}

#[test]
fn whoever_follows_the_readme_sees_what_it_shows() {
    check_walk_through("README.md");
    check_walk_through("docs/zh/README.md");
}

#[test]
fn whoever_follows_the_introduction_sees_what_it_shows() {
    for name in ["docs/introduction.md", "docs/zh/introduction.md"] {
        let page = page(name);
        let (rules, shown) = (blocks(&page, "yaml"), blocks(&page, "text"));
        assert_eq!((rules.len(), shown.len()), (1, 2), "{name}");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("rules.yaml"), &rules[0]).unwrap();
        let prints = |arguments: &[&str]| prints(name, folder.path(), arguments);
        assert_eq!(prints(&["test", "rules.yaml"]), shown[0], "{name}");
        assert_eq!(prints(&["try", "rules.yaml", "在吗"]), shown[1], "{name}");
    }
}

#[test]
fn the_dialogue_of_its_page_is_tried_as_it_shows() {
    for name in ["docs/dialogues.md", "docs/zh/dialogues.md"] {
        let page = page(name);
        let (rules, shown) = (blocks(&page, "yaml"), blocks(&page, "text"));
        assert_eq!((rules.len(), shown.len()), (1, 1), "{name}");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("booking.yaml"), &rules[0]).unwrap();
        let at_people = r#"dialogue={"rule":"订座","step":"people"}"#;
        let arguments = ["try", "booking.yaml", "3位", "--user", at_people];
        assert_eq!(prints(name, folder.path(), &arguments), shown[0], "{name}");
    }
}

#[test]
fn the_mistakes_in_the_page_about_rules_are_reported_as_it_shows() {
    for name in ["docs/rules.md", "docs/zh/rules.md"] {
        let page = page(name);
        let (wrong, shown) = (blocks(&page, "yaml ignore-check"), blocks(&page, "text"));
        assert_eq!((wrong.len(), shown.len()), (1, 1), "{name}");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bad.yaml"), &wrong[0]).unwrap();
        assert_eq!(
            prints(name, folder.path(), &["check", "bad.yaml"]),
            shown[0],
            "{name}"
        );
    }
}
