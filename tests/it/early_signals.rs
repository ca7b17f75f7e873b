//! Signals while the rules are still being read, and rule files that are never at rest.

use std::fs;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{io, thread};

use crate::requirements;
use crate::server::{Server, eventually, serve};
use crate::support::Folder;
use crate::{support, wechat};

const RULES: &str = "rules:\n  - { name: all, when: { type: text }, reply: one }\n";

/// Calls while somebody who keeps the rule file open writes to it all the time.
fn while_it_is_written<T>(folder: &Folder, call: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    let mut file = File::create(folder.path().join("rules.yaml")).unwrap();
    file.write_all(RULES.as_bytes()).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                file.write_all(b"#\n").unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        });
        let _over = crate::ending::Over(&over);
        call()
    })
}

#[test]
fn a_file_that_is_written_all_the_time_does_not_keep_the_server_from_starting() {
    let folder = Folder::with(&[]);
    while_it_is_written(&folder, || {
        let server = Server::start(&folder, &[]);
        assert_eq!(server.says("o1", "x"), "one");
        server.logged("rules.yaml is being written all the time; it is read as it is now");
    });
}

#[test]
fn told_to_end_while_the_rules_are_read_it_ends() {
    let folder = Folder::with(&[]);
    for signal in ["TERM", "INT"] {
        let outcome = while_it_is_written(&folder, || {
            let mut child = serve(folder.path(), &["--token", wechat::TOKEN], &[])
                .spawn()
                .unwrap();
            catches_signals(child.id());
            send(signal, child.id());
            child.wait().unwrap()
        });
        assert_eq!(outcome.code(), Some(0), "{signal}");
    }
}

#[test]
fn a_hangup_while_the_rules_are_read_reads_them_again() {
    let folder = Folder::with(&[]);
    while_it_is_written(&folder, || {
        let mut child = serve(folder.path(), &["--token", wechat::TOKEN], &[])
            .spawn()
            .unwrap();
        catches_signals(child.id());
        send("HUP", child.id());
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = log.lines().map_while(Result::ok);
        assert!(lines.any(|line| line.contains("SIGHUP: reading the rules again")));
        child.kill().unwrap();
        child.wait().unwrap();
    });
}

/// Nothing ends the first process of a container but what it does itself.
#[test]
fn the_first_process_of_a_container_obeys_from_the_first_moment() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let Some((mut outer, inner)) = as_first_process(&folder, &["check", "--watch", "rules.yaml"])
    else {
        return requirements::absent("namespaces", "no namespace of processes can be made");
    };
    catches_signals(inner);
    send("TERM", inner);
    assert_eq!(outer.wait().unwrap().code(), Some(0));

    while_it_is_written(&folder, || {
        let words = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--admin",
            "off",
            "--token",
            wechat::TOKEN,
        ];
        let (mut outer, inner) = as_first_process(&folder, &words).unwrap();
        catches_signals(inner);
        send("TERM", inner);
        assert_eq!(outer.wait().unwrap().code(), Some(0));
    });
    // Of a pipe that nobody closes.
    let (mut outer, inner) = as_first_process(&folder, &["check", "/dev/stdin"]).unwrap();
    catches_signals(inner);
    send("INT", inner);
    assert_eq!(outer.wait().unwrap().code(), Some(130));
}

/// The program as the first process of a namespace of its own, and its number outside of that.
fn as_first_process(folder: &Folder, words: &[&str]) -> Option<(Child, u32)> {
    let program = support::program(words);
    let unshare = |program: &Command| {
        let mut command = Command::new("unshare");
        command
            .args([
                "--user",
                "--map-root-user",
                "--pid",
                "--fork",
                "--kill-child",
            ])
            .arg(program.get_program())
            .args(program.get_args())
            .current_dir(folder.path());
        command
    };
    if !unshare(&Command::new("true"))
        .status()
        .is_ok_and(|status| status.success())
    {
        return None;
    }
    let log = File::create(folder.path().join("log")).unwrap();
    let mut command = unshare(&program);
    let outer = command
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let mut inner = None;
    eventually("it has a child", || {
        inner = child_of(outer.id());
        inner.is_some()
    });
    Some((outer, inner?))
}

fn child_of(parent: u32) -> Option<u32> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.find(|id| status(*id, "PPid:").is_ok_and(|of| of.parse() == Ok(parent)))
}

fn status(id: u32, name: &str) -> io::Result<String> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    Ok(value.unwrap_or_default().trim().to_owned())
}

/// Waits until a process catches the signals that are to end it.
fn catches_signals(id: u32) {
    eventually("it catches SIGINT and SIGTERM", || {
        let caught = status(id, "SigCgt:").unwrap();
        let caught = u64::from_str_radix(&caught, 16).unwrap_or_default();
        [2, 15].iter().all(|signal| caught & 1 << (signal - 1) != 0)
    });
}

fn send(signal: &str, id: u32) {
    let sent = Command::new("kill")
        .args([&format!("-{signal}"), &id.to_string()])
        .status();
    assert!(sent.unwrap().success());
}
