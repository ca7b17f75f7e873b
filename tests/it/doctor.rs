//! `wxreply doctor`: each thing that newcomers get wrong is found, and its remedy said.

use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use crate::authority::Authority;
use crate::server::{Server, eventually};
use crate::support::{Folder, Outcome};
use crate::{database, wechat};

const RULES: &str = "\
options: { timezone: Asia/Shanghai }
rules:
  - { name: 你好, when: { prefix: 你好 }, reply: 您好 }
tests:
  - { name: greets, send: 你好, expect: { rule: 你好 } }
";

const REMEMBERING: &str = "\
rules:
  - { name: 记, when: { prefix: 记 }, set: { word: <rest> }, reply: 好 }
tests:
  - { name: keeps, send: 记好, expect: { rule: 记 } }
";

/// Nothing is wrong with these.
pub const SECURE: &[&str] = &[
    "--token",
    wechat::TOKEN,
    "--aes-key",
    wechat::AES_KEY,
    "--app-id",
    wechat::APP_ID,
];

pub fn folder() -> Folder {
    Folder::with(&[("rules.yaml", RULES)])
}

/// No port of this machine is asked for.
fn doctor(folder: &Folder, arguments: &[&str]) -> Outcome {
    let quiet = ["doctor", "--listen", "127.0.0.1:0", "--admin", "off"];
    folder.run(&[&quiet, arguments].concat())
}

/// The state and the words of all that was found about one thing.
fn about(folder: &Folder, arguments: &[&str], check: &str) -> (i32, Vec<(String, String)>) {
    let outcome = doctor(folder, &[arguments, &["--format", "json"]].concat());
    assert_eq!(outcome.stderr, "", "{arguments:?}");
    let said: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(said["ok"], outcome.code == 0);
    let checks = said["checks"].as_array().unwrap().iter();
    let checks = checks.filter(|one| one["check"] == check).map(|one| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        (
            text("state"),
            format!("{}\n{}", text("said"), text("remedy")),
        )
    });
    (outcome.code, checks.collect())
}

/// One finding of this state that says all of these.
#[track_caller]
pub fn found(folder: &Folder, arguments: &[&str], check: &str, state: &str, words: &[&str]) {
    let (code, findings) = about(folder, arguments, check);
    let says = |(is, said): &&(String, String)| {
        is == state && words.iter().all(|word| said.contains(word))
    };
    let found = findings.iter().find(says);
    assert!(found.is_some(), "{arguments:?}: {findings:#?}");
    assert!(state != "error" || code == 1, "{arguments:?}");
}

#[test]
fn where_nothing_is_wrong_it_says_what_it_looked_at() {
    let outcome = doctor(&folder(), SECURE);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    for line in [
        "ok       token      15 letters and digits",
        "ok       key        43 characters, as WeChat makes them",
        "ok       app id     wx and 16 digits, as WeChat makes them",
        "ok       mode       secure",
        "ok       port       --listen 127.0.0.1:0 is free",
        "ok       rules      rules.yaml: 1 rule, no problems",
        "ok       tests      1 passed",
        "ok       time zone  Asia/Shanghai",
        "ok       database   no rule needs one",
        "nothing is wrong",
    ] {
        assert!(
            outcome.stdout.contains(&format!("{line}\n")),
            "{line}\n{}",
            outcome.stdout
        );
    }
    assert!(!outcome.stdout.contains(wechat::TOKEN));
    assert!(!outcome.stdout.contains(wechat::AES_KEY));
}

#[test]
fn a_remedy_stands_beneath_what_is_wrong() {
    let outcome = doctor(&folder(), &["--token", "test"]);
    let shown = "\
warning  token      the token is a word from examples; anyone who guesses it can pose as WeChat
                    make one with `openssl rand -hex 16`, and enter it on WeChat's page too
";
    assert!(outcome.stdout.starts_with(shown), "{}", outcome.stdout);
    assert!(
        outcome.stdout.ends_with("2 warnings\n"),
        "{}",
        outcome.stdout
    );
    // What is doubtful may be meant so.
    assert_eq!(outcome.code, 0);
}

#[test]
fn token_key_app_id_and_mode_are_looked_over() {
    let folder = folder();
    let key = |key| {
        [
            "--token",
            wechat::TOKEN,
            "--app-id",
            wechat::APP_ID,
            "--aes-key",
            key,
        ]
    };
    let app_id = |id| {
        [
            "--token",
            wechat::TOKEN,
            "--aes-key",
            wechat::AES_KEY,
            "--app-id",
            id,
        ]
    };
    let mode = |mode| ["--token", wechat::TOKEN, "--mode", mode];
    let short = "k".repeat(42);
    let padded = format!("{}=", "k".repeat(43));
    let long = "t".repeat(33);
    for (arguments, check, state, words) in [
        (&[][..], "token", "error", &["no token", "--token-file"][..]),
        (
            &["--token", "ab"],
            "token",
            "error",
            &["2 characters", "3 to 32"],
        ),
        (
            &["--token", &long],
            "token",
            "error",
            &["33 characters", "3 to 32"],
        ),
        (
            &["--token", "my-token-2"],
            "token",
            "error",
            &["digits", "openssl rand"],
        ),
        (
            &["--token", "abcdef"],
            "token",
            "warning",
            &["short", "openssl rand"],
        ),
        (
            &["--token", "WeChat"],
            "token",
            "warning",
            &["examples", "openssl rand"],
        ),
        (
            &["--token-file", "none"],
            "token",
            "error",
            &["none", "--token-file"],
        ),
        (
            &key(&short),
            "key",
            "error",
            &["42 characters", "copy it whole"],
        ),
        (
            &key(&padded),
            "key",
            "error",
            &["character 44", "copy it again"],
        ),
        (
            &app_id("gh_0123456789ab"),
            "app id",
            "error",
            &["原始ID", "begins with wx"],
        ),
        (
            &app_id("wx0123"),
            "app id",
            "error",
            &["16 digits", "copy the AppID"],
        ),
        (&mode("plain"), "mode", "warning", &["plain", "安全模式"]),
        (
            &mode("secure"),
            "mode",
            "error",
            &["EncodingAESKey", "--aes-key"],
        ),
        (
            &[&key(wechat::AES_KEY)[..], &["--mode", "plain"]].concat(),
            "mode",
            "warning",
            &["of no use", "leave out"],
        ),
        (
            &[SECURE, &["--mode", "compat"]].concat(),
            "mode",
            "warning",
            &["in the clear", "--mode secure"],
        ),
    ] {
        found(&folder, arguments, check, state, words);
    }
    let no_app_id = ["--token", wechat::TOKEN, "--aes-key", wechat::AES_KEY];
    found(
        &folder,
        &no_app_id,
        "mode",
        "error",
        &["app id", "--app-id"],
    );
}

#[test]
fn a_secret_with_something_around_it_is_told() {
    let folder = folder();
    let (token, key) = (wechat::TOKEN, wechat::AES_KEY);
    let utf_16: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (content, check, state, words) in [
        (
            format!("\"{token}\"\n").into_bytes(),
            "token",
            "error",
            &["the token stands in quotes", "take the quotes out"][..],
        ),
        (
            format!("“{token}”").into_bytes(),
            "token",
            "error",
            &["the token stands in quotes"],
        ),
        (
            format!("\u{FEFF}{token}\n").into_bytes(),
            "token",
            "warning",
            &["secret begins with a byte order mark", "without BOM"],
        ),
        (
            format!("{token}\n\n{token}2\n").into_bytes(),
            "token",
            "warning",
            &["secret has 2 lines", "change-over"],
        ),
        (
            [&[0xff, 0xfe][..], &utf_16].concat(),
            "token",
            "error",
            &["secret is not UTF-8", "save it as that"],
        ),
        (
            format!("'{key}'").into_bytes(),
            "key",
            "error",
            &["the key stands in quotes"],
        ),
        (
            format!("{key}\n{key}").into_bytes(),
            "key",
            "warning",
            &["secret has 2 lines", "taken for a key"],
        ),
    ] {
        folder.write("secret", content);
        let arguments = match check {
            "token" => &["--token-file", "secret"][..],
            _ => &["--token", token, "--aes-key-file", "secret"],
        };
        found(&folder, arguments, check, state, words);
    }
    folder.write("secret", format!("{token}\n"));
    let (_, findings) = about(&folder, &["--token-file", "secret"], "token");
    let fine = ("ok".to_owned(), "15 letters and digits\n".to_owned());
    assert_eq!(findings, [fine]);
}

#[test]
fn a_byte_order_mark_before_a_token_is_no_part_of_it() {
    let folder = folder();
    folder.write("token", format!("\u{FEFF}{}\r\n", wechat::TOKEN));
    let server = Server::start_with(folder.path(), &["--token-file", "token"], &[]);
    assert_eq!(server.says("o1", "你好"), "您好");
}

#[cfg(unix)]
#[test]
fn secrets_that_everyone_can_read_are_told() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder();
    folder.write("token", wechat::TOKEN);
    let path = folder.path().join("token");
    let arguments = ["--token-file", "token"];
    for (mode, state, words) in [
        (0o644, "warning", &["everyone", "chmod 600 token"][..]),
        (0o640, "ok", &["not for everyone"]),
    ] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        found(&folder, &arguments, "secret", state, words);
    }
}

#[test]
fn rules_tests_and_their_time_are_looked_over() {
    let failing = RULES.replace("send: 你好", "send: 再见");
    let untested = RULES.split("tests:").next().unwrap();
    let wrong = RULES.replace("prefix", "prefx");
    let by_the_hour = RULES
        .replace("Asia/Shanghai", "UTC")
        .replace("when: {", "when: { hours: \"00:00-12:00\",");
    let showing = RULES
        .replace("Asia/Shanghai", "UTC")
        .replace("reply: 您好", "reply: <time>");
    let twice = RULES.replace(
        "tests:",
        "  - { name: 您好, when: { prefix: 你好 }, reply: x }\ntests:",
    );
    let require = ["--require-tests"];
    for (rules, arguments, check, state, words) in [
        (
            wrong.as_str(),
            &[][..],
            "rules",
            "error",
            &["1 error", "wxreply check rules.yaml"][..],
        ),
        (
            &twice,
            &[],
            "rules",
            "warning",
            &["warning", "wxreply check rules.yaml"],
        ),
        (
            &failing,
            &[],
            "tests",
            "warning",
            &["1 of 1 test failed", "wxreply test rules.yaml"],
        ),
        (
            &failing,
            &require,
            "tests",
            "error",
            &["1 of 1 test failed"],
        ),
        (
            untested,
            &[],
            "tests",
            "warning",
            &["there is no test", "tests:"],
        ),
        (untested, &require, "tests", "error", &["there is no test"]),
        (
            &by_the_hour,
            &[],
            "time zone",
            "warning",
            &["UTC", "timezone: Asia/Shanghai"],
        ),
        (
            &showing,
            &[],
            "time zone",
            "warning",
            &["UTC", "timezone: Asia/Shanghai"],
        ),
        (
            RULES,
            &["--rules", "none.yaml"],
            "rules",
            "error",
            &["none.yaml", "--rules"],
        ),
    ] {
        let folder = Folder::with(&[("rules.yaml", rules)]);
        found(&folder, arguments, check, state, words);
    }
}

#[test]
fn a_database_that_rules_need_is_tried() {
    let folder = Folder::with(&[
        ("rules.yaml", REMEMBERING),
        (
            "torn.db",
            "not a database, but long enough to be read as one"
                .repeat(40)
                .as_str(),
        ),
    ]);
    let foreign = folder.path().join("foreign.db");
    let foreign = format!("sqlite:{}?mode=rwc", foreign.display());
    database::run(&foreign, "CREATE TABLE wx_values (id INTEGER, x TEXT)");
    for (url, state, words) in [
        (
            "sqlite:new.db",
            "ok",
            &["made when a rule first needs it"][..],
        ),
        (
            "sqlite:none/new.db",
            "error",
            &["cannot be opened", "folder must exist"],
        ),
        ("sqlite:new.db?mode=rw", "error", &["cannot be opened"]),
        ("sqlite:new.db?mode=ro", "error", &["cannot be opened"]),
        ("sqlite:torn.db", "error", &["damaged", "backup"]),
        ("sqlite:foreign.db", "error", &["expires_at"]),
        (
            "oracle://db",
            "error",
            &["no known scheme", "write sqlite:FILE"],
        ),
        (
            "postgres://u@127.0.0.1:1/db",
            "error",
            &["cannot be reached", "start it"],
        ),
    ] {
        found(&folder, &["--database", url], "database", state, words);
    }
    assert!(
        !folder.path().join("new.db").exists(),
        "looking makes no file"
    );
    // Once the server has made it, it is opened and written to.
    let url = format!("sqlite:{}", folder.path().join("new.db").display());
    let server = Server::start(&folder, &["--database", &url]);
    eventually("the database", || server.says("o1", "记 甲") == "好");
    let words = ["answers and can be written to"];
    found(&folder, &["--database", &url], "database", "ok", &words);
}

#[test]
fn a_port_that_cannot_be_had_is_told() {
    let folder = folder();
    let server = Server::start(&folder, &[]);
    let blocked = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = blocked.local_addr().unwrap().to_string();
    let ours = server.address().to_string();
    let token = ["--token", wechat::TOKEN];
    let check = |listen: &str, state, words: &[&str]| {
        let arguments = [
            "doctor", "--admin", "off", "--listen", listen, "--format", "json",
        ];
        let said = folder.run(&[&arguments[..], &token].concat()).stdout;
        let said: Value = serde_json::from_str(&said).unwrap();
        let checks = said["checks"].as_array().unwrap();
        let port = checks.iter().find(|one| one["check"] == "port").unwrap();
        assert_eq!(port["state"], state, "{port}");
        for word in words {
            assert!(port.to_string().contains(word), "{word}: {port}");
        }
    };
    check(&ours, "ok", &["wxreply answers there"]);
    // 192.0.2.0/24 is nobody's.
    check("192.0.2.1:8080", "error", &["cannot listen", "0.0.0.0"]);
    check("8080", "error", &["cannot listen", "127.0.0.1:8080"]);
    let _silent = thread::spawn(move || {
        // Whoever connects is sent away at once.
        while let Ok((stream, _)) = blocked.accept() {
            drop(stream);
        }
    });
    check(
        &taken,
        "error",
        &["cannot listen", "choose another with --listen"],
    );
}

#[test]
fn the_certificate_that_the_server_would_show_is_looked_at() {
    let folder = folder();
    let tls = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    let arguments = [SECURE, &tls].concat();
    let looked_at = |state, words: &[&str]| {
        found(&folder, &arguments, "certificate", state, words);
    };
    looked_at("error", &["cannot read cert.pem", "does not start"]);
    let authority = Authority::new();
    authority.certify_until(2090).write(&folder);
    looked_at("ok", &["cert.pem is valid until 2090-01-01"]);
    authority.certify_until(2021).write(&folder);
    looked_at("error", &["expired at 2021-01-01", "renew it"]);
    let other = authority.certify_until(2090);
    folder.write("key.pem", &other.key);
    looked_at("error", &["was not made for the key in key.pem"]);
}
