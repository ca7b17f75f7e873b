//! Answers that reach followers by themselves: either that, or a delivery gets them.

use std::time::Duration;

use actix_web::rt;
use wxreply::store::{
    Delivery, Finish, Given, Lease, NewQuestion, PushClaimed, PushWindow, QuestionState, Store,
};

use crate::support::{
    NOON, being_given, databases, fresh_databases, given, let_replicas_die, on_each_database, part,
};

const WINDOW: PushWindow = PushWindow {
    name: "(text)",
    most: 2,
    until: NOON + 1000,
};

const AT_ONCE: Duration = Duration::ZERO;
const MINUTE: Duration = Duration::from_secs(60);

/// A question that is answered.
async fn answered(store: &Store, lease: &Lease, delivery: &Delivery, parts: &[&str]) {
    let question = NewQuestion {
        delivery: delivery.clone(),
        service: "小助手".to_owned(),
        message: "讲个故事".to_owned(),
        counts: Vec::new(),
    };
    store.claim(lease, question).await.unwrap();
    let finish = Finish {
        delivery: delivery.clone(),
        expected: None,
        changes: Vec::new(),
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
        turn: None,
        given_for: None,
        now: NOON,
    };
    store.finish(lease, finish).await.unwrap();
}

async fn claimed(store: &Store, lease: &Lease, delivery: &Delivery) -> PushClaimed {
    let claimed = store.claim_push(lease, delivery, AT_ONCE, WINDOW).await;
    claimed.unwrap()
}

async fn state(store: &Store, delivery: &Delivery) -> Option<QuestionState> {
    let questions = store.waiting(delivery).await.unwrap().questions;
    questions.first().map(|question| question.state)
}

#[test]
fn what_is_on_its_way_is_nobody_elses_and_comes_back_if_it_is_refused() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let lease = one.lease().await.unwrap();
        let (asked, fetch) = (database.delivery("o1", "1"), database.delivery("o1", "2"));
        answered(&one, &lease, &asked, &["从前", "有座山"]).await;
        assert_eq!(claimed(&one, &lease, &asked).await, PushClaimed::Claimed);
        assert_eq!(state(&other, &fetch).await, Some(QuestionState::OnItsWay));
        assert_eq!(given(&other, &fetch, "1").await, Given::Nothing);

        one.not_pushed(&asked, WINDOW).await.unwrap();
        assert_eq!(state(&other, &fetch).await, Some(QuestionState::Answered));
        assert_eq!(given(&other, &fetch, "1").await, part("从前", 1));
        assert_eq!(claimed(&one, &lease, &asked).await, PushClaimed::Gone);
        // What comes too late changes nothing.
        one.not_pushed(&asked, WINDOW).await.unwrap();
        one.pushed(&asked, "nothing").await.unwrap();
        let next = database.delivery("o1", "3");
        assert_eq!(given(&other, &next, "1").await, part("有座山", 0));
    });
}

#[test]
fn what_a_delivery_is_being_given_is_sent_only_if_it_does_not_arrive() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        for (openid, lasts, expected) in [
            ("o1", Duration::ZERO, PushClaimed::Claimed),
            ("o2", MINUTE, PushClaimed::Gone),
        ] {
            let asked = database.delivery(openid, "1");
            answered(&store, &lease, &asked, &["从前"]).await;
            let given = being_given(&store, &asked, "1", lasts).await;
            assert_eq!(given, part("从前", 0));
            let claim = claimed(&store, &lease, &asked).await;
            match expected {
                PushClaimed::Gone => assert!(matches!(claim, PushClaimed::NotYet(_))),
                _ => assert_eq!(claim, expected),
            }
            // From now on it is too late for the one that is sent.
            store.has_arrived(&asked).await.unwrap();
            assert_eq!(claimed(&store, &lease, &asked).await, expected);
        }
    });
}

#[test]
fn what_was_sent_is_given_and_the_rest_is_fetched() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        for (openid, parts) in [("o1", &["从前"][..]), ("o2", &["从前", "有座山"])] {
            let asked = database.delivery(openid, "1");
            let fetch = database.delivery(openid, "2");
            answered(&store, &lease, &asked, parts).await;
            claimed(&store, &lease, &asked).await;
            store.pushed(&asked, "nothing").await.unwrap();
            let expected = match parts.len() {
                1 => Given::Nothing,
                _ => part("有座山", 0),
            };
            assert_eq!(given(&store, &fetch, "1").await, expected);
            // Should it come again, it must not ask again.
            let again = Given::AlreadyAnswered("nothing".to_owned());
            assert_eq!(given(&store, &asked, "1").await, again);
            assert_eq!(state(&store, &asked).await, None);
        }
    });
}

#[test]
fn a_replica_that_dies_on_the_way_takes_with_it_what_it_sent_and_no_more() {
    for database in fresh_databases() {
        rt::System::new().block_on(async {
            let (one, other) = (database.store(), database.store());
            let lease = one.lease().await.unwrap();
            for (openid, parts, expected) in [
                ("o1", &["从前"][..], part("nothing", 0)),
                ("o2", &["从前", "有座山"], part("有座山", 0)),
            ] {
                let (asked, fetch) = (
                    database.delivery(openid, "1"),
                    database.delivery(openid, "2"),
                );
                answered(&one, &lease, &asked, parts).await;
                claimed(&one, &lease, &asked).await;
                let_replicas_die(&database).await;
                assert_eq!(state(&other, &fetch).await, Some(QuestionState::Answered));
                assert_eq!(given(&other, &fetch, "1").await, expected);
                // It lives after all, and has nothing to say any more.
                one.not_pushed(&asked, WINDOW).await.unwrap();
                assert_eq!(state(&other, &fetch).await, None);
            }
        });
    }
}

#[test]
fn as_long_as_a_delivery_may_come_it_gets_the_answer() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let asked = database.delivery("o1", "1");
        answered(&store, &lease, &asked, &["从前"]).await;
        let over_after = Duration::from_secs(600);
        let claim = async || {
            let claimed = store.claim_push(&lease, &asked, over_after, WINDOW).await;
            claimed.unwrap()
        };
        let PushClaimed::NotYet(left) = claim().await else {
            panic!("it may be sent");
        };
        assert!(left <= over_after && left > over_after / 2, "{left:?}");
        let slow = store.remember(&asked, None, &[], "slow").await;
        slow.unwrap();
        assert_eq!(claim().await, PushClaimed::Claimed);
    });
}

#[test]
fn only_the_replica_that_keeps_an_answer_sends_it() {
    on_each_database(async |database| {
        let (one, other) = (database.store(), database.store());
        let (lease, other_lease) = (one.lease().await.unwrap(), other.lease().await.unwrap());
        let asked = database.delivery("o1", "1");
        assert_eq!(claimed(&one, &lease, &asked).await, PushClaimed::Gone);
        answered(&one, &lease, &asked, &["从前"]).await;
        let of_other = claimed(&other, &other_lease, &asked).await;
        assert_eq!(of_other, PushClaimed::Gone);
        assert_eq!(claimed(&one, &lease, &asked).await, PushClaimed::Claimed);
    });
}

#[test]
fn what_was_sent_counts_until_the_follower_does_something_new() {
    on_each_database(async |database| {
        let store = database.store();
        let lease = store.lease().await.unwrap();
        let send = async |key: &str, until: i64, is_refused: bool| {
            let asked = database.delivery("o1", key);
            answered(&store, &lease, &asked, &["从前"]).await;
            let window = PushWindow { until, ..WINDOW };
            let claimed = store.claim_push(&lease, &asked, AT_ONCE, window).await;
            match is_refused {
                true => store.not_pushed(&asked, window).await.unwrap(),
                false => store.pushed(&asked, "nothing").await.unwrap(),
            }
            claimed.unwrap()
        };
        let first = NOON + 100;
        for (key, until, is_refused, expected) in [
            ("1", first, false, PushClaimed::Claimed),
            ("2", first, true, PushClaimed::Claimed),
            ("3", first - 1, false, PushClaimed::Claimed),
            ("4", first, false, PushClaimed::Full),
            ("5", first + 1, false, PushClaimed::Claimed),
            ("6", first, false, PushClaimed::Claimed),
            ("7", first + 1, false, PushClaimed::Full),
        ] {
            assert_eq!(send(key, until, is_refused).await, expected, "{key}");
        }
    });
}

#[test]
fn of_a_push_and_deliveries_at_the_same_time_one_gets_the_answer() {
    for database in databases() {
        rt::System::new().block_on(async {
            let replicas = [database.store(), database.store()];
            let lease = replicas[0].lease().await.unwrap();
            for round in 0..30 {
                let window = PushWindow {
                    until: NOON + round,
                    ..WINDOW
                };
                let asked = database.delivery("o1", &format!("{round}"));
                answered(&replicas[0], &lease, &asked, &["a"]).await;
                let deliveries = [0, 1, 0].map(|replica: usize| {
                    let store = replicas[replica].clone();
                    let delivery = Delivery {
                        key: format!("{round}-{replica}"),
                        ..asked.clone()
                    };
                    let question = asked.key.clone();
                    rt::spawn(async move { given(&store, &delivery, &question).await })
                });
                let claim = replicas[0].claim_push(&lease, &asked, AT_ONCE, window);
                let is_pushed = claim.await.unwrap() == PushClaimed::Claimed;
                let mut times = usize::from(is_pushed);
                for delivery in deliveries {
                    let given = delivery.await.unwrap();
                    times += usize::from(matches!(given, Given::Part { .. }));
                }
                assert_eq!(times, 1, "on {}", database.name);
                replicas[0].pushed(&asked, "nothing").await.unwrap();
            }
        });
    }
}
