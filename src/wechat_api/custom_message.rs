//! Messages that reach a follower by themselves (客服消息), and that the account is typing.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::reply::{Article, Music, Reply, Video};
use crate::wechat_api::ApiAccount;
use crate::wechat_api::call::{Call, Request};
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
        let (kind, content) = match reply {
            Reply::Text(text) => ("text", json!({ "content": text })),
            Reply::Image { media_id } => ("image", json!({ "media_id": media_id.id()? })),
            Reply::Voice { media_id } => ("voice", json!({ "media_id": media_id.id()? })),
            Reply::Video(video) => ("video", of_video(video, video.media_id.id()?)),
            Reply::Music(music) => ("music", of_music(music, music.thumb_media_id.id()?)),
            // The API takes one.
            Reply::News(articles) => {
                let article = of_article(articles.first()?);
                ("news", json!({ "articles": [article] }))
            }
            Reply::Silence | Reply::CustomerService { .. } => return None,
        };
        Some(CustomMessage { kind, content })
    }

    fn to(&self, openid: &str) -> Value {
        json!({ "touser": openid, "msgtype": self.kind, self.kind: self.content })
    }
}

fn of_video(video: &Video, id: &str) -> Value {
    object([
        ("media_id", Some(id)),
        ("title", video.title.as_deref()),
        ("description", video.description.as_deref()),
    ])
}

fn of_music(music: &Music, thumb: &str) -> Value {
    object([
        ("title", music.title.as_deref()),
        ("description", music.description.as_deref()),
        ("musicurl", music.music_url.as_deref()),
        ("hqmusicurl", music.hq_music_url.as_deref()),
        ("thumb_media_id", Some(thumb)),
    ])
}

fn of_article(article: &Article) -> Value {
    object([
        ("title", Some(article.title.as_str())),
        ("description", article.description.as_deref()),
        ("url", article.url.as_deref()),
        ("picurl", article.pic_url.as_deref()),
    ])
}

fn object<const N: usize>(pairs: [(&str, Option<&str>); N]) -> Value {
    let there = pairs
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), Value::from(value?))));
    Value::Object(there.collect::<Map<_, _>>())
}

/// Whether WeChat lets the account send messages, as far as it has said.
#[derive(Default)]
pub(super) struct MessageGrant(Mutex<Option<Instant>>);

const NOT_GRANTED: i64 = 48001;
/// An account that is verified meanwhile need not be restarted.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

impl MessageGrant {
    fn refused_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn learn<T>(&self, outcome: Result<T, ApiError>) -> Result<T, ApiError> {
        if let Err(error) = &outcome
            && error.code() == Some(NOT_GRANTED)
        {
            *self.refused_at() = Some(Instant::now());
        }
        outcome
    }
}

impl ApiAccount {
    /// Whether it is worth a try: not for a day after WeChat has refused the interface.
    pub(crate) fn may_send_messages(&self) -> bool {
        let refused_at = *self.0.messages.refused_at();
        refused_at.is_none_or(|at| at.elapsed() > REMEMBERED)
    }

    /// Sends a message, which is there once this comes back well.
    pub(crate) async fn send_message(
        &self,
        openid: &str,
        message: &CustomMessage,
    ) -> Result<(), ApiError> {
        let request = Request::json(Call::SendMessage, message.to(openid));
        self.0.messages.learn(self.tell(request).await)
    }

    /// Shows the follower for 15 seconds that the account is typing, or no longer.
    pub(crate) async fn typing(&self, openid: &str, is_typing: bool) -> Result<(), ApiError> {
        let command = if is_typing { "Typing" } else { "CancelTyping" };
        let body = json!({ "touser": openid, "command": command });
        let request = Request::json(Call::Typing, body);
        self.0.messages.learn(self.tell(request).await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Media;

    #[test]
    fn each_reply_is_the_message_that_the_documentation_shows() {
        let text = |text: &str| Some(text.to_owned());
        let media_id = Media::from("m");
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
                Reply::Video(Video {
                    media_id,
                    title: text("t"),
                    description: None,
                }),
                r#"{"touser":"o","msgtype":"video","video":{"media_id":"m","title":"t"}}"#,
            ),
            (
                Reply::Music(Music {
                    title: text("t"),
                    description: text("d"),
                    music_url: text("https://a/m"),
                    hq_music_url: text("https://a/h"),
                    thumb_media_id: "p".into(),
                }),
                r#"{"touser":"o","msgtype":"music","music":{"title":"t","description":"d","musicurl":"https://a/m","hqmusicurl":"https://a/h","thumb_media_id":"p"}}"#,
            ),
            (
                Reply::News(vec![article("one"), article("two")]),
                r#"{"touser":"o","msgtype":"news","news":{"articles":[{"title":"one","url":"https://a/","picurl":"https://a/p"}]}}"#,
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
