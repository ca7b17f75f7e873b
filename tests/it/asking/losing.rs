//! A question whose row is gone while somebody waits for its answer: the follower is told that
//! something is wrong, unless it is they who had everything forgotten.

use std::fs;
use std::net::SocketAddr;
use std::thread;

use wxreply::message::Message;

use crate::asking::shop::{SLOW, Shop, delivered};
use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::{admin, database};

const ON_ERROR: &str = "故障";

const PATIENT: [&str; 4] = ["--deadline", "4900ms", "--retry-after", "5s"];

fn replica(shop: &Shop) -> Server {
    shop.replica_with(&[&PATIENT[..], &["--admin", "127.0.0.1:0"]].concat())
}

/// What a delivery gets that waits while this happens.
fn told_after(shop: &Shop, server: &Server, message: &Message, happens: impl FnOnce()) -> String {
    thread::scope(|scope| {
        let waiting = scope.spawn(|| delivered(server, message));
        let arrived = format!(
            "SELECT openid FROM wx_arrivals WHERE openid = '{}' AND delivery = '{}'",
            message.openid(),
            message.delivery_key()
        );
        eventually("it waits", || {
            !database::column(&shop.database, &arrived).is_empty()
        });
        happens();
        waiting.join().unwrap().unwrap_or_default()
    })
}

fn events(operators: SocketAddr, event: &str) -> f64 {
    let series = format!("wxreply_questions_total{{event=\"{event}\"}}");
    admin::metric(operators, &series)
}

/// The check of the clock finds it first only where the server has just started.
fn replaced(server: &Server) -> f64 {
    let series = "wxreply_store_errors_total{operation=\"question\",error=\"replaced\"}";
    admin::metric(admin::operators(server), series)
}

#[test]
fn a_file_that_is_replaced_while_a_question_is_asked_is_told() {
    type Happens = fn(&Shop);
    let ways: [(&str, Happens); 2] = [
        ("moved", |shop| {
            let file = shop.folder.path().join(database::FILE);
            fs::rename(file, shop.folder.path().join("moved.db")).unwrap();
        }),
        ("removed", |shop| {
            for suffix in ["", "-wal", "-shm"] {
                let file = format!("{}{suffix}", database::FILE);
                fs::remove_file(shop.folder.path().join(file)).unwrap();
            }
        }),
    ];
    for (what, happens) in ways {
        let shop = Shop::on_a_file();
        let server = replica(&shop);
        let message = shop.text("o1", "问1500");
        let told = told_after(&shop, &server, &message, || happens(&shop));
        assert_eq!(told, ON_ERROR, "{what}");
        assert_eq!(replaced(&server), 1.0, "{what}");
        let operators = admin::operators(&server);
        assert_eq!(events(operators, "failed"), 1.0, "{what}");
        // What the service said is nobody's.
        assert_eq!(shop.told(&server, "o1", "1"), "普通", "{what}");
    }
}

#[test]
fn so_is_one_whose_tables_are_made_anew() {
    let folder = Folder::with(&[]);
    thread::scope(|scope| {
        for url in database::databases(&folder) {
            if url.starts_with("sqlite") {
                continue;
            }
            scope.spawn(move || {
                let shop = Shop::on(database::create(&url));
                let server = replica(&shop);
                let message = shop.text("o1", "问1500");
                let told = told_after(&shop, &server, &message, || drop_tables(&shop));
                assert_eq!(told, ON_ERROR);
                assert_eq!(events(admin::operators(&server), "failed"), 1.0);
                drop(server);
                database::drop(&shop.database);
            });
        }
    });
}

fn drop_tables(shop: &Shop) {
    let tables = "wx_values, wx_items, wx_followers, wx_deliveries, wx_questions, wx_arrivals, \
                  wx_replicas, wx_turns, wx_counts, wx_media, wx_migrations";
    database::run(&shop.database, &format!("DROP TABLE {tables}"));
}

#[test]
fn one_who_waits_while_the_operator_forgets_them_is_told_too() {
    type Happens = fn(&Shop, &str);
    let ways: [(&str, Happens); 2] = [
        ("forgotten", |shop, openid| {
            let arguments = ["forget", openid, "--database", &shop.database];
            assert_eq!(shop.folder.run(&arguments).code, 0);
        }),
        ("as in a backup that is restored", |shop, openid| {
            for table in ["wx_questions", "wx_arrivals"] {
                let gone = format!("DELETE FROM {table} WHERE openid = '{openid}'");
                database::run(&shop.database, &gone);
            }
        }),
    ];
    Shop::on_each_database_timed(|shop| {
        for (number, (what, happens)) in ways.into_iter().enumerate() {
            let server = replica(shop);
            let name = format!("o{number}");
            let (message, openid) = (shop.text(&name, "问1500"), shop.openid(&name));
            let told = told_after(shop, &server, &message, || happens(shop, &openid));
            assert_eq!(told, ON_ERROR, "{what}");
            let operators = admin::operators(&server);
            assert_eq!(events(operators, "failed"), 1.0, "{what}");
            server.logged("its question is gone");
            assert_eq!(
                shop.endpoint.asked("问1500"),
                1 + u32::try_from(number).unwrap()
            );
        }
    });
}

/// Otherwise each delivery would be held, and WeChat say that the account is out of order.
#[test]
fn so_is_one_whose_service_takes_longer_than_all_deliveries() {
    Shop::on_each_database_timed(|shop| {
        let server = replica(shop);
        let (message, openid) = (shop.text("o1", "问20000"), shop.openid("o1"));
        let told = told_after(shop, &server, &message, || {
            let arguments = ["forget", &openid, "--database", &shop.database];
            assert_eq!(shop.folder.run(&arguments).code, 0);
        });
        assert_eq!(told, ON_ERROR);
        server.logged("its question is gone");
    });
}

#[test]
fn who_fetches_is_told_as_well() {
    let shop = Shop::on_a_file();
    let quick = shop.replica();
    assert_eq!(shop.told(&quick, "o1", "问6000"), SLOW);
    drop(quick);
    let server = replica(&shop);
    server.logged("can be used");
    let fetching = shop.text("o1", "1");
    let told = told_after(&shop, &server, &fetching, || {
        let file = shop.folder.path().join(database::FILE);
        fs::rename(file, shop.folder.path().join("moved.db")).unwrap();
    });
    assert_eq!(told, ON_ERROR);
    assert_eq!(replaced(&server), 1.0);
}

const FORGETS: &str =
    "rules:\n  - { name: 都忘, when: { equals: 都忘了 }, clear: all, reply: 忘了 }\n";

/// They asked for it: nothing is wrong, nothing is left, and nothing is asked again.
#[test]
fn who_has_everything_forgotten_hears_no_more_of_what_they_asked() {
    Shop::on_each_database(|shop| {
        shop.edit("rules:\n", FORGETS);
        let (one, other) = (
            shop.replica_with(&[&shop.flags()[..], &["--admin", "127.0.0.1:0"]].concat()),
            shop.replica(),
        );
        let (asks, fetches) = (shop.text("o1", "问3000"), shop.text("o1", "1"));
        assert_eq!(delivered(&one, &asks), None);
        let told = told_after(shop, &one, &fetches, || {
            assert_eq!(shop.told(&other, "o1", "都忘了"), "忘了");
        });
        assert_eq!(told, "");
        for server in [&one, &other, &one] {
            assert_eq!(delivered(server, &asks).as_deref(), Some(""));
            assert_eq!(delivered(server, &fetches).as_deref(), Some(""));
        }
        for table in ["wx_questions", "wx_arrivals", "wx_values", "wx_followers"] {
            let openid = shop.openid("o1");
            let rows = format!("SELECT openid FROM {table} WHERE openid = '{openid}'");
            let rows = database::column(&shop.database, &rows);
            assert_eq!(rows, [""; 0], "{table}");
        }
        let operators = admin::operators(&one);
        eventually("its answer is nobody's", || {
            admin::get(operators, "/metrics")
                .text()
                .contains("event=\"failed\"")
        });
        assert_eq!(shop.endpoint.asked("问3000"), 1);
        assert_eq!(shop.told(&one, "o1", "上次"), "无");
        assert_eq!(shop.told(&one, "o1", "1"), "普通");
    });
}
