//! The command line itself: wrong usage, help, completions, and where its output goes.

use std::process::Stdio;

use crate::support::{Folder, program};

fn folder() -> Folder {
    Folder::with(&[
        ("good.yaml", "rules:\n  - { name: a, reply: x }\n"),
        ("wrong.yaml", "rules:\n  - { nme: a, reply: x }\n"),
    ])
}

#[test]
fn wrong_usage_is_told_on_standard_error() {
    for line in [
        "",
        "check",
        "test",
        "try",
        "answer",
        "check --nope good.yaml",
        "check --format xml good.yaml",
        "try good.yaml x --xml --format json",
        "try good.yaml x y",
        "completions",
        "completions cmd.exe",
    ] {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        let outcome = folder().run(&words);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{line}");
        assert!(
            outcome.stderr.contains("Usage: ") || outcome.stderr.contains("--help"),
            "{line}"
        );
    }
}

#[test]
fn help_names_every_command_and_is_a_result() {
    let outcome = folder().run(&["--help"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    for command in ["check", "test", "try", "completions"] {
        let line = format!("\n  {command} ");
        assert!(outcome.stdout.contains(&line), "{command}");
        let help = folder().run(&[command, "--help"]);
        let usage = format!("Usage: wxreply {command} ");
        assert!(help.stdout.contains(&usage), "{command}: {}", help.stdout);
        assert_eq!(help.code, 0);
    }
    let version = folder().run(&["--version"]);
    let wanted = format!("wxreply {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!((version.code, version.stdout), (0, wanted));
}

#[test]
fn short_and_long_help_are_the_same() {
    for command in [
        "serve",
        "check",
        "test",
        "try",
        "send",
        "init",
        "list",
        "export",
        "forget",
        "backup",
        "doctor",
        "fmt",
        "schema",
        "healthcheck",
        "completions",
    ] {
        let short = folder().run(&[command, "-h"]).stdout;
        assert_eq!(
            short,
            folder().run(&[command, "--help"]).stdout,
            "{command}"
        );
    }
}

#[test]
fn completions_know_the_commands_and_their_flags() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = folder().run(&["completions", shell]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{shell}");
        for word in ["check", "try", "deny-warnings", "completions"] {
            assert!(outcome.stdout.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn output_that_is_no_terminal_has_no_colours() {
    for words in [["check", "wrong.yaml"], ["test", "wrong.yaml"]] {
        let folder = folder();
        let output = program(&words)
            .env_remove("NO_COLOR")
            .env("CLICOLOR_FORCE", "1")
            .env("TERM", "xterm-256color")
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(!output.stdout.contains(&0x1b), "{words:?}");
        assert!(!output.stderr.contains(&0x1b), "{words:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_stops_early_is_no_error() {
    for words in [&["completions", "bash"][..], &["check", "--help"]] {
        let mut child = program(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{words:?}");
    }
}
