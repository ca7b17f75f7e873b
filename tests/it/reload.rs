//! The rules are replaced while the server answers. All ways of saving a file have their own
//! table beside the watch; here the whole program is seen to follow.

use std::fmt::Write as _;
use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use std::{fs, thread};

use rustix::process::geteuid;

use crate::admin::{operators, reload};
use crate::disk::Disk;
use crate::requirements;
use crate::server::{Server, eventually, said_text, serve};
use crate::support;
use crate::support::Folder;
use crate::wechat;

/// A user whom permissions and limits bind.
const NOBODY: u32 = 65534;

fn answering(reply: &str) -> String {
    format!("rules:\n  - {{ name: all, when: {{ type: text }}, reply: {reply} }}\n")
}

#[track_caller]
fn soon_says(server: &Server, reply: &str) {
    eventually(reply, || server.says("o1", "x") == reply);
}

#[test]
fn an_edit_is_live_without_a_restart() {
    let folder = Folder::with(&[("rules.yaml", &answering("one"))]);
    let server = Server::start(&folder, &[]);
    assert_eq!(server.says("o1", "x"), "one");
    folder.write("rules.yaml", answering("two"));
    soon_says(&server, "two");
    assert!(
        server
            .logged("reloaded rules.yaml: 1 rule (generation 2")
            .contains("1 changed")
    );
}

#[test]
fn a_broken_file_changes_nothing_and_is_told_once() {
    let folder = Folder::with(&[("rules.yaml", &answering("one"))]);
    let server = Server::start(&folder, &[]);
    let broken = answering("two") + "  - { name: all, whne: { prefx: x }, reply: '' }\n";
    folder.write("rules.yaml", &broken);
    server.logged("the rules are not replaced, the old ones go on answering:");
    server.logged("whne: { prefx: x }");
    server.logged("did you mean `when`?");
    assert_eq!(server.says("o1", "x"), "one");

    // Saved again, and asked for by signal: nobody needs to read it twice.
    folder.write("rules.yaml", &broken);
    server.signal("HUP");
    server.logged("nothing has changed, the files are still refused");
    folder.write("rules.yaml", broken.replace("whne", "wehn"));
    server.logged("wehn");
    assert_eq!(
        server.log().matches("the rules are not replaced").count(),
        2
    );

    folder.write("rules.yaml", answering("one"));
    server.logged("the files match the live rules again");
    folder.write("rules.yaml", answering("three"));
    soon_says(&server, "three");
    fs::remove_file(folder.path().join("rules.yaml")).unwrap();
    server.logged("cannot read rules.yaml");
    assert_eq!(server.says("o1", "x"), "three");
    folder.write("rules.yaml", answering("four"));
    soon_says(&server, "four");
}

#[test]
fn the_log_says_how_many_rules_are_new_changed_and_gone() {
    let rules = |three: [(&str, &str); 3]| {
        let rule = |(name, reply)| {
            format!("  - {{ name: {name}, when: {{ regex: '{name}+' }}, reply: {reply} }}\n")
        };
        format!("rules:\n{}", three.map(rule).concat())
    };
    let folder = Folder::with(&[("rules.yaml", &rules([("a", "x"), ("b", "x"), ("c", "x")]))]);
    let server = Server::start(&folder, &[]);
    folder.write("rules.yaml", rules([("b", "x"), ("a", "y"), ("d", "x")]));
    server.logged("(generation 2: 1 new, 1 changed, 1 gone; ");
    let other_regex = rules([("b", "x"), ("a", "y"), ("d", "x")]).replace("d+", "d*");
    folder.write("rules.yaml", other_regex);
    server.logged("(generation 3: 0 new, 1 changed, 0 gone; ");
}

/// Only Linux tells who has a file open.
#[cfg(target_os = "linux")]
#[test]
fn a_file_that_its_writer_keeps_open_is_read_in_the_end_and_the_log_says_so() {
    let folder = Folder::with(&[("rules.yaml", &answering("old"))]);
    let server = Server::start(&folder, &[]);
    let mut writing = File::create(folder.path().join("rules.yaml")).unwrap();
    writing.write_all(answering("new").as_bytes()).unwrap();
    server.logged(
        "rules.yaml is still open for writing, but nothing was written to it for 10 seconds",
    );
    soon_says(&server, "new");
    drop(writing);
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_put_in_its_place_half_written_is_waited_for() {
    let folder = Folder::with(&[("rules.yaml", &answering("old"))]);
    let server = Server::start(&folder, &[]);
    // From then on writers are seen.
    folder.write("rules.yaml", answering("seen"));
    soon_says(&server, "seen");
    let new = folder.path().join(".rules.new");
    let mut writing = File::create(&new).unwrap();
    let half = "rules:\n  - { name: first, when: { equals: first }, reply: half }\n";
    writing.write_all(half.as_bytes()).unwrap();
    fs::rename(new, folder.path().join("rules.yaml")).unwrap();
    // As long as a writer takes.
    thread::sleep(Duration::from_secs(1));
    let rest = answering("new").replace("rules:\n", "");
    writing.write_all(rest.as_bytes()).unwrap();
    drop(writing);
    soon_says(&server, "new");
    server.logged("reloaded rules.yaml: 2 rules (generation 3:");
}

#[test]
fn included_files_are_followed_and_new_ones_found() {
    let root = "rules:\n  - include: words/*.yaml\n  - { name: rest, reply: rest }\n";
    let word = |word: &str, reply: &str| {
        format!("rules:\n  - {{ name: {word}, when: {{ equals: {word} }}, reply: {reply} }}\n")
    };
    let folder = Folder::with(&[("rules.yaml", root), ("words/a.yaml", &word("a", "A1"))]);
    let server = Server::start(&folder, &[]);
    assert_eq!(
        (server.says("o1", "a"), server.says("o1", "b")),
        ("A1".into(), "rest".into())
    );

    folder.write("words/a.yaml", word("a", "A2"));
    eventually("an edit", || server.says("o1", "a") == "A2");
    folder.write("words/b.yaml", word("b", "B1"));
    eventually("a new file", || server.says("o1", "b") == "B1");
    folder.write("words/c.yaml", word("a", "C1"));
    server.logged("the rules are not replaced");
    assert_eq!(server.says("o1", "a"), "A2");
    fs::remove_file(folder.path().join("words/c.yaml")).unwrap();
    server.logged("the files match the live rules again");
    fs::remove_file(folder.path().join("words/b.yaml")).unwrap();
    eventually("a removed file", || server.says("o1", "b") == "rest");
}

#[test]
fn hangup_reads_the_rules_again_and_ends_nothing() {
    let folder = Folder::with(&[("rules.yaml", &answering("one"))]);
    let server = Server::start(&folder, &[]);
    for (times, reply) in [(1, "two"), (2, "three")] {
        folder.write("rules.yaml", answering(reply));
        server.signal("HUP");
        soon_says(&server, reply);
        // Two that wait are one to the system.
        server.logged_times("SIGHUP", times);
    }
    server.signal("HUP");
    server.logged("nothing has changed, generation 3 goes on answering");
}

#[test]
fn signals_are_obeyed_where_the_system_has_no_thread_left() {
    let stored = "options: { on_error: busy }\nrules:\n  - { name: s, when: { equals: s }, set: { a: b }, reply: stored }\n";
    let rules = |reply: &str| answering(reply).replace("rules:\n", stored);
    let folder = Folder::with(&[("rules.yaml", &rules("one"))]);
    let flags = [
        ["--token", wechat::TOKEN],
        ["--admin", "127.0.0.1:0"],
        ["--database", "postgres://localhost:1/nowhere"],
    ];
    let as_bound = |mut command: Command| {
        // The limit does not bind root.
        if geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let server = Server::spawn(as_bound(serve(folder.path(), flags.as_flattened(), &[])));
    let address = operators(&server);
    // Who looks the name up just now would find out too late.
    server.logged("rules that need the database answer with on_error");
    let mut limit = Command::new("prlimit");
    limit.args(["--nproc=1", "--pid", &server.id().to_string()]);
    assert!(as_bound(limit).status().unwrap().success());

    folder.write("rules.yaml", rules("two"));
    server.signal("HUP");
    soon_says(&server, "two");
    server.logged("SIGHUP");
    assert_eq!(server.says("o1", "s"), "busy");
    let refused = reload(address);
    assert_eq!(refused.status, 503);
    assert!(refused.text().contains("no thread left"), "{refused:?}");
    assert!(!server.log().contains("panicked"), "{}", server.log());
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

#[test]
fn a_second_edit_within_a_second_is_live_where_files_have_no_finer_time() {
    // Inodes this small have room for no more.
    let Some(disk) = Disk::make(&["mkfs.ext4", "-q", "-I", "128"]) else {
        requirements::absent("mounts", "it needs root");
        return;
    };
    let folder = Folder::with(&[]);
    let path = disk.path().join("rules.yaml");
    fs::write(&path, answering("one")).unwrap();
    symlink(&path, folder.path().join("rules.yaml")).unwrap();
    let server = Server::start(&folder, &[]);
    let mut before = None;
    for number in 100.. {
        let reply = format!("r{number}");
        fs::write(&path, answering(&reply)).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().ok();
        soon_says(&server, &reply);
        if modified == std::mem::replace(&mut before, modified) {
            return;
        }
    }
}

#[test]
fn failing_tests_can_keep_an_edit_out() {
    let tested = |reply: &str| {
        let tests = "tests:\n  - { name: it says one, send: x, expect: { reply: one } }\n";
        answering(reply) + tests
    };
    let folder = Folder::with(&[("rules.yaml", &tested("one"))]);
    let server = Server::start(&folder, &["--require-tests"]);
    folder.write("rules.yaml", tested("two"));
    server.logged("the rules are not replaced");
    server.logged("it says one");
    assert_eq!(server.says("o1", "x"), "one");
    folder.write("rules.yaml", answering("three"));
    server.logged("has no tests, and --require-tests demands some");
    assert_eq!(server.says("o1", "x"), "one");
    folder.write(
        "rules.yaml",
        tested("two").replace("reply: one }", "reply: two }"),
    );
    soon_says(&server, "two");
}

#[test]
fn files_that_are_swapped_from_outside_are_followed() {
    let folder = Folder::with(&[
        ("mounted/..2026_1/rules.yaml", &answering("one")),
        ("mounted/..2026_2/rules.yaml", &answering("two")),
        ("three/rules.yaml", &answering("three")),
        ("four.yaml", &answering("four")),
    ]);
    let at = |name: &str| folder.path().join(name);
    symlink("..2026_1", at("mounted/..data")).unwrap();
    symlink("..data/rules.yaml", at("mounted/rules.yaml")).unwrap();
    symlink("mounted/rules.yaml", at("rules.yaml")).unwrap();
    let server = Server::start(&folder, &[]);
    assert_eq!(server.says("o1", "x"), "one");

    // As Kubernetes replaces a ConfigMap.
    symlink("..2026_2", at("mounted/..data_tmp")).unwrap();
    fs::rename(at("mounted/..data_tmp"), at("mounted/..data")).unwrap();
    fs::remove_dir_all(at("mounted/..2026_1")).unwrap();
    soon_says(&server, "two");

    symlink("three/rules.yaml", at("next")).unwrap();
    fs::rename(at("next"), at("rules.yaml")).unwrap();
    soon_says(&server, "three");

    fs::rename(at("four.yaml"), at("rules.yaml")).unwrap();
    soon_says(&server, "four");
}

#[test]
fn a_file_that_a_pattern_names_and_nobody_can_read_is_not_left_out() {
    let main = "rules:\n  - include: words/*.yaml\n  - { name: rest, reply: rest }\n";
    let word =
        |reply: &str| format!("rules: [{{ name: a, when: {{ equals: a }}, reply: {reply} }}]");
    let folder = Folder::with(&[
        ("rules.yaml", main),
        (
            "words/b.yaml",
            "rules: [{ name: b, when: { equals: b }, reply: B }]",
        ),
        ("shelf/a.yaml", &word("one")),
    ]);
    let at = |name: &str| folder.path().join(name);
    symlink("../shelf/a.yaml", at("words/a.yaml")).unwrap();
    let server = Server::start(&folder, &[]);
    assert_eq!(server.says("o1", "a"), "one");

    // What the link leads to is away for a while, as a mount may be.
    fs::rename(at("shelf"), at("away")).unwrap();
    server.logged("there is no file words/a.yaml");
    assert_eq!(server.says("o1", "a"), "one");
    folder.write("away/a.yaml", word("two"));
    fs::rename(at("away"), at("shelf")).unwrap();
    eventually("it is back", || server.says("o1", "a") == "two");

    // What a container makes of a file that it is to mount and does not find.
    fs::remove_file(at("words/a.yaml")).unwrap();
    fs::create_dir(at("words/a.yaml")).unwrap();
    server.logged("cannot read words/a.yaml: it is a folder, not a file");
    assert_eq!(server.says("o1", "a"), "two");
    let check = folder.run(&["check", "rules.yaml"]);
    assert_eq!(check.code, 1, "{check:?}");
    fs::remove_dir(at("words/a.yaml")).unwrap();
    eventually("it is gone for good", || server.says("o1", "a") == "rest");
}

#[test]
fn a_folder_that_may_not_be_entered_or_listed_is_not_empty() {
    let main = "rules:\n  - include: words/*.yaml\n  - include: more/*.yaml\n";
    let rule =
        |name: &str| format!("rules: [{{ name: {name}, when: {{ equals: {name} }}, reply: x }}]");
    let folder = Folder::with(&[
        ("rules.yaml", main),
        ("words/a.yaml", &rule("a")),
        ("more/b.yaml", &rule("b")),
    ]);
    let allow = |name: &str, mode: u32| {
        fs::set_permissions(folder.path().join(name), Permissions::from_mode(mode)).unwrap();
    };
    allow(".", 0o755);
    for (mode, said) in [
        (0o755, "2 rules, 0 tests, no problems"),
        (0o644, "cannot read words/a.yaml: Permission denied"),
        (0o311, "cannot list words: Permission denied"),
    ] {
        allow("words", mode);
        let mut check = support::program(&["check", "rules.yaml"]);
        if geteuid().is_root() {
            check.uid(NOBODY).gid(NOBODY);
        }
        let output = check.current_dir(folder.path()).output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.contains(said), "{mode:o}: {stdout}");
    }
}

/// So long that it takes several writes, and what answers stands at the very end.
fn long(version: usize) -> String {
    let mut rules = format!(
        "rules:\n  - {{ name: first, when: {{ equals: first }}, reply: 'v{version} v{version}' }}\n"
    );
    for number in 0..300 {
        let _ = writeln!(
            rules,
            "  - {{ name: filler {number}, when: {{ equals: filler {number} }}, reply: v{version} }}"
        );
    }
    let _ = writeln!(
        rules,
        "  - {{ name: last, when: {{ type: text }}, reply: 'v{version} v{version}' }}"
    );
    rules
}

fn save(folder: &Folder, version: usize) {
    let path = folder.path().join("rules.yaml");
    let text = long(version);
    if version.is_multiple_of(3) {
        folder.write("rules.yaml.new", &text);
        fs::rename(folder.path().join("rules.yaml.new"), path).unwrap();
        return;
    }
    let mut file = File::create(path).unwrap();
    for piece in text.as_bytes().chunks(text.len() / 3) {
        file.write_all(piece).unwrap();
        file.flush().unwrap();
        thread::yield_now();
    }
}

#[test]
fn two_hundred_saves_under_load_give_old_or_new_answers_and_nothing_else() {
    const SAVES: usize = 200;
    let folder = Folder::with(&[("rules.yaml", &long(0))]);
    let server = Server::start(&folder, &[]);
    let (begun, answered, over) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicBool::new(false),
    );
    thread::scope(|scope| {
        for word in ["first", "x"] {
            let (server, begun, answered, over) = (&server, &begun, &answered, &over);
            scope.spawn(move || {
                let mut before = 0;
                while !over.load(Ordering::SeqCst) {
                    let said = server.says("o1", word);
                    let newest = begun.load(Ordering::SeqCst);
                    let (one, other) = said.split_once(' ').unwrap();
                    let version: usize = one.strip_prefix('v').unwrap().parse().unwrap();
                    assert_eq!(one, other, "a mixture");
                    assert!(
                        (before..=newest).contains(&version),
                        "{before} {version} {newest}"
                    );
                    before = version;
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for version in 1..=SAVES {
            begun.store(version, Ordering::SeqCst);
            save(&folder, version);
            if version.is_multiple_of(20) {
                let newest = format!("v{version} v{version}");
                eventually(&newest, || server.says("o1", "x") == newest);
            }
        }
        over.store(true, Ordering::SeqCst);
    });
    assert!(answered.load(Ordering::SeqCst) >= SAVES);
}

/// The rules that answered it first are gone, and those that are live need no database for it.
#[test]
fn a_repeated_delivery_gets_its_answer_whatever_the_rules_say_by_then() {
    let counting = "rules: [{ name: all, increase: { times: 1 }, reply: 第<new.times>次 }]";
    let folder = Folder::with(&[("rules.yaml", counting)]);
    let server = Server::start(&folder, &["--database", "sqlite:f.db"]);
    let message = wechat::text("o1", "x");
    let repeated = || said_text(&server.post(&wechat::plain(&message)));
    assert_eq!(repeated(), "第1次");
    folder.write("rules.yaml", answering("two"));
    // A message that is newer than the rules is answered by them.
    eventually("the rules are replaced", || server.says("o2", "x") == "two");
    assert_eq!(repeated(), "第1次");
    assert_eq!(server.says("o1", "x"), "two");
}
