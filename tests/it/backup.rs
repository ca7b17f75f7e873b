//! `wxreply backup`: a copy of a SQLite database that is in use.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::{among, database};

const RULES: &str = "
rules:
  - { name: 记, when: { prefix: 记 }, add: { words: <rest> }, reply: 好 }
";

fn files(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names
        .filter(|name| !name.starts_with("f.db") && !name.starts_with(among::FILES))
        .collect();
    names.sort();
    names
}

#[test]
fn a_backup_of_a_busy_server_has_all_that_was_acknowledged_and_can_be_put_in_its_place() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", "sqlite:f.db"]);
    for number in 0..20 {
        assert_eq!(server.says("o1", &format!("记{number}")), "好");
    }
    let is_over = AtomicBool::new(false);
    let outcome = thread::scope(|scope| {
        for writer in 0..4 {
            let (server, is_over) = (&server, &is_over);
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::Relaxed) {
                        break;
                    }
                    server.says(&format!("busy{writer}"), &format!("记{number}"));
                }
            });
        }
        let outcome = folder.run(&["backup", "copy.db", "--database", "sqlite:f.db"]);
        is_over.store(true, Ordering::Relaxed);
        outcome
    });
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (0, "wrote copy.db\n"),
        "{outcome:?}"
    );
    assert_eq!(files(&folder), ["copy.db", "rules.yaml"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        let mode = fs::metadata(folder.path().join("copy.db"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    assert_eq!(server.says("o1", "记later"), "好");
    fs::rename(folder.path().join("copy.db"), folder.path().join("f.db")).unwrap();
    eventually("the copy is used", || server.says("o1", "记again") == "好");
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let words = (0..20).map(|number| number.to_string());
    let words: Vec<_> = words.chain(["again".to_owned()]).collect();
    assert_eq!(database::items(&url, "o1", "words"), words);
}

#[test]
fn of_several_backups_to_one_file_one_is_made() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", "sqlite:f.db"]);
    for number in 0..20 {
        assert_eq!(
            server.says("o1", &format!("记{number}{}", "长".repeat(600))),
            "好"
        );
    }
    let outcomes: Vec<_> = thread::scope(|scope| {
        let backups: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| folder.run(&["backup", "copy.db", "--database", "sqlite:f.db"]))
            })
            .collect();
        let backups = backups.into_iter();
        backups.map(|backup| backup.join().unwrap()).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.iter().partition(|outcome| outcome.code == 0);
    assert_eq!(made.len(), 1, "{outcomes:?}");
    for outcome in refused {
        assert_eq!(outcome.code, 2);
        assert!(
            outcome.stderr.contains("copy.db already exists"),
            "{outcome:?}"
        );
    }
    assert_eq!(files(&folder), ["copy.db", "rules.yaml"]);
    let url = format!("sqlite:{}", folder.path().join("copy.db").display());
    assert_eq!(database::items(&url, "o1", "words").len(), 20);
}

#[test]
fn a_backup_that_cannot_be_made_leaves_nothing_and_replaces_nothing() {
    let folder = Folder::with(&[("rules.yaml", RULES), ("old.db", "an older backup")]);
    drop(Server::start(&folder, &["--database", "sqlite:f.db"]).says("o1", "记1"));
    for (database, file, says) in [
        ("sqlite:f.db", "old.db", "old.db already exists"),
        ("sqlite:f.db", "no/such.db", "cannot write no/such.db"),
        ("sqlite:f.db", "folder/", "cannot write folder/"),
        ("sqlite:nothing.db", "new.db", "nothing.db is not there"),
        ("postgres://u:secret@127.0.0.1/wx", "new.db", "pg_dump"),
    ] {
        let outcome = folder.run(&["backup", file, "--database", database]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{file}");
        assert!(outcome.stderr.contains(says), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("secret"));
        assert_eq!(files(&folder), ["old.db", "rules.yaml"]);
    }
    let old = fs::read_to_string(folder.path().join("old.db")).unwrap();
    assert_eq!(old, "an older backup");
}
