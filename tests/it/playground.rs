//! What the playground asks the server for: messages tried, tests written, and who may ask.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use serde_json::{Value, json};

use crate::admin::get;
use crate::doctor_services::endpoint;
use crate::http::Said;
use crate::pages::pages;
use crate::server::Server;
use crate::support::Folder;
use crate::{admin, among, http};

const RULES: &str = "
rules:
  - { name: 你好, when: { type: text, prefix: 你好 }, reply: 'hello <user.name|you>' }
  - { name: 设置, when: { type: text, prefix: 设置 }, set: { threshold: <rest> }, reply: '设置成功 <time>' }
";

fn start(folder: &Folder) -> (Server, SocketAddr) {
    let server = Server::start(folder, &["--admin", "127.0.0.1:0"]);
    let address = admin::operators(&server);
    (server, address)
}

fn post(address: SocketAddr, target: &str, headers: &str, body: &[u8]) -> Said {
    let target = among::target(target);
    let head = format!(
        "POST {target} HTTP/1.1\r\nhost: {address}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    http::exchange(address, &[head.as_bytes(), body].concat()).unwrap()
}

fn ask(address: SocketAddr, target: &str, body: &Value) -> Said {
    let headers = "content-type: application/json\r\n";
    post(address, target, headers, body.to_string().as_bytes())
}

#[test]
fn the_page_comes_with_all_its_parts_and_a_policy_that_lets_in_nothing_else() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (_server, address) = start(&folder);
    let page = get(address, "/");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let mut waiting: Vec<String> = page
        .text()
        .split(['"', '\''])
        .filter(|word| word.starts_with("/playground/"))
        .map(str::to_owned)
        .collect();
    let mut seen: Vec<String> = Vec::new();
    while let Some(target) = waiting.pop() {
        if seen.contains(&target) {
            continue;
        }
        let part = get(address, &target);
        assert_eq!(part.status, 200, "{target}");
        let imports = part
            .text()
            .split('\'')
            .filter_map(|word| word.strip_prefix("./"));
        waiting.extend(imports.map(|name| format!("/playground/{name}")));
        let policy = part.header("content-security-policy");
        for needed in [
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(needed), "{target}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{target}: {policy}");
        assert_eq!(part.header("referrer-policy"), "no-referrer");
        assert_eq!(part.header("x-content-type-options"), "nosniff");
        seen.push(target);
    }
    assert!(seen.len() > 10, "{seen:?}");
    assert_eq!(get(address, "/playground/mod.rs").status, 404);
    assert_eq!(get(address, "/playground/..%2fmod.rs").status, 404);
}

#[test]
fn the_example_in_the_page_about_operating_is_what_is_asked_and_answered() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (_server, address) = start(&folder);
    for name in ["docs/operating.md", "docs/zh/operating.md"] {
        let page = pages().into_iter().find(|page| page.name == name).unwrap();
        let text_of = |info: &str| {
            let mut blocks = page.blocks().into_iter();
            blocks.find(|block| block.info == info).unwrap().text
        };
        let question: Value = serde_json::from_str(&text_of("json question")).unwrap();
        let said = ask(address, "/try", &question);
        assert_eq!(said.status, 200, "{}", said.text());
        let wanted: Value = serde_json::from_str(&text_of("json answer")).unwrap();
        assert_eq!(admin::json(&said), wanted, "{name}");
        let case = ask(address, "/case", &question);
        assert_eq!(case.text(), text_of("text case"), "{name}");
    }
}

#[test]
fn the_test_in_the_page_about_services_is_what_is_written() {
    for name in ["docs/services.md", "docs/zh/services.md"] {
        let page = pages().into_iter().find(|page| page.name == name).unwrap();
        let blocks = page.blocks();
        let text_of = |info: &str| &blocks.iter().find(|block| block.info == info).unwrap().text;
        let folder = Folder::with(&[("rules.yaml", text_of("yaml"))]);
        let (_server, address) = start(&folder);
        let answer = json!({ "state": "派送中", "steps": [{ "time": "10:30" }] });
        let trial = json!({ "send": "快递 SF1234567890", "answers": { "快递": answer } });
        let case = ask(address, "/case", &trial);
        assert_eq!(case.text(), text_of("yaml ignore-check"), "{name}");
    }
}

#[test]
fn an_answer_says_how_long_what_it_stores_is_kept() {
    let rules = "rules:\n  - { name: a, when: { type: text }, set: { step: b, name: c }, \
                 expires: { step: 10m }, reply: x }\n";
    let folder = Folder::with(&[("rules.yaml", rules)]);
    let (_server, address) = start(&folder);
    let turn = json!({ "talk": [{ "send": "x", "at": "2026-01-02 03:04:05", "later": "660s" }] });
    let page = admin::json(&ask(address, "/try", &turn));
    assert_eq!(page["expires"], json!({ "step": 600, "name": null }));
    assert_eq!(page["at"], "2026-01-02 03:15:05");
}

/// As in a test of the rule file.
#[test]
fn a_time_without_a_date_is_on_the_day_of_the_turn_before() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (_server, address) = start(&folder);
    let turns = ["2026-03-01 10:00", "11:00"].map(|at| json!({ "send": "x", "at": at }));
    let case = ask(address, "/case", &json!({ "talk": turns }));
    assert!(case.text().contains("2026-03-01 11:00"), "{}", case.text());
}

#[test]
fn trying_reads_and_changes_nobody_and_is_not_counted() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (server, address) = start(&folder);
    server.says("o_test", "设置 1");
    let said = ask(address, "/try", &json!({ "send": "设置 2" }));
    let page = admin::json(&said);
    assert_eq!(
        page["user"],
        json!({ "before": {}, "after": { "threshold": "2" } })
    );
    let outcome = folder.run(&["export", "o_test"]);
    assert!(outcome.stdout.contains("\"1\""), "{outcome:?}");
    ask(
        address,
        "/case",
        &json!({ "talk": [{ "send": "你好" }, { "send": "设置 3" }] }),
    );
    let rules = admin::json(&get(address, "/rules"));
    let wanted = json!([{ "name": "你好", "answers": 0 }, { "name": "设置", "answers": 1 }]);
    assert_eq!(rules["rules"], wanted);
    let delivered = "wxreply_deliveries_total{outcome=\"answered\"}";
    assert_eq!(admin::metric(address, delivered), 1.0);
}

const ASKING: &str = "
services:
  快递: { url: 'https://api.example.com/track?by=<content>' }
rules:
  - name: 快递
    when: { prefix: 快递 }
    ask: { 快递: { number: <rest>, by: <openid> } }
    reply: '<answer.state>'
    failed: { 404: 没有这个单号 }
    set: { parcel: <rest> }
";

#[test]
fn what_a_service_would_be_asked_is_shown_and_what_it_answers_can_be_said() {
    let folder = Folder::with(&[("rules.yaml", ASKING)]);
    let (_server, address) = start(&folder);
    let asked = |answers: Value| {
        let trial = json!({ "send": "快递 SF1", "answers": answers });
        let page = admin::json(&ask(address, "/try", &trial));
        let question = &page["question"];
        assert_eq!(question["service"], "快递");
        let url = "https://api.example.com/track?by=%E5%BF%AB%E9%80%92%20SF1";
        assert_eq!(question["url"], url);
        assert_eq!(question["request"]["number"], "SF1");
        // As the service gets it, and not the openid.
        let by = question["request"]["by"].as_str().unwrap();
        assert!(by.len() == 64 && by != "o_test", "{by}");
        let case = ask(address, "/case", &trial);
        assert_eq!(case.status, 200);
        let case = case.text().to_owned();
        (page["reply"].clone(), page["changes"].clone(), case)
    };
    let (reply, changes, case) = asked(json!({}));
    assert_eq!((reply, changes), (json!("success"), json!([])));
    assert!(
        case.contains("answers: { 快递: { fails: timeout } }"),
        "{case}"
    );
    let (reply, changes, case) = asked(json!({ "快递": { "state": "派送中" } }));
    assert_eq!(reply, json!({ "text": "派送中" }));
    assert_eq!(changes, json!(["set parcel = \"SF1\""]));
    assert!(
        case.contains("answers: { 快递: { state: 派送中 } }"),
        "{case}"
    );
    assert!(
        case.contains("asked: { 快递: { number: SF1, by: o_test } }"),
        "{case}"
    );
    let (reply, changes, _) = asked(json!({ "快递": { "fails": 404 } }));
    assert_eq!(
        (reply, changes),
        (json!({ "text": "没有这个单号" }), json!([]))
    );

    for (answers, said) in [
        (json!({ "快运": 1 }), "there is no service named `快运`"),
        (json!({ "快递": { "fails": "slow" } }), "slow"),
        (
            json!({ "快递": { "json": 1, "after": "soon" } }),
            "not a length of time",
        ),
    ] {
        let trial = json!({ "send": "快递 SF1", "answers": answers });
        for target in ["/try", "/case"] {
            let refused = ask(address, target, &trial);
            assert_eq!(refused.status, 422);
            assert!(refused.text().contains(said), "{}", refused.text());
        }
    }
}

fn start_live(folder: &Folder, more: &[&str]) -> (Server, SocketAddr) {
    let flags = [&["--admin", "127.0.0.1:0", "--live"], more].concat();
    let server = Server::start(folder, &flags);
    let address = admin::operators(&server);
    (server, address)
}

/// With the service at this address.
fn asking(service: &str) -> String {
    ASKING.replace("https://api.example.com", &format!("http://{service}"))
}

#[test]
fn a_service_is_asked_only_where_the_operator_lets_the_playground_do_so() {
    let parcel = "HTTP/1.1 200 OK\r\ncontent-length: 23\r\n\r\n{\"state\": \"on its way\"}";
    let service = endpoint(parcel).to_string();
    let folder = Folder::with(&[("rules.yaml", &asking(&service))]);
    let trial = json!({ "send": "快递 SF1" });
    let may_be_asked = |address| {
        let page = admin::json(&ask(address, "/try", &trial));
        page["question"]["live"].as_bool().unwrap()
    };
    let (_server, address) = start(&folder);
    assert!(!may_be_asked(address));
    let refused = ask(address, "/ask", &trial);
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("--live"), "{}", refused.text());

    let (server, address) = start_live(&folder, &["--allow", &service]);
    assert!(may_be_asked(address));
    let said = ask(address, "/ask", &trial);
    let page = admin::json(&said);
    assert_eq!(
        page["answers"],
        json!({ "快递": { "state": "on its way" } })
    );
    assert!(
        page["milliseconds"].is_u64() && page["why"].is_null(),
        "{page}"
    );
    // What came back makes the decision and the test.
    let answered = json!({ "send": "快递 SF1", "answers": page["answers"] });
    let decided = admin::json(&ask(address, "/try", &answered));
    assert_eq!(decided["reply"], json!({ "text": "on its way" }));
    let case = ask(address, "/case", &answered);
    assert!(case.text().contains("reply: on its way"), "{}", case.text());
    // It was a call, and no follower had anything of it.
    let calls = "wxreply_service_calls_total{service=\"快递\"}";
    assert_eq!(admin::metric(address, calls), 1.0);
    let delivered = "wxreply_deliveries_total{outcome=\"answered\"}";
    assert_eq!(admin::metric(address, delivered), 0.0);

    let json_type = "content-type: application/json\r\n";
    let foreign = format!("origin: http://evil.example\r\n{json_type}");
    let body = trial.to_string();
    for (headers, body, status, said) in [
        (foreign.as_str(), body.as_str(), 403, "use an IP address"),
        (
            "content-type: text/plain\r\n",
            &body,
            415,
            "application/json",
        ),
        (json_type, "{}", 422, "say what the follower sends"),
        (json_type, r#"{"send":"你好"}"#, 422, "asks no service"),
        (
            json_type,
            r#"{"talk":[{"send":"快递 1"},{"send":"快递 2"}]}"#,
            422,
            "one message",
        ),
    ] {
        let refused = post(address, "/ask", headers, body.as_bytes());
        assert_eq!(refused.status, status, "{body}");
        assert!(refused.text().contains(said), "{}", refused.text());
    }
    assert_eq!(admin::metric(address, calls), 1.0);
    drop(server);

    // Not even the operator reaches what is internal.
    let (_server, address) = start_live(&folder, &[]);
    let page = admin::json(&ask(address, "/ask", &trial));
    assert_eq!(page["answers"], json!({ "快递": { "fails": "refused" } }));
    for (field, said) in [
        ("why", "is internal"),
        ("why_zh", "内网"),
        ("help_zh", "地址"),
    ] {
        let text = page[field].as_str().unwrap();
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn the_playground_asks_one_question_at_a_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let service = listener.local_addr().unwrap().to_string();
    let folder = Folder::with(&[("rules.yaml", &asking(&service))]);
    let (_server, address) = start_live(&folder, &["--allow", &service]);
    let trial = json!({ "send": "快递 SF1" });
    thread::scope(|scope| {
        let first = scope.spawn(|| ask(address, "/ask", &trial));
        let (mut stream, _) = listener.accept().unwrap();
        // What is not read when the connection ends would reset it.
        let mut asked = Vec::new();
        while !asked.ends_with(b"}") {
            let mut piece = [0; 1024];
            let count = stream.read(&mut piece).unwrap();
            assert!(count > 0, "it ends early");
            asked.extend_from_slice(&piece[..count]);
        }
        let second = ask(address, "/ask", &trial);
        assert_eq!(second.status, 429);
        assert!(second.text().contains("another question is under way"));
        stream.write_all(b"HTTP/1.1 204 No\r\n\r\n").unwrap();
        let first = admin::json(&first.join().unwrap());
        assert_eq!(first["answers"], json!({ "快递": { "fails": "empty" } }));
    });
    drop(listener);
    assert_eq!(ask(address, "/ask", &trial).status, 200);
}

#[test]
fn whoever_asks_wrongly_is_told_what_to_send() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let (_server, address) = start(&folder);
    let json_type = "content-type: application/json; charset=utf-8\r\n";
    let own = format!("origin: http://{address}\r\n{json_type}");
    let foreign = format!("origin: http://evil.example\r\n{json_type}");
    let form = "content-type: text/plain\r\n";
    let good = json!({ "send": "你好" }).to_string();
    let large = json!({ "send": "好".repeat(30_000) }).to_string();
    let several = json!({ "talk": [{ "send": "a" }, { "send": "b" }] }).to_string();
    for target in ["/try", "/case"] {
        for (headers, body, status, said) in [
            (own.as_str(), good.as_str(), 200, "你好"),
            (&foreign, &good, 403, "use an IP address"),
            (form, &good, 415, "content-type: application/json"),
            ("", &good, 415, "content-type: application/json"),
            (json_type, "send=你好", 400, "this is not JSON"),
            (json_type, "", 400, "this is not JSON"),
            (json_type, "{}", 422, "say what the follower sends"),
            (
                json_type,
                r#"{"send":{"type":"text","content":123}}"#,
                200,
                "123",
            ),
            (json_type, r#"{"send":1.5}"#, 422, "put it in quotes"),
            (
                json_type,
                r#"{"send":"a","on":"now"}"#,
                422,
                "unknown field `on`",
            ),
            (
                json_type,
                r#"{"send":"a","at":"9999-12-31T23:59:59"}"#,
                422,
                "too far from now",
            ),
            (json_type, &large, 413, "at most 65536 bytes"),
        ] {
            let answer = post(address, target, headers, body.as_bytes());
            assert_eq!(answer.status, status, "{target} {headers} {body:.40}");
            assert!(answer.text().contains(said), "{}", answer.text());
        }
    }
    let answer = post(address, "/try", json_type, several.as_bytes());
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("/case"), "{}", answer.text());
}

#[test]
fn of_many_rules_the_nearest_are_told_and_the_others_counted() {
    let mut many = "rules:\n".to_owned();
    for number in 0..1200 {
        many += &format!(
            "  - {{ name: r{number}, when: {{ equals: w{number} }}, reply: r{number} }}\n"
        );
    }
    let folder = Folder::with(&[("rules.yaml", &many)]);
    let (_server, address) = start(&folder);
    let page = admin::json(&ask(address, "/try", &json!({ "send": "w1150" })));
    assert_eq!(
        page["place"],
        json!({ "file": "rules.yaml", "line": 1152, "column": 5 })
    );
    assert_eq!(page["passed_over"].as_array().unwrap().len(), 1000);
    assert_eq!(page["passed_over"][999]["rule"], "r1149");
    assert_eq!(page["passed_over_left_off"], 150);
    let rules = admin::json(&get(address, "/rules"));
    assert_eq!(rules["rules"].as_array().unwrap().len(), 1000);
    assert_eq!(rules["left_off"], 200);
}
