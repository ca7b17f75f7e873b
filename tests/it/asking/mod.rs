//! Rules that ask a service, against a real one, on every database.

mod endpoint;
mod models;
pub mod pushing;
mod sending;
mod shop;

use std::thread;

use crate::asking::shop::{FLAGS, SLOW, Shop, deliver, delivered};
use crate::{admin, database};

#[test]
fn an_answer_comes_on_whichever_delivery_is_there_on_two_replicas_and_once() {
    Shop::on_each_database(|shop| {
        let (one, other) = (shop.replica(), shop.replica());
        for (openid, text) in [("o1", "问100"), ("o2", "问1400"), ("o3", "问2300")] {
            let message = shop.text(openid, text);
            let (_, answer) = deliver(&[&one, &other], &message).unwrap();
            assert_eq!(answer, format!("答{text}"));
            // A repeated delivery gets the same, and asks nobody.
            assert_eq!(delivered(&other, &message), Some(answer));
            assert_eq!(shop.endpoint.asked(text), 1);
            assert_eq!(shop.told(&one, openid, "1"), "普通");
            assert_eq!(shop.told(&one, openid, "上次"), text);
        }
    });
}

#[test]
fn a_slow_answer_is_fetched_once_and_the_word_is_ordinary_otherwise() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.told(&server, "o1", "问4000"), SLOW);
        assert_eq!(
            shop.told(&server, "o2", "1"),
            "普通",
            "nothing waits for them"
        );
        assert_eq!(
            shop.told(&server, "o1", "你好"),
            "好",
            "who waits may go on asking"
        );
        assert_eq!(shop.fetched(&server, "o1"), "答问4000");
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.endpoint.asked("问4000"), 1);
    });
}

#[test]
fn deliveries_that_overlap_ask_once_and_get_one_answer() {
    Shop::on_each_database(|shop| {
        // Nobody waits for a second delivery.
        let replica = || shop.replica_with(&[]);
        let (one, other) = (replica(), replica());
        let message = shop.text("o1", "问200");
        thread::scope(|scope| {
            let deliveries = [&one, &other, &one, &other];
            let deliveries = deliveries.map(|server| scope.spawn(|| delivered(server, &message)));
            for delivery in deliveries {
                assert_eq!(delivery.join().unwrap().as_deref(), Some("答问200"));
            }
        });
        assert_eq!(shop.endpoint.asked("问200"), 1);
        assert_eq!(shop.endpoint.asked_twice(), [""; 0]);
    });
}

#[test]
fn a_new_question_while_one_runs_is_refused_and_the_first_is_not_lost() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问4001"), SLOW);
        assert_eq!(shop.told(&server, "o1", "问1"), "忙");
        assert_eq!(shop.told(&server, "o2", "问2"), "答问2");
        assert_eq!(shop.fetched(&server, "o1"), "答问4001");
        assert_eq!(shop.told(&server, "o1", "问1"), "答问1");
    });
}

#[test]
fn another_follower_with_the_same_question_gets_an_answer_of_their_own() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问30"), "答问30");
        assert_eq!(shop.told(&server, "o2", "问30"), "答问30");
        assert_eq!(shop.endpoint.asked("问30"), 2);
    });
}

#[test]
fn after_a_failure_and_after_a_picture_nothing_waits_and_nothing_is_stored() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问坏"), "坏了");
        assert_eq!(shop.told(&server, "o1", "上次"), "无");
        assert_eq!(shop.told(&server, "o1", "问图"), "图");
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
        assert_eq!(shop.told(&server, "o1", "问3"), "答问3");
    });
}

#[test]
fn a_long_answer_is_fetched_part_by_part() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        let first = shop.told(&server, "o1", "问长");
        assert!(first.ends_with("（未完，回复【1】继续）"), "{first}");
        assert_eq!(shop.told(&server, "o1", "你好"), "好");
        let (mut whole, mut part) = (String::new(), first);
        while let Some(begun) = part.strip_suffix("\n（未完，回复【1】继续）") {
            whole += begun;
            part = shop.told(&server, "o1", "1");
        }
        assert_eq!(whole + &part, "从前有座山。".repeat(300));
        assert_eq!(shop.told(&server, "o1", "1"), "普通");
    });
}

#[test]
fn a_replica_that_is_killed_loses_no_question() {
    Shop::on_each_database(|shop| {
        let (one, other) = (shop.replica(), shop.replica());
        let message = shop.text("o1", "问1500");
        assert_eq!(delivered(&one, &message), None);
        assert_eq!(shop.endpoint.asked("问1500"), 1);
        one.kill();
        // As long as its lease lasts, nobody asks again.
        assert_eq!(delivered(&other, &message), None);
        assert_eq!(shop.endpoint.asked("问1500"), 1);
        shop.let_replica_die("o1");
        assert_eq!(shop.fetched(&other, "o1"), "答问1500");
        assert_eq!(shop.endpoint.asked("问1500"), 2);
        assert_eq!(shop.told(&other, "o1", "1"), "普通");
    });
}

#[test]
fn a_question_that_its_replica_gave_up_is_asked_again() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问4003"), SLOW);
        // As if the database had taken a question and the replica had not learnt of it.
        let (o1, o2) = (shop.openid("o1"), shop.openid("o2"));
        database::run(
            &shop.database,
            &format!(
                "INSERT INTO wx_questions (openid, account, delivery, service, asking, message, \
                 asked_at, replica, tries, given, expires_at) SELECT '{o2}', account, delivery, \
                 service, asking, message, asked_at, replica, tries, given, expires_at \
                 FROM (SELECT * FROM wx_questions WHERE openid = '{o1}') AS asked"
            ),
        );
        assert_eq!(shop.fetched(&server, "o2"), "答问4003");
        assert_eq!(shop.endpoint.asked("问4003"), 2);
        assert_eq!(shop.fetched(&server, "o1"), "答问4003");
    });
}

#[test]
fn an_answer_that_cannot_be_stored_is_on_error_and_stands_in_the_log() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        assert_eq!(shop.told(&server, "o1", "问大"), "故障");
        assert_eq!(shop.told(&server, "o1", "上次"), "无");
        assert_eq!(
            shop.told(&server, "o1", "1"),
            "普通",
            "nothing is left of it"
        );
        assert_eq!(shop.told(&server, "o1", "问1"), "答问1");
        let line = server.logged("rule 问 cannot be carried out with the answer of 慢");
        assert!(line.contains("too long"), "{line}");
    });
}

#[test]
fn a_rule_that_asks_counts_as_one_that_answers() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&[&FLAGS[..], &["--admin", "127.0.0.1:0"]].concat());
    for text in ["问1", "问坏", "问1400", "问4000"] {
        shop.told(&server, text, text);
    }
    let series = "wxreply_rule_answers_total{rule=\"问\"}";
    assert_eq!(admin::metric(admin::operators(&server), series), 4.0);
}

#[test]
fn a_server_that_ends_leaves_its_questions_to_the_next() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        server.hears_signals();
        assert_eq!(shop.told(&server, "o1", "问4002"), SLOW);
        server.signal("TERM");
        assert!(server.ended().success());
        let next = shop.replica();
        assert_eq!(shop.fetched(&next, "o1"), "答问4002");
    });
}
