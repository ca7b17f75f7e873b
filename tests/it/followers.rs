//! `wxreply export` and `wxreply forget`: what is stored of one person, shown and deleted.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use wxreply::user::Change;

use crate::database;
use crate::stored::{NOON, add, set, store};
use crate::support::{Folder, Outcome, program};

/// A folder with `wxreply.db`, where oABC is known to two accounts and oXYZ to one.
fn folder() -> Folder {
    let folder = Folder::with(&[]);
    let url = format!("sqlite:{}/wxreply.db", folder.path().display());
    let step = Change::Set {
        key: "step".to_owned(),
        value: "ask".to_owned(),
        expires: Some(Duration::from_secs(3600)),
    };
    for (account, openid, changes) in [
        ("gh_1", "oABC", vec![set("threshold", "100"), step]),
        (
            "gh_2",
            "oABC",
            vec![add("stocks", "600519"), add("stocks", "000001")],
        ),
        ("gh_1", "oXYZ", vec![set("threshold", "200")]),
    ] {
        store(&url, account, openid, NOON, &changes);
    }
    folder
}

fn exported(folder: &Folder, openid: &str) -> Value {
    let outcome = folder.run(&["export", openid]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    serde_json::from_str(&outcome.stdout).unwrap()
}

fn nothing_of(openid: &str) -> Value {
    json!({
        "openid": openid, "values": [], "items": [], "answers": [], "questions": [], "turns": [],
        "counts": [], "arrivals": [],
    })
}

#[test]
fn export_shows_everything_of_one_person_in_all_accounts() {
    let noon = "2026-01-02T04:00:00Z";
    let value = |key: &str, value: &str, expires_at: Option<&str>| {
        json!({
            "account": "gh_1",
            "key": key,
            "value": value,
            "expires_at": expires_at,
            "updated_at": noon,
        })
    };
    let item = |item: &str| {
        json!({
            "account": "gh_2",
            "key": "stocks",
            "item": item,
            "added_at": noon,
        })
    };
    let answer = |account: &str| {
        json!({
            "account": account,
            "delivery": format!("{account} oABC {NOON}"),
            "answer": { "text": "设置成功" },
            "answered_at": noon,
        })
    };
    let wanted = json!({
        "openid": "oABC",
        "values": [
            value("step", "ask", Some("2026-01-02T05:00:00Z")),
            value("threshold", "100", None),
        ],
        "items": [item("600519"), item("000001")],
        "answers": [answer("gh_1"), answer("gh_2")],
        "questions": [],
        "turns": [],
        "counts": [],
        "arrivals": [],
    });
    assert_eq!(exported(&folder(), "oABC"), wanted);
}

#[test]
fn forget_deletes_one_person_everywhere_and_nobody_else() {
    let folder = folder();
    let before = exported(&folder, "oXYZ");
    assert_eq!(before["values"][0]["value"], "200");

    let outcome = folder.run(&["forget", "oABC"]);
    // Two values, two items, and in each account the follower and an answer.
    assert_eq!(outcome.stdout, "deleted 8 rows of oABC\n");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));

    assert_eq!(exported(&folder, "oABC"), nothing_of("oABC"));
    assert_eq!(exported(&folder, "oXYZ"), before);
    let again = folder.run(&["forget", "oABC"]);
    assert_eq!(again.stdout, "nothing was stored of oABC\n");
    assert_eq!(again.code, 0);
}

#[test]
fn what_was_forgotten_is_not_left_in_the_file() {
    let folder = folder();
    let words = "请不要留下这句话".repeat(2000);
    let url = format!("sqlite:{}/wxreply.db", folder.path().display());
    store(&url, "gh_3", "oABC", NOON, &[set("said", &words)]);
    let holds_words = || {
        let mut files = folder.path().read_dir().unwrap();
        files.any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let words = "请不要留下这句话".as_bytes();
            bytes.windows(words.len()).any(|window| window == words)
        })
    };
    assert!(holds_words());
    assert_eq!(folder.run(&["forget", "oABC"]).code, 0);
    assert!(!holds_words());
}

#[test]
fn whoever_is_not_known_is_no_error() {
    let folder = folder();
    assert_eq!(exported(&folder, "oabc"), nothing_of("oabc"));
    let outcome = folder.run(&["forget", "oabc"]);
    assert_eq!(outcome.stdout, "nothing was stored of oabc\n");
    assert_eq!(outcome.code, 0);
}

/// What counts for all followers together stands under no openid.
#[test]
fn nobody_in_particular_cannot_be_meant() {
    let folder = folder();
    let url = format!("sqlite:{}/wxreply.db", folder.path().display());
    let insert = "INSERT INTO wx_counts VALUES ('', 'gh_1', '小助手', 7, 99999999999)";
    database::run(&url, insert);
    for command in ["export", "forget"] {
        let outcome = folder.run(&[command, ""]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert!(outcome.stderr.contains("<OPENID>"), "{}", outcome.stderr);
    }
    let left = "SELECT service FROM wx_counts";
    assert_eq!(database::column(&url, left), ["小助手"]);
}

#[test]
fn the_database_is_named_by_flag_variable_or_file() {
    let folder = folder();
    std::fs::rename(
        folder.path().join("wxreply.db"),
        folder.path().join("other.db"),
    )
    .unwrap();
    folder.write("url.txt", "sqlite:other.db\n");
    let known = |outcome: Outcome| {
        assert_eq!(outcome.stderr, "");
        outcome.stdout.contains("600519")
    };
    assert!(known(folder.run(&[
        "export",
        "oABC",
        "--database",
        "sqlite:other.db"
    ])));
    assert!(known(folder.run(&[
        "export",
        "oABC",
        "--database-file",
        "url.txt"
    ])));
    let by_variable = program(&["export", "oABC"])
        .env("WXREPLY_DATABASE", "sqlite:other.db")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        String::from_utf8(by_variable.stdout)
            .unwrap()
            .contains("600519")
    );
}

/// Both commands end the same way, with nothing on standard output.
#[track_caller]
fn check_refused(folder: &Folder, database: &[&str], words: &[&str]) {
    for command in ["export", "forget"] {
        let outcome = folder.run(&[&[command, "oABC"], database].concat());
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert!(outcome.stderr.starts_with("error: "), "{}", outcome.stderr);
        for word in words {
            assert!(outcome.stderr.contains(word), "{}", outcome.stderr);
        }
        assert!(!outcome.stderr.contains("secret"), "{}", outcome.stderr);
    }
}

#[test]
fn a_database_that_is_not_there_is_an_error_and_is_not_made() {
    let folder = Folder::with(&[]);
    let words = ["sqlite:wxreply.db is not there", "--database"];
    check_refused(&folder, &[], &words);
    let mut left = folder.path().read_dir().unwrap();
    assert!(left.next().is_none(), "a file was made");
}

#[test]
fn a_database_that_cannot_be_used_says_why_without_its_password() {
    let folder = Folder::with(&[
        ("damaged.db", &"not a database\n".repeat(100)),
        ("url.txt", "redis://bot:secret@db\n"),
    ]);
    let mut make_pipe = Command::new("mkfifo");
    let made = make_pipe.arg(folder.path().join("pipe")).status();
    assert!(made.unwrap().success());
    for (database, words) in [
        ("sqlite:damaged.db", ["is damaged", "not a database"]),
        (
            "postgres://bot:secret@127.0.0.1:1/wx",
            ["postgres://127.0.0.1:1/wx cannot be reached", "refused"],
        ),
        (
            "sqlite:pipe",
            ["cannot read pipe", "it is a pipe, a socket or a device"],
        ),
        (
            "sqlite:/dev/null",
            [
                "cannot read /dev/null",
                "it is a pipe, a socket or a device",
            ],
        ),
        ("redis://bot:secret@db", ["--database: ", "sqlite:FILE"]),
    ] {
        check_refused(&folder, &["--database", database], &words);
    }
    let words = ["url.txt: the database URL", "sqlite:FILE"];
    check_refused(&folder, &["--database-file", "url.txt"], &words);
    check_refused(&folder, &["--database-file", "none.txt"], &["none.txt"]);
}

#[test]
fn two_databases_named_at_once_are_refused_rather_than_one_of_them_forgotten() {
    let folder = folder();
    folder.write("url.txt", "sqlite:other.db\n");
    let both = [
        "--database",
        "sqlite:wxreply.db",
        "--database-file",
        "url.txt",
    ];
    check_refused(&folder, &both, &["--database-file"]);
    let by_variable = program(&["forget", "oABC", "--database", "sqlite:wxreply.db"])
        .env("WXREPLY_DATABASE_FILE", "url.txt")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(by_variable.status.code(), Some(2));
    assert_eq!(
        exported(&folder, "oABC")["values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

/// The words would stay in the file -wal.
#[test]
fn forget_says_when_another_program_keeps_what_was_deleted() {
    let folder = folder();
    let url = format!("sqlite:{}/wxreply.db", folder.path().display());
    let outcome = database::read_during(&url, || folder.run(&["forget", "oABC"]));
    assert_eq!(
        (outcome.code, outcome.stdout.as_str()),
        (2, "deleted 8 rows of oABC\n")
    );
    assert!(
        outcome.stderr.contains("another program is reading"),
        "{}",
        outcome.stderr
    );
    let again = folder.run(&["forget", "oABC"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
}
