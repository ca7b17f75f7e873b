//! `wxreply doctor` asks WeChat's API what the account may do, and changes nothing by it.

use serde_json::Value;

use crate::support::Folder;
use crate::wechat_api::{APP_ID, APP_SECRET, AddressList, Fault, Kind, WechatApiServer};

const RULES: &str = "menu:\n  - 今日: { key: TODAY }\nrules:\n  \
                     - { name: 今日, when: { event: CLICK, key: TODAY }, reply: 好 }\n";

/// What is said of the API: the state of each line, what is said, and what to do.
fn about_the_api(server: &WechatApiServer, more: &[&str]) -> (i32, Vec<[String; 3]>) {
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = server.url();
    let account = [
        "doctor",
        "--format",
        "json",
        "--token",
        "t0ken",
        "--listen",
        "127.0.0.1:0",
        "--admin",
        "off",
        "--api",
        &url,
        "--app-id",
        APP_ID,
        "--app-secret",
        APP_SECRET,
    ];
    let outcome = folder.run(&[&account, more].concat());
    assert!(!outcome.stdout.contains(APP_SECRET), "{}", outcome.stdout);
    let said: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let checks = said["checks"].as_array().unwrap().iter();
    let about = checks.filter(|check| check["check"] == "API");
    let text = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let lines = about.map(|check| ["state", "said", "remedy"].map(|key| text(check, key)));
    (outcome.code, lines.collect())
}

#[test]
fn what_each_kind_of_account_may_do_is_asked_and_not_guessed() {
    let table = [
        (Kind::UnverifiedSubscription, [false, false, false, false]),
        (Kind::VerifiedSubscription, [true, true, true, false]),
        (Kind::UnverifiedService, [false, false, true, false]),
        (Kind::VerifiedService, [true, true, true, true]),
    ];
    for (kind, may) in table {
        let server = WechatApiServer::start();
        server.account(APP_ID).set_kind(kind);
        let (_, lines) = about_the_api(&server, &[]);
        assert_eq!(lines.len(), 5, "{lines:?}");
        assert!(lines[0][1].contains("is on the list"), "{lines:?}");
        for (line, may) in lines[1..].iter().zip(may) {
            let word = if may {
                "the account may "
            } else {
                "the account may not "
            };
            assert!(line[1].starts_with(word), "{kind:?}: {line:?}");
            assert_eq!(line[1].contains("calls are left today"), may, "{line:?}");
        }
        // Only the menu is in the rules.
        let states: Vec<&str> = lines.iter().map(|line| line[0].as_str()).collect();
        let menu = if may[2] { "ok" } else { "warning" };
        assert_eq!(states, ["ok", "ok", "ok", menu, "ok"], "{kind:?}");
        assert_eq!(server.account(APP_ID).scenes(), Vec::<String>::new());
        assert_eq!(server.account(APP_ID).menu(), None);
    }
}

#[test]
fn what_keeps_the_account_from_the_api_is_said_with_a_remedy() {
    type Prepare = fn(&WechatApiServer);
    let token = "/cgi-bin/stable_token";
    let cases: [(Prepare, &str, &str); 5] = [
        (
            |server| server.account(APP_ID).set_secret("other"),
            "40125",
            "AppSecret",
        ),
        (
            |server| server.account(APP_ID).set_address(AddressList::Missing),
            "40164",
            "127.0.0.1",
        ),
        (
            |server| server.account(APP_ID).set_address(AddressList::Unconfirmed),
            "89503",
            "administrator",
        ),
        (
            |server| server.fault("/cgi-bin/stable_token", 9, Fault::Html),
            "stable_token",
            "",
        ),
        (
            |server| server.fault("/cgi-bin/stable_token", 9, Fault::Status(502)),
            "502",
            "",
        ),
    ];
    for (prepare, said, remedy) in cases {
        let server = WechatApiServer::start();
        prepare(&server);
        let (code, lines) = about_the_api(&server, &[]);
        assert_eq!(code, 1, "{said}: {lines:?}");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert_eq!(lines[0][0], "error");
        assert!(lines[0][1].contains(said), "{lines:?}");
        assert!(lines[0][2].contains(remedy), "{lines:?}");
        assert!(server.calls(token) > 0);
    }
}

#[test]
fn an_empty_quota_is_a_warning() {
    let server = WechatApiServer::start();
    server.account(APP_ID).set_quota("/cgi-bin/menu/create", 0);
    let (_, lines) = about_the_api(&server, &[]);
    assert!(
        lines[3][0] == "warning" && lines[3][1].contains("used up"),
        "{lines:?}"
    );
}

#[test]
fn without_a_secret_nothing_is_asked() {
    let server = WechatApiServer::start();
    let folder = Folder::with(&[("rules.yaml", RULES)]);
    let url = server.url();
    let outcome = folder.run(&[
        "doctor", "--token", "t0ken", "--app-id", APP_ID, "--api", &url,
    ]);
    assert!(
        !outcome.stdout.contains("access token"),
        "{}",
        outcome.stdout
    );
    assert_eq!(server.calls("/cgi-bin/stable_token"), 0);
}
