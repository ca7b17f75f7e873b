//! Writes a reply as the XML that WeChat expects. Knows neither signatures nor encryption.

#[cfg(test)]
mod tests;

use std::fmt::Write;

use memchr::memchr;

use crate::message::Message;
use crate::reply::{PartValue, Reply, ReplyPart};
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
    let reply = &*delivered.reply;
    let kind = reply.kind()?;
    xml.text("MsgType", kind.name);
    match reply {
        Reply::News(articles) => {
            xml.number("ArticleCount", i64::try_from(articles.len()).unwrap_or(0));
            xml.open("Articles");
            for article in articles {
                xml.parts(Some("item"), article.parts())?;
            }
            xml.close("Articles");
        }
        Reply::CustomerService { account: None } => {}
        reply => xml.parts(kind.element, reply.parts())?,
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

    /// None where WeChat does not know a file.
    fn parts(&mut self, within: Option<&str>, parts: Vec<(ReplyPart, PartValue)>) -> Option<()> {
        within.iter().for_each(|element| self.open(element));
        for (part, value) in parts {
            self.text(part.element, value.known()?);
        }
        within.iter().for_each(|element| self.close(element));
        Some(())
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
