//! The server that plays WeChat's API: each case is a sentence of WeChat's documentation.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http;
use crate::wechat_api::{APP_ID, APP_SECRET, Action, AddressList, Fault, Kind, WechatApiServer};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB`\x82and so on";
const SEND: &str = "/cgi-bin/message/custom/send";
const TYPING: &str = "/cgi-bin/message/custom/typing";

/// A caller with a token.
struct Caller<'a> {
    server: &'a WechatApiServer,
    token: String,
}

impl<'a> Caller<'a> {
    fn of(server: &'a WechatApiServer) -> Caller<'a> {
        let token = text(&stable_token(server, APP_SECRET, false), "access_token");
        Caller { server, token }
    }

    fn target(&self, path: &str) -> String {
        let more = if path.contains('?') { '&' } else { '?' };
        format!("{path}{more}access_token={}", self.token)
    }

    fn get(&self, path: &str) -> Value {
        call(self.server, "GET", &self.target(path), b"")
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.post_text(path, &body.to_string())
    }

    fn post_text(&self, path: &str, body: &str) -> Value {
        call(self.server, "POST", &self.target(path), body.as_bytes())
    }

    fn say(&self, openid: &str, text: &str) -> i64 {
        let message = json!({
            "touser": openid, "msgtype": "text", "text": { "content": text },
        });
        code(&self.post(SEND, &message))
    }

    /// Uploads parts of a form: name, perhaps a file name, content.
    fn upload(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Value {
        let mut body = Vec::new();
        for (name, file, content) in parts {
            let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
            body.extend(
                format!("--XX\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                    .bytes(),
            );
            body.extend(*content);
            body.extend(b"\r\n");
        }
        body.extend(b"--XX--\r\n");
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: api\r\ncontent-length: {}\r\ncontent-type: \
             multipart/form-data; boundary=XX\r\n\r\n",
            self.target(path),
            body.len()
        );
        let said = http::exchange(self.server.address(), &[head.as_bytes(), &body].concat());
        serde_json::from_slice(&said.unwrap().body).unwrap()
    }

    fn image(&self) -> Value {
        let path = "/cgi-bin/material/add_material?type=image";
        self.upload(path, &[("media", Some("a.png"), PNG)])
    }
}

fn call(server: &WechatApiServer, method: &str, target: &str, body: &[u8]) -> Value {
    let said = http::request(server.address(), method, target, body).unwrap();
    assert_eq!(said.status, 200, "{}", said.text());
    serde_json::from_slice(&said.body).unwrap()
}

fn stable_token(server: &WechatApiServer, secret: &str, force: bool) -> Value {
    let body = json!({
        "grant_type": "client_credential", "appid": APP_ID, "secret": secret, "force_refresh": force,
    });
    call(
        server,
        "POST",
        "/cgi-bin/stable_token",
        body.to_string().as_bytes(),
    )
}

fn code(said: &Value) -> i64 {
    said.get("errcode").and_then(Value::as_i64).unwrap_or(0)
}

fn text(said: &Value, name: &str) -> String {
    said[name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_stable_token_is_repeated_until_five_minutes_before_its_end_and_then_overlaps() {
    let server = WechatApiServer::start();
    let first = Caller::of(&server);
    server.advance(Duration::from_secs(6800));
    let said = stable_token(&server, APP_SECRET, false);
    assert_eq!(text(&said, "access_token"), first.token);
    assert!(said["expires_in"].as_u64().unwrap() <= 400, "{said}");

    server.advance(Duration::from_secs(150));
    let second = Caller::of(&server);
    assert_ne!(second.token, first.token);
    for caller in [&first, &second] {
        assert_eq!(code(&caller.get("/cgi-bin/getcallbackip")), 0);
    }
    server.advance(Duration::from_secs(300));
    assert_eq!(code(&first.get("/cgi-bin/getcallbackip")), 42001);
    assert_eq!(code(&second.get("/cgi-bin/getcallbackip")), 0);
}

#[test]
fn a_forced_stable_token_ends_the_last_at_once_but_not_twice_in_half_a_minute() {
    let server = WechatApiServer::start();
    let first = Caller::of(&server);
    let forced = text(&stable_token(&server, APP_SECRET, true), "access_token");
    let said = first.get("/cgi-bin/getcallbackip");
    assert_eq!(code(&said), 40001);
    assert!(
        text(&said, "errmsg").contains("getStableAccessToken"),
        "{said}"
    );
    let again = text(&stable_token(&server, APP_SECRET, true), "access_token");
    assert_eq!(again, forced);
    for _ in 1..20 {
        server.advance(Duration::from_secs(30));
        assert_eq!(code(&stable_token(&server, APP_SECRET, true)), 0);
    }
    server.advance(Duration::from_secs(30));
    assert_eq!(code(&stable_token(&server, APP_SECRET, true)), 45009);
}

#[test]
fn an_old_token_ends_the_one_before_after_five_minutes_and_no_stable_one() {
    let server = WechatApiServer::start();
    let stable = Caller::of(&server);
    let old = || {
        let target = format!(
            "/cgi-bin/token?grant_type=client_credential&appid={APP_ID}&secret={APP_SECRET}"
        );
        let token = text(&call(&server, "GET", &target, b""), "access_token");
        let server = &server;
        Caller { server, token }
    };
    let (first, second) = (old(), old());
    assert_ne!(first.token, second.token);
    assert_eq!(code(&first.get("/cgi-bin/getcallbackip")), 0);
    server.advance(Duration::from_secs(301));
    assert_eq!(code(&first.get("/cgi-bin/getcallbackip")), 42001);
    assert_eq!(code(&second.get("/cgi-bin/getcallbackip")), 0);
    assert_eq!(code(&stable.get("/cgi-bin/getcallbackip")), 0);
}

#[test]
fn who_may_not_have_a_token_is_told_why() {
    let server = WechatApiServer::start();
    let asked = |body: &str| call(&server, "POST", "/cgi-bin/stable_token", body.as_bytes());
    let good = format!(r#""grant_type": "client_credential", "secret": "{APP_SECRET}""#);
    let cases = [
        (format!(r#"{{ {good}, "appid": "wx1" }}"#), 40013),
        (format!("{{ {good} }}"), 41002),
        (format!(r#"{{ "appid": "{APP_ID}" }}"#), 40002),
        (
            format!(r#"{{ "appid": "{APP_ID}", "grant_type": "client_credential" }}"#),
            41004,
        ),
        ("{".to_owned(), 47001),
        (String::new(), 44002),
    ];
    for (body, expected) in cases {
        assert_eq!(code(&asked(&body)), expected, "{body}");
    }
    assert_eq!(code(&stable_token(&server, "wrong", false)), 40125);
    assert_eq!(
        code(&call(&server, "GET", "/cgi-bin/stable_token", b"")),
        43002
    );

    let account = server.account(APP_ID);
    account.set_address(AddressList::Missing);
    let said = stable_token(&server, APP_SECRET, false);
    assert_eq!(code(&said), 40164);
    assert!(
        text(&said, "errmsg").starts_with("invalid ip 127.0.0.1 "),
        "{said}"
    );
    account.set_address(AddressList::Unconfirmed);
    assert_eq!(code(&stable_token(&server, APP_SECRET, false)), 89503);
}

#[test]
fn a_token_is_needed_and_an_unknown_path_is_none() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let get = |target: &str| code(&call(&server, "GET", target, b""));
    assert_eq!(get("/cgi-bin/getcallbackip"), 41001);
    assert_eq!(get("/cgi-bin/getcallbackip?access_token=short"), 40014);
    let unknown = format!("/cgi-bin/getcallbackip?access_token=61_{:064}", 0);
    assert_eq!(get(&unknown), 40001);
    assert_eq!(code(&caller.get("/cgi-bin/nothing")), 40066);
    server.account(APP_ID).end_tokens();
    assert_eq!(code(&caller.get("/cgi-bin/getcallbackip")), 40001);
    assert_eq!(code(&Caller::of(&server).get("/cgi-bin/getcallbackip")), 0);
}

#[test]
fn messages_are_allowed_by_what_the_follower_did() {
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let cases = [
        (Action::Wrote, hours(47), 5, hours(49)),
        (
            Action::Tapped,
            Duration::from_secs(50),
            3,
            Duration::from_secs(70),
        ),
        (
            Action::Followed,
            Duration::from_secs(50),
            3,
            Duration::from_secs(70),
        ),
        (
            Action::Scanned,
            Duration::from_secs(50),
            3,
            Duration::from_secs(70),
        ),
    ];
    for (action, within, count, after) in cases {
        let server = WechatApiServer::start();
        let account = server.account(APP_ID);
        account.acts("o1", action);
        server.advance(within);
        let caller = Caller::of(&server);
        for number in 0..count {
            assert_eq!(caller.say("o1", "hello"), 0, "{action:?} {number}");
        }
        assert_eq!(caller.say("o1", "hello"), 45047, "{action:?}");
        assert_eq!(account.messages("o1").len(), count);

        // Doing it again renews, and does not add.
        account.acts("o1", action);
        account.acts("o1", action);
        server.advance(after);
        let caller = Caller::of(&server);
        assert_eq!(caller.say("o1", "hello"), 45015, "{action:?}");
    }
}

#[test]
fn a_message_that_cannot_be_sent_is_refused_and_costs_nothing() {
    let server = WechatApiServer::start();
    let account = server.account(APP_ID);
    account.wrote("o1");
    for (openid, how) in [("o2", 43004), ("o3", 48002)] {
        account.wrote(openid);
        match how {
            43004 => account.unfollowed(openid),
            _ => account.refuses(openid),
        }
    }
    let caller = Caller::of(&server);
    let send = |message: Value| code(&caller.post(SEND, &message));
    assert_eq!(caller.say("of-another", "hello"), 40003);
    assert_eq!(caller.say("o2", "hello"), 43004);
    assert_eq!(caller.say("o3", "hello"), 48002);
    assert_eq!(caller.say("o1", ""), 44004);
    assert_eq!(caller.say("o1", &"字".repeat(683)), 45002);
    assert_eq!(send(json!({ "touser": "o1", "msgtype": "smoke" })), 40008);
    let image =
        |id: &str| json!({ "touser": "o1", "msgtype": "image", "image": { "media_id": id } });
    assert_eq!(send(image("nothing")), 40007);
    let article = json!({ "title": "a", "description": "b", "url": "https://c", "picurl": "" });
    let news = |articles: Value| json!({ "touser": "o1", "msgtype": "news", "news": { "articles": articles } });
    assert_eq!(send(news(json!([article, article]))), 45008);
    assert_eq!(send(news(json!([]))), 44003);
    let escaped = r#"{ "touser": "o1", "msgtype": "text", "text": { "content": "\u4f60" } }"#;
    assert_eq!(code(&caller.post_text(SEND, escaped)), 40033);
    assert_eq!(account.messages("o1"), Vec::<Value>::new());

    let known = text(&caller.image(), "media_id");
    let sent = [
        send(image(&known)),
        send(news(json!([article]))),
        caller.say("o1", "你好\\u"),
    ];
    assert_eq!(sent, [0, 0, 0]);
    assert_eq!(account.messages("o1")[2]["text"]["content"], "你好\\u");
}

#[test]
fn typing_lasts_fifteen_seconds_and_ends_with_a_message() {
    let server = WechatApiServer::start();
    let account = server.account(APP_ID);
    account.wrote("o1");
    let caller = Caller::of(&server);
    let typing =
        |command: &str| code(&caller.post(TYPING, &json!({ "touser": "o1", "command": command })));
    assert_eq!(typing("Dancing"), 45072);
    assert_eq!(typing("Typing"), 0);
    assert!(account.typing("o1"));
    assert_eq!(typing("Typing"), 45081);
    assert_eq!(caller.say("o1", "hello"), 0);
    assert!(!account.typing("o1"));
    assert_eq!(typing("Typing"), 0);
    assert_eq!(typing("CancelTyping"), 0);
    assert!(!account.typing("o1"));
    assert_eq!(typing("Typing"), 0);
    server.advance(Duration::from_secs(16));
    assert!(!account.typing("o1"));
    assert_eq!(typing("Typing"), 0);
    server.advance(Duration::from_secs(16));
    assert_eq!(typing("Typing"), 45080);
}

#[test]
fn the_kind_of_account_decides_what_it_may() {
    let may = |kind: Kind| {
        let server = WechatApiServer::start();
        server.account(APP_ID).set_kind(kind);
        server.account(APP_ID).wrote("o1");
        let caller = Caller::of(&server);
        let scene = json!({
            "action_name": "QR_SCENE", "action_info": { "scene": { "scene_id": 1 } },
        });
        [
            caller.say("o1", "hello"),
            code(&caller.image()),
            code(&caller.get("/cgi-bin/menu/get")),
            code(&caller.post("/cgi-bin/qrcode/create", &scene)),
            code(&caller.get("/cgi-bin/get_current_autoreply_info")),
        ]
        .map(|code| code != 48001)
    };
    let table = [
        (
            Kind::UnverifiedSubscription,
            [false, false, false, false, true],
        ),
        (Kind::VerifiedSubscription, [true, true, true, false, true]),
        (Kind::UnverifiedService, [false, false, true, false, true]),
        (Kind::VerifiedService, [true, true, true, true, true]),
        (Kind::Test, [true, true, true, true, true]),
    ];
    for (kind, expected) in table {
        assert_eq!(
            may(kind),
            expected,
            "{kind:?}: messages, material, menu, codes, auto-replies"
        );
    }
}

#[test]
fn an_upload_is_checked_by_its_content() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let mp4: &[u8] = b"\0\0\0\x18ftypmp42";
    let jpeg: &[u8] = b"\xff\xd8\xff\xe0 and so on";
    let large = [jpeg, &vec![0; 64 * 1024]].concat();
    let huge = [PNG, &vec![0; 10 * 1024 * 1024]].concat();
    let title: &[u8] = "{ \"title\": \"片\", \"introduction\": \"\" }".as_bytes();
    type Parts<'a> = &'a [(&'a str, Option<&'a str>, &'a [u8])];
    let cases: &[(&str, Parts, i64)] = &[
        ("image", &[("media", Some("海报.png"), PNG)], 0),
        ("image", &[("media", Some("a.jpg"), PNG)], 0),
        ("image", &[("media", None, PNG)], 41005),
        ("image", &[("picture", Some("a.png"), PNG)], 41005),
        ("image", &[("media", Some("a.png"), b"")], 44001),
        ("image", &[("media", Some("a.png"), b"<svg>")], 40113),
        ("image", &[("media", Some("a.png"), &huge)], 40009),
        ("voice", &[("media", Some("a.amr"), b"#!AMR\n.")], 0),
        ("voice", &[("media", Some("a.mp3"), PNG)], 40113),
        ("thumb", &[("media", Some("a.jpg"), jpeg)], 0),
        ("thumb", &[("media", Some("a.png"), PNG)], 40113),
        ("thumb", &[("media", Some("a.jpg"), &large)], 40012),
        ("video", &[("media", Some("a.mp4"), mp4)], 40035),
        (
            "video",
            &[("media", Some("a.mp4"), mp4), ("description", None, title)],
            0,
        ),
        ("file", &[("media", Some("a.png"), PNG)], 40004),
    ];
    let mut taken = 0;
    for (kind, parts, expected) in cases {
        let path = format!("/cgi-bin/material/add_material?type={kind}");
        let said = caller.upload(&path, parts);
        let names = parts.iter().map(|part| (part.0, part.1));
        assert_eq!(
            code(&said),
            *expected,
            "{kind} {:?}",
            names.collect::<Vec<_>>()
        );
        taken += u64::from(*expected == 0);
    }
    assert_eq!(server.account(APP_ID).uploads(), taken);
}

#[test]
fn material_is_listed_newest_first_counted_and_deleted() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let ids: Vec<String> = (0..25).map(|_| text(&caller.image(), "media_id")).collect();
    let list = |offset: u64, count: u64| {
        let body = json!({ "type": "image", "offset": offset, "count": count });
        caller.post("/cgi-bin/material/batchget_material", &body)
    };
    let page = list(0, 20);
    assert_eq!(
        (&page["total_count"], &page["item_count"]),
        (&json!(25), &json!(20))
    );
    assert_eq!(page["item"][0]["media_id"], json!(ids[24]));
    assert_eq!(page["item"][0]["name"], "a.png");
    assert_eq!(list(20, 20)["item_count"], 5);
    assert_eq!(code(&list(0, 21)), 40097);
    let count = || caller.get("/cgi-bin/material/get_materialcount")["image_count"].clone();
    assert_eq!(count(), 25);
    let delete =
        |id: &str| code(&caller.post("/cgi-bin/material/del_material", &json!({ "media_id": id })));
    let menu = json!({ "button": [{ "type": "media_id", "name": "图", "media_id": ids[1] }] });
    assert_eq!(code(&caller.post("/cgi-bin/menu/create", &menu)), 0);
    assert_eq!(
        [delete(&ids[0]), delete(&ids[0]), delete(&ids[1])],
        [0, 40007, 48005]
    );
    assert_eq!(count(), 24);
}

#[test]
fn temporary_media_end_after_three_days() {
    let server = WechatApiServer::start();
    let account = server.account(APP_ID);
    account.wrote("o1");
    let caller = Caller::of(&server);
    let said = caller.upload(
        "/cgi-bin/media/upload?type=image",
        &[("media", Some("a.png"), PNG)],
    );
    let message = json!({
        "touser": "o1", "msgtype": "image", "image": { "media_id": said["media_id"] },
    });
    assert_eq!(code(&caller.post(SEND, &message)), 0);
    assert_eq!(
        caller.get("/cgi-bin/material/get_materialcount")["image_count"],
        0
    );
    server.advance(Duration::from_secs(3 * 24 * 3600 + 1));
    account.wrote("o1");
    assert_eq!(code(&Caller::of(&server).post(SEND, &message)), 40007);
    assert_eq!(account.uploads(), 0);
}

#[test]
fn a_menu_has_limits_for_everything() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let click = |name: &str| json!({ "type": "click", "name": name, "key": "K" });
    let below = |buttons: Vec<Value>| json!([{ "name": "更多", "sub_button": buttons }]);
    let view = |url: &str| json!({ "type": "view", "name": "网", "url": url });
    let with_key = |key: &str| json!({ "type": "click", "name": "甲", "key": key });
    let long_url = format!("https://a/{}", "a".repeat(1015));
    let cases = [
        (json!([]), 40016),
        (
            json!([click("1"), click("2"), click("3"), click("4")]),
            40016,
        ),
        (json!([{ "type": "dance", "name": "甲" }]), 40017),
        (json!([click("")]), 40018),
        (json!([click("一二三四五六")]), 40018),
        (json!([click("一二三四五")]), 0),
        (json!([with_key("")]), 40019),
        (json!([with_key(&"k".repeat(129))]), 40019),
        (json!([with_key(&"k".repeat(128))]), 0),
        (json!([view("")]), 40020),
        (json!([view(&long_url)]), 40020),
        (json!([view("ftp://a")]), 40055),
        (below(vec![click("1"); 6]), 40023),
        (
            below(vec![json!({ "name": "甲", "sub_button": [click("1")] })]),
            40022,
        ),
        (below(vec![json!({ "type": "dance", "name": "甲" })]), 40024),
        (below(vec![click(&"字".repeat(21))]), 40025),
        (below(vec![click(&"字".repeat(20))]), 0),
        (below(vec![with_key("")]), 40026),
        (below(vec![view("")]), 40027),
        (below(vec![view("ftp://a")]), 40054),
        (
            json!([{ "type": "media_id", "name": "甲", "media_id": "none" }]),
            40007,
        ),
        (json!([{ "type": "article_id", "name": "甲" }]), 53600),
        (
            json!([{ "type": "miniprogram", "name": "甲", "url": "https://a" }]),
            40166,
        ),
        (
            json!([{ "type": "miniprogram", "name": "甲", "url": "https://a", "appid": "wx" }]),
            40165,
        ),
    ];
    for (buttons, expected) in cases {
        let menu = json!({ "button": buttons });
        let said = caller.post("/cgi-bin/menu/create", &menu);
        assert_eq!(code(&said), expected, "{menu}");
    }
}

#[test]
fn the_menu_is_shown_and_deleted_with_what_depends_on_it() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let current = || caller.get("/cgi-bin/get_current_selfmenu_info");
    let conditional = json!({
        "button": [{ "type": "click", "name": "甲", "key": "K" }], "matchrule": { "tag_id": "2" },
    });
    let add = |menu: &Value| code(&caller.post("/cgi-bin/menu/addconditional", menu));
    assert_eq!(current()["is_menu_open"], 0);
    assert_eq!(code(&caller.get("/cgi-bin/menu/get")), 46003);
    assert_eq!(add(&conditional), 65303);

    let key = json!({ "type": "click", "name": "甲", "key": "K" });
    let site = json!({ "type": "view", "name": "网", "url": "https://example.com/" });
    let menu = json!({ "button": [key, { "name": "更多", "sub_button": [site] }] });
    assert_eq!(code(&caller.post("/cgi-bin/menu/create", &menu)), 0);
    let shown = json!({ "button": [key, { "name": "更多", "sub_button": { "list": [site] } }] });
    assert_eq!(
        current(),
        json!({ "is_menu_open": 1, "selfmenu_info": shown })
    );
    let got = caller.get("/cgi-bin/menu/get");
    assert_eq!(got["menu"]["button"][0]["sub_button"], json!([]));
    assert_eq!(add(&conditional), 0);
    let no_rule = json!({ "button": [key], "matchrule": {} });
    assert_eq!(add(&no_rule), 65304);
    let by_sex = json!({ "button": [key], "matchrule": { "sex": "1" } });
    assert_eq!(add(&by_sex), 65320);
    assert_eq!(
        caller.get("/cgi-bin/menu/get")["conditionalmenu"][0]["matchrule"]["tag_id"],
        "2"
    );

    assert_eq!(code(&caller.get("/cgi-bin/menu/delete")), 0);
    assert_eq!(current()["is_menu_open"], 0);
    assert_eq!(add(&conditional), 65303);
}

#[test]
fn a_qr_code_has_a_picture_until_it_expires() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let create = |name: &str, scene: Value, seconds: Option<u64>| {
        let mut body = json!({ "action_name": name, "action_info": { "scene": scene } });
        if let Some(seconds) = seconds {
            body["expire_seconds"] = json!(seconds);
        }
        caller.post("/cgi-bin/qrcode/create", &body)
    };
    let text_scene = |text: &str| json!({ "scene_str": text });
    let refused = [
        ("QR_DANCE", json!({ "scene_id": 1 })),
        ("QR_SCENE", json!({ "scene_id": 0 })),
        ("QR_SCENE", json!({ "scene_id": 4_294_967_296_u64 })),
        ("QR_LIMIT_SCENE", json!({ "scene_id": 100_001 })),
        ("QR_STR_SCENE", text_scene("")),
        ("QR_LIMIT_STR_SCENE", text_scene(&"a".repeat(65))),
    ];
    for (name, scene) in refused {
        assert_eq!(
            code(&create(name, scene.clone(), None)),
            40053,
            "{name} {scene}"
        );
    }
    let picture = |said: &Value| {
        let ticket = text(said, "ticket")
            .replace('+', "%2B")
            .replace('/', "%2F")
            .replace('=', "%3D");
        let target = format!("/cgi-bin/showqrcode?ticket={ticket}");
        http::request(server.address(), "GET", &target, b"").unwrap()
    };
    let brief = create("QR_STR_SCENE", text_scene("门口"), Some(3600));
    assert_eq!(brief["expire_seconds"], 3600);
    assert!(
        text(&brief, "url").starts_with("http://weixin.qq.com/q/"),
        "{brief}"
    );
    let lasting = create("QR_LIMIT_SCENE", json!({ "scene_id": 7 }), None);
    assert_eq!(lasting.get("expire_seconds"), None);
    for said in [&brief, &lasting] {
        let shown = picture(said);
        assert_eq!(shown.header("content-type"), "image/png");
        assert!(shown.body.starts_with(b"\x89PNG\r\n\x1a\n"));
    }
    server.advance(Duration::from_secs(3601));
    assert_eq!(picture(&brief).status, 404);
    assert_eq!(picture(&lasting).status, 200);
}

#[test]
fn calls_are_counted_by_day_and_end() {
    let server = WechatApiServer::start();
    let account = server.account(APP_ID);
    let caller = Caller::of(&server);
    let quota =
        |path: &str| caller.post("/cgi-bin/openapi/quota/get", &json!({ "cgi_path": path }));
    account.wrote("o1");
    assert_eq!(caller.say("o1", "hello"), 0);
    let all = json!({ "daily_limit": 500_000, "used": 1, "remain": 499_999 });
    assert_eq!(quota(SEND)["quota"], all);
    assert_eq!(code(&quota("/cgi-bin/nothing")), 76021);
    account.set_quota(SEND, 1);
    assert_eq!([caller.say("o1", "1"), caller.say("o1", "2")], [0, 45009]);
    assert_eq!(quota(SEND)["quota"]["remain"], 0);
    account.set_kind(Kind::Test);
    assert_eq!(quota("/cgi-bin/menu/create")["quota"]["daily_limit"], 100);
    let addresses = caller.get("/cgi-bin/get_api_domain_ip");
    assert!(addresses["ip_list"][0].is_string(), "{addresses}");
}

#[test]
fn what_the_account_replies_by_itself_can_be_set() {
    let server = WechatApiServer::start();
    let caller = Caller::of(&server);
    let ask = || caller.get("/cgi-bin/get_current_autoreply_info");
    assert_eq!(ask()["is_autoreply_open"], 0);
    let info = json!({ "is_autoreply_open": 1, "is_add_friend_reply_open": 0 });
    server.account(APP_ID).set_autoreply(info.clone());
    assert_eq!(ask(), info);
}

#[test]
fn faults_come_on_request_and_end() {
    let server = WechatApiServer::start();
    let account = server.account(APP_ID);
    account.wrote("o1");
    let caller = Caller::of(&server);
    let raw = || {
        let message = json!({ "touser": "o1", "msgtype": "text", "text": { "content": "嗨" } });
        let body = message.to_string();
        http::request(
            server.address(),
            "POST",
            &caller.target(SEND),
            body.as_bytes(),
        )
    };
    server.fault(SEND, 1, Fault::Status(502));
    server.fault(SEND, 1, Fault::Html);
    server.fault(SEND, 1, Fault::Errcode(-1, "system error".to_owned()));
    server.fault(SEND, 1, Fault::HangUp);
    assert_eq!(raw().unwrap().status, 502);
    let page = raw().unwrap();
    assert!(page.status == 200 && page.text().starts_with("<html>"));
    assert_eq!(caller.say("o1", "hello"), -1);
    assert_eq!(raw(), None);
    assert_eq!(account.messages("o1").len(), 0);
    server.fault(SEND, 1, Fault::HangUpAfter);
    assert_eq!(raw(), None);
    assert_eq!(account.messages("o1").len(), 1);
    server.fault(SEND, 1, Fault::EndToken);
    assert_eq!(caller.say("o1", "hello"), 40001);
    assert_eq!(Caller::of(&server).say("o1", "hello"), 0);
    assert_eq!(server.calls(SEND), 7);
}

#[test]
fn random_faults_are_the_same_for_the_same_seed() {
    let run = |seed: u64| {
        let server = WechatApiServer::start();
        let caller = Caller::of(&server);
        server.random_faults(
            seed,
            500,
            vec![Fault::Errcode(-1, "system error".to_owned())],
        );
        let codes: Vec<i64> = (0..40)
            .map(|_| code(&caller.get("/cgi-bin/getcallbackip")))
            .collect();
        server.random_faults(0, 0, Vec::new());
        assert_eq!(code(&caller.get("/cgi-bin/getcallbackip")), 0);
        codes
    };
    let codes = run(1);
    assert_eq!(run(1), codes);
    assert_ne!(run(2), codes);
    assert!(codes.contains(&0) && codes.contains(&-1), "{codes:?}");
}

#[test]
fn a_developer_does_the_same_by_hand() {
    let server = WechatApiServer::start();
    let tell = |target: &str| http::request(server.address(), "POST", target, b"").unwrap();
    let help = http::request(server.address(), "GET", "/_/", b"").unwrap();
    assert!(help.text().contains("/_/follower?"), "{}", help.text());
    assert_eq!(tell("/_/follower?openid=o1&did=wrote").status, 200);
    let caller = Caller::of(&server);
    assert_eq!(caller.say("o1", "你好"), 0);
    let messages = http::request(server.address(), "GET", "/_/messages?openid=o1", b"").unwrap();
    assert!(messages.text().contains("你好"), "{}", messages.text());
    assert_eq!(tell("/_/clock?ahead=180000").status, 200);
    assert_eq!(code(&caller.get("/cgi-bin/getcallbackip")), 42001);
    assert_eq!(tell("/_/kind?is=unverified-subscription").status, 200);
    assert_eq!(Caller::of(&server).say("o1", "你好"), 48001);
    let status = "/_/fault?path=/cgi-bin/getcallbackip&times=1&with=errcode:45011";
    assert_eq!(tell(status).status, 200);
    assert_eq!(
        code(&Caller::of(&server).get("/cgi-bin/getcallbackip")),
        45011
    );
    for nonsense in [
        "/_/dance",
        "/_/kind?is=king",
        "/_/clock?ahead=far",
        "/_/follower?did=wrote",
    ] {
        assert_eq!(tell(nonsense).status, 400, "{nonsense}");
    }
}

#[test]
fn accounts_do_not_see_each_other() {
    let server = WechatApiServer::start();
    server.add_account("wxffffffffffffffff", "other", Kind::VerifiedService);
    server.account("wxffffffffffffffff").wrote("o1");
    let caller = Caller::of(&server);
    assert_eq!(caller.say("o1", "hello"), 40003);
    assert_eq!(code(&stable_token(&server, "other", false)), 40125);
}
