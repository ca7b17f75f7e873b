//! WeChat and its followers, as the server meets them. The parser that reads answers here is
//! not the program's own.

use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Timestamp;
use wxreply::message::Message;
use wxreply::wechat::push::Push;
use wxreply::wechat::{AesKey, Credentials, Mode, Stamp, Token, push};

pub const TOKEN: &str = "tok3nOfThisTest";
pub const AES_KEY: &str = "kEyOfThisTest9876543210abcdefghijABCDEFGHIJ";
pub const APP_ID: &str = "wx0123456789abcdef";
pub const ACCOUNT: &str = "gh_0123456789ab";

pub fn credentials(mode: Mode) -> Credentials {
    credentials_with(mode, TOKEN, AES_KEY)
}

pub fn credentials_with(mode: Mode, token: &str, key: &str) -> Credentials {
    let token = Token::new(token.to_owned()).unwrap();
    let key = AesKey::parse(key).unwrap();
    Credentials::new(mode, vec![token], Some(APP_ID.to_owned()), vec![key]).unwrap()
}

/// A number that no other call gives.
fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub fn stamp() -> Stamp {
    let nonce = next();
    let mut random = *b"0123456789abcdef";
    for (place, digit) in random.iter_mut().zip(nonce.to_be_bytes()) {
        *place = digit;
    }
    Stamp {
        unix_seconds: Timestamp::now().as_second(),
        random,
        nonce,
    }
}

/// A new message of this type.
pub fn message(msg_type: &str, openid: &str) -> Message {
    message_to(ACCOUNT, msg_type, openid)
}

/// The same to another account.
pub fn message_to(account: &str, msg_type: &str, openid: &str) -> Message {
    let now = Timestamp::now().as_second();
    let message = Message::default()
        .with("ToUserName", account)
        .with("FromUserName", openid)
        .with("CreateTime", &now.to_string())
        .with("MsgType", msg_type);
    match msg_type {
        "event" => message,
        _ => message.with("MsgId", &format!("{now}{:09}", next())),
    }
}

/// A new text.
pub fn text(openid: &str, content: &str) -> Message {
    message("text", openid).with("Content", content)
}

/// A message as WeChat posts it in plain mode.
pub fn plain(message: &Message) -> Push {
    sealed(&credentials(Mode::Plain), &push::message_xml(message))
}

/// Any XML as WeChat would post it to this account.
pub fn sealed(credentials: &Credentials, xml: &str) -> Push {
    push::push(credentials, xml, &stamp())
}

/// What an answer in the clear says, as an independent parser reads it: the elements under the
/// root, in order, nested ones dotted.
pub fn elements(body: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(body).unwrap();
    let document = roxmltree::Document::parse(text).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "xml");
    let mut elements = Vec::new();
    collect(root, "", &mut elements);
    elements
}

fn collect(node: roxmltree::Node, prefix: &str, elements: &mut Vec<(String, String)>) {
    for child in node.children().filter(roxmltree::Node::is_element) {
        let path = format!("{prefix}{}", child.tag_name().name());
        if child.children().any(|node| node.is_element()) {
            collect(child, &format!("{path}."), elements);
        } else {
            let texts = child.children().filter_map(|node| node.text());
            elements.push((path, texts.collect()));
        }
    }
}

/// The value of one element of an answer.
#[track_caller]
pub fn element(body: &[u8], path: &str) -> String {
    let elements = elements(body);
    let mut values = elements.iter().filter(|(is, _)| is == path);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => value.clone(),
        _ => panic!("not one {path} in {elements:?}"),
    }
}
