//! Messages that reach a follower by themselves (客服消息), and that the account is typing.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::lock::lock;
use crate::reply::{PartValue, Reply, ReplyPart};
use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{ApiRequest, Call};
use crate::wechat_api::codes::KnownCode;
use crate::wechat_api::error::ApiError;

/// A message as the API takes it.
#[derive(Clone, PartialEq)]
pub(crate) struct CustomMessage {
    kind: &'static str,
    content: Value,
}

impl CustomMessage {
    /// A reply as a message; nothing if only the answer to a delivery can be that, or if WeChat
    /// does not have what it shows.
    pub(crate) fn of(reply: &Reply) -> Option<CustomMessage> {
        let kind = reply.kind()?.name;
        let content = match reply {
            Reply::CustomerService { .. } => return None,
            // The API takes one.
            Reply::News(articles) => json!({ "articles": [object(articles.first()?.parts())?] }),
            reply => object(reply.parts())?,
        };
        Some(CustomMessage { kind, content })
    }

    fn to(&self, openid: &str) -> Value {
        json!({ "touser": openid, "msgtype": self.kind, self.kind: self.content })
    }
}

fn object(parts: Vec<(ReplyPart, PartValue)>) -> Option<Value> {
    let parts = parts.into_iter();
    let pairs = parts.map(|(part, value)| Some((part.field.to_owned(), value.known()?.into())));
    pairs.collect::<Option<Map<_, _>>>().map(Value::Object)
}

/// Whether WeChat lets the account send messages, as far as it has said.
#[derive(Default)]
pub(super) struct MessageGrant(Mutex<Option<Instant>>);

/// An account that is verified meanwhile need not be restarted.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

impl MessageGrant {
    fn learn<T>(&self, outcome: Result<T, ApiError>) -> Result<T, ApiError> {
        if let Err(error) = &outcome
            && error.refusal() == Some(KnownCode::NotGranted)
        {
            *lock(&self.0) = Some(Instant::now());
        }
        outcome
    }
}

impl ApiAccount {
    /// Whether it is worth a try: not for a day after WeChat has refused the interface.
    pub(crate) fn may_send_messages(&self) -> bool {
        let refused_at = *lock(&self.0.messages.0);
        refused_at.is_none_or(|at| at.elapsed() > REMEMBERED)
    }

    /// Sends a message, which is there once this comes back well.
    pub(crate) async fn send_message(
        &self,
        openid: &str,
        message: &CustomMessage,
    ) -> Result<(), ApiError> {
        let request = ApiRequest::json(Call::SendMessage, message.to(openid));
        self.0.messages.learn(self.tell(request).await)
    }

    /// Shows the follower for 15 seconds that the account is typing, or no longer.
    pub(crate) async fn typing(&self, openid: &str, is_typing: bool) -> Result<(), ApiError> {
        let command = if is_typing { "Typing" } else { "CancelTyping" };
        let body = json!({ "touser": openid, "command": command });
        let request = ApiRequest::json(Call::Typing, body);
        self.0.messages.learn(self.tell(request).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::MediaSource;
    use crate::reply::{Article, Music, Video};

    #[test]
    fn each_reply_is_the_message_that_the_documentation_shows() {
        let text = |text: &str| Some(text.to_owned());
        let media_id = MediaSource::from("m");
        let article = |title: &str| Article {
            title: title.to_owned(),
            description: None,
            pic_url: text("https://a/p"),
            url: text("https://a/"),
        };
        let cases = [
            (
                Reply::Text("“好”<a href=\"weixin://x\">1</a>".to_owned()),
                r#"{"touser":"o","msgtype":"text","text":{"content":"“好”<a href=\"weixin://x\">1</a>"}}"#,
            ),
            (
                Reply::Image {
                    media_id: media_id.clone(),
                },
                r#"{"touser":"o","msgtype":"image","image":{"media_id":"m"}}"#,
            ),
            (
                Reply::Voice {
                    media_id: media_id.clone(),
                },
                r#"{"touser":"o","msgtype":"voice","voice":{"media_id":"m"}}"#,
            ),
            (
                Reply::Video(Box::new(Video {
                    media_id,
                    title: text("t"),
                    description: None,
                })),
                r#"{"touser":"o","msgtype":"video","video":{"media_id":"m","title":"t"}}"#,
            ),
            (
                Reply::Music(Box::new(Music {
                    title: text("t"),
                    description: text("d"),
                    music_url: text("https://a/m"),
                    hq_music_url: text("https://a/h"),
                    thumb_media_id: "p".into(),
                })),
                r#"{"touser":"o","msgtype":"music","music":{"title":"t","description":"d","musicurl":"https://a/m","hqmusicurl":"https://a/h","thumb_media_id":"p"}}"#,
            ),
            (
                Reply::News(vec![article("one"), article("two")]),
                r#"{"touser":"o","msgtype":"news","news":{"articles":[{"title":"one","picurl":"https://a/p","url":"https://a/"}]}}"#,
            ),
        ];
        for (reply, expected) in cases {
            let message = CustomMessage::of(&reply).unwrap();
            assert_eq!(message.to("o").to_string(), expected);
        }
        let person = Reply::CustomerService { account: None };
        for reply in [Reply::Silence, person, Reply::News(Vec::new())] {
            assert!(CustomMessage::of(&reply).is_none());
        }
    }
}
