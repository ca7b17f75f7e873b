//! `message/custom/send` and `message/custom/typing`.

use serde_json::Value;

use super::account::Account;
use super::call::{Call, Outcome, Refusal, done, refuse};

const MAX_TEXT: usize = 2048;

pub(super) fn send(account: &mut Account, call: &Call) -> Outcome {
    let message = call.json()?;
    let openid = text(&message, &["touser"]);
    check(account, &message, call.now)?;
    account
        .followers
        .deliver(openid, message.clone(), call.now)?;
    Ok(done())
}

pub(super) fn typing(account: &mut Account, call: &Call) -> Outcome {
    let body = call.json()?;
    let typing = match text(&body, &["command"]) {
        "Typing" => true,
        "CancelTyping" => false,
        _ => return Err(refuse(45072, "invalid command")),
    };
    let openid = text(&body, &["touser"]);
    account.followers.type_to(openid, typing, call.now)?;
    Ok(done())
}

/// A text somewhere inside; empty if it is not there.
fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    let found = path.iter().try_fold(value, |value, key| value.get(key));
    found.and_then(Value::as_str).unwrap_or_default()
}

/// Whether the message is one that can be sent at all.
fn check(account: &Account, message: &Value, now: u64) -> Result<(), Refusal> {
    let kind = text(message, &["msgtype"]);
    let said = |name: &str| text(message, &[kind, name]);
    let need = |names: &[&str]| match names.iter().all(|name| !said(name).is_empty()) {
        true => Ok(()),
        false => Err(refuse(40035, "invalid parameter")),
    };
    let media = |name: &str| {
        let known = account.materials.knows(said(name), now);
        known
            .then_some(())
            .ok_or_else(|| refuse(40007, "invalid media_id"))
    };
    match kind {
        "text" if said("content").is_empty() => Err(refuse(44004, "empty content")),
        "text" if said("content").len() > MAX_TEXT => {
            Err(refuse(45002, "content size out of limit"))
        }
        "text" => Ok(()),
        "image" | "voice" | "mpnews" => media("media_id"),
        "video" => media("media_id").and_then(|()| match said("thumb_media_id") {
            "" => Ok(()),
            _ => media("thumb_media_id"),
        }),
        "music" => need(&["musicurl", "hqmusicurl"]).and_then(|()| media("thumb_media_id")),
        "news" => {
            let articles = message.pointer("/news/articles").and_then(Value::as_array);
            match articles.map_or(0, Vec::len) {
                0 => Err(refuse(44003, "empty news data")),
                1 => Ok(()),
                _ => Err(refuse(45008, "article size out of limit")),
            }
        }
        "msgmenu" => match message.pointer("/msgmenu/list").and_then(Value::as_array) {
            Some(list) if !list.is_empty() => Ok(()),
            _ => Err(refuse(40035, "invalid parameter")),
        },
        "mpnewsarticle" => need(&["article_id"]),
        "wxcard" => need(&["card_id"]),
        "miniprogrampage" => {
            need(&["title", "appid", "pagepath"]).and_then(|()| media("thumb_media_id"))
        }
        _ => Err(refuse(40008, "invalid message type")),
    }
}
