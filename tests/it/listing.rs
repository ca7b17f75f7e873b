//! `wxreply list`: what is stored of all followers, as a table, as CSV and as JSON.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use wxreply::user::Change;

use crate::database;
use crate::stored::{NOON, add, set, store};
use crate::support::{Folder, Outcome, program};

fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs().cast_signed()
}

/// `wxreply list` with UTC as the time zone of the machine.
fn list(folder: &Folder, url: &str, flags: &[&str]) -> Outcome {
    let words = [&["list", "--database", url], flags].concat();
    let output = program(&words)
        .env("TZ", "UTC")
        .current_dir(folder.path())
        .output()
        .unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[track_caller]
fn listed(folder: &Folder, url: &str, flags: &[&str]) -> String {
    let outcome = list(folder, url, flags);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    outcome.stdout
}

/// A SQLite file with two followers of one account.
fn file() -> (Folder, String) {
    let folder = Folder::with(&[]);
    let url = format!("sqlite:{}/wxreply.db", folder.path().display());
    let subscribed = ["000001", "600519"].map(|stock| add("订阅", stock));
    store(&url, "gh_1", "oABC", NOON, &subscribed);
    let booking = [set("booking", "3 位，靠窗")];
    store(&url, "gh_1", "oXYZ", NOON + 1, &booking);
    (folder, url)
}

#[test]
fn what_is_stored_is_listed_newest_first_on_every_database() {
    let folder = Folder::with(&[]);
    for url in database::databases(&folder) {
        let (account, other) = (database::new_follower(), database::new_follower());
        let now = now();
        let step = Change::Set {
            key: "step".to_owned(),
            value: "ask".to_owned(),
            expires: Some(Duration::from_secs(60)),
        };
        let stocks = ["a", "b"].map(|stock| add("stocks", stock));
        let expired = [step.clone(), set("name", "先生")];
        store(&url, &account, "oOld", now - 864_000, &expired);
        store(&url, &account, "oABC", now - 3600, &stocks);
        store(&url, &account, "oXYZ", now, &[step, set("name", "女士")]);
        store(&url, &other, "oXYZ", now, &[set("name", "别处")]);
        let rows = |flags: &[&str]| {
            let all = ["--format", "json", "--openid", "--account", &account];
            let said = listed(&folder, &url, &[&all[..], flags].concat());
            let rows: Vec<Value> = serde_json::from_str(&said).unwrap();
            rows.into_iter()
        };
        let row = |row: Value| {
            let part = |name: &str| row[name].as_str().unwrap().to_owned();
            format!("{} {} {}", part("follower"), part("key"), part("value"))
        };
        for (flags, wanted) in [
            (
                &[][..],
                &[
                    "oXYZ name 女士",
                    "oXYZ step ask",
                    "oABC stocks b",
                    "oABC stocks a",
                    "oOld name 先生",
                ][..],
            ),
            (&["--key", "name"], &["oXYZ name 女士", "oOld name 先生"]),
            (&["--key", "stocks"], &["oABC stocks b", "oABC stocks a"]),
            (
                &["--since", "7d"],
                &[
                    "oXYZ name 女士",
                    "oXYZ step ask",
                    "oABC stocks b",
                    "oABC stocks a",
                ],
            ),
            (&["--since", "7d", "--key", "name"], &["oXYZ name 女士"]),
            (&["--key", "name'; --"], &[]),
        ] {
            let rows: Vec<String> = rows(flags).map(row).collect();
            assert_eq!(rows, wanted, "{url}: {flags:?}");
        }
        let first = rows(&["--key", "step"]).next().unwrap();
        assert_eq!(first["account"], account, "{url}");
        assert!(first["expires_at"].as_str() > first["stored_at"].as_str());
        let everybody = listed(&folder, &url, &["--format", "json", "--key", "name"]);
        assert!(everybody.contains(&other), "{url}");
    }
}

#[test]
fn a_table_is_for_people_and_does_not_name_them() {
    let (folder, url) = file();
    let with_openids = listed(&folder, &url, &["--openid"]);
    assert_eq!(
        with_openids,
        "\
stored               follower  account  key      value
2026-01-02 04:00:01  oXYZ      gh_1     booking  3 位，靠窗
2026-01-02 04:00:00  oABC      gh_1     订阅     600519
2026-01-02 04:00:00  oABC      gh_1     订阅     000001
"
    );
    let without = listed(&folder, &url, &[]);
    assert!(!without.contains("oABC") && !without.contains("oXYZ"));
    let followers: Vec<&str> = without
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().nth(2).unwrap())
        .collect();
    assert_eq!(followers[1], followers[2], "one follower has one name");
    assert_ne!(followers[0], followers[1]);
    let chinese = listed(&folder, &url, &["--lang", "zh"]);
    assert!(chinese.starts_with("存储时间"), "{chinese}");
    let nothing = listed(&folder, &url, &["--key", "phone"]);
    assert_eq!(nothing, "nothing is stored\n");
}

#[test]
fn what_a_follower_wrote_commands_no_terminal() {
    let (folder, url) = file();
    let said = [set("said", "a\u{1b}[2J\nb\u{202e}c")];
    store(&url, "gh_1", "oABC", NOON + 2, &said);
    let table = listed(&folder, &url, &["--key", "said"]);
    assert!(table.ends_with("a\\u{1b}[2J\\nb\\u{202e}c\n"), "{table}");
}

#[test]
fn csv_is_what_a_spreadsheet_program_opens_rightly() {
    let (folder, url) = file();
    let formula = [set("said", "=HYPERLINK(\"http://x\")"), set("points", "-5")];
    store(&url, "gh_1", "oABC", NOON + 2, &formula);
    let csv = "\
stored_at,follower,account,key,value,expires_at\r
2026-01-02 04:00:02,oABC,gh_1,points,-5,\r
2026-01-02 04:00:02,oABC,gh_1,said,\"'=HYPERLINK(\"\"http://x\"\")\",\r
2026-01-02 04:00:01,oXYZ,gh_1,booking,3 位，靠窗,\r
2026-01-02 04:00:00,oABC,gh_1,订阅,600519,\r
2026-01-02 04:00:00,oABC,gh_1,订阅,000001,\r
";
    let flags = ["--openid", "--format", "csv"];
    assert_eq!(listed(&folder, &url, &flags), csv);
    let flags = ["--openid", "--format", "csv", "--bom"];
    assert_eq!(listed(&folder, &url, &flags), format!("\u{feff}{csv}"));
    let empty = listed(&folder, &url, &["--format", "csv", "--key", "phone"]);
    assert_eq!(Some(empty.as_str()), csv.split_inclusive('\n').next());
}

#[test]
fn json_is_one_list_with_a_row_on_each_line() {
    let (folder, url) = file();
    let flags = ["--openid", "--format", "json"];
    let said = listed(&folder, &url, &flags);
    assert_eq!(said.lines().count(), 5, "{said}");
    let rows: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        rows[0],
        json!({
            "stored_at": "2026-01-02T04:00:01Z",
            "follower": "oXYZ",
            "account": "gh_1",
            "key": "booking",
            "value": "3 位，靠窗",
            "expires_at": null,
        })
    );
    let nothing = [&flags[..], &["--key", "phone"]].concat();
    assert_eq!(listed(&folder, &url, &nothing), "[]\n");
}

/// What other programs leave in a SQLite file, whose columns take everything.
#[test]
fn odd_rows_keep_nobody_from_the_others() {
    let (folder, url) = file();
    database::run(
        &url,
        "UPDATE wx_values SET updated_at = 1767326401.75, expires_at = '99999999999.5', \
         value = CAST('位置' AS BLOB); \
         INSERT INTO wx_values (openid, account, name, value, updated_at) VALUES \
         ('oABC', 'gh_1', 'a', x'ff41', 1767326400), ('oABC', 'gh_1', 'b', 'fine', 1767326400)",
    );
    let flags = ["--openid", "--format", "csv"];
    let csv = "\
stored_at,follower,account,key,value,expires_at\r
2026-01-02 04:00:01,oXYZ,gh_1,booking,位置,5138-11-16 09:46:39\r
2026-01-02 04:00:00,oABC,gh_1,a,\u{fffd}A,\r
2026-01-02 04:00:00,oABC,gh_1,b,fine,\r
2026-01-02 04:00:00,oABC,gh_1,订阅,600519,\r
2026-01-02 04:00:00,oABC,gh_1,订阅,000001,\r
";
    assert_eq!(listed(&folder, &url, &flags), csv);
    let exported = folder.run(&["export", "oXYZ", "--database", &url]);
    assert_eq!((exported.code, exported.stderr.as_str()), (0, ""));
    let exported: Value = serde_json::from_str(&exported.stdout).unwrap();
    assert_eq!(exported["values"][0]["value"], "位置");

    // No time, and no text.
    database::run(
        &url,
        "UPDATE wx_values SET updated_at = 'yesterday' WHERE name = 'booking'; \
         UPDATE wx_values SET value = CAST(x'ff41' AS TEXT) WHERE name = 'a'",
    );
    let outcome = list(&folder, &url, &flags);
    let kept = csv
        .lines()
        .enumerate()
        .filter(|(line, _)| ![1, 2].contains(line));
    let kept: Vec<_> = kept.map(|(_, line)| line).collect();
    assert_eq!(outcome.stdout.lines().collect::<Vec<_>>(), kept);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("2 rows are left out"),
        "{}",
        outcome.stderr
    );
    let exported = folder.run(&["export", "oXYZ", "--database", &url]);
    assert_eq!(exported.code, 2);
    assert!(
        exported.stderr.contains("1 row is left out"),
        "{}",
        exported.stderr
    );
    assert!(
        exported.stdout.contains("\"answers\""),
        "{}",
        exported.stdout
    );
}

#[test]
fn what_cannot_be_listed_is_said() {
    let (folder, url) = file();
    for (flags, word) in [
        (&["--since", "gestern"][..], "such as 7d"),
        (&["--bom"], "--format csv"),
        // As of an unset variable, which shall not mean all.
        (&["--account", ""], "--account"),
        (&["--key", ""], "--key"),
        (&["--format", "xml"], "--help"),
    ] {
        let outcome = list(&folder, &url, flags);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert!(outcome.stderr.contains(word), "{}", outcome.stderr);
    }
    let outcome = list(&folder, "sqlite:none.db", &["--format", "csv"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.contains("is not there"),
        "{}",
        outcome.stderr
    );
}
