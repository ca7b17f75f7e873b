//! What a file system has besides files, and files that are too large: nothing waits for them.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::http::PATIENCE;
use crate::server::{Server, eventually, serve};
use crate::support::{Folder, program};
use crate::{among, wechat};

const RULES: &str = "rules:\n  - { name: all, when: { type: text }, reply: one }\n";

fn make_pipe(folder: &Folder, name: &str) {
    let made = Command::new("mkfifo")
        .arg(folder.path().join(name))
        .status();
    assert!(made.unwrap().success());
}

#[test]
fn a_pattern_is_looked_for_beside_the_file_however_that_is_named() {
    let including = "rules:\n  - include: \"faq*.yaml\"\n";
    let folder = Folder::with(&[("rules.yaml", including), ("faq1.yaml", RULES)]);
    for name in ["rules.yaml", "./rules.yaml"] {
        let check = folder.run(&["check", name]);
        assert_eq!(
            check.stdout,
            format!("{name}: 1 rule, 0 tests, no problems\n")
        );
    }
    folder.write("rules.yaml", including.replace("faq", "none"));
    let check = folder.run(&["check", "rules.yaml"]);
    assert!(
        check.stdout.contains("no file matches none*.yaml"),
        "{check:?}"
    );
}

#[test]
fn what_is_no_file_or_too_large_is_refused_at_once() {
    let folder = Folder::with(&[("pipes.yaml", "rules:\n  - include: pipe\n")]);
    make_pipe(&folder, "pipe");
    let large = File::create(folder.path().join("large.yaml")).unwrap();
    large.set_len(64 * 1024 * 1024 + 1).unwrap();
    let no_file = "it is a pipe, a socket or a device, not a file";
    let too_large = "it has more than 64 MiB";
    for (name, code, said) in [
        ("pipe", 2, no_file),
        ("pipes.yaml", 1, no_file),
        ("/dev/null", 2, no_file),
        (".", 2, "it is a folder, not a file"),
        ("large.yaml", 2, too_large),
    ] {
        let check = folder.run(&["check", name]);
        assert_eq!(check.code, code, "{check:?}");
        assert!((check.stdout + &check.stderr).contains(said), "{name}");
    }
    for (name, said) in [("pipe", no_file), ("large.yaml", too_large)] {
        let fmt = folder.run(&["fmt", "--check", name]);
        assert_eq!(fmt.code, 2);
        assert!(fmt.stderr.contains(said), "{}", fmt.stderr);
    }
}

#[test]
fn a_pipe_that_the_caller_has_opened_is_read() {
    let mut check = program(&["check", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = check.stdin.take().unwrap();
    stdin.write_all(RULES.as_bytes()).unwrap();
    drop(stdin);
    let output = check.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "/dev/stdin: 1 rule, 0 tests, no problems\n");
}

#[test]
fn a_pipe_in_the_place_of_a_file_changes_nothing_until_it_is_a_file_again() {
    let root = "rules:\n  - include: words.yaml\n";
    let folder = Folder::with(&[("rules.yaml", root), ("words.yaml", RULES)]);
    let server = Server::start(&folder, &[]);
    for (times, name, content) in [(1, "words.yaml", RULES), (2, "rules.yaml", root)] {
        fs::remove_file(folder.path().join(name)).unwrap();
        make_pipe(&folder, name);
        server.logged(&format!("cannot read {name}: it is a pipe"));
        server.signal("HUP");
        server.logged_times("nothing has changed, the files are still refused", times);
        assert_eq!(server.says("o1", "x"), "one");
        fs::remove_file(folder.path().join(name)).unwrap();
        folder.write(name, content);
        server.logged_times("the files match the live rules again", times);
    }
    folder.write("words.yaml", RULES.replace("one", "two"));
    eventually("an edit", || server.says("o1", "x") == "two");
}

#[test]
fn good_rules_are_neither_read_from_nor_written_to_what_is_no_file_or_too_large() {
    let folder = Folder::with(&[("good.yaml", RULES), ("broken.yaml", "rules: 1")]);
    make_pipe(&folder, &among::last_good("pipe"));
    let large = File::create(folder.path().join(among::last_good("large"))).unwrap();
    large.set_len(64 * 1024 * 1024 + 1).unwrap();
    let no_file = "it is a pipe, a socket or a device, not a file";
    for (name, unreadable, unwritable) in [
        ("pipe", no_file, no_file),
        (
            "large",
            "it has more than 64 MiB",
            "something else is there",
        ),
    ] {
        let kept = among::last_good(name);
        let start = |rules: &str| {
            let path = |name: &str| folder.path().join(name);
            fs::copy(path(rules), path("rules.yaml")).unwrap();
            let arguments = ["--token", wechat::TOKEN, "--last-good", name];
            serve(folder.path(), &arguments, &[])
        };
        let output = ended(&mut start("broken.yaml"));
        let said = String::from_utf8(output.stderr).unwrap();
        let why = format!("no last good rules in {kept}: it cannot be read: {unreadable}");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(&why), "{said}");
        let server = Server::spawn(start("good.yaml"));
        server.logged(&format!(
            "the last good rules cannot be kept in {kept}: {unwritable}"
        ));
        assert_eq!(server.says("o1", "x"), "one");
    }
}

/// What a command says that ends by itself; killed if it does not.
fn ended(command: &mut Command) -> Output {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    child.wait_with_output().unwrap()
}
