//! Whatever a signed message holds and whatever the rules say, the callback answers what WeChat
//! takes: `success`, or XML whose fields an independent parser reads back whole.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::collections::HashSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use proptest::{option, prop_oneof};
use serde_json::{Map, Value, json};
use wxreply::live_rules::files;
use wxreply::message::Message;
use wxreply::moment::Moment;
use wxreply::reply::{MAX_TEXT_BYTES, Reply};
use wxreply::rules::RuleSet;
use wxreply::rules::budget::DecisionBudget;
use wxreply::wechat::push::Push;
use wxreply::wechat::{Mode, push};
use wxreply::{engine, rules};

use crate::server::{Server, eventually};
use crate::support::Folder;
use crate::wechat::elements;
use crate::{http, wechat};

const RULE_FILES: u32 = 60;
const MESSAGES_PER_FILE: usize = 15;

#[test]
fn no_message_and_no_rules_make_an_answer_that_wechat_does_not_take() {
    let folder = Folder::with(&[("rules.yaml", "rules: [{ name: first, reply: success }]")]);
    let server = Server::start(&folder, &[]);
    let live = RefCell::new(read(&folder).unwrap());
    let delivered = RefCell::new(HashSet::new());
    let (files, refused, texts) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let config = Config {
        cases: RULE_FILES,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let input = (rule_file(), vec(message(), MESSAGES_PER_FILE));
    TestRunner::new(config)
        .run(&input, |(mut file, messages)| {
            files.set(files.get() + 1);
            let number = files.get();
            let probe = format!("probe {number}");
            let live_now = format!("file {number} is live");
            let rule = json!({ "name": probe, "when": { "equals": probe }, "reply": live_now });
            file["rules"].as_array_mut().unwrap().insert(0, rule);
            folder.write("rules.yaml", file.to_string());
            match read(&folder) {
                Some(rules) => {
                    // Each time another message: a repeated one would get the same answer.
                    let answer = || server.send(&wechat::text("o1", &probe));
                    eventually(&live_now, || answer().text().contains(&live_now));
                    live.replace(rules);
                }
                None => {
                    refused.set(refused.get() + 1);
                    server.logged_times("the rules are not replaced", refused.get());
                }
            }
            for message in &messages {
                let (account, openid) = (message.account().to_owned(), message.openid().to_owned());
                let key = (account, openid, message.delivery_key());
                // One that came before gets the answer of then.
                if delivered.borrow_mut().insert(key) && check(&server, &live.borrow(), message) {
                    texts.set(texts.get() + 1);
                }
            }
            Ok(())
        })
        .unwrap();
    // Otherwise this would be a test of nothing.
    assert!(
        refused.get() < files.get() / 2,
        "{} of {}",
        refused.get(),
        files.get()
    );
    assert!(texts.get() > files.get(), "only {} answers", texts.get());
}

#[test]
fn signed_bytes_of_any_kind_get_an_answer_that_wechat_takes() {
    let folder = Folder::with(&[(
        "rules.yaml",
        "rules: [{ name: all, reply: <content|none> }]",
    )]);
    let server = Server::start(&folder, &[]);
    let piece = prop_oneof![
        select(vec![
            "<xml>",
            "</xml>",
            "<",
            ">",
            "<a",
            "/>",
            "<![CDATA[",
            "]]>",
            "&",
            "&#0;",
            "&lt;",
            "<!--",
            "-->",
            "<?",
            "?>",
            "<!DOCTYPE",
            "=\"",
            "\"",
            "\u{feff}"
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
        vec(any::<u8>(), 0..8),
    ];
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&vec(piece, 0..12), |pieces| {
            let query = wechat::sealed(&wechat::credentials(Mode::Plain), "").query;
            let target = format!("/wx_flask?{query}");
            let body = [b"<xml>".to_vec(), pieces.concat(), b"</xml>".to_vec()].concat();
            for body in [&body, &pieces.concat()] {
                let said = http::request(server.address(), "POST", &target, body).unwrap();
                assert_eq!(said.status, 200, "{said:?}");
            }
            Ok(())
        })
        .unwrap();
}

fn read(folder: &Folder) -> Option<RuleSet> {
    let path = folder.path().join("rules.yaml");
    let sources = files::read_now(&path).unwrap();
    rules::compile(&sources, &TimeZone::system(), None).ok()
}

/// Whether anything but `success` was said.
fn check(server: &Server, rules: &RuleSet, message: &Message) -> bool {
    let Push { query, body } = wechat::sealed(
        &wechat::credentials(Mode::Plain),
        &push::message_xml(message),
    );
    let target = format!("/wx_flask?{query}");
    let said = http::request(server.address(), "POST", &target, body.as_bytes()).unwrap();
    if body.len() > 64 * 1024 {
        assert_eq!(said.status, 413);
        return false;
    }
    assert_eq!(said.status, 200, "{said:?} to {body:?}");
    let said_something = said.text() != "success";
    if message.openid().is_empty() {
        assert!(!said_something, "nobody to answer: {said:?}");
        return false;
    }
    let heard = match said_something {
        true => elements(&said.body),
        false => Vec::new(),
    };
    if said_something {
        assert_eq!(
            wechat::element(&said.body, "ToUserName"),
            clean(message.openid())
        );
        assert_eq!(
            wechat::element(&said.body, "FromUserName"),
            clean(message.account())
        );
    }
    if clean(message.openid()).trim().is_empty() {
        assert!(!said_something, "nobody sent {body:?}");
        return false;
    }
    let moment = Moment::new(Timestamp::now(), &TimeZone::system());
    let decided = engine::decide(
        rules,
        message,
        &moment,
        None,
        &mut |_| 0,
        &DecisionBudget::unlimited(),
    );
    let Ok(decision) = decided else {
        return said_something;
    };
    if decision.changes.is_empty() {
        let mut expected = expected(&decision.reply, message).unwrap_or_default();
        expected.retain(|(_, value)| !value.is_empty());
        let frame = ["ToUserName", "FromUserName", "CreateTime"];
        let heard: Vec<(&str, String)> = heard
            .iter()
            .map(|(path, value)| (path.as_str(), value.clone()))
            .filter(|(path, value)| !frame.contains(path) && !value.is_empty())
            .collect();
        assert_eq!(heard, expected);
    }
    said_something
}

type Element = (&'static str, String);

/// What must be heard of a reply; nothing when it would be a fault to WeChat.
fn expected(reply: &Reply, message: &Message) -> Option<Vec<Element>> {
    let whole = |value: &str| Some(clean(value)).filter(|value| value.len() <= MAX_TEXT_BYTES);
    let required = |value: &str| whole(value).filter(|value| !value.is_empty());
    let address = |value: &Option<String>| whole(value.as_deref().unwrap_or_default());
    let words = |value: &Option<String>| cut(&clean(value.as_deref().unwrap_or_default()));
    let kind = |name: &str| ("MsgType", name.to_owned());
    Some(match reply {
        Reply::Silence => return None,
        Reply::Text(text) => {
            let text = Some(clean(text)).filter(|text| !text.trim().is_empty())?;
            vec![kind("text"), ("Content", cut(&text))]
        }
        Reply::Image { media_id } => vec![
            kind("image"),
            ("Image.MediaId", required(media_id.as_str())?),
        ],
        Reply::Voice { media_id } => vec![
            kind("voice"),
            ("Voice.MediaId", required(media_id.as_str())?),
        ],
        Reply::Video(video) => vec![
            kind("video"),
            ("Video.MediaId", required(video.media_id.as_str())?),
            ("Video.Title", words(&video.title)),
            ("Video.Description", words(&video.description)),
        ],
        Reply::Music(music) => vec![
            kind("music"),
            ("Music.Title", words(&music.title)),
            ("Music.Description", words(&music.description)),
            ("Music.MusicUrl", address(&music.music_url)?),
            ("Music.HQMusicUrl", address(&music.hq_music_url)?),
            (
                "Music.ThumbMediaId",
                required(music.thumb_media_id.as_str())?,
            ),
        ],
        Reply::News(articles) => {
            let most = match message.msg_type() {
                "text" | "image" | "voice" | "video" | "shortvideo" | "link" | "location" => 1,
                _ => 8,
            };
            let shown = articles.get(..most).unwrap_or(articles);
            let mut elements = vec![kind("news"), ("ArticleCount", shown.len().to_string())];
            for article in shown {
                elements.push(("Articles.item.Title", cut(&clean(&article.title))));
                elements.push(("Articles.item.Description", words(&article.description)));
                elements.push(("Articles.item.PicUrl", address(&article.pic_url)?));
                elements.push(("Articles.item.Url", address(&article.url)?));
            }
            elements
        }
        Reply::CustomerService { .. } if message.is_event() => return None,
        Reply::CustomerService { account } => {
            let mut elements = vec![kind("transfer_customer_service")];
            if let Some(account) = account {
                elements.push(("TransInfo.KfAccount", required(account)?));
            }
            elements
        }
    })
}

/// Without what XML cannot hold, and with the line ends that it has.
fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|character| match character {
            '\t' | '\n' => true,
            '\u{fffe}' | '\u{ffff}' => false,
            character => *character >= ' ',
        })
        .collect()
}

fn cut(text: &str) -> String {
    if text.len() <= MAX_TEXT_BYTES {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        if kept.len() + character.len_utf8() + '…'.len_utf8() > MAX_TEXT_BYTES {
            break;
        }
        kept.push(character);
    }
    kept + "…"
}

const ODD: [&str; 24] = [
    "",
    " ",
    "a",
    "A",
    "你好",
    "0",
    "no",
    "]]>",
    "]]",
    ">",
    "<![CDATA[x]]>",
    "</xml>",
    "&amp;",
    "&",
    "\u{0}",
    "]\u{1}]>",
    "\u{1d}\u{b}",
    "\r\n",
    "\r",
    "\u{fffe}\u{ffff}",
    "\u{feff}",
    "e\u{301}",
    "😀",
    "ＡＢＣ",
];

/// Words that messages and rules share, so that rules match.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&ODD[..]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => (select(&ODD[..]), 1..3000_usize).prop_map(|(odd, times)| odd.repeat(times)),
    ]
}

fn value(most_bytes: usize) -> impl Strategy<Value = String> {
    vec(word(), 0..3).prop_map(move |words| {
        let mut value = words.concat();
        while value.len() > most_bytes {
            value.pop();
        }
        value
    })
}

const TYPES: [&str; 10] = [
    "text",
    "text",
    "text",
    "text",
    "image",
    "voice",
    "location",
    "event",
    "unheard_of",
    "",
];

const NAMES: [&str; 14] = [
    "Content",
    "Content",
    "Content",
    "MediaId",
    "Event",
    "EventKey",
    "MsgId",
    "CreateTime",
    "Label",
    "Recognition",
    "ScanCodeInfo.ScanResult",
    "SendPicsInfo.PicList.item.PicMd5Sum",
    "bizmsgmenuid",
    "Unheard_Of",
];

fn message() -> impl Strategy<Value = Message> {
    let msg_type = prop_oneof![9 => select(&TYPES[..]).prop_map(str::to_owned), 1 => word()];
    let openid = prop_oneof![4 => Just("oFollower".to_owned()),
        1 => value(300)];
    let fields = vec((select(&NAMES[..]), value(6000)), 0..6);
    let envelope = (
        option::weighted(0.95, openid),
        option::weighted(0.95, Just(wechat::ACCOUNT.to_owned())),
    );
    (envelope, option::weighted(0.95, msg_type), fields).prop_map(
        |((openid, account), msg_type, fields)| {
            let mut message = Message::default();
            for (name, value) in [
                ("ToUserName", account),
                ("FromUserName", openid),
                ("MsgType", msg_type),
            ] {
                if let Some(value) = value {
                    message = message.with(name, &value);
                }
            }
            // WeChat says each thing once.
            for (name, value) in BTreeMap::from_iter(fields) {
                message = message.with(name, &value);
            }
            message
        },
    )
}

fn template() -> impl Strategy<Value = Value> {
    let placeholder = select(
        &[
            "<content>",
            "<content|nothing>",
            "<openid>",
            "<account>",
            "<type>",
            "<event>",
            "<key>",
            "<scene>",
            "<media_id>",
            "<label|none>",
            "<scan_code_info.scan_result>",
            "<user.count|0>",
            "<<",
            "<a href=\"x\">",
            "</a>",
        ][..],
    );
    let piece = prop_oneof![
        6 => placeholder.prop_map(str::to_owned),
        1 => select(&ODD[..]).prop_map(|odd| odd.replace('<', "<<")),
    ];
    vec(piece, 1..4).prop_map(|pieces| Value::from(pieces.concat()))
}

fn reply() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => template(),
        1 => template().prop_map(|text| json!({ "text": text })),
        1 => template().prop_map(|id| json!({ "image": id })),
        1 => template().prop_map(|id| json!({ "voice": id })),
        1 => (template(), template()).prop_map(|(id, title)| json!({ "video": { "media_id": id, "title": title } })),
        1 => (template(), template()).prop_map(|(id, url)| json!({ "music": { "thumb_media_id": id, "music_url": url } })),
        1 => vec((template(), template()), 1..10).prop_map(|articles| {
            let articles = articles.into_iter().map(|(title, url)| json!({ "title": title, "url": url }));
            json!({ "news": articles.collect::<Vec<Value>>() })
        }),
        1 => template().prop_map(|account| json!({ "transfer_customer_service": account })),
        1 => Just(json!("transfer_customer_service")),
        1 => Just(json!("success")),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let key = select(
        &[
            "equals", "prefix", "suffix", "contains", "key", "scene", "menu", "event", "type",
        ][..],
    );
    let single = (key, vec(select(&ODD[..]), 1..3)).prop_map(|(key, words)| json!({ key: words }));
    prop_oneof![
        4 => single,
        2 => select(&TYPES[..]).prop_map(|msg_type| json!({ "type": msg_type })),
        2 => select(&["(.)", "(?s)^(.*)$", "\\d+", "(\\p{Han}+)", "("][..]).prop_map(|regex| json!({ "regex": regex })),
        1 => word().prop_map(|word| json!({ "fields": { "label": word } })),
        1 => word().prop_map(|word| json!({ "user": { "count": word } })),
    ]
}

fn rule() -> impl Strategy<Value = Map<String, Value>> {
    (
        option::of(condition()),
        option::weighted(0.2, condition()),
        reply(),
        option::weighted(0.2, template()),
    )
        .prop_map(|(when, unless, reply, set)| {
            let mut rule = Map::new();
            let reply = match when
                .as_ref()
                .and_then(|when| when.as_object()?.keys().next())
            {
                Some(key) if key == "prefix" => json!("<rest><rest|no rest>"),
                Some(key) if key == "regex" => json!("<1|no capture>"),
                _ => reply,
            };
            rule.extend(when.map(|when| ("when".to_owned(), when)));
            rule.extend(unless.map(|unless| ("unless".to_owned(), unless)));
            rule.insert("reply".to_owned(), reply);
            rule.extend(set.map(|set| ("set".to_owned(), json!({ "count": set }))));
            rule
        })
}

fn rule_file() -> impl Strategy<Value = Value> {
    let options = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        option::of(Just("系统繁忙")),
    );
    let options = options.prop_map(|(trim, case, width, on_error)| {
        json!({
            "trim": trim,
            "ignore_case": case,
            "ignore_width": width,
            "on_error": on_error.unwrap_or("success"),
        })
    });
    (options, vec(rule(), 1..4)).prop_map(|(options, rules)| {
        let rules = rules.into_iter().enumerate().map(|(number, mut rule)| {
            rule.insert("name".to_owned(), json!(format!("rule {number}")));
            Value::Object(rule)
        });
        json!({ "options": options, "rules": rules.collect::<Vec<Value>>() })
    })
}
