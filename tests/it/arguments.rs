//! Files named on the command line: `-` is standard input, a folder is refused with one sentence,
//! and what is said speaks of what was typed.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::server::{Server, serve_exactly};
use crate::support::{Folder, Outcome, program};
use crate::wechat;

const RULES: &str = "\
rules:
  - { name: all, when: { type: text }, reply: one }
tests:
  - { name: one, send: a, expect: { rule: all } }
";

/// Runs the program; a server of somebody else's may have the usual ports.
fn run(folder: &Folder, words: &[&str]) -> Outcome {
    match words {
        ["serve", ..] => {
            let free = ["--listen", "127.0.0.1:0", "--admin", "off"];
            folder.run(&[words, &free].concat())
        }
        _ => folder.run(words),
    }
}

/// Runs the program with this on its standard input.
fn run_with(folder: &Folder, words: &[&str], input: &str) -> Outcome {
    let mut child = program(words)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that needs no input may have ended by now.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

#[test]
fn a_dash_is_standard_input_for_every_command_that_takes_a_file() {
    let folder = Folder::with(&[("included.yaml", RULES)]);
    let token = "0123456789abcdef\n";
    for (words, input, shown) in [
        (&["check", "-"][..], RULES, "-: 1 rule, 1 test, no problems"),
        (&["test", "-"], RULES, "-: 1 passed, 0 failed"),
        (
            &["check", "-"],
            "rules:\n  - include: included.yaml\n",
            "-: 1 rule, 1 test",
        ),
        (&["check", "-", "-"], RULES, "-: 1 rule"),
        (&["try", "-", "x"], RULES, "rule   all (-:2:5)"),
        (&["fmt", "-"], RULES, RULES),
        (
            &["import", "--csv", "-"],
            "关键词,回复\n地址,青石路1号\n",
            "reply: 青石路1号",
        ),
        (
            &["doctor", "--rules", "-", "--token", "0123456789abcdef"],
            RULES,
            "rules      -: 1 rule",
        ),
        (
            &["doctor", "--rules", "included.yaml", "--token-file", "-"],
            token,
            "token      16 letters and digits",
        ),
        // Several findings are about the token, and a pipe has it once.
        (
            &[
                "doctor",
                "--rules",
                "included.yaml",
                "--token-file",
                "/dev/stdin",
            ],
            token,
            "mode       plain mode",
        ),
        (
            &["doctor", "--rules", "included.yaml", "--database-file", "-"],
            "sqlite:there.db",
            "database   no rule needs one",
        ),
    ] {
        let outcome = run_with(&folder, words, input);
        assert!(outcome.stdout.contains(shown), "{words:?}: {outcome:?}");
    }
}

#[test]
fn a_server_takes_rules_and_a_token_from_standard_input() {
    for (flags, input) in [
        (&["--rules", "-", "--token", wechat::TOKEN][..], RULES),
        (&["--token-file", "-"], wechat::TOKEN),
    ] {
        let folder = Folder::with(&[("rules.yaml", RULES), ("input", input)]);
        let mut command = serve_exactly(folder.path(), flags, &[]);
        command.stdin(fs::File::open(folder.path().join("input")).unwrap());
        let server = Server::spawn(command);
        assert_eq!(server.says("o1", "x"), "one", "{flags:?}");
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_one_sentence_everywhere() {
    let folder = Folder::with(&[
        ("rules.yaml", RULES),
        ("d/rules.yaml", RULES),
        ("including.yaml", "rules:\n  - include: d\n"),
    ]);
    let url = "http://127.0.0.1:1/";
    for words in [
        &["check", "d"][..],
        &["test", "d"],
        &["check", "including.yaml"],
        &["try", "d", "x"],
        &["fmt", "d"],
        &["import", "d"],
        &["import", "--csv", "d"],
        &["serve", "--rules", "d", "--token", "tok"],
        &["serve", "--token-file", "d"],
        &["serve", "--token", "tok", "--aes-key-file", "d"],
        &["serve", "--token", "tok", "--database-file", "d"],
        &[
            "serve",
            "--token",
            "tok",
            "--tls-cert",
            "d",
            "--tls-key",
            "d",
        ],
        &["doctor", "--rules", "d"],
        &["doctor", "--token-file", "d"],
        &["doctor", "--cacert", "d"],
        &["doctor", "--tls-cert", "d", "--tls-key", "d"],
        &["export", "o1", "--database-file", "d"],
        &["export", "o1", "--database", "sqlite:d"],
        &["forget", "o1", "--database", "sqlite:d"],
        &["backup", "b", "--database", "sqlite:d"],
        &["send", url, "x", "--token-file", "d"],
        &["send", url, "x", "--token", "tok", "--cacert", "d"],
    ] {
        let outcome = run(&folder, words);
        let said = outcome.stdout + &outcome.stderr;
        let sentence = "cannot read d: it is a folder, not a file";
        assert!(said.contains(sentence), "{words:?}: {said}");
        assert_ne!(outcome.code, 0, "{words:?}");
    }
}

#[test]
fn what_is_said_speaks_of_what_was_typed() {
    let folder = Folder::with(&[("there.yaml", RULES)]);
    let here = folder.path().canonicalize().unwrap();
    let begins = format!("a relative path begins in {}", here.display());
    let url = "http://127.0.0.1:1/";
    for (words, said) in [
        (
            &["send", "你好", "--token", "tok"][..],
            "error: 你好 is not a URL; it begins with http:// or https://\n\
             help: the URL comes before the text: wxreply send http://127.0.0.1:8080/wx_flask 你好\n",
        ),
        (
            &["send", "127.0.0.1:8080/wx_flask", "--token", "tok"],
            "error: 127.0.0.1:8080/wx_flask is not a URL; it begins with http:// or https://\n",
        ),
        (
            &["send", url, "x", "--token-file", "nope"],
            "error: --token-file: cannot read nope: No such file",
        ),
        (
            &["serve", "--token-file", "nope"],
            "error: --token-file: cannot read nope: No such file",
        ),
        (
            &["doctor", "--token-file", "nope"],
            "--token-file: cannot read nope: No such file",
        ),
        (
            &["export", "o1", "--database-file", "nope"],
            "error: --database-file: cannot read nope: No such file",
        ),
        (
            &["doctor"],
            "cannot read rules.yaml: No such file or directory (os error 2)\n                    \
             say with --rules which file has the rules\n",
        ),
        (
            &["doctor", "--rules", "nope.yaml"],
            "cannot read nope.yaml: No such file or directory (os error 2)\n                    \
             name another with --rules; a relative path begins in ",
        ),
        (
            &["serve", "--token", "tok", "--rules", "nope.yaml"],
            &begins,
        ),
    ] {
        let outcome = run(&folder, words);
        let printed = outcome.stdout + &outcome.stderr;
        assert!(printed.contains(said), "{words:?}: {printed}");
    }
}
