//! What is stored is what `User::apply` says, and stays.

use std::time::Duration;

use actix_web::rt::System;
use wxreply::store::{Delivery, Remembered, Store};
use wxreply::user::{Change, User};

use crate::support::{NOON, TestDatabase, add, clear, on_each_database, remove, set, set_for};

async fn user_at(store: &Store, delivery: &Delivery, at: i64) -> User {
    let delivery = Delivery {
        at,
        ..delivery.clone()
    };
    store.recall(&delivery).await.unwrap().user
}

#[test]
fn another_program_start_finds_what_was_stored() {
    on_each_database(async |database| {
        let delivery = database.delivery("o1", "1");
        let changes = [
            set("threshold", "10"),
            add("stocks", "600519"),
            add("stocks", "000001"),
            add("stocks", "600519"),
        ];
        let store = database.store();
        assert!(!store.is_open());
        let outcome = store.remember(&delivery, None, &changes, "answer").await;
        assert!(store.is_open());
        assert_eq!(outcome.unwrap(), Remembered::Done);

        let recalled = database.store().recall(&delivery).await.unwrap();
        assert_eq!(recalled.user.get("threshold").unwrap().text(), "10");
        assert_eq!(
            recalled.user.get("stocks").unwrap().text(),
            "600519、000001"
        );
        assert_eq!(recalled.answer.as_deref(), Some("answer"));

        let stranger = store.recall(&database.delivery("o2", "1")).await.unwrap();
        assert!(stranger.user.is_empty());
        assert_eq!(stranger.answer, None);
    });
}

#[test]
fn every_sequence_of_changes_gives_what_it_gives_in_memory() {
    let sequences: [&[Change]; 9] = [
        &[set("a", "1"), set("a", "2")],
        &[set("a", "1"), add("a", "2"), add("a", "3")],
        &[add("a", "1"), set("a", "2")],
        &[
            add("a", "1"),
            add("a", "2"),
            remove("a", "1"),
            add("a", "1"),
        ],
        &[add("a", "1"), remove("a", "1"), add("b", "1")],
        &[set("a", "1"), remove("a", "1")],
        &[set("a", "1"), add("b", "2"), clear("a"), clear("c")],
        &[set("a", "1"), add("b", "2"), Change::ClearAll],
        &[
            set("a", "1"),
            add("b", "2"),
            Change::ClearAll,
            set("b", "3"),
        ],
    ];
    on_each_database(async |database| {
        let store = database.store();
        for (number, changes) in sequences.iter().enumerate() {
            let delivery = database.delivery(&format!("o{number}"), "1");
            let mut expected = User::default();
            changes.iter().for_each(|change| expected.apply(change));
            store.remember(&delivery, None, changes, "").await.unwrap();
            let user = store.recall(&delivery).await.unwrap().user;
            assert_eq!(user, expected, "after {changes:?}");
        }
    });
}

#[test]
fn a_value_is_gone_once_its_time_is_over() {
    on_each_database(async |database| {
        let store = database.store();
        let delivery = database.delivery("o1", "1");
        let changes = [
            set_for("step", "ask", Duration::from_secs(600)),
            set("name", "kept"),
        ];
        store.remember(&delivery, None, &changes, "").await.unwrap();

        let before = user_at(&store, &delivery, NOON + 599).await;
        assert!(before.get("step").is_some());
        let after = user_at(&store, &delivery, NOON + 600).await;
        assert_eq!(after.get("step"), None);
        assert!(after.get("name").is_some());

        let again = database.delivery("o1", "2");
        store
            .remember(&again, None, &[set("step", "confirm")], "")
            .await
            .unwrap();
        let much_later = user_at(&store, &delivery, NOON + 1_000_000).await;
        assert_eq!(much_later.get("step").unwrap().text(), "confirm");
    });
}

#[cfg(unix)]
#[test]
fn a_new_sqlite_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::sqlite();
    let file = database.url.strip_prefix("sqlite:").unwrap();
    System::new().block_on(async {
        let store = database.store();
        let delivery = database.delivery("o1", "1");
        store
            .remember(&delivery, None, &[set("a", "1")], "")
            .await
            .unwrap();
        for suffix in ["", "-wal", "-shm"] {
            let file = format!("{file}{suffix}");
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    });
}
