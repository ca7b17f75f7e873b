//! `wxreply qr`: codes for rules with `scene`, and none that is lost.

use serde_json::Value;

use crate::account_command;
use crate::support::{Folder, Outcome};
use crate::wechat_api::{APP_ID, APP_SECRET, Fault, Kind, WechatApiServer};

const CREATE: &str = "/cgi-bin/qrcode/create";

/// Runs `qr` for the account of the server.
fn run(server: &WechatApiServer, folder: &Folder, arguments: &[&str]) -> Outcome {
    account_command::run(server, folder, &[&["qr"], arguments].concat())
}

#[test]
fn a_code_is_made_and_drawn() {
    let (server, folder) = (WechatApiServer::start(), Folder::with(&[]));
    for (arguments, lasts) in [
        (
            ["shop_021", "--permanent", "--out", "shop.png"].as_slice(),
            "expires  never\n",
        ),
        (
            &["7", "--expires", "7d", "--out", "seven.svg"],
            "expires  20",
        ),
        (&["门口", "--expires", "1h"], "expires  20"),
    ] {
        let made = run(&server, &folder, arguments);
        assert_eq!(made.code, 0, "{arguments:?}: {}", made.stderr);
        assert!(
            made.stdout.starts_with("address  http://weixin.qq.com/q/"),
            "{}",
            made.stdout
        );
        assert!(
            made.stdout.contains("ticket   gQH") && made.stdout.contains(lasts),
            "{}",
            made.stdout
        );
    }
    let png = std::fs::read(folder.path().join("shop.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    let svg = std::fs::read_to_string(folder.path().join("seven.svg")).unwrap();
    assert!(
        svg.starts_with("<svg ") && svg.contains("M4,4h1v1h-1z"),
        "{svg}"
    );
    let scenes = server.account(APP_ID).scenes();
    assert_eq!(
        scenes,
        [
            "QR_LIMIT_STR_SCENE shop_021",
            "QR_SCENE 7",
            "QR_STR_SCENE 门口"
        ]
    );
}

#[test]
fn programs_get_json() {
    let (server, folder) = (WechatApiServer::start(), Folder::with(&[]));
    let json = |arguments: &[&str]| -> Value {
        let made = run(
            &server,
            &folder,
            &[arguments, &["--format", "json"]].concat(),
        );
        serde_json::from_str(&made.stdout).unwrap()
    };
    let lasting = json(&["shop", "--permanent"]);
    assert_eq!(
        (&lasting["scene"], &lasting["expires"]),
        (&Value::from("shop"), &Value::Null)
    );
    let brief = json(&["shop", "--expires", "1d"]);
    assert!(
        brief["expires"]
            .as_str()
            .is_some_and(|until| until.ends_with('Z')),
        "{brief}"
    );
    assert!(
        brief["ticket"].is_string() && brief["url"].is_string(),
        "{brief}"
    );
}

#[test]
fn no_code_is_made_that_cannot_be_drawn() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("there.png", "mine")]),
    );
    for (out, said) in [
        ("there.png", "there.png"),
        ("folder/that/is/not.png", "not.png"),
        ("code.jpg", ".svg"),
    ] {
        let refused = run(&server, &folder, &["shop", "--permanent", "--out", out]);
        assert_eq!(refused.code, 2, "{out}");
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    assert_eq!(server.calls(CREATE), 0);
    let kept = std::fs::read_to_string(folder.path().join("there.png")).unwrap();
    assert_eq!(kept, "mine");
}

#[test]
fn a_refusal_leaves_no_file_and_says_what_to_do() {
    let folder = Folder::with(&[]);
    type Prepare = fn(&WechatApiServer);
    let cases: [(Prepare, &str); 4] = [
        (
            |server| server.account(APP_ID).set_kind(Kind::VerifiedSubscription),
            "48001",
        ),
        (|server| server.account(APP_ID).set_secret("other"), "40125"),
        (
            |server| server.account(APP_ID).set_quota(CREATE, 0),
            "45009",
        ),
        (
            |server| server.fault(CREATE, 1, Fault::Html),
            "qrcode/create",
        ),
    ];
    for (prepare, said) in cases {
        let server = WechatApiServer::start();
        prepare(&server);
        let refused = run(
            &server,
            &folder,
            &["shop", "--permanent", "--out", "shop.png"],
        );
        assert_eq!(refused.code, 2, "{said}");
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
        assert!(!refused.stderr.contains(APP_SECRET), "{}", refused.stderr);
        assert!(!folder.path().join("shop.png").exists(), "{said}");
    }
}

#[test]
fn what_cannot_be_a_code_is_refused_before_anything_is_called() {
    let (server, folder) = (WechatApiServer::start(), Folder::with(&[]));
    let long = "a".repeat(65);
    for arguments in [
        ["shop"].as_slice(),
        &["shop", "--permanent", "--expires", "7d"],
        &["shop", "--expires", "31d"],
        &["shop", "--expires", "soon"],
        &["", "--permanent"],
        &[&long, "--permanent"],
        &["--permanent"],
    ] {
        let refused = run(&server, &folder, arguments);
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.stdout);
    }
    assert_eq!(server.calls("/cgi-bin/stable_token"), 0);
}
