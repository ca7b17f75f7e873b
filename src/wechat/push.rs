//! WeChat's side of the protocol: signs, encrypts and writes a push, and reads the answer as
//! strictly as WeChat. For `send` and tests; a server does not need it.

use std::borrow::Cow;
use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use thiserror::Error;

use crate::i18n::phrase;
use crate::message::{Message, same_name};
use crate::reply::{Article, MapParts, MediaSource, Reply, ReplyPart};
use crate::wechat::answer::{SUCCESS, push_cdata};
use crate::wechat::credentials::{Credentials, Mode};
use crate::wechat::request_error::Malformed;
use crate::wechat::xml::Strictness;
use crate::wechat::{Stamp, envelope, signature, xml};

/// One request as WeChat would post it.
#[derive(Clone, Debug)]
pub struct Push {
    pub query: String,
    pub body: String,
}

/// Signs a message in the mode of the credentials, with the first token and key, and encrypts it if
/// the mode says so. `xml` is sent unchanged, so that invalid ones can be sent, too. For a wrong
/// signature, use credentials with another token.
pub fn push(credentials: &Credentials, xml: &str, stamp: &Stamp) -> Push {
    let message = read_message(xml.as_bytes().to_vec()).unwrap_or_default();
    let mut query = signed_query(credentials, stamp);
    query.push_str("&openid=");
    query.extend(utf8_percent_encode(message.openid(), RESERVED));
    let key = credentials.aes_keys.first();
    let (Mode::Compat | Mode::Secure, Some(key)) = (credentials.mode, key) else {
        let body = xml.to_owned();
        return Push { query, body };
    };

    let sealed = envelope::seal(key, &credentials.app_id, stamp.random, xml.as_bytes());
    let (timestamp, nonce) = (stamp.unix_seconds.to_string(), stamp.nonce.to_string());
    let signature = signature(credentials, [&timestamp, &nonce, &sealed]);
    query.push_str("&encrypt_type=aes&msg_signature=");
    query.push_str(&signature);

    let mut body = String::new();
    let in_the_clear = xml.trim_end().strip_suffix("</xml>");
    match (credentials.mode, in_the_clear) {
        (Mode::Compat, Some(elements)) => body.push_str(elements),
        _ => {
            body.push_str("<xml>");
            push_element(&mut body, "ToUserName", message.account());
        }
    }
    push_element(&mut body, "Encrypt", &sealed);
    body.push_str("</xml>");
    Push { query, body }
}

/// The query of the handshake, with which WeChat verifies a new URL.
pub fn handshake(credentials: &Credentials, echostr: &str, stamp: &Stamp) -> String {
    let mut query = signed_query(credentials, stamp);
    query.push_str("&echostr=");
    query.extend(utf8_percent_encode(echostr, RESERVED));
    query
}

/// Parses an unsigned message, such as one given to `try`.
pub fn read_message(xml: Vec<u8>) -> Result<Message, Malformed> {
    xml::read(xml, Strictness::Strict)
}

/// A message in the XML that WeChat posts, its dotted names as nested elements.
pub fn message_xml(message: &Message) -> String {
    let mut xml = "<xml>".to_owned();
    let mut open: Vec<&str> = Vec::new();
    // The children of the innermost open element; a second child of the same name belongs to a new
    // element.
    let mut written: Vec<&str> = Vec::new();
    for (path, value) in message.elements() {
        let mut containers: Vec<&str> = path.split('.').collect();
        let name = containers.pop().unwrap_or_default();
        let mut shared = open
            .iter()
            .zip(&containers)
            .take_while(|(one, other)| one == other)
            .count();
        if shared == open.len()
            && shared > 1
            && shared == containers.len()
            && written.contains(&name)
        {
            shared -= 1;
        }
        if shared < open.len() || shared < containers.len() {
            written.clear();
        }
        while open.len() > shared {
            close(&mut xml, open.pop());
        }
        for container in containers.into_iter().skip(shared) {
            let _ = write!(xml, "<{container}>");
            open.push(container);
        }
        push_element(&mut xml, name, value);
        written.push(name);
    }
    while !open.is_empty() {
        close(&mut xml, open.pop());
    }
    xml.push_str("</xml>");
    xml
}

/// The same message with WeChat's names instead of snake_case ones:
/// `scan_code_info.scan_result` becomes `ScanCodeInfo.ScanResult`.
pub fn in_wire_names(message: &Message) -> Message {
    let mut renamed = Message::default();
    for (path, value) in message.elements() {
        let path: Vec<Cow<'_, str>> = path.split('.').map(wire_name).collect();
        renamed = renamed.with(&path.join("."), value);
    }
    renamed
}

/// The answer of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAnswer {
    /// The follower; empty if the answer has no content, like the next two.
    pub to: String,
    pub from: String,
    pub unix_seconds: i64,
    pub reply: Reply,
    pub encrypted: bool,
}

/// Why WeChat would show the follower a fault instead of the answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AnswerError {
    #[error("{}", phrase!(answer_malformed, why = .0.to_string()))]
    Malformed(Malformed),
    #[error("{}", phrase!(answer_in_the_clear))]
    InTheClear,
    #[error("{}", phrase!(answer_encrypted))]
    Encrypted,
    #[error("{}", phrase!(answer_signature))]
    Signature,
    #[error("{}", phrase!(answer_envelope))]
    Envelope,
    #[error("{}", phrase!(answer_type))]
    Type,
    #[error("{}", phrase!(answer_element, name = &**.0))]
    Element(Cow<'static, str>),
}

/// Verifies, decrypts and reads an answer.
pub fn read_answer(credentials: &Credentials, body: &[u8]) -> Result<ServerAnswer, AnswerError> {
    if body.is_empty() || body == SUCCESS {
        return Ok(ServerAnswer {
            to: String::new(),
            from: String::new(),
            unix_seconds: 0,
            reply: Reply::Silence,
            encrypted: false,
        });
    }
    let outer = read_message(body.to_vec()).map_err(AnswerError::Malformed)?;
    let encrypted = first(&outer, "Encrypt").is_some();
    let answer = match (credentials.mode, encrypted) {
        (Mode::Plain, true) => return Err(AnswerError::Encrypted),
        (Mode::Secure, false) => return Err(AnswerError::InTheClear),
        (_, true) => open_answer(credentials, &outer)?,
        (_, false) => outer,
    };
    let created = required(&answer, "CreateTime")?.parse();
    Ok(ServerAnswer {
        to: required(&answer, "ToUserName")?,
        from: required(&answer, "FromUserName")?,
        unix_seconds: created.map_err(|_| AnswerError::Element("CreateTime".into()))?,
        reply: read_reply(&answer)?,
        encrypted,
    })
}

fn open_answer(credentials: &Credentials, outer: &Message) -> Result<Message, AnswerError> {
    let sealed = required(outer, "Encrypt")?;
    let signature = required(outer, "MsgSignature")?;
    let (timestamp, nonce) = (required(outer, "TimeStamp")?, required(outer, "Nonce")?);
    let parts = [timestamp.as_str(), &nonce, &sealed];
    signature::signed_by(&credentials.tokens, parts, &signature).ok_or(AnswerError::Signature)?;
    let opened = envelope::open(&credentials.aes_keys, &credentials.app_id, &sealed);
    let (text, _) = opened.ok_or(AnswerError::Envelope)?;
    read_message(text).map_err(AnswerError::Malformed)
}

fn read_reply(answer: &Message) -> Result<Reply, AnswerError> {
    let every = Reply::of_kind(answer.msg_type()).ok_or(AnswerError::Type)?;
    match every {
        Reply::News(_) => read_articles(answer),
        every => every.map_parts(&mut ReplyElements {
            answer,
            within: every.kind().and_then(|kind| kind.element),
        }),
    }
}

/// Reads every part that is there.
struct ReplyElements<'a> {
    answer: &'a Message,
    within: Option<&'static str>,
}

impl ReplyElements<'_> {
    fn path(&self, part: ReplyPart) -> Cow<'static, str> {
        match self.within {
            Some(within) => format!("{within}.{}", part.element).into(),
            None => part.element.into(),
        }
    }

    fn text(&self, part: ReplyPart) -> Option<String> {
        first(self.answer, &self.path(part)).map(str::to_owned)
    }
}

impl MapParts<'_, (), ()> for ReplyElements<'_> {
    type Text = String;
    type Media = MediaSource;
    type Error = AnswerError;

    fn needed(&mut self, part: ReplyPart, (): &()) -> Result<String, AnswerError> {
        let text = self.text(part).filter(|text| !text.is_empty());
        text.ok_or_else(|| AnswerError::Element(self.path(part)))
    }

    fn optional(&mut self, part: ReplyPart, (): &()) -> Result<Option<String>, AnswerError> {
        Ok(self.text(part))
    }

    fn media(&mut self, part: ReplyPart, (): &()) -> Result<MediaSource, AnswerError> {
        self.needed(part, &()).map(MediaSource::Id)
    }
}

fn read_articles(answer: &Message) -> Result<Reply, AnswerError> {
    let mut articles: Vec<Article> = Vec::new();
    let parts = answer.elements().filter_map(|(path, value)| {
        let name = path.strip_prefix("Articles.item.")?;
        Some((name, value.to_owned()))
    });
    for (name, value) in parts {
        if name == "Title" {
            articles.push(Article {
                title: value,
                ..Article::default()
            });
            continue;
        }
        // WeChat takes the parts of an article in any order, but this program writes titles first.
        let article = articles
            .last_mut()
            .ok_or(AnswerError::Element("Articles.item.Title".into()))?;
        match name {
            "Description" => article.description = Some(value),
            "PicUrl" => article.pic_url = Some(value),
            "Url" => article.url = Some(value),
            _ => {}
        }
    }
    let count = required(answer, "ArticleCount")?.parse();
    if articles.is_empty() || count != Ok(articles.len()) {
        return Err(AnswerError::Element("ArticleCount".into()));
    }
    Ok(Reply::News(articles))
}

fn first<'m>(message: &'m Message, name: &'m str) -> Option<&'m str> {
    message.fields(name).next()
}

fn required(message: &Message, name: &'static str) -> Result<String, AnswerError> {
    match first(message, name) {
        Some(value) if !value.is_empty() => Ok(value.to_owned()),
        _ => Err(AnswerError::Element(name.into())),
    }
}

fn signed_query(credentials: &Credentials, stamp: &Stamp) -> String {
    let (timestamp, nonce) = (stamp.unix_seconds.to_string(), stamp.nonce.to_string());
    let signature = signature(credentials, [&timestamp, &nonce]);
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

fn signature<const PARTS: usize>(credentials: &Credentials, parts: [&str; PARTS]) -> String {
    let first = credentials.tokens.iter().take(1);
    first
        .map(|token| signature::text(&signature::sign(token, parts)).to_owned())
        .collect()
}

/// Everything with a meaning in a query.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// WeChat writes these as bare numbers, everything else in CDATA.
const NUMBERS: [&str; 14] = [
    "CreateTime",
    "MsgId",
    "MsgID",
    "MsgDataId",
    "Idx",
    "Location_X",
    "Location_Y",
    "Scale",
    "Count",
    "TotalCount",
    "FilterCount",
    "SentCount",
    "ErrorCount",
    "ExpiredTime",
];

fn push_element(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, "<{name}>");
    let number = |byte: u8| byte.is_ascii_digit() || b".-".contains(&byte);
    if NUMBERS.contains(&name) && value.bytes().all(number) {
        xml.push_str(value);
    } else {
        // Inside CDATA a carriage return would be read as a line feed.
        let mut parts = value.split('\r');
        push_cdata(xml, parts.next().unwrap_or_default());
        for part in parts {
            xml.push_str("&#13;");
            push_cdata(xml, part);
        }
    }
    let _ = write!(xml, "</{name}>");
}

fn close(xml: &mut String, name: Option<&str>) {
    if let Some(name) = name {
        let _ = write!(xml, "</{name}>");
    }
}

/// WeChat's names that are not in CamelCase.
const IRREGULAR: [&str; 6] = [
    "bizmsgmenuid",
    "item",
    "HQMusicUrl",
    "Location_X",
    "Location_Y",
    "MediaId16K",
];

fn wire_name(name: &str) -> Cow<'_, str> {
    if let Some(irregular) = IRREGULAR.iter().find(|wire| same_name(wire, name)) {
        return Cow::Borrowed(irregular);
    }
    if name.contains(|character: char| character.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut wire = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut characters = word.chars();
        wire.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        wire.push_str(characters.as_str());
    }
    Cow::Owned(wire)
}

#[cfg(test)]
mod tests;
