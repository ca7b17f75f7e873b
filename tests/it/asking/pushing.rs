//! Late answers that reach followers by themselves, with the server that plays WeChat's API.

mod however;

use std::time::Duration;

use serde_json::{Value, json};

use crate::asking::shop::{FLAGS, SLOW, Shop};
use crate::http::Said;
use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::wechat_api::{APP_ID, APP_SECRET, Fault, Kind, WechatApiServer};
use crate::{account_command, admin, database, wechat};

const SEND: &str = "/cgi-bin/message/custom/send";
const TYPING: &str = "/cgi-bin/message/custom/typing";

/// A replica that may use the API.
fn replica(shop: &Shop, api: &WechatApiServer) -> Server {
    replica_with(shop, api, &[])
}

fn replica_with(shop: &Shop, api: &WechatApiServer, more: &[&str]) -> Server {
    replica_timed(shop, api, &[&shop.flags()[..], more].concat())
}

/// With a WeChat as fast as these flags say.
fn replica_timed(shop: &Shop, api: &WechatApiServer, flags: &[&str]) -> Server {
    let url = api.url();
    // Others' servers would send what this one leaves behind.
    shop.replica_by_id(&[flags, &account_command::flags(&url)].concat())
}

/// Asks what is answered too late, and is told to wait.
#[track_caller]
fn ask(shop: &Shop, api: &WechatApiServer, server: &Server, name: &str, content: &str) {
    api.account(APP_ID).wrote(&shop.openid(name));
    assert_eq!(shop.told(server, name, content), SLOW);
}

fn messages(shop: &Shop, api: &WechatApiServer, name: &str) -> Vec<Value> {
    api.account(APP_ID).messages(&shop.openid(name))
}

#[track_caller]
fn pushed(shop: &Shop, api: &WechatApiServer, name: &str) -> Value {
    eventually("the answer comes by itself", || {
        !messages(shop, api, name).is_empty()
    });
    let mut messages = messages(shop, api, name);
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages.remove(0)
}

/// What a server counts that has sent an answer.
pub fn metrics_after_a_late_answer() -> Said {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = replica_with(&shop, &api, &["--admin", "127.0.0.1:0"]);
    ask(&shop, &api, &server, "o1", "问4000");
    let operators = admin::operators(&server);
    eventually("it is counted", || {
        let page = admin::get(operators, "/metrics");
        page.text().contains("wxreply_pushed_answers_total{")
    });
    admin::get(operators, "/metrics")
}

#[test]
fn a_late_answer_comes_by_itself_once_and_cannot_be_fetched_any_more() {
    Shop::on_each_database(|shop| {
        let api = WechatApiServer::start();
        let server = replica(shop, &api);
        ask(shop, &api, &server, "o1", "问4000");
        eventually("the follower sees that somebody is typing", || {
            api.account(APP_ID).typing(&shop.openid("o1"))
        });
        let message = pushed(shop, &api, "o1");
        assert_eq!(message["text"]["content"], "答问4000");
        eventually("the word is ordinary", || {
            shop.told(&server, "o1", "1") == "普通"
        });
        assert_eq!(shop.told(&server, "o1", "上次"), "问4000");
        assert_eq!(messages(shop, &api, "o1").len(), 1);
        assert_eq!(shop.endpoint.asked("问4000"), 1);
    });
}

#[test]
fn an_answer_that_a_delivery_can_get_is_not_sent() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = replica(&shop, &api);
    for (name, text) in [("o1", "问10"), ("o2", "问1400"), ("o3", "问2300")] {
        api.account(APP_ID).wrote(&shop.openid(name));
        assert_eq!(shop.told(&server, name, text), format!("答{text}"));
        assert_eq!(shop.told(&server, name, "1"), "普通");
    }
    // Who fetches just then gets it as the answer to that.
    ask(&shop, &api, &server, "o4", "问3600");
    assert_eq!(shop.told(&server, "o4", "1"), "答问3600");
    assert_eq!(shop.told(&server, "o4", "1"), "普通");
    assert_eq!(api.calls(SEND), 0);
}

#[test]
fn an_answer_for_which_wechat_never_comes_again_is_sent_in_the_end() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = replica(&shop, &api);
    api.account(APP_ID).wrote(&shop.openid("o1"));
    let message = shop.text("o1", "问1200");
    assert_eq!(crate::asking::shop::delivered(&server, &message), None);
    assert_eq!(pushed(&shop, &api, "o1")["text"]["content"], "答问1200");
    // Should it come after all, it must not ask again.
    eventually("nothing is left for the delivery", || {
        crate::asking::shop::delivered(&server, &message).as_deref() == Some("")
    });
    assert_eq!(shop.endpoint.asked("问1200"), 1);
}

#[test]
fn pictures_are_sent_as_such_silence_not_at_all_and_long_answers_in_parts() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = replica(&shop, &api);
    api.account(APP_ID).has_picture("MEDIA");
    ask(&shop, &api, &server, "o1", "问图4000");
    let message = pushed(&shop, &api, "o1");
    assert_eq!(message["image"], json!({ "media_id": "MEDIA" }));

    ask(&shop, &api, &server, "o2", "问静4000");
    assert_eq!(shop.fetched(&server, "o2"), "");
    assert_eq!(shop.told(&server, "o2", "1"), "普通");

    ask(&shop, &api, &server, "o3", "问长4000");
    let message = pushed(&shop, &api, "o3");
    let (mut whole, mut part) = (String::new(), message["text"]["content"].clone());
    while let Some(begun) = part
        .as_str()
        .and_then(|part| part.strip_suffix("\n（未完，回复【1】继续）"))
    {
        whole += begun;
        part = Value::from(shop.fetched(&server, "o3"));
    }
    assert_eq!(whole + part.as_str().unwrap(), "从前有座山。".repeat(300));
    assert_eq!(shop.told(&server, "o3", "1"), "普通");
}

/// What WeChat refuses for good, and what stands in the log.
#[test]
fn what_wechat_refuses_is_fetched_and_never_comes_twice() {
    Shop::on_each_database(|shop| {
        let api = WechatApiServer::start();
        let server = replica(shop, &api);
        let account = api.account(APP_ID);
        for code in [43004, 48002, 45047] {
            let name = format!("o{code}");
            let openid = shop.openid(&name);
            ask(shop, &api, &server, &name, "问4000");
            match code {
                43004 => account.unfollowed(&openid),
                48002 => account.refuses(&openid),
                _ => api.fault(SEND, 1, Fault::Errcode(code, "no".to_owned())),
            }
            let line = server.logged(&format!("with {code}"));
            let said = "was not pushed, and can be fetched";
            assert!(line.contains(said) && !line.contains(&openid), "{line}");
            assert_eq!(shop.fetched(&server, &name), "答问4000", "{name}");
            assert_eq!(shop.told(&server, &name, "1"), "普通");
            assert!(messages(shop, &api, &name).is_empty(), "{name}");
        }
        assert_eq!(api.calls(SEND), 3);
        assert!(!server.log().contains(APP_SECRET));
    });
}

#[test]
fn an_account_that_may_not_send_is_asked_once_and_followers_fetch() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let account = api.account(APP_ID);
    account.set_kind(Kind::UnverifiedSubscription);
    let server = replica(&shop, &api);
    for name in ["o1", "o2"] {
        ask(&shop, &api, &server, name, "问4000");
        server.logged("late answers are not pushed for a day");
        assert_eq!(shop.fetched(&server, name), "答问4000");
    }
    assert_eq!((api.calls(TYPING), api.calls(SEND)), (1, 0));
    let log = server.log();
    assert_eq!(log.matches("48001").count(), 1, "{log}");
}

#[test]
fn without_an_answer_of_wechat_the_follower_may_have_it_and_gets_it_no_more() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = replica_with(&shop, &api, &["--admin", "127.0.0.1:0"]);
    let faults = [("o1", Fault::HangUp), ("o2", Fault::HangUpAfter)];
    for (arrived, (name, fault)) in faults.into_iter().enumerate() {
        ask(&shop, &api, &server, name, "问4000");
        api.fault(SEND, 1, fault);
        let calls = arrived as u64 + 1;
        eventually("it is sent", || api.calls(SEND) == calls);
        eventually("it is over", || shop.told(&server, name, "1") == "普通");
        assert_eq!(messages(&shop, &api, name).len(), arrived, "{name}");
    }
    server.logged("it is unknown whether it arrived");
    let operators = admin::operators(&server);
    for series in [
        "wxreply_pushed_answers_total{outcome=\"unknown\"}",
        "wxreply_api_calls_total{call=\"message/custom/send\",outcome=\"failed\"}",
    ] {
        assert_eq!(admin::metric(operators, series), 2.0, "{series}");
    }
}

#[test]
fn with_wechats_api_away_or_a_wrong_secret_everything_is_fetched() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let url = api.url();
    let wrong = ["--app-id", APP_ID, "--app-secret", "wr0ng", "--api", &url];
    let server = shop.replica_with(&[&FLAGS[..], &wrong].concat());
    ask(&shop, &api, &server, "o1", "问4000");
    let line = server.logged("stable_token");
    assert!(line.contains("40125") && !line.contains("wr0ng"), "{line}");
    assert_eq!(shop.fetched(&server, "o1"), "答问4000");
    drop(server);

    let server = replica(&shop, &api);
    ask(&shop, &api, &server, "o2", "问4000");
    drop(api);
    server.logged("no connection to WeChat's API");
    assert_eq!(shop.fetched(&server, "o2"), "答问4000");
}

#[test]
fn what_wechat_takes_is_counted_and_one_message_left_for_people() {
    Shop::on_each_database(|shop| {
        let api = WechatApiServer::start();
        let server = replica(shop, &api);
        ask(shop, &api, &server, "o1", "问4000");
        pushed(shop, &api, "o1");
        let count = |used: u32| {
            let openid = shop.openid("o1");
            database::run(
                &shop.database,
                &format!(
                    "UPDATE wx_counts SET used = {used}, expires_at = 9999999999 \
                     WHERE openid = '{openid}' AND service = '(text)'"
                ),
            );
        };
        count(3);
        ask(shop, &api, &server, "o1", "问4000");
        eventually("the fourth is sent", || {
            messages(shop, &api, "o1").len() == 2
        });
        ask(shop, &api, &server, "o1", "问4000");
        assert_eq!(shop.fetched(&server, "o1"), "答问4000");
        assert_eq!(messages(shop, &api, "o1").len(), 2);
        count(0);
        ask(shop, &api, &server, "o1", "问4000");
        eventually("there is room again", || {
            messages(shop, &api, "o1").len() == 3
        });
    });
}

#[test]
fn rules_can_do_without_it() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let rules = shop.folder.path().join("rules.yaml");
    let rules = std::fs::read_to_string(rules).unwrap();
    shop.folder.write(
        "rules.yaml",
        rules.replace("options: {", "options: { push: never,"),
    );
    let server = replica(&shop, &api);
    ask(&shop, &api, &server, "o1", "问4000");
    assert_eq!(shop.fetched(&server, "o1"), "答问4000");
    assert_eq!((api.calls(TYPING), api.calls(SEND)), (0, 0));
}

#[test]
fn a_server_that_ends_learns_first_what_became_of_what_it_sent() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let server = replica(&shop, &api);
    server.hears_signals();
    ask(&shop, &api, &server, "o1", "问4000");
    api.fault(SEND, 1, Fault::Slow(Duration::from_secs(1)));
    pushed(&shop, &api, "o1");
    server.signal("TERM");
    assert!(server.ended().success());
    let next = replica(&shop, &api);
    assert_eq!(shop.told(&next, "o1", "1"), "普通");
}

#[test]
fn an_answer_comes_by_itself_although_whoever_asked_is_gone() {
    Shop::on_each_database(|shop| {
        let api = WechatApiServer::start();
        let (one, other) = (replica(shop, &api), replica(shop, &api));
        assert_eq!(shop.told(&other, "o3", "上次"), "无");
        ask(shop, &api, &one, "o1", "问4000");
        one.kill();
        shop.let_replica_die("o1");
        assert_eq!(pushed(shop, &api, "o1")["text"]["content"], "答问4000");
        assert_eq!(shop.endpoint.asked("问4000"), 2);

        other.hears_signals();
        ask(shop, &api, &other, "o2", "问4001");
        other.signal("TERM");
        assert!(other.ended().success());
        let next = replica(shop, &api);
        // From any message it knows which account it is.
        assert_eq!(shop.told(&next, "o3", "上次"), "无");
        assert_eq!(pushed(shop, &api, "o2")["text"]["content"], "答问4001");
    });
}

#[test]
fn an_account_of_a_file_pushes_its_secret_is_replaced_live_and_it_leaves_nothing() {
    let (shop, api) = (Shop::on_a_file(), WechatApiServer::start());
    let accounts = "
secrets: secrets
accounts:
  书店: { path: /wx_flask, rules: rules.yaml, app_id: wx0123456789abcdef, token: token, app_secret: app }
";
    let accounts = format!("allow: ['{}']{accounts}", shop.endpoint.address);
    let folder: &Folder = &shop.folder;
    folder.write("accounts.yaml", &accounts);
    folder.write("secrets/token", wechat::TOKEN);
    folder.write("secrets/app", "0ld-secret");
    let url = api.url();
    let more = [
        "--accounts",
        "accounts.yaml",
        "--api",
        &url,
        "--admin",
        "127.0.0.1:0",
    ];
    let more = [&more[..], &["--database", &shop.database], &FLAGS].concat();
    let server = Server::start_with(folder.path(), &more, &[]);
    ask(&shop, &api, &server, "o1", "问4000");
    let line = server.logged("书店: a late answer was not pushed");
    assert!(line.contains("40125"), "{line}");
    assert_eq!(shop.fetched(&server, "o1"), "答问4000");

    folder.write("secrets/app", APP_SECRET);
    server.logged("1 changed");
    ask(&shop, &api, &server, "o1", "问4000");
    pushed(&shop, &api, "o1");

    let operators = admin::operators(&server);
    let shows = |what: &str| admin::get(operators, "/metrics").text().contains(what);
    for family in ["service_calls", "api_calls", "pushed_answers"] {
        let series = format!("wxreply_{family}_total{{account=\"书店\"");
        eventually("it is counted", || shows(&series));
    }
    folder.write("accounts.yaml", accounts.replace("书店", "花店"));
    server.logged("1 new, 0 changed, 1 gone");
    eventually("nothing shows the account any more", || !shows("书店"));
}
