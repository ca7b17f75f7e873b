//! Writes a reply as the XML that WeChat expects. Knows neither signatures nor encryption.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use memchr::memchr;

use crate::message::Message;
use crate::reply::{Article, Reply};
use crate::wechat::delivered::{Delivered, clean};

/// WeChat's word for an answer without content; never encrypted.
pub const SUCCESS: &[u8] = b"success";

/// Initial capacity for everything but the texts.
const FRAME_BYTES: usize = 320;

/// The XML of an answer to a message; `None` for silence, and for a file that WeChat does not know.
pub(super) fn write(
    delivered: &Delivered<'_>,
    message: &Message,
    unix_seconds: i64,
) -> Option<Vec<u8>> {
    let mut xml = Xml::answering(message, unix_seconds);
    match &*delivered.reply {
        Reply::Silence => return None,
        Reply::Text(text) => {
            xml.kind("text");
            xml.text("Content", text);
        }
        Reply::Image { media_id } => {
            xml.kind("image");
            xml.open("Image");
            xml.text("MediaId", media_id.id()?);
            xml.close("Image");
        }
        Reply::Voice { media_id } => {
            xml.kind("voice");
            xml.open("Voice");
            xml.text("MediaId", media_id.id()?);
            xml.close("Voice");
        }
        Reply::Video(video) => {
            xml.kind("video");
            xml.open("Video");
            xml.text("MediaId", video.media_id.id()?);
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
            xml.text("ThumbMediaId", music.thumb_media_id.id()?);
            xml.close("Music");
        }
        Reply::News(articles) => xml.news(articles),
        Reply::CustomerService { account } => {
            xml.kind("transfer_customer_service");
            if let Some(account) = account {
                xml.open("TransInfo");
                xml.text("KfAccount", account);
                xml.close("TransInfo");
            }
        }
    }
    Some(xml.finish())
}

/// The XML around an encrypted answer. Nothing in it can hold the end of CDATA.
pub(super) fn sealed(sealed: &str, signature: &str, timestamp: &str, nonce: &str) -> Vec<u8> {
    let mut xml = Xml(String::with_capacity(sealed.len() + FRAME_BYTES));
    xml.open("xml");
    xml.text("Encrypt", sealed);
    xml.text("MsgSignature", signature);
    xml.plain("TimeStamp", timestamp);
    xml.text("Nonce", nonce);
    xml.finish()
}

struct Xml(String);

impl Xml {
    /// An answer swaps the two: to the follower, from the account.
    fn answering(message: &Message, unix_seconds: i64) -> Xml {
        let mut xml = Xml(String::with_capacity(FRAME_BYTES));
        xml.open("xml");
        xml.text("ToUserName", &clean(message.openid()));
        xml.text("FromUserName", &clean(message.account()));
        xml.number("CreateTime", unix_seconds);
        xml
    }

    fn kind(&mut self, msg_type: &str) {
        self.text("MsgType", msg_type);
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

    fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn text(&mut self, name: &str, value: &str) {
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

    /// Digits, which need no CDATA.
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

/// CDATA cannot contain `]]>`, so it is split in two there. Clean the text first, as that can
/// create a `]]>`.
pub(super) fn push_cdata(xml: &mut String, text: &str) {
    xml.push_str("<![CDATA[");
    if memchr(b']', text.as_bytes()).is_none() {
        xml.push_str(text);
    } else {
        xml.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
    }
    xml.push_str("]]>");
}
