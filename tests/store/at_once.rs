//! Two messages at once, on two replicas, and the same message twice.

use std::sync::Barrier;
use std::thread;

use actix_web::rt;
use actix_web::rt::System;
use sqlx::Connection;
use wxreply::store::{Delivery, Remembered, Store};
use wxreply::user::Change;

use crate::support::{
    TestDatabase, add, connect, databases, fresh_databases, on_each_database, set,
};

/// Recalls, decides and remembers until it is done, as the bot does; gives the answer sent.
async fn count_up(store: Store, delivery: Delivery) -> String {
    loop {
        let recalled = store.recall(&delivery).await.unwrap();
        if let Some(answer) = recalled.answer {
            return answer;
        }
        let count: u32 = match recalled.user.get("count") {
            Some(stored) => stored.text().parse().unwrap(),
            None => 0,
        };
        let answer = format!("{}", count + 1);
        let changes = [set("count", &answer), add("seen", &delivery.key)];
        let expected = Some(recalled.version);
        match store.remember(&delivery, expected, &changes, &answer).await {
            Ok(Remembered::Done) => return answer,
            Ok(Remembered::AlreadyAnswered(answer)) => return answer,
            Ok(Remembered::Conflict) => continue,
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        }
    }
}

/// Sends every message to this replica, some at once, and gives the answers in their order.
fn play(store: Store, deliveries: Vec<Delivery>, at_once: usize) -> Vec<String> {
    System::new().block_on(async move {
        let mut answers = Vec::new();
        for group in deliveries.chunks(at_once) {
            let tasks: Vec<_> = group
                .iter()
                .map(|delivery| rt::spawn(count_up(store.clone(), delivery.clone())))
                .collect();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
        }
        answers
    })
}

#[test]
fn two_replicas_that_get_the_same_messages_count_each_once() {
    const MESSAGES: u32 = 200;
    for database in databases() {
        let deliveries: Vec<_> = (0..MESSAGES)
            .map(|number| database.delivery("o1", &format!("{number}")))
            .collect();
        let replicas: Vec<_> = (0..2)
            .map(|_| {
                let (store, deliveries) = (database.store(), deliveries.clone());
                thread::spawn(move || play(store, deliveries, 4))
            })
            .collect();
        let mut answers = replicas.into_iter().map(|replica| replica.join().unwrap());
        let (one, other) = (answers.next().unwrap(), answers.next().unwrap());
        assert_eq!(one, other, "on {}", database.name);

        let mut counted: Vec<u32> = one.iter().map(|count| count.parse().unwrap()).collect();
        counted.sort_unstable();
        assert_eq!(counted, (1..=MESSAGES).collect::<Vec<_>>());

        let user = System::new().block_on(async {
            let delivery = database.delivery("o1", "last");
            database.store().recall(&delivery).await.unwrap().user
        });
        assert_eq!(user.get("count").unwrap().text(), MESSAGES.to_string());
        let seen = user.get("seen").unwrap().texts();
        assert_eq!(seen.len(), MESSAGES as usize);
    }
}

#[test]
fn replicas_that_begin_with_the_same_new_file_all_open_it() {
    for round in 0..50 {
        let database = TestDatabase::sqlite();
        let begin = Barrier::new(4);
        thread::scope(|scope| {
            for replica in 0..4 {
                let (database, begin) = (&database, &begin);
                scope.spawn(move || {
                    let store = database.store();
                    begin.wait();
                    let opened = System::new().block_on(store.ping());
                    opened.unwrap_or_else(|error| panic!("{round}, {replica}: {error:?}"));
                });
            }
        });
    }
}

#[test]
fn one_store_serves_many_threads_also_after_some_of_them_ended() {
    for database in databases() {
        let store = database.store();
        for round in 0..3 {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    let store = store.clone();
                    let deliveries: Vec<_> = (0..10)
                        .map(|number| format!("{round}-{thread}-{number}"))
                        .map(|key| database.delivery("o1", &key))
                        .collect();
                    thread::spawn(move || play(store, deliveries, 2))
                })
                .collect();
            let answers = threads.into_iter().map(|thread| thread.join().unwrap());
            let mut counted: Vec<u32> = answers
                .flatten()
                .map(|count| count.parse().unwrap())
                .collect();
            counted.sort_unstable();
            let expected = round * 40 + 1..=(round + 1) * 40;
            assert!(expected.eq(counted), "on {}", database.name);
        }
    }
}

#[test]
fn a_delivery_that_arrives_many_times_at_once_is_applied_once() {
    on_each_database(async |database| {
        let stores = [database.store(), database.store()];
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let store = stores[number % 2].clone();
                let delivery = database.delivery("o1", "1");
                rt::spawn(async move {
                    let changes = [add("tries", &number.to_string())];
                    let answer = format!("answer {number}");
                    let outcome = store.remember(&delivery, None, &changes, &answer).await;
                    (answer, outcome.unwrap())
                })
            })
            .collect();
        let mut first = Vec::new();
        let mut replayed = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                (answer, Remembered::Done) => first.push(answer),
                (_, Remembered::AlreadyAnswered(answer)) => replayed.push(answer),
                (_, Remembered::Conflict) => panic!("nothing was expected"),
            }
        }
        assert_eq!(first.len(), 1);
        assert_eq!(replayed.len(), 15);
        assert!(replayed.iter().all(|answer| *answer == first[0]));
        let recalled = stores[0].recall(&database.delivery("o1", "1")).await;
        let user = recalled.unwrap().user;
        assert_eq!(user.get("tries").unwrap().texts().len(), 1);
    });
}

/// What another message does between the recall and the remember.
async fn check_conflict(
    database: &TestDatabase,
    openid: &str,
    before: &[Change],
    between: &[&[Change]],
    changes: &[Change],
) {
    let store = database.store();
    let earlier = database.delivery(openid, "earlier");
    store.remember(&earlier, None, before, "").await.unwrap();
    let delivery = database.delivery(openid, "1");
    let recalled = store.recall(&delivery).await.unwrap();
    for (number, between) in between.iter().enumerate() {
        let other = database.delivery(openid, &format!("between {number}"));
        store.remember(&other, None, between, "").await.unwrap();
    }
    let now = store.recall(&delivery).await.unwrap();
    let expected = Some(recalled.version);
    let outcome = store.remember(&delivery, expected, changes, "a").await;
    assert_eq!(outcome.unwrap(), Remembered::Conflict, "{openid}");

    let after = store.recall(&delivery).await.unwrap();
    assert_eq!(after.user, now.user, "{openid}");
    assert_eq!(after.answer, None, "{openid}");
    let expected = Some(after.version);
    let outcome = store.remember(&delivery, expected, changes, "b").await;
    assert_eq!(outcome.unwrap(), Remembered::Done, "{openid}");
}

#[test]
fn a_decision_on_what_has_changed_since_is_not_carried_out() {
    let change = [set("b", "1")];
    on_each_database(async |database| {
        let something = [set("a", "1")];
        let nothing: [Change; 0] = [];
        check_conflict(database, "known", &something, &[&[set("a", "2")]], &change).await;
        check_conflict(database, "new", &nothing, &[&[set("a", "2")]], &change).await;
        check_conflict(database, "only read", &something, &[&[set("a", "2")]], &[]).await;
        check_conflict(database, "only read, new", &nothing, &[&something], &[]).await;
        check_conflict(
            database,
            "gone",
            &something,
            &[&[Change::ClearAll]],
            &change,
        )
        .await;
        check_conflict(
            database,
            "gone and back",
            &something,
            &[&[Change::ClearAll], &something],
            &change,
        )
        .await;
    });
}

#[test]
fn a_retry_after_everything_moved_on_still_gets_its_answer() {
    on_each_database(async |database| {
        let store = database.store();
        let delivery = database.delivery("o1", "1");
        let version = store.recall(&delivery).await.unwrap().version;
        for (delivery, answer) in [
            (&delivery, "first"),
            (&database.delivery("o1", "2"), "second"),
        ] {
            let changes = [set("a", answer)];
            store
                .remember(delivery, None, &changes, answer)
                .await
                .unwrap();
        }
        for changes in [&[set("a", "again")][..], &[]] {
            for expected in [Some(version), None] {
                let outcome = store.remember(&delivery, expected, changes, "other").await;
                let first = Remembered::AlreadyAnswered("first".to_owned());
                assert_eq!(outcome.unwrap(), first);
            }
        }
        let user = store.recall(&delivery).await.unwrap().user;
        assert_eq!(user.get("a").unwrap().text(), "second");
    });
}

#[test]
fn an_answer_that_changed_nothing_is_replayed_too() {
    on_each_database(async |database| {
        let store = database.store();
        let delivery = database.delivery("o1", "1");
        let version = store.recall(&delivery).await.unwrap().version;
        let outcome = store.remember(&delivery, Some(version), &[], "empty").await;
        assert_eq!(outcome.unwrap(), Remembered::Done);

        let other = database.delivery("o1", "2");
        store
            .remember(&other, None, &[set("a", "1")], "")
            .await
            .unwrap();
        let recalled = store.recall(&delivery).await.unwrap();
        assert_eq!(recalled.answer.as_deref(), Some("empty"));
    });
}

#[test]
fn one_message_that_cannot_be_stored_does_not_take_others_with_it() {
    on_each_database(async |database| {
        let store = database.store();
        let full: Vec<_> = (0..wxreply::store::MAX_ITEMS)
            .map(|number| add("list", &number.to_string()))
            .collect();
        let first = database.delivery("full", "1");
        store.remember(&first, None, &full, "").await.unwrap();

        let followers: Vec<_> = (0..40)
            .map(|number| match number {
                20 => "full".to_owned(),
                number => format!("o{number}"),
            })
            .collect();
        let tasks: Vec<_> = followers
            .iter()
            .map(|openid| {
                let store = store.clone();
                let delivery = database.delivery(openid, "2");
                let changes = [set("a", "1"), add("list", "one more")];
                rt::spawn(async move { store.remember(&delivery, None, &changes, "").await })
            })
            .collect();
        for (openid, task) in followers.iter().zip(tasks) {
            let outcome = task.await.unwrap();
            let recalled = store.recall(&database.delivery(openid, "2")).await.unwrap();
            let stored = recalled.user.get("a").is_some();
            assert_eq!(stored, openid != "full", "{openid}");
            match outcome {
                Ok(outcome) => assert_eq!(outcome, Remembered::Done),
                Err(error) => assert_eq!((openid.as_str(), error.label()), ("full", "unstorable")),
            }
        }
        let present = [add("list", "7")];
        let again = database.delivery("full", "3");
        let outcome = store.remember(&again, None, &present, "").await;
        assert_eq!(outcome.unwrap(), Remembered::Done);
    });
}

#[test]
fn one_message_that_cannot_be_stored_leaves_the_others_in_their_shared_commit() {
    let database = TestDatabase::sqlite();
    System::new().block_on(async {
        let store = database.store();
        let full: Vec<_> = (0..wxreply::store::MAX_ITEMS)
            .map(|number| add("list", &number.to_string()))
            .collect();
        let first = database.delivery("full", "1");
        store.remember(&first, None, &full, "").await.unwrap();
        let before = database.commits_in_log();

        let mut lock = connect(&database.url).await;
        let held = lock.begin_with("BEGIN IMMEDIATE").await.unwrap();
        let tasks: Vec<_> = (0..100)
            .map(|number| {
                let openid = match number {
                    50 => "full".to_owned(),
                    number => format!("o{number}"),
                };
                let (store, delivery) = (store.clone(), database.delivery(&openid, "2"));
                rt::spawn(async move {
                    let changes = [add("list", "one more")];
                    store.remember(&delivery, None, &changes, "").await
                })
            })
            .collect();
        // Until all of them wait: the first alone, the others for the end of the first.
        rt::task::yield_now().await;
        held.rollback().await.unwrap();
        let mut refused = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(outcome) => assert_eq!(outcome, Remembered::Done),
                Err(error) => {
                    assert_eq!(error.label(), "unstorable");
                    refused += 1;
                }
            }
        }
        assert_eq!(refused, 1);
        let commits = database.commits_in_log() - before;
        assert!(commits <= 3, "{commits} commits for 100 messages");
    });
}

#[test]
fn replicas_that_start_at_once_on_a_new_database_all_find_its_tables() {
    for database in fresh_databases() {
        let starts: Vec<_> = (0..6)
            .map(|number| {
                let store = database.store();
                let delivery = database.delivery(&format!("o{number}"), "1");
                thread::spawn(move || {
                    System::new().block_on(async move {
                        let changes = [set("a", "1")];
                        store.remember(&delivery, None, &changes, "").await
                    })
                })
            })
            .collect();
        for start in starts {
            let outcome = start.join().unwrap();
            assert_eq!(outcome.unwrap(), Remembered::Done, "{}", database.name);
        }
        System::new().block_on(async {
            database.store().ping().await.unwrap();
            database.drop_if_own().await;
        });
    }
}
