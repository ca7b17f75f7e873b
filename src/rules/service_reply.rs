//! What a service says in the words of a rule: `reply`, `set`, `add`, `remove`, `clear`. It is
//! checked as strictly as a rule file is, and every text is just that.

use serde_json::{Map, Value};

use crate::reply::{MAX_ARTICLES, MapParts, MediaSource, Reply, ReplyPart};
use crate::rules::file::{ReplyEntry, Text};
use crate::rules::media::is_path;
use crate::rules::{dialogue, is_stored_key, untrusted_text};
use crate::user::Change;

/// The reply and the changes in the order in which a rule makes them; none where anything in it is
/// not as a rule would have it.
pub(crate) fn read(said: &Value) -> Option<(Reply, Vec<Change>)> {
    let said = AnswerMapping::of(said, &["reply", "set", "add", "remove", "clear"])?;
    let reply = reply(said.get("reply")?)?;
    let mut changes = Vec::new();
    for key in said.get("clear").map_or(Some(Vec::new()), texts)? {
        changes.push(match key.as_str() {
            "all" => Change::ClearAll,
            dialogue::KEY => Change::Clear { key },
            _ => Change::Clear { key: own(key)? },
        });
    }
    for (key, item) in pairs(said.get("remove"))? {
        changes.push(Change::Remove { key, item });
    }
    for (key, item) in pairs(said.get("add"))? {
        if !item.is_empty() {
            changes.push(Change::Add { key, item });
        }
    }
    for (key, value) in pairs(said.get("set"))? {
        changes.push(Change::Set {
            key,
            value,
            expires: None,
        });
    }
    Some((reply, changes))
}

/// A mapping with none but the keys that it may have.
struct AnswerMapping<'v>(&'v Map<String, Value>);

impl<'v> AnswerMapping<'v> {
    fn of(value: &'v Value, known: &[&str]) -> Option<AnswerMapping<'v>> {
        let words = value.as_object()?;
        let all_known = words.keys().all(|key| known.contains(&key.as_str()));
        all_known.then_some(AnswerMapping(words))
    }

    /// What stands under a key; null is nothing.
    fn get(&self, key: &str) -> Option<&'v Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

fn reply(said: &Value) -> Option<Reply> {
    match serde_json::from_value(spelled(said)).ok()? {
        ReplyEntry::Line(Text(line)) => match untrusted_text::text(&line, false).as_str() {
            "" => None,
            "success" => Some(Reply::Silence),
            "transfer_customer_service" => Some(Reply::CustomerService { account: None }),
            text => Some(Reply::Text(text.to_owned())),
        },
        ReplyEntry::Parts(parts) => {
            let replies = parts.replies();
            let ([reply], None) = (replies.as_slice(), parts.random.as_ref()) else {
                return None;
            };
            let reply = reply.map_parts(&mut AnsweredParts).ok()?;
            let count = match &reply {
                Reply::News(articles) => articles.len(),
                _ => 1,
            };
            (1..=MAX_ARTICLES).contains(&count).then_some(reply)
        }
    }
}

/// As a rule file would have it: what is null is not there, and a number or a yes/no is the text
/// that it is spelled as.
fn spelled(said: &Value) -> Value {
    match said {
        Value::Object(parts) => {
            let there = parts.iter().filter(|(_, value)| !value.is_null());
            let parts = there.map(|(key, value)| (key.clone(), spelled(value)));
            Value::Object(parts.collect())
        }
        Value::Array(items) => items.iter().map(spelled).collect(),
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(boolean) => Value::String(boolean.to_string()),
        Value::Null | Value::String(_) => said.clone(),
    }
}

/// Takes what is said as it is.
struct AnsweredParts;

/// A rule would not have it.
struct Refused;

impl MapParts<'_, Option<&Text>, Option<&Text>> for AnsweredParts {
    type Text = String;
    type Media = MediaSource;
    type Error = Refused;

    fn needed(&mut self, _: ReplyPart, said: &Option<&Text>) -> Result<String, Refused> {
        let text = said.map(|Text(said)| untrusted_text::text(said, false));
        text.filter(|text| !text.is_empty()).ok_or(Refused)
    }

    fn optional(&mut self, _: ReplyPart, said: &Option<&Text>) -> Result<Option<String>, Refused> {
        Ok(said.map(|Text(said)| untrusted_text::text(said, false)))
    }

    /// A file is nothing that can be said here: it has to be with WeChat before.
    fn media(&mut self, part: ReplyPart, said: &Option<&Text>) -> Result<MediaSource, Refused> {
        match self.needed(part, said)? {
            id if is_path(&id) => Err(Refused),
            id => Ok(MediaSource::Id(id)),
        }
    }
}

/// A number or a yes/no is the text that it is spelled as.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(untrusted_text::text(text, false)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => text(one).map(|text| vec![text]),
    }
}

/// Keys under which a rule may store something, each with a text.
fn pairs(value: Option<&Value>) -> Option<Vec<(String, String)>> {
    let Some(value) = value else {
        return Some(Vec::new());
    };
    let pairs = value.as_object()?.iter();
    pairs
        .map(|(key, value)| Some((own(key.clone())?, text(value)?)))
        .collect()
}

fn own(key: String) -> Option<String> {
    is_stored_key(&key).then_some(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_in_json_is_a_reply_and_changes() {
        let said = json!({
            "reply": " 已订 3 位 ",
            "set": { "people": 3 },
            "add": { "empty": "", "orders": "A1" },
            "remove": { "wishes": "A1" },
            "clear": ["step", "dialogue", "all"],
        });
        let (reply, changes) = read(&said).unwrap();
        assert_eq!(reply, Reply::Text("已订 3 位".to_owned()));
        let key = |key: &str| key.to_owned();
        let expected = [
            Change::Clear { key: key("step") },
            Change::Clear {
                key: key("dialogue"),
            },
            Change::ClearAll,
            Change::Remove {
                key: key("wishes"),
                item: key("A1"),
            },
            Change::Add {
                key: key("orders"),
                item: key("A1"),
            },
            Change::Set {
                key: key("people"),
                value: key("3"),
                expires: None,
            },
        ];
        assert_eq!(changes, expected);
    }

    #[test]
    fn every_kind_of_reply_can_be_said() {
        for said in [
            json!("success"),
            json!("transfer_customer_service"),
            json!({ "text": "success" }),
            json!({ "image": "M1" }),
            json!({ "voice": "M1" }),
            json!({ "video": { "media_id": "M1", "title": "T" } }),
            json!({ "music": { "thumb_media_id": "M1" } }),
            json!({ "news": [{ "title": "T", "url": "https://example.com/" }] }),
            json!({ "transfer_customer_service": "kf1@gh_1" }),
        ] {
            assert!(read(&json!({ "reply": said })).is_some(), "{said}");
        }
    }

    #[test]
    fn what_a_rule_would_not_have_is_refused_as_a_whole() {
        for said in [
            json!("你好"),
            json!({}),
            json!({ "replay": "你好" }),
            json!({ "reply": "" }),
            json!({ "reply": ["你好"] }),
            json!({ "reply": { "text": "a", "image": "b" } }),
            json!({ "reply": { "image": "./poster.png" } }),
            json!({ "reply": { "video": { "media_id": "../film.mp4" } } }),
            json!({ "reply": { "news": [] } }),
            json!({ "reply": { "video": { "title": "T" } } }),
            json!({ "reply": "你好", "set": { "a b": "1" } }),
            json!({ "reply": "你好", "set": { "all": "1" } }),
            json!({ "reply": "你好", "set": { "dialogue": "1" } }),
            json!({ "reply": "你好", "set": { "a": ["1"] } }),
            json!({ "reply": "你好", "set": ["a"] }),
            json!({ "reply": "你好", "clear": {} }),
        ] {
            assert_eq!(read(&said), None, "{said}");
        }
    }

    #[test]
    fn a_word_is_one_with_blanks_around_it_too() {
        for (said, expected) in [
            ("success\n", Reply::Silence),
            (
                " transfer_customer_service",
                Reply::CustomerService { account: None },
            ),
        ] {
            assert_eq!(read(&json!({ "reply": said })), Some((expected, vec![])));
        }
    }

    #[test]
    fn nothing_in_it_is_a_placeholder_or_a_link_of_wechat() {
        let said = json!({ "reply": "<openid> <a href=\"weixin://pay\">付款</a>" });
        let (reply, _) = read(&said).unwrap();
        assert_eq!(reply, Reply::Text("<openid> 付款".to_owned()));
    }
}
