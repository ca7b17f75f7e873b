//! The database is tried at the start, and its clock compared, before a follower needs it.

use std::path::Path;

use crate::admin::{get, json, metric, operators};
use crate::database;
use crate::requirements;
use crate::server::{Server, eventually};
use crate::support::{Folder, program};
use crate::wechat;

const RULES: &str = "
options: { on_error: 忙 }
rules:
  - { name: ping, when: { equals: ping }, reply: pong }
  - { name: 记, when: { type: text, prefix: 记 }, set: { word: <rest> }, reply: 好 }
";

const CLOCK: &str = "wxreply_database_clock_difference_seconds";

#[test]
fn a_database_is_tried_at_the_start_and_its_state_is_there_to_be_read() {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let flags = [
        "--admin",
        "127.0.0.1:0",
        "--database",
        "sqlite:nowhere/f.db",
    ];
    let server = Server::start(&folder, &flags);
    server.logged("rules that need the database answer with on_error for now");
    assert_eq!(server.says("o1", "ping"), "pong");
    let state = || json(&get(operators(&server), "/readyz"));
    let page = state();
    assert_eq!(page["ready"], true);
    assert_eq!(page["database"], "failing");
    let error = page["database_error"].as_str().unwrap();
    assert!(error.contains("its folder must exist"), "{error}");

    std::fs::create_dir(folder.path().join("nowhere")).unwrap();
    eventually("the database", || server.says("o1", "记 甲") == "好");
    let page = state();
    assert_eq!(page["database"], "usable");
    assert!(page["database_error"].is_null());
}

#[test]
fn a_database_that_cannot_be_used_says_why_before_a_follower_needs_it() {
    let Some(url) = requirements::server("postgres", "WXREPLY_TEST_POSTGRES") else {
        return;
    };
    let url = database::create(&url);
    let name = url.rsplit_once('/').unwrap().1;
    database::run(
        &url,
        &format!("ALTER DATABASE {name} SET search_path = nowhere"),
    );
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let server = Server::start(&folder, &["--database", &url]);
    server.logged("has no schema to make tables in");
    let doctor = folder.run(&["doctor", "--token", "tok", "--database", &url]);
    assert!(doctor.stdout.contains("has no schema"), "{}", doctor.stdout);
    drop(server);
    database::drop(&url);
}

#[test]
fn a_clock_that_differs_from_the_database_is_reported() {
    let library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    if !Path::new(library).exists() {
        return requirements::absent("faketime", format!("there is no {library}"));
    }
    let later = [
        ("LD_PRELOAD", library),
        ("FAKETIME", "+2h"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let servers = [
        requirements::server("postgres", "WXREPLY_TEST_POSTGRES"),
        requirements::server("mysql", "WXREPLY_TEST_MYSQL"),
    ];
    for url in servers.into_iter().flatten() {
        let folder = Folder::with(&[("rules.yaml", RULES)]);
        let flags = ["--admin", "127.0.0.1:0", "--database", &url];
        let with_token = [&["--token", wechat::TOKEN], &flags[..]].concat();
        let server = Server::start_with(folder.path(), &with_token, &later);
        server.logged("differs by -7");
        // Set once all databases have been looked at.
        eventually("the difference is a metric", || {
            (-7205.0..=-7195.0).contains(&metric(operators(&server), CLOCK))
        });
        let mut doctor = program(&["doctor", "--token", "tok", "--database", &url]);
        let doctor = doctor.current_dir(folder.path()).envs(later).output();
        let said = String::from_utf8(doctor.unwrap().stdout).unwrap();
        assert!(said.contains("differs by -7"), "{said}");

        let server = Server::start(&folder, &flags);
        assert_eq!(server.says("o1", "记 甲"), "好");
        assert!(metric(operators(&server), CLOCK).abs() < 60.0);
        assert!(!server.log().contains("differs by"));
    }
}
