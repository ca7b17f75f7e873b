//! The rule files under `tests/data/rules`: the valid ones prove themselves by their own tests,
//! the invalid ones stand beside exactly what is said about them.

use std::path::{Path, PathBuf};

use crate::support::run_in;

/// The YAML files of a folder under `tests/data/rules`, by name.
fn files(folder: &str) -> (PathBuf, Vec<String>) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rules");
    let folder = data.join(folder);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    (folder, names)
}

#[test]
fn every_valid_file_passes_its_own_tests_and_they_reach_every_rule() {
    let (folder, names) = files("valid");
    assert!(names.len() >= VALID, "only {} files", names.len());
    for name in names {
        let test = run_in(&folder, &["test", "--deny-warnings", &name]);
        assert_eq!(test.code, 0, "{}{}", test.stdout, test.stderr);
        assert_eq!(test.stderr, "", "{name}");
    }
}

/// `UPDATE_EXPECTED=1 cargo test` writes down what is said now; a change of it is read like code.
#[test]
fn every_invalid_file_is_told_exactly_what_is_wrong_with_it() {
    let (folder, names) = files("invalid");
    assert!(names.len() >= INVALID, "only {} files", names.len());
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut different = Vec::new();
    for name in names {
        let check = run_in(&folder, &["check", &name]);
        let expected = folder.join(&name).with_extension("txt");
        if update {
            std::fs::write(&expected, &check.stdout).unwrap();
        }
        assert_eq!((check.code, check.stderr.as_str()), (1, ""), "{name}");
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        if check.stdout != wanted {
            different.push(format!(
                "--- {name} wanted\n{wanted}--- {name} got\n{}",
                check.stdout
            ));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// So many files there are at least: a walk that finds none must not pass.
const VALID: usize = 20;
const INVALID: usize = 100;

/// What nobody translates: keys, placeholders, names of the rule file and its examples.
fn without_code(line: &str) -> String {
    let (mut kept, mut is_code) = (String::new(), false);
    for letter in line.chars() {
        match letter {
            '`' => is_code = !is_code,
            _ if is_code => {}
            _ => kept.push(letter),
        }
    }
    kept
}

/// Words of a sentence, as no example and no name has them.
const ENGLISH: &[&str] = &[
    " the ", " is ", " are ", " not ", " no ", " it ", " this ", " that ", " a ", " an ", " of ",
    " in ", " to ", " with ", " and ", " or ", " write ", " cannot ", "there ", " more ",
];

#[test]
fn every_file_is_checked_in_chinese_without_a_word_of_english_prose() {
    for folder in ["invalid", "warnings"] {
        let (folder, names) = files(folder);
        for name in names {
            let check = run_in(&folder, &["check", "--lang", "zh", &name]);
            assert_eq!(check.stderr, "", "{name}");
            // Lines of the file, as they are shown, begin with their number or with a bar.
            let shown = |line: &&str| {
                let line = line.trim_start();
                line.starts_with(|letter: char| letter.is_ascii_digit() || letter == '|')
                    || line.starts_with("-->")
                    || line.starts_with(":::")
            };
            for line in check.stdout.lines().filter(|line| !shown(line)) {
                let prose = without_code(line).to_lowercase();
                let found = ENGLISH.iter().find(|word| prose.contains(**word));
                assert_eq!(found, None, "{name}: {line}");
                let said = line.starts_with("错误[") || line.starts_with("警告[");
                let is_summary = line.starts_with(&*name);
                let is_beside = line.trim_start().starts_with("= ");
                if said || is_summary || is_beside {
                    let is_chinese = line.chars().any(|letter| letter > '\u{2e7f}');
                    assert!(is_chinese, "{name}: {line}");
                }
            }
        }
    }
}
