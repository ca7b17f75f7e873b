//! The write-ahead log of a SQLite file: what was deleted does not stay there, and it does not
//! grow for good.

use std::fs;
use std::path::PathBuf;

use actix_web::rt::System;
use sqlx::Connection;
use wxreply::store::{Remembered, Store};
use wxreply::user::Change;

use crate::support::{TestDatabase, connect, set};

const SECRET: &str = "words that nobody else may read";

fn files(database: &TestDatabase) -> [PathBuf; 2] {
    let file = database.url.strip_prefix("sqlite:").unwrap();
    [PathBuf::from(file), PathBuf::from(format!("{file}-wal"))]
}

/// Whether the words are anywhere in the files.
fn is_on_disk(database: &TestDatabase) -> bool {
    files(database).iter().any(|file| {
        let bytes = fs::read(file).unwrap_or_default();
        let mut windows = bytes.windows(SECRET.len());
        windows.any(|window| window == SECRET.as_bytes())
    })
}

async fn remember(store: &Store, database: &TestDatabase, key: &str, change: Change) {
    let delivery = database.delivery("o1", key);
    let outcome = store.remember(&delivery, None, &[change], "").await;
    assert_eq!(outcome.unwrap(), Remembered::Done);
}

#[test]
fn what_was_forgotten_is_in_no_file_once_nobody_reads_what_was_before() {
    let database = TestDatabase::sqlite();
    System::new().block_on(async {
        let store = database.store();
        remember(&store, &database, "1", set("a", SECRET)).await;
        let mut reader = connect(&database.url).await;
        let mut reading = reader.begin().await.unwrap();
        sqlx::query("SELECT * FROM wx_values")
            .fetch_all(&mut *reading)
            .await
            .unwrap();

        assert!(store.forget("o1").await.unwrap() > 0);
        assert!(!store.empty_log().await.unwrap());
        assert!(is_on_disk(&database));
        remember(&store, &database, "2", set("a", "others go on")).await;

        reading.rollback().await.unwrap();
        assert!(store.empty_log().await.unwrap());
        assert!(!is_on_disk(&database));
    });
}

#[test]
fn a_log_that_has_grown_is_emptied() {
    let database = TestDatabase::sqlite();
    let [_, log] = files(&database);
    let log = || fs::metadata(&log).map_or(0, |log| log.len());
    System::new().block_on(async {
        let store = database.store();
        for number in 0..20 {
            let long = number.to_string().repeat(30_000);
            remember(&store, &database, &number.to_string(), set("a", &long)).await;
        }
        assert!(log() > 1_000_000);
        assert!(store.empty_log().await.unwrap());
        assert_eq!(log(), 0);
    });
}

/// Also where it is not emptied in time.
#[test]
fn a_log_keeps_no_more_of_the_disk_than_it_needs() {
    let database = TestDatabase::sqlite();
    let [_, log] = files(&database);
    let log = || fs::metadata(&log).unwrap().len();
    System::new().block_on(async {
        let store = database.store();
        remember(&store, &database, "1", set("a", "")).await;
        let mut reader = connect(&database.url).await;
        let mut reading = reader.begin().await.unwrap();
        let values = sqlx::query("SELECT * FROM wx_values");
        values.fetch_all(&mut *reading).await.unwrap();
        for number in 100..300 {
            let long = number.to_string().repeat(20_000);
            let key = format!("long {number}");
            remember(&store, &database, &key, set("a", &long)).await;
        }
        let grown = log();
        reading.rollback().await.unwrap();
        // The next to come moves the log into the file, the one after it begins the log anew.
        for number in 0..3 {
            let key = format!("then {number}");
            remember(&store, &database, &key, set("a", "short")).await;
        }
        assert!(log() < grown / 2, "{} of {grown} bytes", log());
    });
}

#[test]
fn after_the_end_there_is_no_log() {
    let database = TestDatabase::sqlite();
    let [_, log] = files(&database);
    System::new().block_on(async {
        let store = database.store();
        remember(&store, &database, "1", set("a", SECRET)).await;
        remember(&store, &database, "2", Change::ClearAll).await;
        assert!(is_on_disk(&database));
        store.close().await;
        assert!(!is_on_disk(&database));
        assert!(!log.exists());
        // A call that comes late opens it again.
        remember(&store, &database, "3", set("a", "1")).await;
    });
}
