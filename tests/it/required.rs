//! A test that cannot run here is listed, and fails where what it needs is required.

use std::process::Command;
use std::{env, fs};

use crate::pages::root;
use crate::requirements;

/// Runs a test of this binary on a machine without any other program.
fn run_without_programs(test: &str, required: &str) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test])
        .env("PATH", "")
        .env("TMPDIR", folder.path())
        .env("WXREPLY_TEST_REQUIRE", required)
        .output()
        .unwrap();
    let noted: String = fs::read_dir(folder.path())
        .unwrap()
        .filter_map(|file| fs::read_to_string(file.unwrap().path()).ok())
        .collect();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), said, noted)
}

#[test]
fn a_test_that_cannot_run_is_noted_or_fails_where_it_must_run() {
    let test = "terminal::whoever_wants_no_colour_gets_none_on_a_terminal_either";
    let (passed, said, noted) = run_without_programs(test, "browser");
    assert!(passed, "{said}");
    assert!(noted.starts_with(&format!("script\t{test}\t")), "{noted}");
    let (passed, said, noted) = run_without_programs(test, "browser, script");
    assert!(!passed && said.contains("script is required: "), "{said}");
    assert_eq!(noted, "");
}

#[test]
fn what_did_not_run_is_one_list() {
    let noted = "browser\ta::b\tno driver\ncaddy\tc::d\tnot found\nbrowser\ta::c\tno driver\n";
    assert_eq!(
        requirements::list(noted),
        "not run, because this machine lacks something:
  browser            2 tests   no driver
  caddy              1 test    not found
to fail instead: WXREPLY_TEST_REQUIRE=browser,caddy
"
    );
    assert_eq!(requirements::list(""), "every test had what it needs\n");
}

#[test]
fn what_is_required_is_known() {
    assert_eq!(requirements::unknown(), [""; 0]);
}

#[test]
fn the_page_for_contributors_names_every_requirement() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    for (name, _) in requirements::KNOWN {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn no_test_is_left_out_in_silence() {
    let mut waiting = vec![root().join("tests"), root().join("src")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let is_exempt = path.ends_with("it/required.rs") || path.ends_with("requirements/mod.rs");
        let text = fs::read_to_string(&path).unwrap_or_default();
        for word in ["not checked", "not tested", "not run", "did not run"] {
            let said = text.contains(&format!("\"{word}"));
            assert!(!said || is_exempt, "{}: {word}", path.display());
        }
    }
}
