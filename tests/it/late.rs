//! What takes longer than it may: answers and reloads.

use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fs, thread};

use crate::admin::{json, metric, operators};
use crate::requirements;
use crate::server::{Server, said_text};
use crate::support::Folder;
use crate::{among, database, http, wechat};

const RULES: &str = "
options: { on_error: 忙 }
rules:
  - { name: 记, when: { type: text, prefix: 记 }, set: { word: <rest> }, reply: 好 }
";

#[test]
fn an_answer_leaves_at_the_deadline_whatever_the_database_does() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = format!("sqlite:{}", folder.path().join("f.db").display());
    let flags = ["--admin", "127.0.0.1:0", "--database", &url];
    let more = ["--deadline", "1s", "--client-timeout", "30s"];
    let server = Server::start(&folder, &[flags, more].concat());
    assert_eq!(server.says("o1", "记 甲"), "好");
    let push = wechat::plain(&wechat::text("o1", "记 乙"));
    let said = database::locked(&url, || {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(http::PATIENCE)).unwrap();
        let head = format!(
            "POST /wx_flask?{} HTTP/1.1\r\nhost: bot\r\ncontent-length: {}\r\n\r\n",
            push.query,
            push.body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // Of the second, less is left than the database alone may take.
        thread::sleep(Duration::from_millis(750));
        stream.write_all(push.body.as_bytes()).unwrap();
        http::answer(&mut stream).unwrap()
    });
    assert_eq!(said_text(&said), "忙");
    let line = server.logged("did not finish within");
    assert!(!line.contains("within 1s"), "it had less: {line}");
    let late = "wxreply_deliveries_total{outcome=\"too_late\"}";
    assert_eq!(metric(operators(&server), late), 1.0);
}

/// Each of these takes some hundredths of a second for the text below, and none is ever found.
fn slow_rules() -> String {
    let mut rules = "options: { on_error: 忙 }\nrules:\n".to_owned();
    for number in 30..50 {
        let regex = format!(r"(.{{1,60}}){{1,{number}}}[0-9]$");
        rules += &format!("  - {{ name: 慢{number}, when: {{ regex: '{regex}' }}, reply: 好 }}\n");
    }
    rules
}

#[test]
fn deciding_ends_with_its_budget_and_the_log_names_the_rules_that_took_it() {
    let rules = slow_rules();
    let stored =
        "  - { name: 存, when: { user: { a: b }, type: text }, set: { a: c }, reply: 存 }\n";
    for rules in [rules.clone(), rules + stored] {
        let folder = Folder::with(&[("rules.yaml", &rules)]);
        let server = Server::start(&folder, &["--admin", "127.0.0.1:0"]);
        assert_eq!(server.says("o1", &"ab".repeat(1020)), "忙");
        server
            .logged("deciding took more than 200ms of processor time, most of it for the rules 慢");
        let over = "wxreply_deliveries_total{outcome=\"over_budget\"}";
        assert_eq!(metric(operators(&server), over), 1.0);
    }
}

#[test]
fn a_commit_may_take_all_the_time_there_is() {
    let Some(url) = requirements::server("postgres", "WXREPLY_TEST_POSTGRES") else {
        return;
    };
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = database::create(&url);
    let server = Server::start(&folder, &["--database", &url, "--deadline", "4900ms"]);
    assert_eq!(server.says("o1", "记 甲"), "好");
    database::run(
        &url,
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN PERFORM pg_sleep(2.6); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON wx_deliveries \
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()",
    );
    assert_eq!(server.says("o1", "记 乙"), "好");
    assert_eq!(database::value(&url, "o1", "word"), "乙");
    drop(server);
    database::drop(&url);
}

#[test]
fn a_reload_does_not_wait_for_ever_for_a_file_that_is_written_all_the_time() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--admin", "127.0.0.1:0"]);
    let address = operators(&server);
    let mut file = fs::File::options()
        .append(true)
        .open(folder.path().join("rules.yaml"))
        .unwrap();
    file.write_all(b"#").unwrap();
    let is_over = AtomicBool::new(false);
    let said = thread::scope(|scope| {
        // A save in progress is waited for, but only so long.
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                file.write_all(b"#").unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        });
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(http::PATIENCE * 2)).unwrap();
        let target = among::target("/reload");
        let head = format!("POST {target} HTTP/1.0\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let said = http::answer(&mut stream);
        is_over.store(true, Ordering::Relaxed);
        said.unwrap()
    });
    assert_eq!(said.status, 200, "{said:?}");
    assert!(json(&said)["generation"].as_u64() >= Some(2), "{said:?}");
}
