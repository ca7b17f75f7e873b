//! `wxreply import --live`: the auto-replies come from WeChat itself.

use serde_json::json;

use crate::account_command;
use crate::support::{Folder, Outcome};
use crate::wechat_api::{APP_ID, APP_SECRET, Fault, Kind, WechatApiServer};

const INFO: &str = "/cgi-bin/get_current_autoreply_info";

fn import(server: &WechatApiServer, folder: &Folder) -> Outcome {
    account_command::run(server, folder, &["import", "--live"])
}

#[test]
fn it_is_what_the_saved_answer_would_give() {
    let (server, folder) = (WechatApiServer::start(), Folder::with(&[]));
    let info = json!({
        "is_add_friend_reply_open": 1, "is_autoreply_open": 1,
        "add_friend_autoreply_info": { "type": "text", "content": "欢迎关注" },
        "keyword_autoreply_info": { "list": [{
            "rule_name": "地址", "reply_mode": "random_one",
            "keyword_list_info": [{ "type": "text", "match_mode": "contain", "content": "在哪" }],
            "reply_list_info": [{ "type": "text", "content": "人民路 1 号" }],
        }] },
    });
    // Every account may ask for them.
    server
        .account(APP_ID)
        .set_kind(Kind::UnverifiedSubscription);
    server.account(APP_ID).set_autoreply(info.clone());
    folder.write("replies.json", info.to_string());
    let live = import(&server, &folder);
    assert_eq!(live.code, 0, "{}", live.stderr);
    assert_eq!(live, folder.run(&["import", "replies.json"]));
    assert!(live.stdout.contains("人民路 1 号"), "{}", live.stdout);
    assert_eq!(server.calls(INFO), 1);
}

#[test]
fn whoever_cannot_have_them_is_told_why() {
    let folder = Folder::with(&[("replies.json", "{}")]);
    type Prepare = fn(&WechatApiServer);
    let cases: [(Prepare, &str); 3] = [
        (|server| server.account(APP_ID).set_secret("other"), "40125"),
        (
            |server| server.fault(INFO, 1, Fault::Html),
            "get_current_autoreply_info",
        ),
        (|server| server.account(APP_ID).set_quota(INFO, 0), "45009"),
    ];
    for (prepare, said) in cases {
        let server = WechatApiServer::start();
        prepare(&server);
        let refused = import(&server, &folder);
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{said}");
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        assert!(!refused.stderr.contains(APP_SECRET), "{}", refused.stderr);
    }
    let server = WechatApiServer::start();
    let url = server.url();
    for arguments in [
        ["import"].as_slice(),
        &["import", "--live", "replies.json"],
        &["import", "--live", "--csv"],
        &["import", "--live", "--api", &url],
    ] {
        assert_eq!(folder.run(arguments).code, 2, "{arguments:?}");
    }
    assert_eq!(server.calls("/cgi-bin/stable_token"), 0);
}
