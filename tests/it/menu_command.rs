//! `wxreply menu`: the menu of the account follows the rule file, and never by surprise.

use std::time::Duration;

use serde_json::{Value, json};

use crate::account_command::{run, succeeds};
use crate::support::Folder;
use crate::terminal::typed;
use crate::wechat_api::{APP_ID, APP_SECRET, AddressList, Fault, Kind, WechatApiServer};

const CREATE: &str = "/cgi-bin/menu/create";
const CURRENT: &str = "/cgi-bin/get_current_selfmenu_info";

const RULES: &str = "\
menu:
  - 今日推荐: { key: TODAY }
  - 服务:
      - 联系我们: { key: HUMAN }
      - 官网: { url: \"https://example.com/?a=1&b=2\" }
      - 小程序: { appid: wx0123456789abcdef, pagepath: pages/index, url: \"https://example.com/\" }
      - 扫码: { type: scancode_waitmsg, key: SCAN }

rules:
  - name: 今日推荐
    when: { event: CLICK, key: TODAY }
    reply: 红烧肉

  - name: 人工
    when: { event: CLICK, key: HUMAN }
    reply: 请直接留言，我们会尽快回复

  - name: 扫码
    when: { event: scancode_waitmsg }
    reply: 好的
";

#[test]
fn after_apply_there_is_no_difference() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    let before = run(&server, &folder, &["menu", "diff"]);
    let all = "+ 今日推荐: click TODAY\n+ 服务\n+   联系我们: click HUMAN\n\
               +   官网: view https://example.com/?a=1&b=2\n\
               +   小程序: miniprogram wx0123456789abcdef pages/index https://example.com/\n\
               +   扫码: scancode_waitmsg SCAN\n";
    assert_eq!((before.code, before.stdout.as_str()), (1, all));
    let applied = run(&server, &folder, &["menu", "apply", "--yes", "rules.yaml"]);
    succeeds(&applied);
    assert!(applied.stdout.starts_with(all), "{}", applied.stdout);
    let after = run(&server, &folder, &["menu", "diff", "rules.yaml"]);
    assert_eq!(
        (after.code, after.stdout.as_str()),
        (0, ""),
        "{}",
        after.stderr
    );
    // What is there already is not set again.
    succeeds(&run(&server, &folder, &["menu", "apply", "--yes"]));
    assert_eq!(server.calls(CREATE), 1);

    folder.write(
        "rules.yaml",
        RULES.replace("联系我们", "找客服").replace("TODAY", "DAY"),
    );
    let changed = run(&server, &folder, &["menu", "diff"]);
    assert_eq!(changed.code, 1);
    assert!(
        changed
            .stdout
            .starts_with("- 今日推荐: click TODAY\n+ 今日推荐: click DAY\n  服务\n")
    );
    assert!(
        changed
            .stdout
            .contains("-   联系我们: click HUMAN\n+   找客服: click HUMAN\n")
    );
}

#[test]
fn nothing_is_set_where_nobody_can_be_asked() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    let refused = run(&server, &folder, &["menu", "apply"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stdout.contains("+ 今日推荐"), "{}", refused.stdout);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    assert_eq!(server.calls(CREATE), 0);
}

#[test]
fn on_a_terminal_whoever_says_yes_sets_it() {
    for (keys, is_set) in [("y\n", true), ("n\n", false), ("\n", false), ("", false)] {
        let server = WechatApiServer::start();
        let folder = Folder::with(&[("rules.yaml", RULES)]);
        let url = server.url();
        let words = [
            "menu",
            "apply",
            "--api",
            &url,
            "--app-id",
            APP_ID,
            "--app-secret",
            APP_SECRET,
        ];
        let Some(seen) = typed(&folder, &words, keys) else {
            return;
        };
        assert!(seen.contains("+ 今日推荐: click TODAY\n"), "{seen}");
        assert!(seen.contains("Set this menu? [y/N]"), "{seen}");
        assert_eq!(seen.contains("nothing was changed"), !is_set, "{seen}");
        assert_eq!(server.calls(CREATE), u64::from(is_set), "{keys:?}");
    }
}

#[test]
fn the_present_menu_can_be_taken_over_into_the_rule_file() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    let none = run(&server, &folder, &["menu", "show"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""));
    assert!(none.stderr.contains("no menu"), "{}", none.stderr);
    succeeds(&run(&server, &folder, &["menu", "apply", "--yes"]));
    let shown = run(&server, &folder, &["menu", "show"]);
    assert!(
        shown
            .stdout
            .starts_with("今日推荐: click TODAY\n服务\n  联系我们: click HUMAN\n")
    );

    let taken = run(&server, &folder, &["menu", "show", "--as-rules"]);
    succeeds(&taken);
    let rules = RULES.split_once("rules:").unwrap().1;
    folder.write("taken.yaml", format!("{}\nrules:{rules}", taken.stdout));
    succeeds(&folder.run(&["check", "--deny-warnings", "taken.yaml"]));
    succeeds(&folder.run(&["fmt", "--check", "taken.yaml"]));
    let same = run(&server, &folder, &["menu", "diff", "taken.yaml"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, ""));
}

#[test]
fn what_the_buttons_of_the_console_send_becomes_rules() {
    let (server, folder) = (WechatApiServer::start(), Folder::with(&[]));
    let article = json!({
        "title": "新品", "digest": "摘要", "cover_url": "https://example.com/a.jpg",
        "content_url": "https://example.com/a", "author": "", "show_cover": 0, "source_url": "",
    });
    server.account(APP_ID).set_console_menu(json!({
        "is_menu_open": 1,
        "selfmenu_info": { "button": [
            { "type": "text", "name": "电话", "value": "拨打 010-1234\n<b> 或者 110" },
            { "name": "更多", "sub_button": { "list": [
                { "type": "news", "name": "新品", "value": "M", "news_info": { "list": [article] } },
                { "type": "view", "name": "官网", "url": "https://example.com/" },
                { "type": "finder", "name": "视频号", "value": "F" },
            ] } },
        ] },
    }));
    let taken = run(&server, &folder, &["menu", "show", "--as-rules"]);
    succeeds(&taken);
    assert!(
        taken.stderr.contains("视频号") && taken.stderr.contains("finder"),
        "{}",
        taken.stderr
    );
    let tests = "\ntests:\n\
                 \x20 - name: the telephone\n    send: { tap: 电话 }\n\
                 \x20   expect: { reply: \"拨打 010-1234\\n<b> 或者 110\" }\n\
                 \x20 - name: what is new\n    send: { tap: 新品 }\n    expect: { rule: 新品 MENU_2_1 }\n";
    folder.write("taken.yaml", format!("{}{tests}", taken.stdout));
    let tested = folder.run(&["test", "taken.yaml"]);
    succeeds(&tested);
    succeeds(&folder.run(&["fmt", "--check", "taken.yaml"]));
    // The first apply replaces the menu of the console.
    let diff = run(&server, &folder, &["menu", "diff", "taken.yaml"]);
    assert!(
        diff.stdout
            .contains("- 电话: text (made in the console)\n+ 电话: click MENU_1\n")
    );
    succeeds(&run(
        &server,
        &folder,
        &["menu", "apply", "--yes", "taken.yaml"],
    ));
    assert_eq!(
        run(&server, &folder, &["menu", "diff", "taken.yaml"]).code,
        0
    );
}

#[test]
fn a_menu_that_is_switched_off_differs() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    succeeds(&run(&server, &folder, &["menu", "apply", "--yes"]));
    let button = json!({ "type": "click", "name": "今日推荐", "key": "TODAY" });
    server.account(APP_ID).set_console_menu(json!({
        "is_menu_open": 0, "selfmenu_info": { "button": [button] },
    }));
    let one = RULES.split("  - 服务").next().unwrap();
    let rules = RULES.split_once("\nrules:").unwrap().1;
    folder.write("one.yaml", format!("{one}rules:{rules}"));
    let diff = run(&server, &folder, &["menu", "diff", "one.yaml"]);
    assert_eq!(diff.code, 1);
    assert_eq!(
        diff.stdout,
        "the menu is switched off in the console\n  今日推荐: click TODAY\n"
    );
}

#[test]
fn what_goes_wrong_is_said_with_a_remedy_and_without_the_secret() {
    let folder = Folder::with(&[
        ("rules.yaml", RULES),
        ("none.yaml", RULES.split_once("\n\n").unwrap().1),
        ("wrong.yaml", "menu:\n  - 今日推荐: {}\nrules: []\n"),
    ]);
    type Prepare = fn(&WechatApiServer);
    let html = "not WeChat";
    let cases: [(&str, Prepare, &[&str], &str); 9] = [
        (
            "a secret of another",
            |server| server.account(APP_ID).set_secret("other"),
            &[],
            "40125",
        ),
        (
            "an address that is not on the list",
            |server| server.account(APP_ID).set_address(AddressList::Missing),
            &[],
            "127.0.0.1",
        ),
        (
            "an account that may not set menus",
            |server| {
                server
                    .account(APP_ID)
                    .set_kind(Kind::UnverifiedSubscription)
            },
            &[],
            "48001",
        ),
        (
            "a page instead of an answer",
            |server| server.fault(CURRENT, 1, Fault::Html),
            &[],
            html,
        ),
        (
            "a gateway that is broken",
            |server| server.fault(CREATE, 1, Fault::Status(502)),
            &[],
            "502",
        ),
        (
            "nothing left today",
            |server| server.account(APP_ID).set_quota(CREATE, 0),
            &[],
            "45009",
        ),
        (
            "a file without a menu",
            |_| (),
            &["none.yaml"],
            "menu show --as-rules",
        ),
        (
            "a file with errors",
            |_| (),
            &["wrong.yaml"],
            "button-without-action",
        ),
        ("no file", |_| (), &["missing.yaml"], "missing.yaml"),
    ];
    for (what, prepare, arguments, expected) in cases {
        let server = WechatApiServer::start();
        prepare(&server);
        let outcome = run(
            &server,
            &folder,
            &[&["menu", "apply", "--yes"], arguments].concat(),
        );
        assert_eq!(outcome.code, 2, "{what}: {}", outcome.stdout);
        let said = &outcome.stderr;
        if expected != html {
            assert!(said.contains(expected), "{what}: {said}");
        }
        assert!(!said.contains(APP_SECRET), "{what}: {said}");
        assert_eq!(server.account(APP_ID).menu(), None, "{what}");
    }
}

#[test]
fn a_token_that_another_program_ended_is_asked_for_again() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    server.fault(CREATE, 1, Fault::EndToken);
    succeeds(&run(&server, &folder, &["menu", "apply", "--yes"]));
    assert_eq!(server.calls("/cgi-bin/stable_token"), 2);
    server.advance(Duration::from_secs(7200));
    assert_eq!(run(&server, &folder, &["menu", "diff"]).code, 0);
}

#[test]
fn without_a_secret_nothing_is_called() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    let url = server.url();
    let outcome = folder.run(&["menu", "diff", "--api", &url, "--app-id", APP_ID]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains("--app-secret-file"),
        "{}",
        outcome.stderr
    );
    let outcome = folder.run(&[
        "menu",
        "diff",
        "--api",
        "ftp://example.com",
        "--app-id",
        APP_ID,
    ]);
    assert_eq!(outcome.code, 2);
    assert_eq!(server.calls("/cgi-bin/stable_token"), 0);
}

#[test]
fn an_accounts_file_says_which_menu_is_whose() {
    let server = WechatApiServer::start();
    let folder = Folder::with(&[
        ("shop.yaml", RULES),
        ("flowers.yaml", "rules:\n  - { name: 你好, reply: 您好 }\n"),
        ("secrets/token", "t0kenOfTheTest0001"),
        ("secrets/app", APP_SECRET),
        (
            "accounts.yaml",
            &format!(
                "secrets: secrets\naccounts:\n\
                 \x20 书店: {{ path: /a, rules: shop.yaml, token: token, app_id: {APP_ID}, app_secret: app }}\n\
                 \x20 花店: {{ path: /b, rules: flowers.yaml, token: token }}\n"
            ),
        ),
    ]);
    let url = server.url();
    let of = |account: &str, arguments: &[&str]| {
        let file = [
            "--accounts",
            "accounts.yaml",
            "--account",
            account,
            "--api",
            &url,
        ];
        folder.run(&[arguments, &file].concat())
    };
    succeeds(&of("书店", &["menu", "apply", "--yes"]));
    assert_eq!(of("书店", &["menu", "diff"]).code, 0);
    let flowers = of("花店", &["menu", "diff"]);
    assert_eq!(flowers.code, 2);
    assert!(flowers.stderr.contains("花店"), "{}", flowers.stderr);
    assert!(flowers.stderr.contains("app_secret"), "{}", flowers.stderr);
    assert!(
        server
            .account(APP_ID)
            .menu()
            .is_some_and(|menu: Value| menu["button"].is_array())
    );
}

#[test]
fn it_speaks_chinese_to_those_who_do() {
    let (server, folder) = (
        WechatApiServer::start(),
        Folder::with(&[("rules.yaml", RULES)]),
    );
    let refused = run(&server, &folder, &["--lang", "zh", "menu", "apply"]);
    assert!(refused.stderr.contains("无法询问"), "{}", refused.stderr);
    let help = folder.run(&["--lang", "zh", "menu", "apply", "--help"]);
    assert!(
        help.stdout.contains("不再询问") && help.stdout.contains("用法"),
        "{}",
        help.stdout
    );
}
