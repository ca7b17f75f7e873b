//! A SQLite file that is removed, moved or replaced under a running bot.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use actix_web::rt::System;
use wxreply::store::{Remembered, Store};

use crate::support::{TestDatabase, set};

struct Case {
    what: &'static str,
    happens: fn(&Path),
    /// Whether what was acknowledged before is still stored.
    keeps: bool,
}

const CASES: [Case; 9] = [
    Case {
        what: "all files are removed",
        happens: |file| {
            fs::remove_file(file).unwrap();
            fs::remove_file(beside(file, "-wal")).unwrap();
            fs::remove_file(beside(file, "-shm")).unwrap();
        },
        keeps: false,
    },
    Case {
        what: "the database is removed",
        happens: |file| fs::remove_file(file).unwrap(),
        keeps: false,
    },
    Case {
        what: "the log is removed",
        happens: |file| fs::remove_file(beside(file, "-wal")).unwrap(),
        keeps: true,
    },
    Case {
        what: "the shared memory is removed",
        happens: |file| fs::remove_file(beside(file, "-shm")).unwrap(),
        keeps: true,
    },
    Case {
        what: "the log and the shared memory are removed",
        happens: |file| {
            fs::remove_file(beside(file, "-wal")).unwrap();
            fs::remove_file(beside(file, "-shm")).unwrap();
        },
        keeps: true,
    },
    Case {
        what: "the database is moved",
        happens: |file| fs::rename(file, beside(file, ".moved")).unwrap(),
        keeps: false,
    },
    Case {
        what: "all files are moved",
        happens: |file| {
            for suffix in ["", "-wal", "-shm"] {
                fs::rename(
                    beside(file, suffix),
                    beside(file, &format!(".moved{suffix}")),
                )
                .unwrap();
            }
        },
        keeps: false,
    },
    Case {
        what: "another database takes its place",
        happens: |file| fs::rename(beside(file, ".other"), file).unwrap(),
        keeps: false,
    },
    Case {
        what: "the folder is moved and made again",
        happens: |file| {
            let folder = file.parent().unwrap();
            fs::rename(folder, folder.with_extension("moved")).unwrap();
            fs::create_dir(folder).unwrap();
        },
        keeps: false,
    },
];

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A database in a folder that may be moved, and `followers.db.other` beside it, in which o1 has
/// stored something else.
async fn database() -> (TestDatabase, PathBuf) {
    let mut database = TestDatabase::sqlite();
    let file = PathBuf::from(database.url.strip_prefix("sqlite:").unwrap());
    let folder = file.parent().unwrap().join("data");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("followers.db");
    database.url = format!("sqlite:{}.other", file.display());
    let store = database.store();
    let delivery = database.delivery("o1", "0");
    let changes = [set("v", "of another")];
    store.remember(&delivery, None, &changes, "").await.unwrap();
    store.close().await;
    database.url = format!("sqlite:{}", file.display());
    (database, file)
}

async fn set_v(store: &Store, database: &TestDatabase, value: &str) -> Result<Remembered, String> {
    let changes = [set("v", value)];
    let delivery = database.delivery("o1", value);
    let outcome = store.remember(&delivery, None, &changes, "").await;
    outcome.map_err(|error| error.label().to_owned())
}

/// What a program finds that opens the file now.
async fn v(database: &TestDatabase) -> Option<String> {
    let delivery = database.delivery("o1", "read");
    let recalled = database.store().recall(&delivery).await.unwrap();
    recalled.user.get("v").map(|v| v.texts().concat())
}

#[test]
fn nothing_is_acknowledged_that_is_written_to_a_file_that_is_gone() {
    for case in &CASES {
        System::new().block_on(async {
            let (database, file) = database().await;
            let store = database.store();
            let what = case.what;
            assert_eq!(set_v(&store, &database, "1").await, Ok(Remembered::Done));
            (case.happens)(&file);
            let outcome = set_v(&store, &database, "2").await;
            assert_eq!(outcome, Err("replaced".to_owned()), "{what}");
            let expected = match case.keeps {
                true => Some("1"),
                false if what.starts_with("another") => Some("of another"),
                false => None,
            };
            store.ping().await.unwrap();
            assert_eq!(v(&database).await.as_deref(), expected, "{what}");
            let outcome = set_v(&store, &database, "3").await;
            assert_eq!(outcome, Ok(Remembered::Done), "{what}");
            assert_eq!(v(&database).await.as_deref(), Some("3"), "{what}");
        });
    }
}

#[test]
fn what_is_read_is_not_from_a_file_that_is_gone() {
    for case in &CASES {
        System::new().block_on(async {
            let (database, file) = database().await;
            let store = database.store();
            assert_eq!(set_v(&store, &database, "1").await, Ok(Remembered::Done));
            let delivery = database.delivery("o1", "read");
            store.recall(&delivery).await.unwrap();
            (case.happens)(&file);
            let outcome = store.recall(&delivery).await;
            assert_eq!(outcome.err().map(|error| error.label()), Some("replaced"));
            let recalled = store.recall(&delivery).await.unwrap();
            let is_kept = recalled.user.get("v").is_some_and(|v| v.texts() == ["1"]);
            assert_eq!(is_kept, case.keeps, "{}", case.what);
        });
    }
}

/// Another name of the file.
fn linked(file: &Path) -> PathBuf {
    let link = beside(file, ".link");
    symlink(file, &link).unwrap();
    link
}

/// Whoever moves the file gets all that was acknowledged, the log included.
#[test]
fn a_file_that_was_moved_is_complete() {
    System::new().block_on(async {
        let (mut database, file) = database().await;
        let store = database.store();
        assert_eq!(set_v(&store, &database, "1").await, Ok(Remembered::Done));
        fs::rename(&file, beside(&file, ".moved")).unwrap();
        set_v(&store, &database, "2").await.unwrap_err();
        store.ping().await.unwrap();
        database.url.push_str(".moved");
        assert!(["1", "2"].contains(&v(&database).await.unwrap().as_str()));
    });
}

/// A link is followed to where it leads now.
#[cfg(unix)]
#[test]
fn a_link_that_leads_elsewhere_is_noticed() {
    System::new().block_on(async {
        let (mut database, file) = database().await;
        let link = linked(&file);
        database.url = format!("sqlite:{}", link.display());
        let store = database.store();
        assert_eq!(set_v(&store, &database, "1").await, Ok(Remembered::Done));
        assert!(beside(&file, "-wal").exists());
        fs::remove_file(&link).unwrap();
        symlink(beside(&file, ".other"), &link).unwrap();
        let outcome = set_v(&store, &database, "2").await;
        assert_eq!(outcome, Err("replaced".to_owned()));
        store.ping().await.unwrap();
        assert_eq!(v(&database).await.as_deref(), Some("of another"));
    });
}

/// Locks belong to the process: what one of two closes must not take them from the other.
#[test]
fn two_that_open_a_file_by_different_names_do_not_unlock_it_for_other_programs() {
    System::new().block_on(async {
        let (mut database, file) = database().await;
        let store = database.store();
        assert_eq!(set_v(&store, &database, "1").await, Ok(Remembered::Done));
        let link = linked(&file);
        let url = std::mem::replace(&mut database.url, format!("sqlite:{}", link.display()));
        let other = database.store();
        for (value, closes) in [("2", false), ("3", true)] {
            assert_eq!(set_v(&other, &database, value).await, Ok(Remembered::Done));
            if closes {
                other.close().await;
            }
            // If it believes that nobody uses the file, it removes the log.
            let mut command = Command::new(env!("CARGO_BIN_EXE_wxreply"));
            let forgotten = command.args(["forget", "nobody", "--database", &url]);
            assert!(forgotten.output().unwrap().status.success());
            let outcome = set_v(&store, &database, &format!("{value} more")).await;
            assert_eq!(outcome, Ok(Remembered::Done));
        }
    });
}
