//! Questions to services outside: who asks, who gets the answer, what is left behind.

use std::time::Duration;

use actix_web::rt;
use wxreply::store::{
    Claimed, Count, Delivery, Export, FORGOTTEN, Finish, Finished, Given, KEEP_QUESTIONS, LEASE,
    Lease, NewQuestion, NewTurn, QuestionState, Remembered, Store, TakenOver,
};
use wxreply::user::Change;

use crate::support::{
    NOON, TestDatabase, being_given, databases, execute, fresh_databases, given, let_replicas_die,
    on_each_database, part, set,
};

const MINUTE: Duration = Duration::from_secs(60);

fn question(delivery: &Delivery) -> NewQuestion {
    NewQuestion {
        delivery: delivery.clone(),
        service: "小助手".to_owned(),
        message: "讲个故事".to_owned(),
        counts: Vec::new(),
    }
}

fn finish(delivery: &Delivery, parts: &[&str]) -> Finish {
    Finish {
        delivery: delivery.clone(),
        expected: None,
        changes: Vec::new(),
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        turn: None,
        given_for: None,
        now: NOON + 20,
    }
}

async fn claim(store: &Store, lease: &Lease, delivery: &Delivery) -> Claimed {
    store.claim(lease, question(delivery)).await.unwrap()
}

async fn taken_over(store: &Store, lease: &Lease, delivery: &Delivery) -> Option<TakenOver> {
    store.take_over(lease, delivery, false).await.unwrap()
}

#[test]
fn the_first_delivery_asks_and_all_others_join_it_on_any_replica() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let delivery = database.delivery("o1", "1");
        let (lease, other_lease) = (one.lease().await.unwrap(), other.lease().await.unwrap());
        assert!(matches!(
            claim(&one, &lease, &delivery).await,
            Claimed::Ours(_)
        ));
        let Claimed::Joined(arrival) = claim(&other, &other_lease, &delivery).await else {
            panic!("it does not join");
        };
        assert_eq!(arrival.times, 2);
        let waiting = other.waiting(&delivery).await.unwrap();
        assert_eq!(waiting.questions[0].state, QuestionState::Asked);

        let finished = one.finish(&lease, finish(&delivery, &["从前"])).await;
        assert_eq!(finished.unwrap(), Finished::Done);
        assert_eq!(given(&other, &delivery, "1").await, part("从前", 0));
        let again = Given::AlreadyAnswered("从前".to_owned());
        assert_eq!(given(&one, &delivery, "1").await, again);
        let again = Claimed::AlreadyAnswered("从前".to_owned());
        assert_eq!(claim(&one, &lease, &delivery).await, again);
        assert_eq!(one.waiting(&delivery).await.unwrap().questions, []);
    });
}

#[test]
fn whoever_claims_is_known_from_then_on_as_one_that_lives() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let lease = one.lease_with_claim();
        for key in ["1", "2"] {
            let delivery = database.delivery(&format!("o{key}"), key);
            let claimed = claim(&one, &lease, &delivery).await;
            assert!(matches!(claimed, Claimed::Ours(_)));
            let waiting = other.waiting(&delivery).await.unwrap();
            assert_eq!(waiting.questions[0].state, QuestionState::Asked);
        }
    });
}

#[test]
fn overlapping_deliveries_on_two_replicas_are_asked_once() {
    for database in databases() {
        actix_web::rt::System::new().block_on(async {
            let replicas = [database.store(), database.store()];
            for round in 0..20 {
                let delivery = database.delivery("o1", &format!("{round}"));
                let tasks: Vec<_> = (0..6)
                    .map(|number: usize| {
                        let store = replicas[number % 2].clone();
                        let delivery = delivery.clone();
                        rt::spawn(async move {
                            let lease = store.lease().await.unwrap();
                            let claimed = claim(&store, &lease, &delivery).await;
                            if let Claimed::Ours(_) = claimed {
                                let finish = finish(&delivery, &["a"]);
                                store.finish(&lease, finish).await.unwrap();
                            }
                            let given = given(&store, &delivery, &delivery.key).await;
                            (matches!(claimed, Claimed::Ours(_)), given)
                        })
                    })
                    .collect();
                let (mut asked, mut parts) = (0, 0);
                for task in tasks {
                    let (ours, given) = task.await.unwrap();
                    asked += usize::from(ours);
                    parts += usize::from(matches!(given, Given::Part { .. }));
                }
                assert_eq!((asked, parts), (1, 1), "on {}", database.name);
            }
        });
    }
}

#[test]
fn a_second_question_to_a_service_that_works_for_the_follower_is_refused() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let (first, second) = (database.delivery("o1", "1"), database.delivery("o1", "2"));
        let neighbour = database.delivery("o2", "3");
        assert!(matches!(
            claim(&store, &lease, &first).await,
            Claimed::Ours(_)
        ));
        assert_eq!(claim(&store, &lease, &second).await, Claimed::Busy);
        assert!(matches!(
            claim(&store, &lease, &neighbour).await,
            Claimed::Ours(_)
        ));
        let done = store.finish(&lease, finish(&first, &["a"])).await.unwrap();
        assert_eq!(done, Finished::Done);
        assert!(matches!(
            claim(&store, &lease, &second).await,
            Claimed::Ours(_)
        ));
        // Nobody gets what another follower waits for.
        assert_eq!(given(&store, &neighbour, "1").await, Given::Nothing);
        assert_eq!(given(&store, &second, "1").await, part("a", 0));
    });
}

#[test]
fn parts_are_fetched_one_by_one_and_the_one_that_asked_asks_no_more() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let asking = database.delivery("o1", "1");
        claim(&store, &lease, &asking).await;
        store
            .finish(&lease, finish(&asking, &["a", "b", "c"]))
            .await
            .unwrap();
        for (fetch, expected) in [
            ("2", part("a", 2)),
            ("3", part("b", 1)),
            ("4", part("c", 0)),
        ] {
            let fetch = database.delivery("o1", fetch);
            assert_eq!(given(&store, &fetch, "1").await, expected);
            let again = given(&store, &fetch, "1").await;
            assert!(matches!(again, Given::AlreadyAnswered(_)));
        }
        let again = Claimed::AlreadyAnswered("nothing".to_owned());
        assert_eq!(claim(&store, &lease, &asking).await, again);
        let last = database.delivery("o1", "5");
        assert_eq!(store.waiting(&last).await.unwrap().questions, []);
    });
}

#[test]
fn a_part_that_has_not_arrived_is_given_again_and_meanwhile_to_nobody_else() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let asking = database.delivery("o1", "1");
        let [first, second, third] = ["2", "3", "4"].map(|key| database.delivery("o1", key));
        claim(&store, &lease, &asking).await;
        let parts = finish(&asking, &["a", "b"]);
        store.finish(&lease, parts).await.unwrap();
        let state = async || {
            let waiting = store.waiting(&database.delivery("o1", "9")).await.unwrap();
            waiting.questions.first().map(|question| question.state)
        };
        let is_lost = being_given(&store, &first, "1", Duration::ZERO).await;
        assert_eq!(is_lost, part("a", 1));
        assert_eq!(state().await, Some(QuestionState::Answered));

        let given = being_given(&store, &second, "1", MINUTE).await;
        assert_eq!(given, part("a", 1));
        assert_eq!(state().await, Some(QuestionState::BeingGiven));
        let given = being_given(&store, &third, "1", MINUTE).await;
        assert_eq!(given, Given::Nothing);
        // What was lost is not what arrives now.
        store.has_arrived(&first).await.unwrap();
        assert_eq!(state().await, Some(QuestionState::BeingGiven));
        store.has_arrived(&second).await.unwrap();
        assert_eq!(state().await, Some(QuestionState::Answered));

        let given = being_given(&store, &third, "1", MINUTE).await;
        assert_eq!(given, part("b", 0));
        store.has_arrived(&third).await.unwrap();
        store.has_arrived(&third).await.unwrap();
        assert_eq!(state().await, None);
    });
}

#[test]
fn a_question_whose_replica_died_is_asked_by_another_and_only_then() {
    // A replica that dies is dead to every test on the server.
    for database in fresh_databases() {
        actix_web::rt::System::new().block_on(async {
            let (dead, store) = (database.store(), database.store());
            let dead_lease = dead.lease().await.unwrap();
            let delivery = database.delivery("o1", "1");
            claim(&dead, &dead_lease, &delivery).await;
            let lease = store.lease().await.unwrap();
            assert_eq!(taken_over(&store, &lease, &delivery).await, None);
            let_replicas_die(&database).await;
            store.release().await.unwrap();
            let lease = store.lease().await.unwrap();
            let waiting = store.waiting(&delivery).await.unwrap();
            assert_eq!(waiting.questions[0].state, QuestionState::Orphaned);
            let orphans = store.orphans(&delivery.account, NOON + 1).await.unwrap();
            let keys: Vec<&str> = orphans.iter().map(|one| &*one.key).collect();
            assert_eq!(keys, ["1"]);
            let of_other = store.orphans("other", NOON + 1).await.unwrap();
            assert!(of_other.is_empty());
            let taken = taken_over(&store, &lease, &delivery).await.unwrap();
            assert_eq!((taken.message.as_str(), taken.asked_at), ("讲个故事", NOON));
            assert_eq!(taken.tries, 2);
            let third = database.store();
            let third_lease = third.lease().await.unwrap();
            let taken = taken_over(&third, &third_lease, &delivery).await;
            assert_eq!(taken, None);

            // It comes back, with an answer that nobody waits for from it.
            let late = dead.finish(&dead_lease, finish(&delivery, &["late"])).await;
            assert_eq!(late.unwrap(), Finished::Taken);
            store
                .finish(&lease, finish(&delivery, &["a"]))
                .await
                .unwrap();
            assert_eq!(given(&store, &delivery, "1").await, part("a", 0));
            database.drop_if_own().await;
        });
    }
}

/// As while a server that ends waits for another of its databases.
#[test]
fn what_is_given_up_at_the_end_is_not_renewed_any_more() {
    let database = TestDatabase::sqlite();
    rt::System::new().block_on(async {
        let (one, other) = (database.store(), database.store());
        let lease = one.lease().await.unwrap();
        let delivery = database.delivery("o1", "1");
        claim(&one, &lease, &delivery).await;
        one.release().await.unwrap();
        // Longer than from one renewal to the next.
        rt::time::sleep(LEASE / 3).await;
        let waiting = other.waiting(&delivery).await.unwrap();
        assert_eq!(waiting.questions[0].state, QuestionState::Orphaned);
    });
}

#[test]
fn a_replica_that_gave_a_question_up_may_take_it_again() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let delivery = database.delivery("o1", "1");
        let lease = one.lease().await.unwrap();
        claim(&one, &lease, &delivery).await;
        for (store, expected) in [(&one, QuestionState::Ours), (&other, QuestionState::Asked)] {
            let waiting = store.waiting(&delivery).await.unwrap();
            assert_eq!(waiting.questions[0].state, expected);
        }
        let other_lease = other.lease().await.unwrap();
        let taken = taken_over(&other, &other_lease, &delivery).await;
        assert_eq!(taken, None);
        let taken = taken_over(&one, &lease, &delivery).await.unwrap();
        assert_eq!(taken.tries, 2);
        one.finish(&lease, finish(&delivery, &["a"])).await.unwrap();
        assert_eq!(taken_over(&one, &lease, &delivery).await, None);
        assert_eq!(given(&other, &delivery, "1").await, part("a", 0));
    });
}

#[test]
fn what_was_taken_and_never_asked_counts_as_no_try() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let (lease, other_lease) = (one.lease().await.unwrap(), other.lease().await.unwrap());
        let delivery = database.delivery("o1", "1");
        let tries = async |store: &Store, lease, may_be_ours| {
            let taken = store.take_over(lease, &delivery, may_be_ours).await;
            taken.unwrap().unwrap().tries
        };
        claim(&one, &lease, &delivery).await;
        // The claim had no answer, and so had the first to take it after that.
        assert_eq!(tries(&one, &lease, true).await, 1);
        assert_eq!(tries(&one, &lease, true).await, 1);
        assert_eq!(tries(&one, &lease, false).await, 2);
        one.release().await.unwrap();
        assert_eq!(tries(&other, &other_lease, true).await, 3);
        assert_eq!(tries(&other, &other_lease, true).await, 3);
    });
}

#[test]
fn an_answer_is_kept_and_given_at_once_to_the_delivery_that_waits() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let [first, second] = ["1", "2"].map(|key| database.delivery("o1", key));
        let giving = |delivery: &Delivery, lasts| Finish {
            given_for: Some(lasts),
            ..finish(delivery, &["a", "b"])
        };
        claim(&store, &lease, &first).await;
        let kept = store.finish(&lease, giving(&first, MINUTE)).await.unwrap();
        assert_eq!(kept, Finished::Given);
        let waiting = store.waiting(&first).await.unwrap();
        assert_eq!(waiting.answer.as_deref(), Some("a"));
        assert_eq!(waiting.questions[0].state, QuestionState::BeingGiven);
        assert_eq!(given(&store, &second, "1").await, Given::Nothing);
        store.has_arrived(&first).await.unwrap();
        assert_eq!(given(&store, &second, "1").await, part("b", 0));

        // One that was lost can be fetched, and one that was told to wait gets no more.
        let [lost, fetch, late] = ["3", "4", "5"].map(|key| database.delivery("o1", key));
        claim(&store, &lease, &lost).await;
        let kept = store.finish(&lease, giving(&lost, Duration::ZERO)).await;
        assert_eq!(kept.unwrap(), Finished::Given);
        assert_eq!(given(&store, &fetch, "3").await, part("a", 1));
        claim(&store, &lease, &late).await;
        store.remember(&late, None, &[], "wait").await.unwrap();
        let kept = store.finish(&lease, giving(&late, MINUTE)).await.unwrap();
        assert_eq!(kept, Finished::Done);
        let waiting = store.waiting(&late).await.unwrap();
        assert_eq!(waiting.answer.as_deref(), Some("wait"));
        assert_eq!(waiting.questions[0].state, QuestionState::Answered);
    });
}

#[test]
fn an_orphan_does_not_stop_the_next_question_and_can_still_be_fetched() {
    for database in fresh_databases() {
        actix_web::rt::System::new().block_on(async {
            let (dead, store) = (database.store(), database.store());
            let first = database.delivery("o1", "1");
            let second = database.delivery("o1", "2");
            let dead_lease = dead.lease().await.unwrap();
            claim(&dead, &dead_lease, &first).await;
            dead.release().await.unwrap();
            let lease = store.lease().await.unwrap();
            assert!(matches!(
                claim(&store, &lease, &second).await,
                Claimed::Ours(_)
            ));
            assert_eq!(taken_over(&store, &lease, &first).await, None);
            store.finish(&lease, finish(&second, &["b"])).await.unwrap();
            assert!(taken_over(&store, &lease, &first).await.is_some());
            store.finish(&lease, finish(&first, &["a"])).await.unwrap();
            let waiting = store.waiting(&first).await.unwrap();
            assert_eq!(waiting.questions.len(), 2);
            database.drop_if_own().await;
        });
    }
}

#[test]
fn changes_happen_with_the_answer_and_not_when_the_follower_changed_meanwhile() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let delivery = database.delivery("o1", "1");
        claim(&store, &lease, &delivery).await;
        let before = store.recall(&delivery).await.unwrap();
        assert!(before.user.is_empty());
        let other = database.delivery("o1", "2");
        store
            .remember(&other, None, &[set("count", "1")], "")
            .await
            .unwrap();
        let with = |version, count: &str| Finish {
            expected: Some(version),
            changes: vec![set("count", count)],
            ..finish(&delivery, &["a"])
        };
        let crossed = store.finish(&lease, with(before.version, "1")).await;
        assert_eq!(crossed.unwrap(), Finished::Conflict);
        let now = store.recall(&delivery).await.unwrap();
        let done = store.finish(&lease, with(now.version, "2")).await.unwrap();
        assert_eq!(done, Finished::Done);
        // Told to wait, the delivery gets that again; the answer is fetched.
        let told = store.remember(&delivery, None, &[], "wait").await.unwrap();
        assert_eq!(told, Remembered::Done);
        let fetch = database.delivery("o1", "3");
        assert_eq!(given(&store, &fetch, "1").await, part("a", 0));
        let user = store.recall(&fetch).await.unwrap().user;
        assert_eq!(user.get("count").unwrap().text(), "2");
    });
}

#[test]
fn limits_hold_for_all_replicas_and_begin_anew_when_they_end() {
    on_each_database(async |database| {
        let replicas = [database.store(), database.store()];
        let counts = [
            Count {
                is_of_all: false,
                most: 2,
                until: NOON + 3600,
            },
            Count {
                is_of_all: true,
                most: 3,
                until: NOON + 7200,
            },
        ];
        let ask = async |number: usize, openid: &str, at: i64| {
            let store = &replicas[number % 2];
            let lease = store.lease().await.unwrap();
            let delivery = Delivery {
                at,
                ..database.delivery(openid, &format!("{number}"))
            };
            let counts = counts.iter().map(|count| Count {
                until: count.until - NOON + at,
                ..*count
            });
            let new = NewQuestion {
                counts: counts.collect(),
                ..question(&delivery)
            };
            let claimed = store.claim(&lease, new).await.unwrap();
            let finish = finish(&delivery, &["a"]);
            store.finish(&lease, finish).await.unwrap();
            claimed != Claimed::Full
        };
        assert!(ask(1, "o1", NOON).await);
        assert!(ask(2, "o1", NOON).await);
        assert!(!ask(3, "o1", NOON).await, "the follower's are used up");
        assert!(ask(4, "o2", NOON).await);
        assert!(!ask(5, "o3", NOON).await, "those of the day are used up");
        assert!(!ask(6, "o1", NOON + 3600).await);
        assert!(ask(7, "o1", NOON + 7200).await);
    });
}

#[test]
fn a_model_is_told_the_last_turns_until_they_expire_or_are_cleared() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let say = async |number: i64, at: i64| {
            let delivery = database.delivery("o1", &format!("{number}"));
            claim(&store, &lease, &delivery).await;
            let turn = NewTurn {
                service: "小助手".to_owned(),
                question: format!("q{number}"),
                answer: format!("a{number}"),
                expires_at: at + 1800,
            };
            let finish = Finish {
                turn: Some(turn),
                now: at,
                ..finish(&delivery, &["a"])
            };
            assert_eq!(store.finish(&lease, finish).await.unwrap(), Finished::Done);
        };
        let told = async |at: i64| {
            let delivery = Delivery {
                at,
                ..database.delivery("o1", "now")
            };
            let turns = store.turns(&delivery, "小助手", 2).await.unwrap();
            turns
                .into_iter()
                .map(|(question, _)| question)
                .collect::<Vec<_>>()
        };
        for number in 1..=3 {
            say(number, NOON + 1000 * (number - 1)).await;
        }
        assert_eq!(told(NOON + 3799).await, ["q2", "q3"]);
        assert_eq!(told(NOON + 3800).await, [""; 0]);
        say(4, NOON + 3800).await;
        assert_eq!(told(NOON + 3801).await, ["q4"]);
        let clearing = database.delivery("o1", "clear");
        let clear = Change::Clear {
            key: "小助手".to_owned(),
        };
        store.remember(&clearing, None, &[clear], "").await.unwrap();
        assert_eq!(told(NOON + 3801).await, [""; 0]);
    });
}

#[test]
fn questions_and_turns_are_exported_forgotten_and_cleared() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let person = format!("o_{}", database.account);
        let ask = async |key: &str| {
            let delivery = database.delivery(&person, key);
            claim(&store, &lease, &delivery).await;
            let turn = NewTurn {
                service: "小助手".to_owned(),
                question: "q".to_owned(),
                answer: "a".to_owned(),
                expires_at: NOON + 1800,
            };
            let finish = Finish {
                turn: Some(turn),
                ..finish(&delivery, &["从前"])
            };
            store.finish(&lease, finish).await.unwrap();
        };
        ask("1").await;
        let arrives = database.delivery(&person, "1");
        store.arrive(&arrives).await.unwrap();
        let counted = format!(
            "INSERT INTO wx_counts VALUES ('{person}', '{}', '小助手', 1, {NOON})",
            database.account
        );
        execute(&database.url, counted).await;
        let export = store.export(&person).await.unwrap();
        assert_eq!((export.counts.len(), export.arrivals.len()), (1, 1));
        assert_eq!(export.questions.len(), 1);
        assert_eq!(export.questions[0].message, "讲个故事");
        assert_eq!(export.turns.len(), 1);
        assert!(store.forget(&person).await.unwrap() > 0);
        assert_eq!(store.export(&person).await.unwrap(), Export::default());

        ask("2").await;
        let leaving = database.delivery(&person, "3");
        let clear = [Change::ClearAll];
        store.remember(&leaving, None, &clear, "").await.unwrap();
        let export = store.export(&person).await.unwrap();
        assert_eq!((export.questions.len(), export.turns.len()), (0, 0));
        assert_eq!(export.arrivals, []);
        // Whoever waits finds that.
        let answers = export.answers.iter().map(|it| it.answer.as_str());
        assert_eq!(answers.collect::<Vec<_>>(), [FORGOTTEN, ""]);
    });
}

#[test]
fn what_nobody_fetches_is_deleted_and_counted() {
    for database in fresh_databases() {
        actix_web::rt::System::new().block_on(async {
            let store = database.store();
            let lease = store.lease().await.unwrap();
            let delivery = database.delivery("o1", "1");
            claim(&store, &lease, &delivery).await;
            store
                .finish(&lease, finish(&delivery, &["a"]))
                .await
                .unwrap();
            let until = NOON + 20 + KEEP_QUESTIONS;
            assert_eq!(store.sweep_questions(until - 1).await.unwrap(), 0);
            assert_eq!(store.sweep_questions(until).await.unwrap(), 1);
            assert_eq!(store.forget("o1").await.unwrap(), 0);
            database.drop_if_own().await;
        });
    }
}
