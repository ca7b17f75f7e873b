//! Writes a reply as the XML that WeChat takes. Knows neither signatures nor encryption.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Write;

use memchr::memchr;

use crate::message::Message;
use crate::reply::{Article, Reply, fit_text};
use crate::wechat::degradation::Degradation;

/// A reply in the clear.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) degradation: Option<Degradation>,
}

/// "Nothing to say" in WeChat's own word; never encrypted.
pub const SUCCESS: &[u8] = b"success";

/// What fits without growing, beside the texts.
const FRAME_BYTES: usize = 320;

/// Articles that WeChat shows in answer to what a follower wrote, and to anything else.
const ARTICLES_TO_MESSAGE: usize = 1;
const ARTICLES: usize = 8;

/// The XML of a reply to a message, or nothing: for silence, and, with the reason, for what
/// WeChat would show the follower as a fault, such as an empty text.
pub(super) fn write(
    reply: &Reply,
    message: &Message,
    unix_seconds: i64,
) -> Result<Answer, Option<Degradation>> {
    let mut degradation = None;
    let mut xml = Xml::answering(message, unix_seconds);
    match reply {
        Reply::Silence => return Err(None),
        Reply::Text(text) => {
            let text = clean(text);
            if text.trim().is_empty() {
                return Err(Some(Degradation::BlankText));
            }
            let (text, was_cut) = fit_text(text.into_owned());
            degradation = was_cut.then_some(Degradation::LongText);
            xml.kind("text");
            xml.cleaned("Content", &text);
        }
        Reply::Image { media_id } => {
            xml.kind("image");
            xml.open("Image");
            xml.required("MediaId", media_id)?;
            xml.close("Image");
        }
        Reply::Voice { media_id } => {
            xml.kind("voice");
            xml.open("Voice");
            xml.required("MediaId", media_id)?;
            xml.close("Voice");
        }
        Reply::Video(video) => {
            xml.kind("video");
            xml.open("Video");
            xml.required("MediaId", &video.media_id)?;
            xml.optional("Title", video.title.as_deref());
            xml.optional("Description", video.description.as_deref());
            xml.close("Video");
        }
        Reply::Music(music) => {
            xml.kind("music");
            xml.open("Music");
            xml.optional("Title", music.title.as_deref());
            xml.optional("Description", music.description.as_deref());
            xml.optional("MusicUrl", music.music_url.as_deref());
            xml.optional("HQMusicUrl", music.hq_music_url.as_deref());
            xml.required("ThumbMediaId", &music.thumb_media_id)?;
            xml.close("Music");
        }
        Reply::News(articles) => {
            let most = shown_articles(message);
            let shown = articles.get(..most).unwrap_or(articles);
            if shown.is_empty() {
                return Err(Some(Degradation::NoArticle));
            }
            degradation = (shown.len() < articles.len()).then_some(Degradation::ManyArticles(most));
            xml.news(shown);
        }
        Reply::CustomerService { .. } if message.is_event() => {
            return Err(Some(Degradation::HandedOverEvent));
        }
        Reply::CustomerService { account } => {
            xml.kind("transfer_customer_service");
            if let Some(account) = account {
                xml.open("TransInfo");
                xml.required("KfAccount", account)?;
                xml.close("TransInfo");
            }
        }
    }
    Ok(Answer {
        body: xml.finish(),
        degradation,
    })
}

/// The XML around an encrypted answer. Nothing in it can hold the end of CDATA.
pub(super) fn sealed(sealed: &str, signature: &str, timestamp: &str, nonce: &str) -> Vec<u8> {
    let mut xml = Xml(String::with_capacity(sealed.len() + FRAME_BYTES));
    xml.open("xml");
    xml.cleaned("Encrypt", sealed);
    xml.cleaned("MsgSignature", signature);
    xml.plain("TimeStamp", timestamp);
    xml.cleaned("Nonce", nonce);
    xml.finish()
}

/// How many articles WeChat shows in answer to this message.
fn shown_articles(message: &Message) -> usize {
    match message.msg_type() {
        "text" | "image" | "voice" | "video" | "shortvideo" | "link" | "location" => {
            ARTICLES_TO_MESSAGE
        }
        _ => ARTICLES,
    }
}

struct Xml(String);

impl Xml {
    /// An answer goes the other way: to the follower, from the account.
    fn answering(message: &Message, unix_seconds: i64) -> Xml {
        let mut xml = Xml(String::with_capacity(FRAME_BYTES));
        xml.open("xml");
        xml.text("ToUserName", message.openid());
        xml.text("FromUserName", message.account());
        xml.number("CreateTime", unix_seconds);
        xml
    }

    fn kind(&mut self, msg_type: &str) {
        self.cleaned("MsgType", msg_type);
    }

    fn news(&mut self, articles: &[Article]) {
        self.kind("news");
        self.number("ArticleCount", i64::try_from(articles.len()).unwrap_or(0));
        self.open("Articles");
        for article in articles {
            self.open("item");
            self.text("Title", &article.title);
            self.optional("Description", article.description.as_deref());
            self.optional("PicUrl", article.pic_url.as_deref());
            self.optional("Url", article.url.as_deref());
            self.close("item");
        }
        self.close("Articles");
    }

    /// A part without which WeChat shows a fault. Nothing is said rather than that.
    fn required(&mut self, name: &'static str, value: &str) -> Result<(), Degradation> {
        let value = clean(value);
        if value.is_empty() {
            return Err(Degradation::Empty(name));
        }
        self.cleaned(name, &value);
        Ok(())
    }

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        self.cleaned(name, &clean(value));
    }

    fn cleaned(&mut self, name: &str, value: &str) {
        self.0.reserve(value.len() + 2 * name.len() + 17);
        self.open(name);
        push_cdata(&mut self.0, value);
        self.close(name);
    }

    fn number(&mut self, name: &str, value: i64) {
        self.open(name);
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{value}");
        self.close(name);
    }

    /// A word of digits, which needs no CDATA.
    fn plain(&mut self, name: &str, digits: &str) {
        self.open(name);
        self.0.push_str(digits);
        self.close(name);
    }

    fn open(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
    }

    fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    fn finish(mut self) -> Vec<u8> {
        self.close("xml");
        self.0.into_bytes()
    }
}

/// CDATA cannot hold its own end: there it is split in two.
pub(super) fn push_cdata(xml: &mut String, text: &str) {
    xml.push_str("<![CDATA[");
    if memchr(b']', text.as_bytes()).is_none() {
        xml.push_str(text);
    } else {
        xml.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
    }
    xml.push_str("]]>");
}

/// A text without the characters that XML forbids, which followers do send, and with line feeds
/// for line ends. Stripping comes before splitting: it can bring a `]]>` together.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    // One pass without a branch; most texts have neither.
    let (control, noncharacter) = text.bytes().fold((false, false), |(control, last), byte| {
        (control | is_control(byte), last | (byte == 0xBF))
    });
    let forbidden = control || noncharacter && text.contains(['\u{FFFE}', '\u{FFFF}']);
    if !forbidden {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => cleaned.push('\n'),
            '\u{FFFE}' | '\u{FFFF}' => {}
            '\u{80}'.. => cleaned.push(character),
            _ if u8::try_from(character).is_ok_and(is_control) => {}
            _ => cleaned.push(character),
        }
    }
    Cow::Owned(cleaned)
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && byte != b'\t' && byte != b'\n'
}
