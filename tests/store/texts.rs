//! What fits, and what is refused in the same way everywhere.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::rt::System;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::prop_oneof;
use proptest::test_runner::{Config, TestRunner};
use wxreply::store::{Delivery, MAX_VALUE_BYTES};
use wxreply::user::{Change, Stored, User};

use crate::support::{
    NOON, TestDatabase, add, clear, databases, on_each_database, remove, set, set_for,
};

/// Followers' words that some database would take for each other.
const LOOKALIKES: [&str; 14] = [
    "a", "A", "ａ", "Ａ", "á", "a\u{301}", "ß", "ss", "a ", " a", "", "😀", "😁", "ﬁ",
];

#[test]
fn texts_that_look_alike_stay_apart() {
    on_each_database(async |database| {
        let store = database.store();
        let delivery = database.delivery("o1", "1");
        let adds = LOOKALIKES.map(|item| add("list", item));
        store.remember(&delivery, None, &adds, "").await.unwrap();
        let recalled = store.recall(&delivery).await.unwrap();
        assert_eq!(recalled.user.get("list").unwrap().texts(), LOOKALIKES);

        let next = database.delivery("o1", "2");
        let removes = [remove("list", "a "), remove("list", "A")];
        store.remember(&next, None, &removes, "").await.unwrap();
        let recalled = store.recall(&next).await.unwrap();
        let left = LOOKALIKES.iter().filter(|item| !["a ", "A"].contains(item));
        let items = recalled.user.get("list").unwrap().texts();
        assert!(left.eq(items.iter()));
    });
}

#[test]
fn keys_and_followers_that_look_alike_stay_apart() {
    on_each_database(async |database| {
        let store = database.store();
        let lookalikes = LOOKALIKES.iter().filter(|key| !key.ends_with(' '));
        for (number, openid) in lookalikes.clone().enumerate() {
            let delivery = database.delivery(openid, "1");
            let changes: Vec<_> = lookalikes
                .clone()
                .map(|key| set(key, &format!("{number} {key}")))
                .collect();
            store.remember(&delivery, None, &changes, "").await.unwrap();
        }
        for (number, openid) in lookalikes.clone().enumerate() {
            let user = store
                .recall(&database.delivery(openid, "1"))
                .await
                .unwrap()
                .user;
            for key in lookalikes.clone() {
                let stored = user.get(key).unwrap().text();
                assert_eq!(stored, format!("{number} {key}"));
            }
        }
    });
}

#[test]
fn the_longest_texts_come_back_whole() {
    on_each_database(async |database| {
        let store = database.store();
        let key = "键".repeat(64);
        let long = "😀".repeat(MAX_VALUE_BYTES / 4);
        let answer = "答".repeat(300_000);
        let delivery = Delivery {
            key: "k".repeat(64),
            ..database.delivery(&"o".repeat(64), "")
        };
        let changes = [set("value", &long), add(&key, &long), add(&key, "short")];
        store
            .remember(&delivery, None, &changes, &answer)
            .await
            .unwrap();
        let recalled = store.recall(&delivery).await.unwrap();
        assert_eq!(recalled.user.get("value").unwrap().text(), long);
        let list = recalled.user.get(&key).unwrap().texts();
        assert_eq!(list, [long.as_str(), "short"]);
        assert_eq!(recalled.answer.unwrap(), answer);
    });
}

/// Refused, by a word for metrics, and without a word of the follower.
async fn check_refused(database: &TestDatabase, delivery: &Delivery, changes: &[Change]) {
    let store = database.store();
    let error = store
        .remember(delivery, None, changes, "")
        .await
        .unwrap_err();
    assert_eq!(error.label(), "unstorable");
    assert!(!format!("{error} {error:?}").contains("秘密"), "{error}");
    let good = database.delivery("o1", "1");
    assert!(store.recall(&good).await.unwrap().user.is_empty());
}

#[test]
fn texts_that_one_database_would_refuse_or_bend_are_refused_by_all() {
    on_each_database(async |database| {
        let good = database.delivery("o1", "1");
        for key in ["键".repeat(65), "键 ".to_owned(), "键\0".to_owned()] {
            check_refused(database, &good, &[set("a", "1"), set(&key, "1")]).await;
        }
        for value in ["秘密\0".to_owned(), "秘".repeat(MAX_VALUE_BYTES / 3 + 1)] {
            check_refused(database, &good, &[set("a", "1"), set("b", &value)]).await;
            check_refused(database, &good, &[set("a", "1"), add("b", &value)]).await;
        }
        for openid in ["o".repeat(65), "秘密 ".to_owned(), "秘密\0".to_owned()] {
            let delivery = database.delivery(&openid, "1");
            check_refused(database, &delivery, &[set("a", "1")]).await;
            let forgotten = database.store().forget(&openid).await;
            assert_eq!(forgotten.unwrap_err().label(), "unstorable");
        }
    });
}

fn change() -> impl Strategy<Value = Change> {
    let key = || proptest::sample::select(&["a", "b", "键"][..]);
    let text = || proptest::sample::select(&LOOKALIKES[..]);
    prop_oneof![
        2 => (key(), text()).prop_map(|(key, value)| set(key, value)),
        2 => (key(), text(), 1..4_u64).prop_map(|(key, value, seconds)| {
            set_for(key, value, Duration::from_millis(seconds * 1000 - 1))
        }),
        4 => (key(), text()).prop_map(|(key, item)| add(key, item)),
        3 => (key(), text()).prop_map(|(key, item)| remove(key, item)),
        1 => key().prop_map(clear),
        1 => Just(Change::ClearAll),
    ]
}

/// What `User::apply` and a clock make of the changes.
#[derive(Default)]
struct Model {
    user: User,
    expires_at: BTreeMap<String, i64>,
}

impl Model {
    fn apply(&mut self, change: &Change, now: i64) {
        self.user.apply(change);
        if let Change::Set { key, expires, .. } = change {
            let seconds = expires.map(|expires| expires.as_secs_f64().ceil() as i64);
            let at = seconds.map_or(i64::MAX, |seconds| now + seconds);
            self.expires_at.insert(key.clone(), at);
        }
        let user = &self.user;
        self.expires_at
            .retain(|key, _| matches!(user.get(key), Some(Stored::Value(_))));
    }

    fn expire(&mut self, now: i64) {
        let over = self.expires_at.extract_if(.., |_, at| *at <= now);
        for (key, _) in over.collect::<Vec<_>>() {
            self.apply(&Change::Clear { key }, now);
        }
    }
}

#[test]
fn any_changes_at_any_time_give_what_they_give_in_memory() {
    for database in databases() {
        let system = System::new();
        let store = database.store();
        let mut runner = TestRunner::new(Config::with_cases(48));
        let messages = vec((vec(change(), 0..5), 0..3_i64), 1..8);
        let follower = Cell::new(0);
        let outcome = runner.run(&messages, |messages| {
            follower.set(follower.get() + 1);
            let openid = format!("o{}", follower.get());
            system.block_on(async {
                let mut model = Model::default();
                let mut now = NOON;
                for (number, (changes, seconds)) in messages.iter().enumerate() {
                    now += seconds;
                    model.expire(now);
                    let delivery = Delivery {
                        at: now,
                        ..database.delivery(&openid, &number.to_string())
                    };
                    let recalled = store.recall(&delivery).await.unwrap();
                    assert_eq!(recalled.user, model.user, "before {number}");
                    let expected = Some(recalled.version);
                    store
                        .remember(&delivery, expected, changes, "")
                        .await
                        .unwrap();
                    changes.iter().for_each(|change| model.apply(change, now));
                    let recalled = store.recall(&delivery).await.unwrap();
                    assert_eq!(recalled.user, model.user, "after {number}");
                }
            });
            Ok(())
        });
        assert!(outcome.is_ok(), "on {}: {outcome:?}", database.name);
    }
}
