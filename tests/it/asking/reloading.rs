//! A message is answered by one set of rules, and a follower who was told how to fetch an answer
//! can, whatever has become of the rules since.

use std::fs;
use std::time::Duration;

use wxreply::message::Message;

use crate::asking::shop::{SLOW, Shop, deliver_each, delivered};
use crate::server::{Server, eventually};
use crate::{admin, database};

/// Twice as slow as elsewhere: two servers reload between the first delivery and the second.
const TIMES: [&str; 4] = ["--deadline", "1800ms", "--retry-after", "2s"];
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// What is saved while a question is asked.
const EDITS: [(&str, Edit); 4] = [
    ("another rule stands above", Edit::Above),
    ("it asks another service", Edit::Other),
    ("the rule is gone", Edit::Rule),
    ("nothing asks any longer", Edit::All),
];

#[derive(Clone, Copy)]
enum Edit {
    Above,
    Other,
    Rule,
    All,
}

const ASKS: &str =
    "  - { name: 问, when: { prefix: 问 }, ask: 慢, failed: { busy: 忙, other: 坏了 } }\n";
const STORES: &str = "  - { name: 新, when: { prefix: 问 }, set: { new: <content> }, reply: 新 }\n";
const SAYS: &str = "  - { name: 新, when: { prefix: 问 }, reply: 新 }\n";

/// Only `1` is left, as a word like any other, and a rule that reads what is stored.
const NOTHING_ASKS: &str = "
rules:
  - { name: 新, when: { prefix: 问 }, set: { new: <content> }, reply: 新 }
  - { name: 一, when: { equals: '1' }, reply: 普通 }
  - { name: 记, when: { equals: 上次 }, reply: '<user.last|无>' }
";

impl Edit {
    fn save(self, shop: &Shop) {
        match self {
            Edit::Above => shop.edit(ASKS, &[STORES, ASKS].concat()),
            Edit::Other => shop.edit(ASKS, &ASKS.replace("ask: 慢", "ask: 另")),
            Edit::Rule => shop.edit(ASKS, SAYS),
            Edit::All => shop.folder.write("rules.yaml", NOTHING_ASKS),
        }
    }
}

fn replica(shop: &Shop) -> Server {
    shop.replica_with(&[&TIMES[..], &["--admin", "127.0.0.1:0"]].concat())
}

/// With these rules, and again as they were.
fn between(shop: &Shop, servers: &[&Server], edit: Edit, work: impl FnOnce()) {
    let path = shop.folder.path().join("rules.yaml");
    let before = fs::read_to_string(&path).unwrap();
    let reload = || {
        for server in servers {
            assert_eq!(admin::reload(admin::operators(server)).status, 200);
        }
    };
    edit.save(shop);
    reload();
    work();
    shop.folder.write("rules.yaml", before);
    reload();
}

fn stored(shop: &Shop, name: &str) -> [String; 2] {
    let openid = shop.openid(name);
    ["last", "new"].map(|key| database::value(&shop.database, &openid, key))
}

#[test]
fn a_message_whose_question_is_under_way_keeps_its_rules() {
    Shop::on_each_database_timed(|shop| {
        let (one, other) = (replica(shop), replica(shop));
        for (number, (what, edit)) in EDITS.into_iter().enumerate() {
            for (whom, servers) in [("alone", [&one, &one]), ("with another", [&other, &one])] {
                let name = format!("o{number}{}", whom.len());
                let content = format!("问{}", 4600 + 10 * number + whom.len());
                let message = shop.text(&name, &content);
                assert_eq!(delivered(&one, &message), None);
                between(shop, &[&one, &other], edit, || {
                    let case = format!("{what}, {whom}");
                    let answer =
                        deliver_each(RETRY_AFTER, &servers, &message).map(|(_, text)| text);
                    assert_eq!(answer, Some(format!("答{content}")), "{case}");
                    // And however often it comes.
                    let again = delivered(&other, &message);
                    assert_eq!(again, Some(format!("答{content}")), "{case}");
                    assert_eq!(stored(shop, &name), [&content, ""], "{case}");
                    assert_eq!(shop.endpoint.asked(&content), 1, "{case}");
                });
            }
        }
    });
}

#[test]
fn who_was_told_how_to_fetch_can_whatever_the_rules_say_by_now() {
    Shop::on_each_database_timed(|shop| {
        let (one, other) = (replica(shop), replica(shop));
        for (number, (what, edit)) in EDITS.into_iter().enumerate() {
            for (whom, server) in [("alone", &one), ("with another", &other)] {
                let name = format!("o{number}{}", whom.len());
                let content = format!("问{}", 6900 + 10 * number + whom.len());
                let message: Message = shop.text(&name, &content);
                assert_eq!(delivered(&one, &message), None);
                between(shop, &[&one, &other], edit, || {
                    let case = format!("{what}, {whom}");
                    let told = deliver_each(RETRY_AFTER, &[server], &message);
                    assert_eq!(told.map(|(_, text)| text), Some(SLOW.to_owned()), "{case}");
                    let fetched = shop.fetched(server, &name);
                    assert_eq!(fetched, format!("答{content}"), "{case}");
                    assert_eq!(shop.told(server, &name, "1"), "普通", "{case}");
                    assert_eq!(stored(shop, &name), [&content, ""], "{case}");
                });
            }
        }
    });
}

/// Neither in its memory nor in its rules is there anything of what was asked.
#[test]
fn a_server_that_starts_where_an_answer_waits_lets_it_be_fetched() {
    Shop::on_each_database(|shop| {
        let server = shop.replica();
        server.hears_signals();
        assert_eq!(shop.told(&server, "o1", "问4100"), SLOW);
        let openid = shop.openid("o1");
        let answered = format!(
            "SELECT service FROM wx_questions WHERE openid = '{openid}' AND answer IS NOT NULL"
        );
        let is_answered = || !database::column(&shop.database, &answered).is_empty();
        eventually("it is answered", is_answered);
        let unanswered = shop.text("o2", "问60000");
        assert_eq!(delivered(&server, &unanswered), None);
        server.signal("TERM");
        assert!(server.ended().success());
        let options = "options: { fetch: ['1'] }\n";
        shop.folder
            .write("rules.yaml", format!("{options}{NOTHING_ASKS}"));
        let next = shop.replica();
        assert_eq!(shop.told(&next, "o1", "1"), "答问4100");
        assert_eq!(shop.told(&next, "o1", "1"), "普通");
        // Nobody has answered it, so that it is a message of these rules, once.
        for _ in 0..2 {
            assert_eq!(delivered(&next, &unanswered).as_deref(), Some("新"));
        }
        assert_eq!(stored(shop, "o2"), ["", "问60000"]);
        assert_eq!(shop.endpoint.asked("问60000"), 1);
    });
}

/// What needs no database is answered without one, as ever.
#[test]
fn a_database_that_is_away_keeps_nobody_from_what_needs_none() {
    let shop = Shop::on_a_file();
    let server = replica(&shop);
    assert_eq!(shop.told(&server, "o1", "问1"), "答问1");
    let file = shop.folder.path().join(database::FILE);
    let aside = shop.folder.path().join("aside");
    fs::rename(&file, aside).unwrap();
    fs::create_dir(&file).unwrap();
    assert_eq!(shop.told(&server, "o1", "你好"), "好");
    assert_eq!(shop.told(&server, "o1", "1"), "故障");
}
