//! Followers are remembered: nothing acknowledged is lost, nothing is done twice, and a database
//! that fails spoils no other answer.

use std::collections::HashSet;
use std::{fs, thread};

use wxreply::message::Message;

use crate::database::{FILE, databases, items, locked, new_follower, run, value};
use crate::server::{Server, eventually, said_text};
use crate::support::Folder;
use crate::wechat;

/// Counting is what shows work that was done twice: a list would swallow it.
const RULES: &str = "\
options: { on_error: 系统繁忙 }
rules:
  - { name: ping, when: { equals: ping }, reply: pong }
  - { name: set, when: { prefix: 设置 }, set: { threshold: <rest> }, reply: 设置成功 }
  - { name: add, when: { prefix: 订阅 }, add: { stocks: <rest> }, reply: 订阅成功 }
  - name: count
    when: { prefix: count }
    set: { count: '<user.count|>x' }
    add: { counted: <rest> }
    reply: { random: [1 <rest>, 2 <rest>, 3 <rest>, 4 <rest>, 5 <rest>, 6 <rest>, 7 <rest>, 8 <rest>] }
  - { name: show, when: { equals: show }, reply: '<user.threshold|nothing>' }
";

const DIALOGUE: &str = "\
rules:
  - { name: cancel, when: { equals: 取消, user: { step: [name, age] } }, clear: [step, name], reply: 已取消 }
  - { name: ask name, when: { equals: 报名 }, set: { step: name }, reply: 姓名？ }
  - name: ask age
    when: { user: { step: name } }
    set: { step: age, name: <content> }
    reply: '<content>，年龄？'
  - name: done
    when: { regex: '^\\d+$', user: { step: age } }
    clear: [step]
    add: { people: '<user.name> <content>' }
    reply: '<user.name>，<content>岁'
  - { name: no number, when: { user: { step: age } }, reply: 请输入数字 }
  - { name: code, when: { equals: code }, set: { code: '42' }, expires: 1s, reply: for a second }
  - { name: read, when: { equals: read }, reply: '<user.code|forgotten>' }
  - { name: rest, when: { type: text }, reply: 没有对话 }
";

/// With more patience than WeChat has: a busy machine is not what is tested here.
fn start(folder: &Folder, url: &str) -> Server {
    Server::start(folder, &["--database", url, "--deadline", "4900ms"])
}

/// Delivers a message to each of the servers at once, and checks that all say the same.
fn deliver_to_all(servers: &[&Server], message: &Message) -> String {
    let answers: Vec<String> = thread::scope(|scope| {
        let deliver = |server| said_text(&Server::send(server, message));
        let threads: Vec<_> = servers
            .iter()
            .map(|server| scope.spawn(move || deliver(server)))
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let different: HashSet<&String> = answers.iter().collect();
    assert_eq!(different.len(), 1, "{answers:?}");
    answers[0].clone()
}

#[test]
fn an_event_that_no_rule_asks_of_a_dialogue_is_answered_without_the_database() {
    let rules = "\
options: { on_error: 系统繁忙 }
rules:
  - { name: age, when: { user: { step: age } }, unless: { type: event }, reply: 请输入数字 }
  - { name: welcome, when: { event: subscribe }, reply: 欢迎 }
  - { name: rest, when: { type: text }, reply: 没有对话 }
";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let server = start(&folder, "postgres://127.0.0.1:1/nobody");
    let follow = wechat::message("event", "o1").with("Event", "subscribe");
    assert_eq!(said_text(&server.send(&follow)), "欢迎");
    assert_eq!(server.says("o1", "你好"), "系统繁忙");
}

/// As a program in Python writes a value that is no `str`.
#[test]
fn what_another_program_wrote_as_bytes_is_read_all_the_same() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = databases(&folder).remove(0);
    let server = start(&folder, &url);
    let follower = new_follower();
    assert_eq!(server.says(&follower, "设置1"), "设置成功");
    run(&url, "UPDATE wx_values SET value = CAST('12.5 元' AS BLOB)");
    assert_eq!(server.says(&follower, "show"), "12.5 元");
}

#[test]
fn what_was_answered_is_there_for_every_other_program() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let server = start(&folder, &url);
        let follower = new_follower();
        assert_eq!(server.says(&follower, "show"), "nothing");
        for threshold in ["100", " 99.5 ", "'; DROP TABLE wx_values; --", "😀]]>"] {
            assert_eq!(
                server.says(&follower, &format!("设置{threshold}")),
                "设置成功"
            );
            assert_eq!(value(&url, &follower, "threshold"), threshold.trim());
            assert_eq!(server.says(&follower, "show"), threshold.trim());
        }
        for stock in ["600519", "000001", "600519"] {
            assert_eq!(server.says(&follower, &format!("订阅{stock}")), "订阅成功");
        }
        assert_eq!(items(&url, &follower, "stocks"), ["600519", "000001"]);
        assert_eq!(server.says(&new_follower(), "show"), "nothing");
    }
}

#[test]
fn a_message_that_is_delivered_again_is_answered_again_and_done_once() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let server = start(&folder, &url);
        let follower = new_follower();
        let mut answered = Vec::new();
        for number in 1..=20 {
            let message = wechat::text(&follower, &format!("count {number}"));
            let said = deliver_to_all(&[&server; 3], &message);
            assert!(said.ends_with(&format!(" {number}")), "{said}");
            answered.push((message, said));
            assert_eq!(value(&url, &follower, "count").len(), number);
        }
        server.kill();
        let server = start(&folder, &url);
        for (message, said) in &answered {
            assert_eq!(said_text(&server.send(message)), *said);
        }
        assert_eq!(value(&url, &follower, "count").len(), 20);
        assert_eq!(items(&url, &follower, "counted").len(), 20);
    }
}

#[test]
fn two_servers_on_one_database_are_as_one() {
    const FOLLOWERS: usize = 4;
    // Of one follower a thousand at most: a list holds no more.
    let messages = std::env::var("WXREPLY_TWO_SERVERS_MESSAGES");
    let messages = messages.map_or(200, |messages| messages.parse().unwrap());
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let (one, other) = (start(&folder, &url), start(&folder, &url));
        let followers: Vec<String> = (0..FOLLOWERS).map(|_| new_follower()).collect();
        thread::scope(|scope| {
            for follower in &followers {
                let servers = [&one, &other];
                scope.spawn(move || {
                    for number in 0..messages / FOLLOWERS {
                        let message = wechat::text(follower, &format!("count {number}"));
                        let said = deliver_to_all(&servers, &message);
                        assert!(said.ends_with(&format!(" {number}")), "{said}");
                    }
                });
            }
        });
        for follower in &followers {
            let expected: Vec<String> = (0..messages / FOLLOWERS).map(|n| n.to_string()).collect();
            assert_eq!(value(&url, follower, "count").len(), expected.len());
            assert_eq!(items(&url, follower, "counted"), expected);
        }
    }
}

#[test]
fn messages_of_one_follower_at_once_come_one_after_the_other() {
    // Their answers have 4.5 seconds, and each waits for the disk of the one before.
    const AT_ONCE: usize = 40;
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in databases(&folder) {
        let servers = [start(&folder, &url), start(&folder, &url)];
        let follower = new_follower();
        thread::scope(|scope| {
            for number in 0..AT_ONCE {
                let (server, follower) = (&servers[number % 2], &follower);
                scope.spawn(move || {
                    let said = server.says(follower, &format!("count {number}"));
                    assert!(said.ends_with(&format!(" {number}")), "{said}");
                });
            }
        });
        assert_eq!(value(&url, &follower, "count").len(), AT_ONCE);
        assert_eq!(items(&url, &follower, "counted").len(), AT_ONCE);
    }
}

#[test]
fn a_dialogue_goes_on_where_it_was_and_old_values_are_forgotten() {
    let folder = Folder::with(&[("rules.yaml", DIALOGUE)]);
    for url in databases(&folder) {
        let mut server = start(&folder, &url);
        let follower = new_follower();
        for (sent, said) in [
            ("取消", "没有对话"),
            ("报名", "姓名？"),
            ("小明", "小明，年龄？"),
            ("很大", "请输入数字"),
            ("30", "小明，30岁"),
            ("30", "没有对话"),
            ("报名", "姓名？"),
            ("取消", "已取消"),
            ("小红", "没有对话"),
            ("报名", "姓名？"),
            ("小红", "小红，年龄？"),
        ] {
            assert_eq!(server.says(&follower, sent), said, "to {sent}");
            assert_eq!(
                server.says(&new_follower(), sent) == "姓名？",
                sent == "报名"
            );
        }
        server.kill();
        server = start(&folder, &url);
        assert_eq!(server.says(&follower, "7"), "小红，7岁");
        assert_eq!(items(&url, &follower, "people"), ["小明 30", "小红 7"]);

        assert_eq!(server.says(&follower, "code"), "for a second");
        eventually("it is forgotten", || {
            server.says(&follower, "read") == "forgotten"
        });
    }
}

#[test]
fn rules_that_remember_nothing_open_no_database() {
    let rules = "rules:\n  - { name: echo, when: { type: text }, reply: <content> }\n";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let server = start(&folder, &format!("sqlite:{FILE}"));
    assert_eq!(server.says("o1", "x"), "x");
    assert!(!folder.path().join(FILE).exists());
    folder.write("rules.yaml", RULES);
    eventually("the other rules", || server.says("o1", "ping") == "pong");
    assert!(
        !folder.path().join(FILE).exists(),
        "nobody has asked for it yet"
    );
    assert_eq!(server.says("o1", "设置1"), "设置成功");
    assert!(folder.path().join(FILE).exists());
}

/// What needs the database gets on_error in time, the rest is answered, and afterwards all is
/// as if nothing had been.
#[track_caller]
fn check_failing(folder: &Folder, url: &str, logged: &str, mend: impl FnOnce()) {
    let server = Server::start(folder, &["--database", url, "--deadline", "1500ms"]);
    let follower = new_follower();
    let message = wechat::text(&follower, "count 1");
    for message in [&message, &wechat::text(&follower, "show")] {
        assert_eq!(said_text(&server.send(message)), "系统繁忙", "{url}");
    }
    assert_eq!(server.says(&follower, "ping"), "pong");
    let line = server.logged("got on_error");
    assert!(line.contains("ERROR") && line.contains(logged), "{line}");
    mend();
    eventually("it recovers", || {
        server.send(&message).text().contains(" 1")
    });
    eventually("it counted once", || {
        server.says(&follower, "show") == "nothing"
    });
    assert_eq!(
        value(
            &url.replace("sqlite:", &format!("sqlite:{}/", folder.path().display())),
            &follower,
            "count"
        ),
        "x"
    );
}

#[test]
fn a_database_that_cannot_be_opened_is_used_once_it_can() {
    let folder = Folder::with(&[
        ("rules.yaml", RULES),
        ("directory.db/file", ""),
        ("garbage.db", &"this is no database. ".repeat(99)),
    ]);
    let at = |name: &str| folder.path().join(name);
    check_failing(
        &folder,
        "sqlite:nowhere/f.db",
        "its folder must exist and be writable",
        || {
            fs::create_dir(at("nowhere")).unwrap();
        },
    );
    check_failing(&folder, "sqlite:directory.db", "cannot be opened", || {
        fs::remove_dir_all(at("directory.db")).unwrap();
    });
    check_failing(
        &folder,
        "sqlite:garbage.db",
        "is damaged or is not a database",
        || {
            fs::remove_file(at("garbage.db")).unwrap();
        },
    );
}

#[test]
fn a_database_that_another_program_locks_is_waited_for_no_longer_than_allowed() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let file = format!("sqlite:{}", folder.path().join(FILE).display());
    let url = format!("sqlite:{FILE}");
    let server = Server::start(&folder, &["--database", &url, "--deadline", "1500ms"]);
    let follower = new_follower();
    assert_eq!(server.says(&follower, "设置1"), "设置成功");
    let message = wechat::text(&follower, "设置2");
    locked(&file, || {
        // The lock is held until there is an answer.
        assert_eq!(said_text(&server.send(&message)), "系统繁忙");
        assert_eq!(server.says(&follower, "ping"), "pong");
        assert_eq!(value(&file, &follower, "threshold"), "1");
    });
    server.logged("got on_error");
    eventually("it recovers", || {
        server.send(&message).text().contains("设置成功")
    });
    assert_eq!(value(&file, &follower, "threshold"), "2");
}

#[test]
fn a_server_that_is_away_costs_only_what_needs_it() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    for url in [
        "postgres://u:hunter2@127.0.0.1:1/d",
        "mysql://u:hunter2@127.0.0.1:1/d",
    ] {
        let server = start(&folder, url);
        assert_eq!(server.says("o1", "ping"), "pong");
        assert_eq!(server.says("o1", "设置1"), "系统繁忙");
        let line = server.logged("got on_error");
        assert!(
            line.contains("cannot be reached") && !line.contains("hunter2"),
            "{line}"
        );
        assert!(line.contains("refused"), "the cause is told too: {line}");
    }
}

#[test]
fn a_reply_of_any_length_is_cut_and_stored_as_it_is_sent() {
    let rules = "\
options: { on_error: 系统繁忙 }
rules:
  - { name: keep, when: { prefix: 存 }, add: { notes: <rest> }, reply: 已存 }
  - { name: show, when: { equals: 全部 }, reply: '全部：<user.notes>' }
";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    for url in databases(&folder) {
        let server = start(&folder, &url);
        let follower = new_follower();
        for number in 0..18 {
            let note = format!("存{number}{}", "字".repeat(20_000));
            assert_eq!(server.says(&follower, &note), "已存", "{url}");
        }
        let message = wechat::text(&follower, "全部");
        let shown = said_text(&server.send(&message));
        let beginning = shown.starts_with("全部：0字") && shown.ends_with("字…");
        assert!(beginning && shown.len() <= 2047, "{url}: {shown}");
        assert_eq!(said_text(&server.send(&message)), shown, "once more");
        server.logged("the end is cut off");
        let exported = folder.run(&["export", &follower, "--database", &url]);
        let stored: serde_json::Value = serde_json::from_str(&exported.stdout).unwrap();
        let answers = stored["answers"].as_array().unwrap();
        let last = answers
            .iter()
            .find(|answer| answer.to_string().contains("全部"));
        assert!(last.unwrap().to_string().len() < 3000, "{url}");
    }
}

#[test]
fn each_cause_of_a_failure_is_logged_once_a_minute() {
    let twice = "\
options: { on_error: 系统繁忙 }
rules: [{ name: keep, when: { type: text }, set: { word: <content><content> }, reply: 已存 }]
";
    let folder = Folder::with(&[("rules.yaml", twice)]);
    let server = Server::start(&folder, &[]);
    let (long, spaced) = ("o".repeat(65), "o ");
    let content = "字".repeat(20_000);
    for _ in 0..3 {
        for (openid, content) in [("o1", content.as_str()), (&long, "字"), (spaced, "字")] {
            assert_eq!(server.says(openid, content), "系统繁忙");
        }
    }
    assert_eq!(server.says("o2", "字"), "已存");
    server.logged("answered, rule keep");
    for (cause, times) in [
        ("the value cannot be stored: it is too long", 1),
        ("the openid cannot be stored: it is too long", 1),
        ("the openid cannot be stored: it ends in a space", 1),
        ("got on_error", 3),
    ] {
        let log = server.log();
        assert_eq!(log.matches(cause).count(), times, "{cause}: {log}");
    }
    server.signal("TERM");
    server.logged("6 repeated log lines were left out");
}

#[test]
fn an_outage_is_logged_once_a_minute_however_many_followers_write() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = start(&folder, "postgres://127.0.0.1:1/nobody");
    for number in 0..20 {
        assert_eq!(server.says(&format!("o{number}"), "设置1"), "系统繁忙");
    }
    assert_eq!(server.says("o1", "ping"), "pong");
    server.logged("answered, rule ping");
    assert_eq!(server.log().matches("got on_error").count(), 1);
}
