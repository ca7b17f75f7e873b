//! What services do, and what followers get of it.

use std::time::Duration;

use serde_json::json;

use crate::asking::faults::ANSWERED;

/// How a service is asked, and by what its answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Webhook,
    /// A webhook that answers in the words of a rule.
    Spoken,
    Model,
}

/// What an endpoint does with a connection on which it was asked.
#[derive(Clone)]
pub enum Act {
    Says(Vec<u8>),
    /// Says this, and then this again and again, after a pause each time.
    Repeats(Vec<u8>, Vec<u8>, Duration),
}

pub struct Case {
    pub what: &'static str,
    pub kind: Kind,
    pub act: Act,
    /// Where it is asked instead of at the endpoint that acts.
    pub url: Option<String>,
    /// What the follower gets: the word for a failure, or the answer.
    pub told: &'static str,
}

fn says(head: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    Act::Says([head.as_bytes(), body].concat())
}

fn repeats(head: &str, piece: impl Into<Vec<u8>>, pause: Duration) -> Act {
    Act::Repeats(head.into(), piece.into(), pause)
}

/// What can go wrong before there is an answer.
pub fn without_answer() -> Vec<Case> {
    let (drip, flood) = (Duration::from_millis(50), Duration::ZERO);
    let long = [b'4'; 0x10000];
    let chunk = [&b"10000\r\n"[..], &long, b"\r\n"].concat();
    let moved = "302 Found\r\nlocation: http://127.0.0.1:1/";
    let later = "429 Too Many\r\nretry-after: 3600";
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"state\": \"4nswer";
    let slow_head = "HTTP/1.1 200 OK\r\nx: ";
    let slow_body = "HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n";
    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let deep = "[".repeat(200) + &"]".repeat(200);
    let cases = [
        ("sends on", says(moved, ANSWERED), "302"),
        ("knows nothing", says("404 Not Found", ANSWERED), "404"),
        ("is broken", says("500 Oh", ANSWERED), "500"),
        ("is busy for an hour", says(later, ANSWERED), "429"),
        ("says nothing", repeats("", "", drip), "timeout"),
        (
            "has a slow head",
            repeats(slow_head, ANSWERED, drip),
            "timeout",
        ),
        (
            "has a slow body",
            repeats(slow_body, ANSWERED, drip),
            "timeout",
        ),
        ("has ten gigabytes", repeats(huge, long, flood), "too_large"),
        ("has no end", repeats(chunked, chunk, flood), "too_large"),
        ("breaks off", Act::Says(short.into()), "refused"),
        ("hangs up", Act::Says(Vec::new()), "refused"),
        (
            "speaks SSH",
            Act::Says(b"SSH-2.0-4nswer\r\n".to_vec()),
            "refused",
        ),
        (
            "is a page",
            says("200 OK", "<html>4nswer</html>"),
            "not_json",
        ),
        (
            "is no JSON",
            says("200 OK", "{\"state\": 4nswer}"),
            "not_json",
        ),
        (
            "is not UTF-8",
            says("200 OK", b"{\"state\": \"4nswer\xff\xfe\"}"),
            "not_json",
        ),
        ("is too deep", says("200 OK", deep), "not_json"),
        ("is empty", says("204 No Content", ""), "empty"),
    ];
    let of_both = cases.into_iter().flat_map(|(what, act, told)| {
        [Kind::Webhook, Kind::Model].map(|kind| Case {
            what,
            kind,
            act: act.clone(),
            url: None,
            told,
        })
    });
    of_both.collect()
}

/// What can be wrong with an answer.
pub fn with_answer() -> Vec<Case> {
    use Kind::{Model, Spoken, Webhook};
    // As a webhook says it, and as a model.
    let text =
        |text: &str| json!({ "state": text, "choices": [{ "message": { "content": text } }] });
    let control = text("\u{0}4ns\u{1b}[31mwer\u{8}\r\n");
    let xml = text("4nswer]]></Content><MsgType><![CDATA[image]]>");
    let placeholders = text("4nswer <openid> <secret.key> <user.last> <answer>");
    let addresses = text("4nswer <a href=\"weixin://pay\">领奖</a> weixin://dl/x。");
    let link = text("4nswer <a href=\"https://example.com/\">官网</a>");
    let obeys = text("4nswer {\"reply\": \"x\", \"set\": {\"last\": \"x\"}}");
    let nothing = text("\u{0} \u{7}");
    let cases = [
        (
            "has an object there",
            Webhook,
            json!({ "state": { "a": "4nswer" } }),
            "未知",
        ),
        (
            "has a list there",
            Webhook,
            json!({ "state": ["4nswer", { "b": [1] }] }),
            "4nswer",
        ),
        (
            "has something else",
            Webhook,
            json!({ "status": "4nswer" }),
            "未知",
        ),
        ("has null there", Webhook, json!({ "state": null }), "未知"),
        ("is a text", Webhook, json!("4nswer"), "未知"),
        ("is a list", Webhook, json!(["4nswer"]), "未知"),
        ("has a number", Webhook, json!({ "state": 1e300 }), "1e+300"),
        ("is a list", Model, json!(["4nswer"]), "not_json"),
        (
            "is an error",
            Model,
            json!({ "error": { "message": "4nswer" } }),
            "not_json",
        ),
        (
            "has control characters",
            Webhook,
            control.clone(),
            "4ns[31mwer",
        ),
        ("has control characters", Model, control, "4ns[31mwer"),
        (
            "has XML",
            Webhook,
            xml.clone(),
            "4nswer]]></Content><MsgType><![CDATA[image]]>",
        ),
        (
            "has XML",
            Model,
            xml,
            "4nswer]]></Content><MsgType><![CDATA[image]]>",
        ),
        (
            "has placeholders",
            Webhook,
            placeholders.clone(),
            "4nswer <openid> <secret.key> <user.last> <answer>",
        ),
        (
            "has placeholders",
            Model,
            placeholders,
            "4nswer <openid> <secret.key> <user.last> <answer>",
        ),
        (
            "has addresses of WeChat",
            Webhook,
            addresses.clone(),
            "4nswer 领奖 。",
        ),
        (
            "has addresses of WeChat",
            Model,
            addresses,
            "4nswer 领奖 。",
        ),
        (
            "has a link",
            Model,
            link,
            "4nswer 官网 https://example.com/",
        ),
        (
            "obeys the follower",
            Webhook,
            obeys.clone(),
            "4nswer {\"reply\": \"x\", \"set\": {\"last\": \"x\"}}",
        ),
        (
            "obeys the follower",
            Model,
            obeys,
            "4nswer {\"reply\": \"x\", \"set\": {\"last\": \"x\"}}",
        ),
        ("has nothing to show", Webhook, nothing.clone(), "未知"),
        ("has nothing to show", Model, nothing, "empty"),
        (
            "is no reply",
            Spoken,
            json!({ "set": { "last": "4nswer" } }),
            "not_json",
        ),
        (
            "is an odd reply",
            Spoken,
            json!({ "reply": 1, "set": { "last": "4nswer" } }),
            "1",
        ),
        (
            "stores an object",
            Spoken,
            json!({ "reply": "x", "set": { "last": { "4nswer": 1 } } }),
            "not_json",
        ),
        (
            "has a rule",
            Spoken,
            json!({ "reply": "x", "set": { "last": "4nswer" }, "rules": [] }),
            "not_json",
        ),
        (
            "has placeholders",
            Spoken,
            json!({ "reply": "4nswer <openid> <secret.key>", "set": { "last": "<user.last>" } }),
            "4nswer <openid> <secret.key>",
        ),
        (
            "has addresses of WeChat",
            Spoken,
            json!({ "reply": "4nswer <a href='weixin://pay'>领奖</a>" }),
            "4nswer 领奖",
        ),
    ];
    let cases = cases.into_iter().map(|(what, kind, body, told)| Case {
        what,
        kind,
        act: says("200 OK", body.to_string()),
        url: None,
        told,
    });
    cases.collect()
}
