//! The operator's listener: what it answers, to whom, and what it counts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::{io, thread};

use serde_json::{Value, json};

use crate::http::Said;
use crate::server::Server;
use crate::support::Folder;
use crate::{among, http, support, wechat};

const RULES: &str = "
rules:
  - { name: 你好, when: { type: text, prefix: 你好 }, reply: hello }
  - { name: 记, when: { type: text, prefix: 记 }, set: { word: <rest> }, reply: 好 }
  - { name: 说, when: { type: text, equals: 说 }, reply: '<user.word|>。' }
  - { name: 长, when: { type: text, equals: 长 }, reply: '<content><content:long>' }
  - { name: quiet, when: { type: text, equals: q }, reply: success }
";

fn rules() -> String {
    let long = "长".repeat(1000);
    RULES.replace("<content><content:long>", &long)
}

/// A server with an operator's listener, and where that is.
fn start(folder: &Folder) -> (Server, SocketAddr) {
    let server = Server::start(folder, &["--admin", "127.0.0.1:0"]);
    let address = operators(&server);
    (server, address)
}

pub fn operators(server: &Server) -> SocketAddr {
    let line = server.logged("the operator's pages are on http://");
    let address = line.split("http://").nth(1).unwrap();
    address.trim_end_matches('/').parse().unwrap()
}

pub fn get(address: SocketAddr, target: &str) -> Said {
    ask(address, "GET", target, &format!("host: {address}\r\n"))
}

/// Of a server that is never one of many.
pub fn get_exactly(address: SocketAddr, target: &str) -> Said {
    try_ask(address, "GET", target, &format!("host: {address}\r\n")).unwrap()
}

fn ask(address: SocketAddr, method: &str, target: &str, headers: &str) -> Said {
    try_ask(address, method, &among::target(target), headers).unwrap()
}

fn try_ask(address: SocketAddr, method: &str, target: &str, headers: &str) -> io::Result<Said> {
    let head = format!("{method} {target} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    http::try_exchange(address, head.as_bytes())
}

pub fn reload(address: SocketAddr) -> Said {
    try_reload(address).unwrap()
}

pub fn try_reload(address: SocketAddr) -> io::Result<Said> {
    try_post(address, &among::target("/reload"))
}

pub fn try_post(address: SocketAddr, target: &str) -> io::Result<Said> {
    let headers = format!("host: {address}\r\ncontent-length: 0\r\n");
    try_ask(address, "POST", target, &headers)
}

pub fn json(said: &Said) -> Value {
    serde_json::from_str(said.text()).unwrap()
}

/// The value of one series, as Prometheus would name it.
#[track_caller]
pub fn metric(address: SocketAddr, series: &str) -> f64 {
    let said = get(address, "/metrics");
    assert_eq!(said.status, 200);
    let page = said.text();
    let mut lines = page.lines().filter_map(|line| line.rsplit_once(' '));
    let of_account = among::series(series);
    let Some((_, value)) = lines.find(|(name, _)| *name == series || *name == of_account) else {
        panic!("no {series} in\n{page}");
    };
    value.parse().unwrap()
}

#[test]
fn a_running_server_is_healthy_and_ready_and_says_which_rules_are_live() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (_server, address) = start(&folder);
    let health = get(address, "/healthz");
    assert_eq!((health.status, health.text()), (200, "ok\n"));
    let said = get(address, "/readyz");
    assert_eq!(said.status, 200);
    let page = json(&said);
    assert_eq!(page["ready"], json!(true));
    assert_eq!(page["generation"], json!(1));
    assert_eq!(page["rules"], json!(5));
    assert_eq!(page["reload_failures"], json!(0));
    assert_eq!(page["last_reload_error"], json!(null));
    assert_eq!(page["hash"].as_str().unwrap().len(), 40);
    assert!(
        page["loaded_at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    );
    assert_eq!(said.header("cache-control"), "no-store");
}

#[test]
fn a_reload_that_is_asked_for_tells_what_came_of_it() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (server, address) = start(&folder);

    folder.write("rules.yaml", rules().replace("hello", "hi"));
    let said = reload(address);
    assert_eq!(said.status, 200, "{}", said.text());
    assert_eq!(json(&said)["generation"], json!(2));
    assert_eq!(server.says("o1", "你好"), "hi");

    folder.write("rules.yaml", rules().replace("prefix: 你好", "prefx: 你好"));
    let said = reload(address);
    assert_eq!(said.status, 422, "{}", said.text());
    let page = json(&said);
    assert_eq!(page["diagnostics"].as_array().unwrap().len(), 1, "{page:#}");
    assert_eq!(page["diagnostics"][0]["line"], json!(3));
    let help = page["diagnostics"][0]["help"].as_str().unwrap();
    assert!(help.contains("prefix"), "{help}");
    assert!(page["error"].as_str().unwrap().contains("rules.yaml:3:"));

    let page = json(&get(address, "/readyz"));
    assert_eq!(page["ready"], json!(true), "older rules go on answering");
    assert_eq!(page["generation"], json!(2));
    assert_eq!(page["reload_failures"], json!(1));
    let error = page["last_reload_error"].as_str().unwrap();
    assert!(error.contains("prefx"), "{error}");
    assert_eq!(metric(address, "wxreply_rules_refused"), 1.0);

    folder.write("rules.yaml", rules());
    assert_eq!(reload(address).status, 200);
    let page = json(&get(address, "/readyz"));
    assert_eq!(page["last_reload_error"], json!(null));
    assert_eq!(metric(address, "wxreply_rules_refused"), 0.0);
    assert_eq!(metric(address, "wxreply_rules_generation"), 3.0);
    assert_eq!(metric(address, "wxreply_reload_failures_total"), 1.0);

    std::fs::remove_file(folder.path().join("rules.yaml")).unwrap();
    let said = reload(address);
    assert_eq!(said.status, 422);
    let error = json(&said)["error"].as_str().unwrap().to_owned();
    assert!(error.contains("cannot read rules.yaml"), "{error}");
}

#[test]
fn whoever_reads_is_told_in_the_language_that_the_request_accepts() {
    let wildcard = "rules:\n  - { name: 再来, when: { equals: 再来* }, reply: again }\n";
    let rules = rules().replacen("rules:\n", wildcard, 1);
    let folder = Folder::with(&[("rules.yaml", &rules)]);
    let (_server, address) = start(&folder);
    let accepting = |method: &str, target: &str, language: &str| {
        let headers =
            format!("host: {address}\r\ncontent-length: 0\r\naccept-language: {language}\r\n");
        ask(address, method, target, &headers).text().to_owned()
    };
    for (language, warning, refusal, forbidden) in [
        (
            "zh-CN,zh;q=0.9,en;q=0.8",
            "警告[",
            "错误[unknown-key]",
            "请使用",
        ),
        (
            "en-US,en;q=0.9,zh;q=0.8",
            "warning[",
            "error[unknown-key]",
            "use an",
        ),
        ("*", "warning[", "error[unknown-key]", "use an"),
    ] {
        folder.write("rules.yaml", &rules);
        assert_eq!(reload(address).status, 200);
        let warnings = accepting("GET", "/warnings", language);
        assert!(warnings.contains(warning), "{language}: {warnings}");
        folder.write("rules.yaml", rules.replace("prefix:", "prefx:"));
        let reloaded = accepting("POST", "/reload", language);
        assert!(reloaded.contains(refusal), "{language}: {reloaded}");
        let readiness = accepting("GET", "/readyz", language);
        assert!(readiness.contains(refusal), "{language}: {readiness}");
        let headers = format!(
            "host: {address}\r\norigin: http://example.com\r\naccept-language: {language}\r\n"
        );
        let foreign = ask(address, "GET", "/readyz", &headers);
        assert!(foreign.text().contains(forbidden), "{language}");
    }
}

#[test]
fn of_many_mistakes_the_first_are_told_and_the_others_counted() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (server, address) = start(&folder);
    let wrong: String = (0..1000)
        .map(|number| format!("  - {{ name: r{number}, reply: <nobody{number}x> }}\n"))
        .collect();
    folder.write("rules.yaml", format!("rules:\n{wrong}"));
    let said = reload(address);
    assert_eq!(said.status, 422);
    let page = json(&said);
    assert_eq!(page["diagnostics"].as_array().unwrap().len(), 1000);
    let told = json(&get(address, "/readyz"));
    for error in [&page["error"], &told["last_reload_error"]] {
        let error = error.as_str().unwrap();
        assert!(error.contains("<nobody19x>"), "{error}");
        assert!(!error.contains("<nobody20x>"), "{error}");
        let end = "and 980 more; `wxreply check rules.yaml` shows all";
        assert!(error.ends_with(end), "{error}");
    }
    server.logged("and 980 more; `wxreply check rules.yaml` shows all");
    assert!(!server.log().contains("<nobody20x>"));
    assert!(
        folder
            .run(&["check", "rules.yaml"])
            .stdout
            .contains("<nobody999x>")
    );
}

#[test]
fn of_many_failed_tests_the_first_are_told_and_the_others_counted() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let failing: String = (0..50)
        .map(|number| format!("  - {{ name: t{number}t, send: x, expect: {{ rule: 你好 }} }}\n"))
        .collect();
    folder.write("rules.yaml", format!("{}tests:\n{failing}", rules()));
    let command = "serve --require-tests --listen 127.0.0.1:0 --admin off --token";
    let mut words: Vec<&str> = command.split(' ').collect();
    words.push(wechat::TOKEN);
    let refused = folder.run(&words);
    assert_eq!(refused.code, 1, "{refused:?}");
    let said = refused.stderr;
    assert!(said.contains("t19t") && !said.contains("t20t"), "{said}");
    let end = "and 30 more; `wxreply test rules.yaml` shows all\n";
    assert!(said.ends_with(end), "{said}");
}

#[test]
fn what_is_refused_has_diagnostics_whatever_the_reason() {
    let tests = "tests:\n  - { name: greets, send: 你好, expect: { reply: hello } }\n";
    let folder = Folder::with(&[("rules.yaml", &(rules() + tests))]);
    let server = Server::start(&folder, &["--require-tests", "--admin", "127.0.0.1:0"]);
    let address = operators(&server);
    let refused = |text: &str| {
        folder.write("rules.yaml", text);
        let said = reload(address);
        assert_eq!(said.status, 422, "{}", said.text());
        json(&said)["diagnostics"][0].clone()
    };
    let failed = refused(&(rules().replace("reply: hello", "reply: hi") + tests));
    assert_eq!(failed["message"], "test failed: greets");
    assert_eq!(
        (&failed["file"], &failed["line"]),
        (&json!("rules.yaml"), &json!(9))
    );
    let notes = [
        "sent text \"你好\"",
        "wanted \"hello\"",
        "got rule 你好, \"hi\"",
    ];
    assert_eq!(failed["notes"], json!(notes));
    let untested = refused(&rules());
    assert_eq!(untested["file"], "rules.yaml");
    assert!(
        untested["message"]
            .as_str()
            .unwrap()
            .contains("has no test")
    );
    std::fs::remove_file(folder.path().join("rules.yaml")).unwrap();
    let gone = json(&reload(address))["diagnostics"][0].clone();
    assert!(
        gone["message"]
            .as_str()
            .unwrap()
            .contains("cannot read rules.yaml")
    );
    assert_eq!(gone["file"], "rules.yaml");
}

#[test]
fn the_same_rules_have_the_same_hash_however_their_file_is_named() {
    let main = "rules: [{ include: words/a.yaml }]";
    let folder = Folder::with(&[("rules.yaml", main), ("words/a.yaml", &rules())]);
    let copy = Folder::with(&[("shop.yaml", main), ("words/a.yaml", &rules())]);
    let absolute = folder.path().join("rules.yaml");
    let hash = |folder: &Folder, path: &str| {
        let server = Server::start(folder, &["--rules", path, "--admin", "127.0.0.1:0"]);
        json(&get(operators(&server), "/readyz"))["hash"].clone()
    };
    let known = hash(&folder, "rules.yaml");
    for path in [
        "./rules.yaml",
        "words/../rules.yaml",
        absolute.to_str().unwrap(),
    ] {
        assert_eq!(hash(&folder, path), known, "{path}");
    }
    assert_eq!(hash(&copy, "shop.yaml"), known);
    folder.write("words/a.yaml", rules().replace("hello", "hi"));
    assert_ne!(hash(&folder, "rules.yaml"), known);
}

#[test]
fn warnings_that_many_ask_for_at_once_are_worked_out_once() {
    let rules: String = (0..3000)
        .map(|number| {
            format!(
                "  - {{ name: r{number}, when: {{ contains: '{number}词' }}, reply: '{number}' }}\n"
            )
        })
        .collect();
    let folder = Folder::with(&[("rules.yaml", &format!("rules:\n{rules}"))]);
    let grown = |clients: usize| {
        let (server, address) = start(&folder);
        let before = server.kibibytes("VmHWM");
        let said: Vec<Said> = thread::scope(|scope| {
            let ask = || scope.spawn(|| get(address, "/warnings"));
            let threads: Vec<_> = (0..clients).map(|_| ask()).collect();
            threads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(
            said.iter()
                .all(|one| one.status == 200 && one.body == said[0].body)
        );
        assert!(said[0].text().contains("warning"), "{}", said[0].text());
        server.kibibytes("VmHWM") - before
    };
    let (one, many) = (grown(1), grown(12));
    assert!(many < 2 * one, "{one} KiB for one, {many} KiB for twelve");
}

#[test]
fn web_pages_of_others_get_nothing_and_do_nothing() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (server, address) = start(&folder);
    folder.write("rules.yaml", "not rules");
    server.logged("the rules are not replaced");
    let check = |method: &str, target: &str, headers: &str, status: u16| {
        let said = ask(address, method, target, headers);
        assert_eq!(said.status, status, "{method} {target} {headers:?}");
        assert_eq!(status == 403, said.text().contains("use an IP address"));
    };
    check("GET", "/metrics", "host: evil.example\r\n", 403);
    check("GET", "/readyz", "host: evil.example:8081\r\n", 403);
    let picture = |site: &str| format!("host: {address}\r\nsec-fetch-site: {site}\r\n");
    check("GET", "/warnings", &picture("cross-site"), 403);
    check("GET", "/", &picture("same-site"), 403);
    check("GET", "/warnings", &picture("same-origin"), 200);
    check("GET", "/", &picture("none"), 200);
    check("GET", "/nothing", "host: evil.example\r\n", 403);
    check("GET", "/metrics", "host: localhost\r\n", 200);
    check("GET", "/metrics", "host: [::1]:8081\r\n", 200);
    let own = format!("host: {address}\r\norigin: http://{address}\r\n");
    check("GET", "/healthz", &own, 200);
    let empty = "content-length: 0\r\n";
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let headers = format!("host: {address}\r\norigin: {origin}\r\n{empty}");
        check("POST", "/reload", &headers, 403);
    }
    check(
        "POST",
        "/reload",
        &format!("host: evil.example\r\n{empty}"),
        403,
    );
    check("POST", "/reload", &format!("{own}{empty}"), 422);
}

#[test]
fn the_name_given_with_the_flag_is_a_name_of_the_listener() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let server = Server::start(&folder, &["--admin", "localhost:0"]);
    let address = operators(&server);
    assert_eq!(get(address, "/healthz").status, 200);
}

#[test]
fn a_health_check_needs_nothing_but_the_program_itself() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (server, address) = start(&folder);
    let check = |admin: &str, code: i32, says: &str| {
        let outcome = folder.run(&["healthcheck", "--admin", admin]);
        assert_eq!(outcome.code, code, "{outcome:?}");
        let said = outcome.stdout + &outcome.stderr;
        assert!(said.starts_with(says), "{said}");
    };
    let shown = address.to_string();
    check(&shown, 0, &format!("{shown} is healthy\n"));
    // As a container has it, where serve listens everywhere.
    let everywhere = format!("0.0.0.0:{}", address.port());
    let output = support::program(&["healthcheck"])
        .env("WXREPLY_ADMIN", &everywhere)
        .output();
    assert_eq!(output.unwrap().status.code(), Some(0));

    server.kill();
    let gone = format!("{shown} is not healthy: ");
    check(&shown, 1, &gone);
    check("off", 2, "error: without an operator's listener");
    let wants = "error: invalid value 'foo' for '--admin <ADDRESS>': \
                 write a host and a port, such as 127.0.0.1:8081";
    check("foo", 2, wants);

    let ill = TcpListener::bind("127.0.0.1:0").unwrap();
    let shown = ill.local_addr().unwrap().to_string();
    let answering = thread::spawn(move || {
        let (mut stream, _) = ill.accept().unwrap();
        let mut head = [0; 4096];
        assert!(stream.read(&mut head).unwrap() > 0);
        let answer =
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 18\r\n\r\na worker is stuck\n";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let stuck = format!("{shown} is not healthy: status 503: a worker is stuck\n");
    check(&shown, 1, &stuck);
    answering.join().unwrap();
}

#[test]
fn the_two_listeners_have_nothing_in_common() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (server, address) = start(&folder);
    for target in ["/", "/healthz", "/readyz", "/metrics", "/reload"] {
        assert_eq!(get(server.address(), target).status, 404, "{target}");
    }
    assert_eq!(get(address, "/wx_flask").status, 404);
    assert_eq!(get(address, "/nothing").status, 404);
}

#[test]
fn heads_are_told_alone_and_other_methods_refused_with_those_that_are_taken() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (_server, address) = start(&folder);
    let host = format!("host: {address}\r\ncontent-length: 0\r\n");
    for target in ["/healthz", "/readyz", "/metrics", "/", "/rules"] {
        let whole = get(address, target);
        let head = format!("HEAD {target} HTTP/1.1\r\n{host}connection: close\r\n\r\n");
        let said = http::head(address, head.as_bytes());
        assert_eq!((said.status, said.text()), (200, ""), "{target}");
        for header in ["content-type", "cache-control"] {
            assert_eq!(said.header(header), whole.header(header), "{target}");
        }
        assert_ne!(said.header("content-length"), "0", "{target}");
    }
    const READ: &str = "GET, HEAD";
    for (target, methods, allowed) in [
        ("/healthz", &["POST", "PUT", "DELETE"][..], READ),
        ("/readyz", &["POST", "OPTIONS"], READ),
        ("/metrics", &["POST", "PATCH"], READ),
        ("/", &["POST"], READ),
        ("/playground/page.css", &["PUT"], READ),
        ("/rules", &["DELETE"], READ),
        ("/warnings", &["POST"], READ),
        ("/reload", &["GET", "PUT"], "POST"),
        ("/try", &["GET", "PUT", "OPTIONS"], "POST"),
        ("/case", &["GET", "DELETE"], "POST"),
    ] {
        for method in methods {
            let said = ask(address, method, target, &host);
            assert_eq!(said.status, 405, "{method} {target}");
            assert_eq!(said.header("allow"), allowed.to_ascii_lowercase());
        }
    }
    assert_eq!(json(&get(address, "/readyz"))["generation"], json!(1));
}

#[test]
fn what_happened_is_counted_once_and_shows_nobody() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let (server, address) = start(&folder);
    let follower = "oWhoNobodyShallSee";
    for (says, gets) in [
        ("你好", "hello"),
        ("你好呀", "hello"),
        ("记 甲", "好"),
        ("说", "甲。"),
        ("q", ""),
        ("什么都不是", ""),
    ] {
        assert_eq!(server.says(follower, says), gets);
    }
    assert!(server.says(follower, "长").ends_with('…'));
    let push = wechat::plain(&wechat::text(follower, "你好"));
    let forged = push.query.replace("signature=", "signature=0");
    let target = format!("/wx_flask?{forged}");
    let said = http::request(server.address(), "POST", &target, push.body.as_bytes());
    assert_eq!(said.unwrap().status, 403);
    let line = server.logged("is the token the same");
    for part in [
        "WARN",
        "refused",
        "forbidden: the signature is missing or wrong",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(get(server.address(), "/wp-login.php").status, 404);

    // Counters outlive the rules that they count.
    folder.write("rules.yaml", rules().replace("hello", "hi"));
    assert_eq!(reload(address).status, 200);
    assert_eq!(server.says(follower, "你好"), "hi");

    for (series, expected) in [
        ("wxreply_deliveries_total{outcome=\"answered\"}", 6.0),
        ("wxreply_deliveries_total{outcome=\"silent\"}", 1.0),
        ("wxreply_deliveries_total{outcome=\"no_rule\"}", 1.0),
        ("wxreply_deliveries_total{outcome=\"store_failed\"}", 0.0),
        ("wxreply_deliveries_total{outcome=\"too_late\"}", 0.0),
        ("wxreply_delivery_seconds_count", 8.0),
        ("wxreply_rule_answers_total{rule=\"你好\"}", 3.0),
        ("wxreply_rule_answers_total{rule=\"quiet\"}", 1.0),
        ("wxreply_refused_requests_total{reason=\"signature\"}", 1.0),
        ("wxreply_refused_requests_total{reason=\"path\"}", 1.0),
        ("wxreply_cut_replies_total", 1.0),
        ("wxreply_store_seconds_count{operation=\"recall\"}", 1.0),
        ("wxreply_store_seconds_count{operation=\"remember\"}", 2.0),
        ("wxreply_rules", 5.0),
    ] {
        assert_eq!(metric(address, series), expected, "{series}");
    }
    let page = get(address, "/metrics");
    let page = page.text();
    for secret in [follower, wechat::ACCOUNT, wechat::TOKEN, "wp-login", "甲"] {
        assert!(!page.contains(secret), "{secret} in\n{page}");
    }
    assert!(page.ends_with("# EOF\n"));
}

#[test]
fn a_database_that_fails_is_counted_by_what_was_wrong() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    folder.write("taken", "this is no folder");
    let arguments = ["--admin", "127.0.0.1:0", "--database", "sqlite:taken/db"];
    let server = Server::start(&folder, &arguments);
    let address = operators(&server);
    assert_eq!(server.says("o1", "记 甲"), "");
    let errors = "wxreply_store_errors_total{operation=\"remember\",error=\"no_file\"}";
    assert_eq!(metric(address, errors), 1.0);
    let deliveries = "wxreply_deliveries_total{outcome=\"store_failed\"}";
    assert_eq!(metric(address, deliveries), 1.0);
    assert_eq!(json(&get(address, "/readyz"))["ready"], json!(true));
}

#[test]
fn rules_beyond_a_thousand_are_counted_as_others() {
    let mut many = "rules:\n".to_owned();
    // A rule may be called as anybody would call it.
    many += "  - { name: other, when: { equals: other }, reply: x }\n";
    for number in 0..1010 {
        many += &format!(
            "  - {{ name: r{number}, when: {{ equals: w{number} }}, reply: r{number} }}\n"
        );
    }
    let folder = Folder::with(&[("rules.yaml", &many)]);
    let (server, address) = start(&folder);
    server.says("o1", "other");
    for number in 0..1010 {
        server.says("o1", &format!("w{number}"));
    }
    server.says("o1", "w1009");
    server.says("o1", "w3");
    let others = "wxreply_rule_answers_total{rule=\"(others)\"}";
    assert_eq!(metric(address, others), 12.0);
    let other = "wxreply_rule_answers_total{rule=\"other\"}";
    assert_eq!(metric(address, other), 1.0);
    assert_eq!(
        metric(address, "wxreply_rule_answers_total{rule=\"r3\"}"),
        2.0
    );
}

#[test]
fn each_delivery_is_one_line_for_programs_that_asks_nobody_who_it_was() {
    let folder = Folder::with(&[("rules.yaml", &rules())]);
    let flags = ["--token", wechat::TOKEN, "--log-format", "json"];
    let variables = [("RUST_LOG", "info,wxreply::delivery=debug")];
    let server = Server::start_with(folder.path(), &flags, &variables);
    assert_eq!(server.says("oSecret", "你好"), "hello");
    let line = server.logged("wxreply::delivery\"");
    let record: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(record["level"], json!("DEBUG"));
    assert_eq!(record["target"], json!("wxreply::delivery"));
    assert_eq!(record["rule"], json!("你好"));
    assert_eq!(record["outcome"], json!("answered"));
    assert!(record["micros"].is_u64(), "{record}");
    assert_eq!(record["follower"].as_str().unwrap().len(), 8);
    let log = server.log();
    assert!(!log.contains("oSecret"), "{log}");
    for line in log.lines() {
        let record: Value = serde_json::from_str(line).expect(line);
        assert!(record["time"].is_string() && record["message"].is_string());
    }
}
