//! The accounts files under `tests/data/accounts`: the valid ones pass, the others stand beside
//! exactly what is said about them, in both languages. No secret is ever said.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Folder, Outcome, program, run_in};

fn files(folder: &str) -> (PathBuf, Vec<String>) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/accounts");
    let folder = data.join(folder);
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml") && name != RULES)
        .collect();
    names.sort();
    (folder, names)
}

const RULES: &str = "rules_of_shop.yaml";

const SECRETS: &[&str] = &[
    "3f9a81c2d4e5b607",
    "a1b2c3d4e5f60718",
    "abcdefghijklmnopqrstuvwxyz",
    "my-token",
    "0123456789abcdef0123456789abcdef",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "hush",
    "nonsense",
    "nobody-made-it",
];

#[track_caller]
fn is_as_written(path: &Path, said: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(path, said).unwrap();
    }
    let wanted = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(said, wanted, "{}", path.display());
    for secret in SECRETS {
        assert!(!said.contains(secret), "{} shows {secret}", path.display());
    }
}

/// `UPDATE_EXPECTED=1 cargo test` writes down what is said now; a change of it is read like code.
#[test]
fn every_faulty_file_is_told_exactly_what_is_wrong_with_it_in_both_languages() {
    for (folder, code, least) in [("invalid", 1, 20), ("warnings", 0, 1)] {
        let (folder, names) = files(folder);
        assert!(names.len() >= least, "only {} files", names.len());
        for name in names {
            for (language, ending) in [("en", "txt"), ("zh", "zh.txt")] {
                let check = run_in(&folder, &["check", "--lang", language, &name]);
                assert_eq!((check.code, check.stderr.as_str()), (code, ""), "{name}");
                is_as_written(&folder.join(&name).with_extension(ending), &check.stdout);
            }
        }
    }
}

#[test]
fn every_valid_file_passes_with_its_rule_files() {
    let (folder, names) = files("valid");
    for name in names {
        for command in ["check", "test"] {
            let run = run_in(&folder, &[command, "--deny-warnings", &name]);
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
            assert!(run.stdout.contains("rules_of_shop.yaml (书店, 花店): "));
        }
    }
}

const ACCOUNTS: &str = "accounts:
  书店: { path: /books, rules: books/rules.yaml, token: books-token }
  花店: { path: /flowers, rules: flowers.yaml, token: 花店 }
  茶馆: { path: /tea, rules: books/rules.yaml, token: tea }
";

const BOOKS: &str = "rules: [{ name: 其他, when: { type: text }, reply: 您好 }]
tests: [{ name: answers, send: 你好, expect: { reply: 您好 } }]
";

fn shops() -> Folder {
    Folder::with(&[
        ("etc/accounts.yaml", ACCOUNTS),
        ("etc/books/rules.yaml", BOOKS),
        (
            "etc/flowers.yaml",
            "rules: [{ name: 其他, when: { type: text }, reply: 欢迎 }]\n",
        ),
    ])
}

fn with_variables(folder: &Folder, variables: &[(&str, &str)], arguments: &[&str]) -> Outcome {
    let mut command = program(arguments);
    command
        .current_dir(folder.path())
        .envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

const VARIABLES: &[(&str, &str)] = &[
    ("WXREPLY_SECRET_BOOKS_TOKEN", "3f9a81c2d4e5b607"),
    ("WXREPLY_SECRET_U82B1U5E97", "a1b2c3d4e5f60718"),
    ("WXREPLY_SECRET_TEA", "0f1e2d3c4b5a6978"),
];

#[test]
fn secrets_come_from_variables_and_each_rule_file_is_looked_over_once() {
    let folder = shops();
    let check = with_variables(&folder, VARIABLES, &["check", "etc/accounts.yaml"]);
    assert_eq!(
        (check.code, check.stderr.as_str()),
        (0, ""),
        "{}",
        check.stdout
    );
    assert_eq!(
        check.stdout,
        "etc/accounts.yaml: 3 accounts, no problems\n\
         etc/books/rules.yaml (书店, 茶馆): 1 rule, 1 test, no problems\n\
         etc/flowers.yaml (花店): 1 rule, 0 tests, no problems\n"
    );
    // An empty one counts as not set; the rules are looked over all the same.
    let empty = [("WXREPLY_SECRET_TEA", "")];
    let variables = [&VARIABLES[..2], &empty].concat();
    let check = with_variables(&folder, &variables, &["check", "etc/accounts.yaml"]);
    assert_eq!(check.code, 1);
    assert!(
        check.stdout.contains("error[missing-secret]"),
        "{}",
        check.stdout
    );
    assert!(
        check.stdout.contains("etc/accounts.yaml:4:"),
        "{}",
        check.stdout
    );
    assert!(check.stdout.contains("(花店): 1 rule"), "{}", check.stdout);
}

#[test]
fn tests_need_no_secret() {
    let folder = shops();
    let test = folder.run(&["test", "etc/accounts.yaml"]);
    assert_eq!(test.code, 1, "the flowers have no test");
    assert!(
        test.stdout
            .starts_with("etc/books/rules.yaml (书店, 茶馆): 1 passed"),
        "{}",
        test.stdout
    );
    let test = folder.run(&["test", "--format", "json", "etc/accounts.yaml"]);
    let said: Value = serde_json::from_str(&test.stdout).unwrap();
    assert_eq!(
        said["files"][0]["accounts"],
        serde_json::json!(["书店", "茶馆"])
    );
    assert_eq!(said["files"][0]["passed"], 1);
    assert_eq!(said["files"].as_array().unwrap().len(), 2);
}

#[test]
fn a_mistake_in_the_rules_of_one_account_is_shown_under_its_name() {
    let folder = shops();
    folder.write(
        "etc/flowers.yaml",
        "rules: [{ name: 其他, when: { type: text } }]\n",
    );
    let check = with_variables(
        &folder,
        VARIABLES,
        &["check", "--format", "json", "etc/accounts.yaml"],
    );
    assert_eq!(check.code, 1);
    let said: Value = serde_json::from_str(&check.stdout).unwrap();
    let files = said["files"].as_array().unwrap();
    assert_eq!(files[0]["ok"], true);
    assert_eq!(files[1]["ok"], true);
    assert_eq!(files[2]["accounts"], serde_json::json!(["花店"]));
    assert_eq!(files[2]["diagnostics"][0]["code"], "missing-reply");
}

#[test]
fn what_cannot_be_read_at_all_is_no_mistake_in_the_file() {
    let folder = shops();
    folder.write("latin.yaml", b"accounts:\n  caf\xe9: {}\n");
    for (file, why) in [
        ("latin.yaml", "it is not UTF-8 (line 2)"),
        ("etc", "it is a folder"),
        ("none.yaml", "No such file"),
    ] {
        for command in ["check", "test"] {
            let run = folder.run(&[command, file]);
            assert_eq!(run.code, 2);
            assert!(run.stderr.contains(why), "{}", run.stderr);
        }
    }
}

#[test]
fn a_rule_file_that_speaks_of_accounts_stays_one() {
    let rules = "definitions: { accounts: [a] }\nrules:\n  - { name: a, reply: |\n      accounts: none\n    }\n";
    let rules = rules.replace("|\n      accounts: none\n    ", "'x'");
    let text = format!("{rules}  - name: b\n    reply: |\n      accounts: none\n");
    let folder = Folder::with(&[("rules.yaml", &text)]);
    let check = folder.run(&["check", "rules.yaml"]);
    assert!(check.stdout.contains("2 rules"), "{}", check.stdout);
}

/// A token where its name belongs, and beside it or in it whatever else is wrong.
#[test]
fn a_secret_that_was_written_into_the_file_is_never_shown() {
    // Also the beginning of it.
    const SECRET: &str = "S3cr3tTo";
    let entry = "    path: /books\n    rules: books/rules.yaml\n    ";
    for line in [
        "token: S3cr3tTok3nOfThisTest",
        "token: \"S3cr3tTok3nOfThisTest",
        "token: \"S3cr3tTok3nOfThisTest\" new",
        "token: 'S3cr3tTok3nOfThisTest' # \"new\"\n    'x",
        "token:S3cr3tTok3nOfThisTest",
        "token：S3cr3tTok3nOfThisTest",
        "tokenS3cr3tTok3nOfThisTest: books",
        "token: !x S3cr3tTok3nOfThisTest",
        "token: !S3cr3tTok3nOfThisTest x",
        "token: *S3cr3tTok3nOfThisTest",
        "token: @S3cr3tTok3nOfThisTest",
        "token: |S3cr3tTok3nOfThisTest",
        "token: [S3cr3tTok3nOfThisTest] x",
        "token: - S3cr3tTok3nOfThisTest",
        "token: “S3cr3tTok3nOfThisTest: x”",
        "token: { S3cr3tTok3nOfThisTest",
        "token: { S3cr3tTok3nOfThisTest: x }",
        "token: S3cr3tTok3nOfThisTest\n    token: S3cr3tTok3nOfThisTest",
        "tokn: S3cr3tTok3nOfThisTest",
        "? [S3cr3tTok3nOfThisTest]\n    : x",
        "token: books\n    mode: S3cr3tTok3nOfThisTest",
        "token: books\n    id: S3cr3tTok3nOfThisTest",
        "token: books\n    app_id: S3cr3tTok3nOfThisTest",
        "token: books\n  茶馆: S3cr3tTok3nOfThisTest",
        "{ token: S3cr3tTok3nOfThisTest, mode: none }",
    ] {
        let one_line = line
            .starts_with('{')
            .then(|| format!("accounts:\n  书店: {line}\n"));
        let text = one_line.unwrap_or_else(|| format!("accounts:\n  书店:\n{entry}{line}\n"));
        let folder = shops();
        folder.write("accounts.yaml", &text);
        for language in ["en", "zh"] {
            for arguments in [
                &["check", "accounts.yaml"][..],
                &["check", "--format", "json", "accounts.yaml"],
                &["test", "accounts.yaml"],
                &[
                    "serve",
                    "--listen",
                    "127.0.0.1:0",
                    "--accounts",
                    "accounts.yaml",
                ],
            ] {
                let run = folder.run(&[&["--lang", language], arguments].concat());
                let said = run.stdout + &run.stderr;
                assert!(
                    said.contains("accounts.yaml") || run.code == 0,
                    "{text}: {said}"
                );
                assert!(!said.contains(SECRET), "{text}: {said}");
            }
        }
    }
}
