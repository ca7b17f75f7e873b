//! The answer of `get_current_autoreply_info`: the auto-replies set in WeChat's web console.
//! [`/doc/service/api/notify/autoreplies/api_getcurrentautoreplyinfo.html`]

use serde::Deserialize;
use serde_json::Value;

use crate::i18n::{Phrase, phrase};
use crate::import::ImportError;
use crate::import::draft::{Draft, DraftMode, DraftRule, DraftWhen, Keyword};
use crate::reply::{Article, Reply, Video};
use crate::rules::scalar;
use crate::wechat_api::{self, Call, KnownCode};

#[derive(Deserialize)]
#[serde(expecting = "an object of auto-replies")]
struct ConsoleReply {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
    is_add_friend_reply_open: Option<Value>,
    is_autoreply_open: Option<Value>,
    add_friend_autoreply_info: Option<ConsoleItem>,
    message_default_autoreply_info: Option<ConsoleItem>,
    keyword_autoreply_info: Option<ConsoleList<ConsoleRule>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with a list")]
struct ConsoleList<T> {
    #[serde(default = "Vec::new")]
    list: Vec<T>,
}

#[derive(Deserialize)]
#[serde(expecting = "a keyword rule")]
struct ConsoleRule {
    rule_name: Option<String>,
    reply_mode: Option<String>,
    #[serde(default)]
    keyword_list_info: Vec<ConsoleItem>,
    #[serde(default)]
    reply_list_info: Vec<ConsoleItem>,
}

/// A keyword or a reply.
#[derive(Deserialize)]
#[serde(expecting = "a keyword or a reply")]
pub(super) struct ConsoleItem {
    r#type: Option<String>,
    match_mode: Option<String>,
    content: Option<String>,
    news_info: Option<ConsoleList<NewsItem>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an article")]
struct NewsItem {
    title: Option<String>,
    digest: Option<String>,
    cover_url: Option<String>,
    content_url: Option<String>,
}

impl ConsoleItem {
    /// What a button of the console sends, which stands in `value`.
    pub(super) fn of_button(button: &Value) -> Option<ConsoleItem> {
        let value = button.get("value").and_then(Value::as_str);
        let item: ConsoleItem = serde_json::from_value(button.clone()).ok()?;
        Some(ConsoleItem {
            content: value.map(str::to_owned),
            ..item
        })
    }
}

pub(super) fn read(text: &str) -> Result<Draft, ImportError> {
    let answer: ConsoleReply = serde_json::from_str(text).map_err(ImportError::NotTheAnswer)?;
    if answer.errcode != 0 {
        return Err(ImportError::Refused {
            code: answer.errcode,
            message: scalar::printable(&answer.errmsg),
            help: match KnownCode::of(answer.errcode) {
                // Whoever saved the answer got the token themselves.
                KnownCode::Token => phrase!(import_help_token),
                _ => wechat_api::remedy(Call::AutoreplyInfo, answer.errcode, &answer.errmsg),
            },
        });
    }
    let follows_off = is_off(answer.is_add_friend_reply_open.as_ref());
    let replies_off = is_off(answer.is_autoreply_open.as_ref());
    let told = answer.is_add_friend_reply_open.is_some() || answer.is_autoreply_open.is_some();
    let mut rules = Vec::new();
    let mut notes = Vec::new();
    if let Some(item) = &answer.add_friend_autoreply_info {
        rules.push(alone("被关注回复", DraftWhen::Follows, item, follows_off));
    }
    let entries = answer.keyword_autoreply_info.map(|info| info.list);
    let none = !told && rules.is_empty() && entries.is_none();
    for entry in entries.iter().flatten() {
        rules.push(keyword_rule(entry, replies_off));
    }
    if let Some(item) = &answer.message_default_autoreply_info {
        rules.push(alone(
            "收到消息回复",
            DraftWhen::Otherwise,
            item,
            replies_off,
        ));
    } else if none {
        return Err(ImportError::NoReplies);
    }
    if follows_off && answer.add_friend_autoreply_info.is_some() {
        notes.push(phrase!(import_follows_off));
    }
    let others = entries.is_some_and(|entries| !entries.is_empty())
        || answer.message_default_autoreply_info.is_some();
    if replies_off && others {
        notes.push(phrase!(import_replies_off));
    }
    if rules.is_empty() {
        notes.push(phrase!(import_nothing_set));
    }
    Ok(Draft {
        origin: phrase!(import_from_console),
        rules,
        notes,
    })
}

/// Missing fields mean on.
fn is_off(switch: Option<&Value>) -> bool {
    match switch {
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        Some(Value::Bool(on)) => !on,
        _ => false,
    }
}

fn alone(name: &str, when: DraftWhen, item: &ConsoleItem, off: bool) -> DraftRule {
    let mut rule = DraftRule::new(name, when);
    rule.off = off;
    let reply = reply(item, &mut rule.notes);
    rule.replies.extend(reply);
    rule
}

fn keyword_rule(entry: &ConsoleRule, off: bool) -> DraftRule {
    let mut notes = Vec::new();
    let keywords = keywords(&entry.keyword_list_info, &mut notes);
    let name = entry.rule_name.as_deref().unwrap_or_default();
    let mut rule = DraftRule::new(name, DraftWhen::Says(keywords));
    rule.off = off;
    let replies = entry.reply_list_info.iter();
    rule.replies = replies.filter_map(|item| reply(item, &mut notes)).collect();
    if entry.reply_mode.as_deref() == Some("reply_all") && rule.replies.len() > 1 {
        rule.lost = rule.replies.split_off(1);
        notes.push(phrase!(import_reply_all, count = rule.lost.len() + 1));
    }
    rule.notes = notes;
    rule
}

fn keywords(items: &[ConsoleItem], notes: &mut Vec<Phrase>) -> Vec<Keyword> {
    let mut keywords: Vec<Keyword> = Vec::new();
    for item in items {
        let text = item.content.as_deref().unwrap_or_default();
        let kind = item.r#type.as_deref().unwrap_or("text");
        if kind != "text" {
            let kind = scalar::inline(kind);
            notes.push(phrase!(import_keyword_of_type, kind));
            continue;
        }
        let mode = match item.match_mode.as_deref() {
            Some("contain") => DraftMode::Contain,
            Some("equal") => DraftMode::Equal,
            other => {
                notes.push(phrase!(
                    import_unknown_match_mode,
                    mode = scalar::inline(other.unwrap_or_default()),
                    keyword = scalar::inline(text)
                ));
                DraftMode::Equal
            }
        };
        match Keyword::new(text, mode) {
            Some(keyword) if keywords.contains(&keyword) => {}
            Some(keyword) => keywords.push(keyword),
            None => notes.push(phrase!(import_keyword_without_text)),
        }
    }
    keywords
}

pub(super) fn reply(item: &ConsoleItem, notes: &mut Vec<Phrase>) -> Option<Reply> {
    let content = item.content.clone().unwrap_or_default();
    let kind = item.r#type.as_deref().unwrap_or_default();
    if content.is_empty() && kind != "news" {
        let kind = scalar::inline(kind);
        notes.push(phrase!(import_reply_without_content, kind));
        return None;
    }
    match kind {
        "text" => Some(Reply::Text(content)),
        "img" | "image" => {
            notes.push(phrase!(import_temporary_image));
            Some(Reply::Image {
                media_id: content.into(),
            })
        }
        "voice" => {
            notes.push(phrase!(import_temporary_voice));
            Some(Reply::Voice {
                media_id: content.into(),
            })
        }
        "video" if content.starts_with("http://") || content.starts_with("https://") => {
            notes.push(phrase!(import_video_by_address));
            Some(Reply::Text(content))
        }
        "video" => {
            notes.push(phrase!(import_temporary_video));
            Some(Reply::Video(Box::new(Video {
                media_id: content.into(),
                ..Video::default()
            })))
        }
        "news" => news(item, notes),
        kind => {
            let kind = scalar::inline(kind);
            notes.push(phrase!(import_reply_of_unknown_type, kind));
            None
        }
    }
}

fn news(item: &ConsoleItem, notes: &mut Vec<Phrase>) -> Option<Reply> {
    let listed = item.news_info.as_ref().map_or(&[][..], |news| &news.list);
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let articles: Vec<Article> = listed
        .iter()
        .filter_map(|article| {
            Some(Article {
                title: given(&article.title)?,
                description: given(&article.digest),
                pic_url: given(&article.cover_url),
                url: given(&article.content_url),
            })
        })
        .collect();
    if articles.len() < listed.len() {
        notes.push(phrase!(import_article_without_title));
    }
    if articles.is_empty() {
        notes.push(phrase!(import_news_without_articles));
        return None;
    }
    Some(Reply::News(articles))
}
