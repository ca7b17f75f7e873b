//! Rules that ask a service, against a real one, on every database.

mod crash;
mod deliveries;
pub mod endpoint;
mod faults;
mod llmock;
mod losing;
mod models;
mod nginx;
mod peers;
pub mod pushing;
mod reloading;
mod sending;
pub mod shop;

use wxreply::message::Message;

use crate::asking::shop::{FLAGS, SLOW, Shop, delivered};
use crate::server::{Server, eventually};
use crate::{admin, among, database};

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

/// WeChat can give the messages of two followers one MsgId.
#[test]
fn each_question_has_an_id_of_its_own_that_stays_when_it_is_asked_again() {
    let shop = Shop::on_a_file();
    let (one, other) = (shop.replica(), shop.replica());
    let same = |name: &str| {
        let message = shop.text(name, "问1500");
        let elements = message.elements().map(|(name, value)| match name {
            "MsgId" | "CreateTime" => (name, "1767326400"),
            _ => (name, value),
        });
        let empty = Message::default();
        elements.fold(empty, |message, (name, value)| message.with(name, value))
    };
    assert_eq!(delivered(&one, &same("o1")), None);
    one.kill();
    shop.let_replica_die("o1");
    assert_eq!(shop.fetched(&other, "o1"), "答问1500");
    assert_eq!(delivered(&other, &same("o2")), None);
    let ids = shop.endpoint.ids();
    assert_eq!((ids.len(), &ids[0]), (3, &ids[1]));
    assert_ne!(ids[0], ids[2]);
    assert!(ids.iter().all(|id| !id.contains(&shop.openid("o1"))));
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
fn what_becomes_of_questions_is_counted() {
    let shop = Shop::on_a_file();
    let server = shop.replica_with(&[&FLAGS[..], &["--admin", "127.0.0.1:0"]].concat());
    let operators = admin::operators(&server);
    for (text, told) in [
        ("问100", "答问100"),
        ("问坏", "坏了"),
        ("问1400", "答问1400"),
    ] {
        assert_eq!(shop.told(&server, "o1", text), told);
    }
    assert_eq!(shop.told(&server, "o2", "问6000"), SLOW);
    let under_way = || admin::metric(operators, "wxreply_questions_under_way");
    assert_eq!(under_way(), 1.0);
    assert_eq!(shop.told(&server, "o2", "问1"), "忙");
    assert_eq!(shop.fetched(&server, "o2"), "答问6000");
    assert_eq!(under_way(), 0.0);
    for (event, times) in [
        ("asked", 4.0),
        ("joined", 3.0),
        ("busy", 1.0),
        ("answered", 3.0),
        ("failed", 1.0),
        ("given", 3.0),
        ("slow", 1.0),
        ("fetched", 1.0),
    ] {
        let series = format!("wxreply_questions_total{{event=\"{event}\"}}");
        assert_eq!(admin::metric(operators, &series), times, "{event}");
    }
}

fn is_counted_once(server: &Server, event: &str) -> bool {
    let page = admin::get(admin::operators(server), "/metrics");
    let series = format!("wxreply_questions_total{{event=\"{event}\"}}");
    let lines = [among::series(&series), series].map(|series| format!("{series} 1\n"));
    lines.iter().any(|line| page.text().contains(line))
}

#[test]
fn what_becomes_of_questions_that_are_left_behind_is_counted() {
    let shop = Shop::on_a_file();
    // Deletes every ten seconds what is over.
    let flags = ["--deadline", "700ms", "--retry-after", "800ms"];
    let flags = [&flags[..], &["--admin", "127.0.0.1:0"]].concat();
    let (one, other) = (shop.replica(), shop.replica_with(&flags));
    assert_eq!(shop.told(&one, "o1", "问19000"), SLOW);
    one.kill();
    shop.let_replica_die("o1");
    assert_eq!(shop.told(&other, "o1", "1"), SLOW);
    let is_counted = |event| is_counted_once(&other, event);
    assert!(is_counted("asked_again") && !is_counted("asked"));
    assert!(!is_counted("expired"));
    let openid = shop.openid("o1");
    let too_late = format!("UPDATE wx_questions SET expires_at = 1 WHERE openid = '{openid}'");
    database::run(&shop.database, &too_late);
    eventually("nobody gets it any more", || is_counted("expired"));
    assert_eq!(shop.told(&other, "o1", "1"), "普通");
}

#[test]
fn a_question_that_three_copies_did_not_survive_is_given_up() {
    let shop = Shop::on_a_file();
    let (one, other) = (
        shop.replica(),
        shop.replica_with(&[&FLAGS[..], &["--admin", "127.0.0.1:0"]].concat()),
    );
    assert_eq!(shop.told(&one, "o1", "问19000"), SLOW);
    one.kill();
    let openid = shop.openid("o1");
    let thrice = format!("UPDATE wx_questions SET tries = 3 WHERE openid = '{openid}'");
    database::run(&shop.database, &thrice);
    shop.let_replica_die("o1");
    assert_eq!(shop.told(&other, "o1", "1"), "坏了");
    other.logged("慢 is not asked again for rule 问: three copies ended");
    assert_eq!(shop.endpoint.asked("问19000"), 1);
    assert!(is_counted_once(&other, "failed"));
    assert!(!is_counted_once(&other, "asked_again"));
}

#[test]
fn what_was_left_behind_and_no_rule_asks_any_longer_ends_in_a_word() {
    let shop = Shop::on_a_file();
    let one = shop.replica();
    let questions = ["问19000", "另19000"];
    for (name, question) in ["o1", "o2"].iter().zip(questions) {
        assert_eq!(shop.told(&one, name, question), SLOW);
    }
    one.kill();
    for name in ["o1", "o2"] {
        shop.let_replica_die(name);
    }
    let asks = "ask: 慢, failed: { busy: 忙, other: 坏了 }";
    shop.edit(asks, "reply: 打电话吧");
    shop.edit("when: { prefix: 另 }", "when: { prefix: 别 }");
    let other = shop.replica();
    assert_eq!(shop.fetched(&other, "o1"), "打电话吧");
    assert_eq!(shop.fetched(&other, "o2"), "故障");
    for service in ["慢", "另"] {
        other.logged(&format!("{service} is not asked again: a copy ended"));
    }
    assert_eq!(questions.map(|it| shop.endpoint.asked(it)), [1, 1]);
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
