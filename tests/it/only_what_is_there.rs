//! Commands that look into a database make nothing in it.

use std::fs;

use crate::database;
use crate::stored::{NOON, set, store};
use crate::support::Folder;

const RULES: &str = "
rules:
  - { name: 记, when: { prefix: 记 }, set: { v: <rest> }, reply: 好 }
";

const FOREIGN: &str = "CREATE TABLE notes (text VARCHAR(20)); INSERT INTO notes VALUES ('mine')";

/// Each command that looks into a database, with what it says where nothing of wxreply is.
const COMMANDS: [(&[&str], i32); 4] = [
    (&["list"], 2),
    (&["export", "o1"], 2),
    (&["forget", "o1"], 2),
    (
        &[
            "doctor",
            "--token",
            "a7c3e9f1",
            "--admin",
            "off",
            "--listen",
            "127.0.0.1:0",
        ],
        0,
    ),
];

#[track_caller]
fn says_that_there_is_nothing(folder: &Folder, url: &str) {
    for (command, code) in COMMANDS {
        let outcome = folder.run(&[command, &["--database", url]].concat());
        let said = outcome.stdout + &outcome.stderr;
        assert_eq!(outcome.code, code, "{command:?}: {said}");
        let line = said
            .lines()
            .find(|line| line.contains("nothing of wxreply yet"));
        assert!(line.is_some(), "{command:?}: {said}");
    }
}

#[test]
fn a_server_without_its_tables_stays_as_it_is() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for server in database::databases(&folder).into_iter().skip(1) {
        for statements in ["SELECT 1", FOREIGN] {
            let url = database::create(&server);
            database::run(&url, statements);
            let name = url.rsplit_once('/').unwrap().1;
            let tables = match url.starts_with("postgres") {
                true => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'".into(),
                false => format!(
                    "SELECT CAST(table_name AS CHAR) FROM information_schema.tables \
                     WHERE table_schema = '{name}'"
                ),
            };
            let before = database::column(&url, &tables);
            says_that_there_is_nothing(&folder, &url);
            assert_eq!(database::column(&url, &tables), before);
            database::drop(&url);
        }
    }
}

#[test]
fn a_file_without_its_tables_stays_byte_for_byte_as_it_is() {
    let folder = Folder::with(&[("rules.yaml", RULES), ("empty.db", "")]);
    let file = folder.path().join("foreign.db");
    let url = format!("sqlite:{}?mode=rwc", file.display());
    database::run(&url, FOREIGN);
    for name in ["empty.db", "foreign.db"] {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        let url = format!("sqlite:{name}");
        says_that_there_is_nothing(&folder, &url);
        let backup = folder.run(&["backup", "copy.db", "--database", &url]);
        assert_eq!(backup.code, 2);
        assert!(
            backup.stderr.contains("nothing of wxreply yet"),
            "{}",
            backup.stderr
        );
        assert!(fs::read(&path).unwrap() == before, "{name} has changed");
    }
    let mut left: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["empty.db", "foreign.db", "rules.yaml"]);
}

/// As before the first start after an upgrade.
#[test]
fn tables_of_an_older_version_are_read_as_they_are() {
    let folder = Folder::with(&[]);
    for server in database::databases(&folder) {
        let (url, first) = match server.split(':').next().unwrap() {
            "postgres" => (
                database::create(&server),
                include_str!("../../migrations/postgres/0001_followers.sql"),
            ),
            "mysql" => (
                database::create(&server),
                include_str!("../../migrations/mysql/0001_followers.sql"),
            ),
            _ => (
                format!("{server}?mode=rwc"),
                include_str!("../../migrations/sqlite/0001_followers.sql"),
            ),
        };
        database::run(&url, first);
        database::run(
            &url,
            "CREATE TABLE wx_migrations (number BIGINT PRIMARY KEY); \
             INSERT INTO wx_migrations VALUES (1); \
             INSERT INTO wx_values (openid, account, name, value, updated_at) \
             VALUES ('o1', 'gh_1', 'k', '好', 1767326400)",
        );
        for command in [&["list"][..], &["export", "o1"]] {
            let outcome = folder.run(&[command, &["--database", &url]].concat());
            assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{url}");
            assert!(outcome.stdout.contains('好'), "{}", outcome.stdout);
        }
        let applied = "SELECT CASE number WHEN 1 THEN 'first' ELSE 'later' END FROM wx_migrations";
        assert_eq!(database::column(&url, applied), ["first"]);
        if server.starts_with("sqlite") {
            let backup = folder.run(&["backup", "copy.db", "--database", &server]);
            assert_eq!(backup.code, 0, "{}", backup.stderr);
            assert_eq!(database::column(&url, applied), ["first"]);
        } else {
            database::drop(&url);
        }
    }
}

/// As a backup is.
#[test]
fn a_file_without_a_log_gets_none() {
    let folder = Folder::with(&[]);
    let url = format!("sqlite:{}/wxreply.db", folder.path().display());
    store(&url, "gh_1", "o1", NOON, &[set("v", "1")]);
    let backup = folder.run(&["backup", "copy.db"]);
    assert_eq!(backup.code, 0, "{}", backup.stderr);
    let copy = folder.path().join("copy.db");
    let before = fs::read(&copy).unwrap();
    for command in [&["list"][..], &["export", "o1"], &["backup", "again.db"]] {
        let outcome = folder.run(&[command, &["--database", "sqlite:copy.db"]].concat());
        assert_eq!(outcome.code, 0, "{command:?}: {}", outcome.stderr);
        assert!(fs::read(&copy).unwrap() == before, "{command:?}");
    }
    let forgotten = folder.run(&["forget", "o1", "--database", "sqlite:copy.db"]);
    assert!(forgotten.stdout.starts_with("deleted "), "{forgotten:?}");
    assert_eq!(fs::read(&copy).unwrap()[18..20], [1, 1], "it has a log");
}
