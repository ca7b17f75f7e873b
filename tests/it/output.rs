//! Output that cannot be written: one line, and the exit code of an error.
#![cfg(target_os = "linux")]

use std::fs::OpenOptions;
use std::process::Stdio;

use crate::admin;
use crate::server::Server;
use crate::support::{Folder, program};

/// A device on which every write fails as on a full disk.
fn full() -> Stdio {
    let device = OpenOptions::new().write(true).open("/dev/full");
    device.unwrap().into()
}

const RULES: &str = "\
rules:
  - { name: all, when: { type: text }, set: { last: <content> }, reply: one }
tests:
  - { name: one, send: a, expect: { rule: all } }
";

#[test]
fn output_that_cannot_be_written_is_one_line_and_an_error_for_every_command() {
    let folder = Folder::with(&[
        ("rules.yaml", RULES),
        ("untidy.yaml", "rules:\n    - { name: a,   reply: x }\n"),
        ("wrong.yaml", "rules:\n  - { nme: a, reply: x }\n"),
        ("sheet.csv", "关键词,回复\n地址,青石路1号\n"),
    ]);
    let server = Server::start(&folder, &["--admin", "127.0.0.1:0"]);
    let (url, admin) = (
        format!("http://{}/wx_flask", server.address()),
        admin::operators(&server).to_string(),
    );
    assert_eq!(server.says("o1", "x"), "one");
    let token = crate::wechat::TOKEN;
    let database = "sqlite:wxreply.db";
    for words in [
        &["check", "rules.yaml"][..],
        &["check", "wrong.yaml"],
        &["check", "--format", "json", "rules.yaml"],
        &["test", "rules.yaml"],
        &["test", "--format", "json", "wrong.yaml"],
        &["try", "rules.yaml", "x"],
        &["try", "rules.yaml", "x", "--xml"],
        &["fmt", "--check", "untidy.yaml"],
        &["import", "--csv", "sheet.csv"],
        &["send", &url, "x", "--token", token],
        &["send", &url, "--verify-url", "--token", token],
        &["doctor", "--token", token],
        &["doctor", "--token", token, "--format", "json"],
        &["export", "o1", "--database", database],
        &["list", "--database", database],
        &["forget", "o1", "--database", database],
        &["healthcheck", "--admin", &admin],
        &["schema"],
        &["completions", "bash"],
        &["--help"],
        &["check", "--help"],
        &["--version"],
    ] {
        let mut command = program(words);
        let command = command.current_dir(folder.path()).stdout(full());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words:?}: {said}");
        assert!(
            said.starts_with("error: cannot write the output: No space left"),
            "{words:?}: {said}"
        );
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
    }
}

#[test]
fn where_nothing_can_be_said_the_exit_code_still_tells_how_it_went() {
    let folder = Folder::with(&[
        ("rules.yaml", RULES),
        ("sheet.csv", "关键词,回复\n地址,青石路1号\n,x\n"),
    ]);
    for (words, code) in [
        (&["check", "nowhere.yaml"][..], 2),
        (&["check"], 2),
        (&["import", "--csv", "sheet.csv"], 0),
        (&["serve", "--token", "tok", "--rules", "nowhere.yaml"], 2),
    ] {
        let mut command = program(words);
        command.current_dir(folder.path()).stdout(Stdio::null());
        let status = command.stderr(full()).status().unwrap();
        assert_eq!(status.code(), Some(code), "{words:?}");
    }
}
