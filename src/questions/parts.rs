//! An answer in the parts in which WeChat takes it.

use crate::message::Message;
use crate::reply::Reply;
use crate::rules::Settings;
use crate::store::FORGOTTEN;
use crate::waiting::first_part;
use crate::wechat;

/// Each as it is stored. Without a way to fetch the rest, there is one part, cut as any other text.
pub(super) fn parts(reply: &Reply, settings: &Settings, message: &Message) -> Vec<String> {
    let (mut parts, mut reply) = (Vec::new(), reply.clone());
    while let Reply::Text(text) = &reply {
        let Some((part, rest)) = first_part(text, &settings.more) else {
            break;
        };
        if settings.more.is_empty() {
            break;
        }
        let rest = Reply::Text(rest.to_owned());
        parts.push(as_stored(&Reply::Text(part), message));
        if rest == Reply::Text(String::new()) {
            return parts;
        }
        reply = rest;
    }
    parts.push(as_stored(&reply, message));
    parts
}

/// As WeChat gets it.
pub(super) fn as_stored(reply: &Reply, message: &Message) -> String {
    let delivered = wechat::as_delivered(reply, message);
    serde_json::to_string(&*delivered.reply).unwrap_or_default()
}

/// What was stored as the answer of a delivery.
pub(crate) fn read(answer: &str) -> Option<Reply> {
    match answer {
        FORGOTTEN => Some(Reply::Silence),
        answer => serde_json::from_str(answer).ok(),
    }
}
