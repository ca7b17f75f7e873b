//! A COMMIT that waits for a standby that is away, however many followers write meanwhile.

use std::thread;

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

    // One at a time: settings of the server cannot be changed within a transaction.
    database::run(&url, "ALTER SYSTEM SET synchronous_standby_names = 'away'");
    database::run(&url, "SELECT pg_reload_conf()");
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
    database::run(&url, "ALTER SYSTEM RESET synchronous_standby_names");
    database::run(&url, "SELECT pg_reload_conf()");
    eventually("commits are quick again", || {
        server.says("o1", "记 丁") == "好"
    });
}
