//! `--watch`: `check` and `test` run again when a file is saved, and end when they are told to.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::thread;

use crate::http::PATIENCE;
use crate::support::{Folder, program};

/// Killed when dropped.
struct Watching {
    child: Child,
    /// Results and talk in their order.
    lines: Receiver<String>,
}

impl Watching {
    fn start(folder: &Folder, words: &[&str]) -> Watching {
        let command = program(words);
        let mut child = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 2>&1"#])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        Watching { child, lines }
    }

    /// All that one run says, once it is over.
    #[track_caller]
    fn run(&self) -> String {
        let mut said = String::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            if line == "watching; Ctrl-C ends" {
                return said;
            }
            said.push_str(&line);
            said.push('\n');
        }
    }

    /// Runs until one says this: a save may be seen in two steps.
    #[track_caller]
    fn says(&self, wanted: &str) {
        let mut said = Vec::new();
        while said.last().is_none_or(|last| last != wanted) {
            assert!(said.len() < 5, "{wanted:?} is not said: {said:#?}");
            said.push(self.run());
        }
    }

    fn told_to_end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(kill.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(stream: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

const MAIN: &str =
    "rules:\n  - include: words/*.yaml\n  - { name: b, when: { type: text }, reply: y }\n";
const WORD: &str = "rules: [{ name: a, when: { prefix: a }, reply: x }]\n";

#[test]
fn check_runs_again_whenever_a_file_or_what_it_includes_is_saved() {
    let folder = Folder::with(&[("rules.yaml", MAIN), ("words/a.yaml", WORD)]);
    let watching = Watching::start(&folder, &["check", "--watch", "rules.yaml"]);
    watching.says("rules.yaml: 2 rules, 0 tests, no problems\n");
    folder.write("words/b.yaml", WORD.replace(": a", ": c"));
    watching.says("rules.yaml: 3 rules, 0 tests, no problems\n");
    folder.write("words/b.yaml", WORD.replace("name", "nme"));
    let said = loop {
        let said = watching.run();
        if said.contains("error[unknown-key]: unknown key `nme`") {
            break said;
        }
    };
    assert!(said.ends_with("rules.yaml: 1 error\n"), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains('─'), "{said}");
    std::fs::remove_file(folder.path().join("words/b.yaml")).unwrap();
    watching.says("rules.yaml: 2 rules, 0 tests, no problems\n");
    assert_eq!(watching.told_to_end("INT"), Some(0));
}

#[test]
fn it_ends_as_the_last_run_did() {
    let good = format!("{WORD}tests: [{{ name: t, send: a, expect: {{ rule: a }} }}]\n");
    let bad = good.replace("send: a", "send: z");
    let folder = Folder::with(&[("rules.yaml", &bad)]);
    for (before, after, code) in [(&bad, &good, 0), (&good, &bad, 1)] {
        folder.write("rules.yaml", before);
        let watching = Watching::start(&folder, &["test", "--watch", "rules.yaml"]);
        watching.run();
        folder.write("rules.yaml", after);
        let failed = usize::from(code == 1);
        let wanted = format!("{} passed, {failed} failed", 1 - failed);
        while !watching.run().contains(&wanted) {}
        assert_eq!(watching.told_to_end("TERM"), Some(code));
    }
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let folder = Folder::with(&[]);
    let watching = Watching::start(&folder, &["check", "--watch", "rules.yaml"]);
    let said = watching.run();
    assert!(said.starts_with("error: cannot read rules.yaml"), "{said}");
    folder.write("rules.yaml", WORD);
    watching.says("rules.yaml: 1 rule, 0 tests, no problems\n");
    assert_eq!(watching.told_to_end("INT"), Some(0));
}

#[test]
fn programs_get_one_line_for_each_run() {
    let folder = Folder::with(&[("rules.yaml", WORD)]);
    let words = ["check", "--watch", "--format", "json", "rules.yaml"];
    let watching = Watching::start(&folder, &words);
    let said = watching.run();
    assert_eq!(said.lines().count(), 1, "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["files"][0]["rules"], 1);
}
