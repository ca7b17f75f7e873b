//! The answer of `get_current_autoreply_info`: the auto-replies set in WeChat's web console.
//! [`/doc/service/api/notify/autoreplies/api_getcurrentautoreplyinfo.html`]

use serde::Deserialize;
use serde_json::Value;

use crate::import::ImportError;
use crate::import::draft::{Draft, Keyword, Mode, Rule, When};
use crate::reply::{Article, Reply, Video};
use crate::rules::scalar;

#[derive(Deserialize)]
#[serde(expecting = "an object of auto-replies")]
struct Answer {
    #[serde(default)]
    errcode: i64,
    #[serde(default)]
    errmsg: String,
    is_add_friend_reply_open: Option<Value>,
    is_autoreply_open: Option<Value>,
    add_friend_autoreply_info: Option<Item>,
    message_default_autoreply_info: Option<Item>,
    keyword_autoreply_info: Option<List<Entry>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with a list")]
struct List<T> {
    #[serde(default = "Vec::new")]
    list: Vec<T>,
}

#[derive(Deserialize)]
#[serde(expecting = "a keyword rule")]
struct Entry {
    rule_name: Option<String>,
    reply_mode: Option<String>,
    #[serde(default)]
    keyword_list_info: Vec<Item>,
    #[serde(default)]
    reply_list_info: Vec<Item>,
}

/// A keyword or a reply.
#[derive(Deserialize)]
#[serde(expecting = "a keyword or a reply")]
struct Item {
    r#type: Option<String>,
    match_mode: Option<String>,
    content: Option<String>,
    news_info: Option<List<NewsItem>>,
}

#[derive(Deserialize)]
#[serde(expecting = "an article")]
struct NewsItem {
    title: Option<String>,
    digest: Option<String>,
    cover_url: Option<String>,
    content_url: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Draft, ImportError> {
    let answer: Answer = serde_json::from_str(text).map_err(ImportError::NotTheAnswer)?;
    if answer.errcode != 0 {
        return Err(ImportError::Refused {
            code: answer.errcode,
            message: scalar::printable(&answer.errmsg),
            help: what_to_do(answer.errcode),
        });
    }
    let follows_off = is_off(answer.is_add_friend_reply_open.as_ref());
    let replies_off = is_off(answer.is_autoreply_open.as_ref());
    let told = answer.is_add_friend_reply_open.is_some() || answer.is_autoreply_open.is_some();
    let mut rules = Vec::new();
    let mut notes = Vec::new();
    if let Some(item) = &answer.add_friend_autoreply_info {
        rules.push(alone("被关注回复", When::Follows, item, follows_off));
    }
    let entries = answer.keyword_autoreply_info.map(|info| info.list);
    let none = !told && rules.is_empty() && entries.is_none();
    for entry in entries.iter().flatten() {
        rules.push(keyword_rule(entry, replies_off));
    }
    if let Some(item) = &answer.message_default_autoreply_info {
        rules.push(alone("收到消息回复", When::Otherwise, item, replies_off));
    } else if none {
        return Err(ImportError::NoReplies);
    }
    if follows_off && answer.add_friend_autoreply_info.is_some() {
        notes.push("the reply to new followers is switched off in the account (is_add_friend_reply_open): it is only a comment".to_owned());
    }
    let others = entries.is_some_and(|entries| !entries.is_empty())
        || answer.message_default_autoreply_info.is_some();
    if replies_off && others {
        notes.push("the replies to messages are switched off in the account (is_autoreply_open): they are only a comment".to_owned());
    }
    if rules.is_empty() {
        notes.push("no auto-reply is set in the account".to_owned());
    }
    Ok(Draft {
        origin: "The answer of get_current_autoreply_info",
        rules,
        notes,
    })
}

/// How to fix the errors that WeChat returns for this call.
fn what_to_do(code: i64) -> &'static str {
    match code {
        40013 => {
            "the AppID is wrong; take it from 设置与开发, and ask for a new access token with it"
        }
        40001 | 40014 | 41001 | 42001 => {
            "the access token is missing, wrong or older than two hours; get a new one and call again"
        }
        40164 => {
            "the address you call from is not allowed; add it to the IP 白名单 of the account and call again"
        }
        45009 => "the account has made too many calls today; call again tomorrow",
        48001 => "the account may not call this; look at 接口权限 in its console",
        -1 => "WeChat was busy; call again",
        _ => "look the number up among WeChat's 全局返回码, mend it, and call again",
    }
}

/// Missing fields mean on.
fn is_off(switch: Option<&Value>) -> bool {
    match switch {
        Some(Value::Number(number)) => number.as_i64() == Some(0),
        Some(Value::Bool(on)) => !on,
        _ => false,
    }
}

fn alone(name: &str, when: When, item: &Item, off: bool) -> Rule {
    let mut rule = Rule::new(name, when);
    rule.off = off;
    let reply = reply(item, &mut rule.notes);
    rule.replies.extend(reply);
    rule
}

fn keyword_rule(entry: &Entry, off: bool) -> Rule {
    let mut notes = Vec::new();
    let keywords = keywords(&entry.keyword_list_info, &mut notes);
    let name = entry.rule_name.as_deref().unwrap_or_default();
    let mut rule = Rule::new(name, When::Says(keywords));
    rule.off = off;
    let replies = entry.reply_list_info.iter();
    rule.replies = replies.filter_map(|item| reply(item, &mut notes)).collect();
    if entry.reply_mode.as_deref() == Some("reply_all") && rule.replies.len() > 1 {
        rule.lost = rule.replies.split_off(1);
        notes.push(format!(
            "the account sent {} answers one after another (reply_all); a server gives one answer \
             to a message, so that only the first is left, and the others stay as a comment",
            rule.lost.len() + 1
        ));
    }
    rule.notes = notes;
    rule
}

fn keywords(items: &[Item], notes: &mut Vec<String>) -> Vec<Keyword> {
    let mut keywords: Vec<Keyword> = Vec::new();
    for item in items {
        let text = item.content.as_deref().unwrap_or_default();
        let kind = item.r#type.as_deref().unwrap_or("text");
        if kind != "text" {
            let kind = scalar::inline(kind);
            notes.push(format!(
                "a keyword of type {kind} is left out: only texts can be keywords"
            ));
            continue;
        }
        let mode = match item.match_mode.as_deref() {
            Some("contain") => Mode::Contain,
            Some("equal") => Mode::Equal,
            other => {
                notes.push(format!(
                    "the match_mode {} of the keyword {} is unknown: it is taken as equal",
                    scalar::inline(other.unwrap_or_default()),
                    scalar::inline(text)
                ));
                Mode::Equal
            }
        };
        match Keyword::new(text, mode) {
            Some(keyword) if keywords.contains(&keyword) => {}
            Some(keyword) => keywords.push(keyword),
            None => notes.push("a keyword without a text is left out".to_owned()),
        }
    }
    keywords
}

fn reply(item: &Item, notes: &mut Vec<String>) -> Option<Reply> {
    let content = item.content.clone().unwrap_or_default();
    let kind = item.r#type.as_deref().unwrap_or_default();
    if content.is_empty() && kind != "news" {
        let kind = scalar::inline(kind);
        notes.push(format!(
            "a reply of type {kind} without content is left out"
        ));
        return None;
    }
    match kind {
        "text" => Some(Reply::Text(content)),
        "img" | "image" => {
            notes.push(temporary("image"));
            Some(Reply::Image { media_id: content })
        }
        "voice" => {
            notes.push(temporary("voice"));
            Some(Reply::Voice { media_id: content })
        }
        "video" if content.starts_with("http://") || content.starts_with("https://") => {
            notes.push(
                "WeChat gives this video by an address, which is no media id and may not last: the \
                 rule sends the address as a text; upload the video as permanent material (素材) \
                 and write reply: { video: { media_id: … } }"
                    .to_owned(),
            );
            Some(Reply::Text(content))
        }
        "video" => {
            notes.push(temporary("video"));
            Some(Reply::Video(Video {
                media_id: content,
                ..Video::default()
            }))
        }
        "news" => news(item, notes),
        kind => {
            let kind = scalar::inline(kind);
            notes.push(format!(
                "a reply of type {kind} is left out: its type is unknown"
            ));
            None
        }
    }
}

fn temporary(kind: &str) -> String {
    format!(
        "WeChat forgets the media id of this {kind} after three days: upload the {kind} as \
         permanent material (素材) and write its media id here"
    )
}

fn news(item: &Item, notes: &mut Vec<String>) -> Option<Reply> {
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
        notes.push("an article without a title is left out".to_owned());
    }
    if articles.is_empty() {
        notes.push("a reply of type news without articles is left out".to_owned());
        return None;
    }
    Some(Reply::News(articles))
}
