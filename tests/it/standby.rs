//! A COMMIT that waits for a standby that is away, however many followers write meanwhile.

use std::thread;
use std::time::Duration;

use crate::asking::shop::{SLOW, Shop, delivered};
use crate::database;
use crate::postgres::Postgres;
use crate::requirements;
use crate::server::{Server, eventually};
use crate::support::Folder;

const RULES: &str = "
options: { on_error: 忙 }
rules:
  - { name: 记, when: { type: text, prefix: 记 }, set: { word: <rest> }, reply: 好 }
";

/// The bot's own, and the one it ends others with.
const MAX_CONNECTIONS: usize = 8 + 1;

const OTHERS: &str = "SELECT pid::text FROM pg_stat_activity \
                      WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";

#[test]
fn commits_that_wait_take_no_more_connections_than_the_bot_has() {
    let postgres = match Postgres::start() {
        Ok(postgres) => postgres,
        Err(missing) => return requirements::absent("postgres-binaries", missing),
    };
    let url = postgres.url();
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", &url, "--deadline", "500ms"]);
    eventually("the tables are made", || server.says("o0", "记 甲") == "好");

    set_standby(&url, "SET synchronous_standby_names = 'away'");
    eventually("commits wait", || server.says("o0", "记 乙") == "忙");
    for round in 0..4 {
        thread::scope(|scope| {
            for number in 0..20 {
                let server = &server;
                scope.spawn(move || server.says(&format!("o{round}-{number}"), "记 丙"));
            }
        });
        let connections = database::column(&url, OTHERS).len();
        assert!(connections <= MAX_CONNECTIONS, "{connections} connections");
    }
    set_standby(&url, "RESET synchronous_standby_names");
    eventually("commits are quick again", || {
        server.says("o1", "记 丁") == "好"
    });
}

/// What was claimed and taken without an answer of the database was asked by nobody.
#[test]
fn a_question_that_nobody_asked_while_commits_waited_is_asked_and_not_given_up() {
    let postgres = match Postgres::start() {
        Ok(postgres) => postgres,
        Err(missing) => return requirements::absent("postgres-binaries", missing),
    };
    let shop = Shop::on(postgres.url());
    let server = shop.replica_with(&["--deadline", "200ms", "--retry-after", "500ms"]);
    // As long as it is asked, the lease is a fresh one.
    eventually("one is asked", || {
        let _ = delivered(&server, &shop.text("o1", "问20000"));
        shop.endpoint.asked("问20000") > 0
    });
    set_standby(&shop.database, "SET synchronous_standby_names = 'away'");
    let waits = || shop.told(&server, "o2", "忘了吧") == "故障";
    eventually("commits wait", waits);
    let message = shop.text("o3", "问1");
    for _ in 0..4 {
        assert_eq!(delivered(&server, &message).as_deref(), Some("故障"));
        thread::sleep(Duration::from_millis(500));
    }
    set_standby(&shop.database, "RESET synchronous_standby_names");
    let mut told = String::new();
    eventually("commits are quick again", || {
        told = shop.told(&server, "o3", "1");
        told != "故障" && told != SLOW
    });
    assert_eq!((&*told, shop.endpoint.asked("问1")), ("答问1", 1));
}

/// One at a time: settings of the server cannot be changed within a transaction.
fn set_standby(url: &str, setting: &str) {
    database::run(url, &format!("ALTER SYSTEM {setting}"));
    database::run(url, "SELECT pg_reload_conf()");
}
