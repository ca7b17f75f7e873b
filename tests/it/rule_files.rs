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
