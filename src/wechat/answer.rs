//! Writes a reply as the XML that WeChat takes. Knows neither signatures nor encryption.

use std::borrow::Cow;
use std::fmt::Write;

use memchr::memchr;

use crate::message::Message;
use crate::reply::Article;
use crate::reply::MAX_TEXT_BYTES;
use crate::reply::Reply;
use crate::reply::fit_text;

/// A reply in the clear.
pub(super) struct Answer {
    pub(super) body: Vec<u8>,
    pub(super) shortfall: Option<Shortfall>,
}

/// Why WeChat gets less than was replied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    #[error("the text has more than {MAX_TEXT_BYTES} bytes, and its end is cut off")]
    LongText,
    #[error("of the articles only {0} can be shown in answer to this")]
    ManyArticles(usize),
    #[error("the text is blank, so nothing is sent")]
    BlankText,
    #[error("there is no article, so nothing is sent")]
    NoArticle,
    #[error("the {0} is empty, so nothing is sent")]
    Empty(&'static str),
    #[error("an event cannot be handed over to a person, so nothing is sent")]
    HandedOverEvent,
}

impl Shortfall {
    /// Whether something is sent all the same.
    pub fn is_cut(self) -> bool {
        matches!(self, Shortfall::LongText | Shortfall::ManyArticles(_))
    }

    pub fn in_chinese(self) -> String {
        match self {
            Shortfall::LongText => {
                format!("文本超过 {MAX_TEXT_BYTES} 字节，多出的部分被截掉")
            }
            Shortfall::ManyArticles(most) => format!("对这条消息只能显示 {most} 篇图文"),
            Shortfall::BlankText => "文本是空白的，所以什么都不发".to_owned(),
            Shortfall::NoArticle => "没有图文，所以什么都不发".to_owned(),
            Shortfall::Empty(part) => format!("{part} 是空的，所以什么都不发"),
            Shortfall::HandedOverEvent => "事件不能转给客服，所以什么都不发".to_owned(),
        }
    }
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
) -> Result<Answer, Option<Shortfall>> {
    let mut shortfall = None;
    let mut xml = Xml::answering(message, unix_seconds);
    match reply {
        Reply::Silence => return Err(None),
        Reply::Text(text) => {
            let text = clean(text);
            if text.trim().is_empty() {
                return Err(Some(Shortfall::BlankText));
            }
            let (text, was_cut) = fit_text(text.into_owned());
            shortfall = was_cut.then_some(Shortfall::LongText);
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
                return Err(Some(Shortfall::NoArticle));
            }
            shortfall = (shown.len() < articles.len()).then_some(Shortfall::ManyArticles(most));
            xml.news(shown);
        }
        Reply::CustomerService { .. } if message.is_event() => {
            return Err(Some(Shortfall::HandedOverEvent));
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
        shortfall,
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
    fn required(&mut self, name: &'static str, value: &str) -> Result<(), Shortfall> {
        let value = clean(value);
        if value.is_empty() {
            return Err(Shortfall::Empty(name));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Music;
    use crate::reply::Video;

    fn message(msg_type: &str) -> Message {
        Message::new(msg_type)
            .with("ToUserName", "gh_1")
            .with("FromUserName", "o-1_")
    }

    fn body(reply: &Reply, msg_type: &str) -> Option<String> {
        let answer = write(reply, &message(msg_type), 1_714_112_445).ok()?;
        Some(String::from_utf8(answer.body).unwrap())
    }

    #[track_caller]
    fn check(reply: Reply, expected: &str) {
        let expected = format!(
            "<xml><ToUserName><![CDATA[o-1_]]></ToUserName>\
             <FromUserName><![CDATA[gh_1]]></FromUserName>\
             <CreateTime>1714112445</CreateTime>{expected}</xml>"
        );
        assert_eq!(body(&reply, "text"), Some(expected));
    }

    #[track_caller]
    fn check_text(text: &str, expected: &str) {
        let expected =
            format!("<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{expected}]]></Content>");
        check(Reply::Text(text.to_owned()), &expected);
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn article(title: &str) -> Article {
        Article {
            title: title.to_owned(),
            ..Article::default()
        }
    }

    #[test]
    fn each_kind_of_reply_is_written_as_documented() {
        check_text("你好 & <a href=\"x\">y</a>", "你好 & <a href=\"x\">y</a>");
        let media_id = || "M1".to_owned();
        check(
            Reply::Image {
                media_id: media_id(),
            },
            "<MsgType><![CDATA[image]]></MsgType>\
             <Image><MediaId><![CDATA[M1]]></MediaId></Image>",
        );
        check(
            Reply::Voice {
                media_id: media_id(),
            },
            "<MsgType><![CDATA[voice]]></MsgType>\
             <Voice><MediaId><![CDATA[M1]]></MediaId></Voice>",
        );
        check(
            Reply::Video(Video {
                media_id: media_id(),
                title: some("T"),
                description: some("D"),
            }),
            "<MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[M1]]></MediaId>\
             <Title><![CDATA[T]]></Title><Description><![CDATA[D]]></Description></Video>",
        );
        check(
            Reply::Video(Video {
                media_id: media_id(),
                ..Video::default()
            }),
            "<MsgType><![CDATA[video]]></MsgType>\
             <Video><MediaId><![CDATA[M1]]></MediaId></Video>",
        );
        check(
            Reply::Music(Music {
                title: some("T"),
                description: some("D"),
                music_url: some("http://m/1"),
                hq_music_url: some("http://m/2"),
                thumb_media_id: media_id(),
            }),
            "<MsgType><![CDATA[music]]></MsgType><Music><Title><![CDATA[T]]></Title>\
             <Description><![CDATA[D]]></Description><MusicUrl><![CDATA[http://m/1]]></MusicUrl>\
             <HQMusicUrl><![CDATA[http://m/2]]></HQMusicUrl>\
             <ThumbMediaId><![CDATA[M1]]></ThumbMediaId></Music>",
        );
        check(
            Reply::News(vec![Article {
                title: "T".to_owned(),
                description: some("D"),
                pic_url: some("http://p/1"),
                url: some("http://u/1?a=1&b=2"),
            }]),
            "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item>\
             <Title><![CDATA[T]]></Title><Description><![CDATA[D]]></Description>\
             <PicUrl><![CDATA[http://p/1]]></PicUrl><Url><![CDATA[http://u/1?a=1&b=2]]></Url>\
             </item></Articles>",
        );
        check(
            Reply::CustomerService { account: None },
            "<MsgType><![CDATA[transfer_customer_service]]></MsgType>",
        );
        check(
            Reply::CustomerService {
                account: some("test1@test"),
            },
            "<MsgType><![CDATA[transfer_customer_service]]></MsgType>\
             <TransInfo><KfAccount><![CDATA[test1@test]]></KfAccount></TransInfo>",
        );
    }

    #[test]
    fn what_xml_cannot_carry_is_stripped_before_cdata_is_split() {
        check_text("a]]>b", "a]]]]><![CDATA[>b");
        check_text("]]>]]>", "]]]]><![CDATA[>]]]]><![CDATA[>");
        check_text("]]\u{1}>", "]]]]><![CDATA[>");
        check_text("a\u{1d}b\u{0}c\u{FFFE}d\u{FFFF}e", "abcde");
        check_text("一\r\n二\r三\n四\t五", "一\n二\n三\n四\t五");
        check_text("￥！😀\u{7f}", "￥！😀\u{7f}");
    }

    #[test]
    fn what_wechat_would_call_a_fault_is_silence() {
        let empty = String::new;
        for reply in [
            Reply::Silence,
            Reply::Text(empty()),
            Reply::Text(" \r\n\u{3000}".to_owned()),
            Reply::Text("\u{1d}\u{0}".to_owned()),
            Reply::Image { media_id: empty() },
            Reply::Voice {
                media_id: "\u{1}".to_owned(),
            },
            Reply::Video(Video::default()),
            Reply::Music(Music::default()),
            Reply::News(Vec::new()),
            Reply::CustomerService { account: some("") },
        ] {
            assert_eq!(body(&reply, "text"), None, "{reply:?}");
        }
        let to_a_person = Reply::CustomerService { account: None };
        assert!(body(&to_a_person, "voice").is_some());
        assert_eq!(body(&to_a_person, "event"), None);
    }

    #[test]
    fn long_texts_and_surplus_articles_are_cut_and_it_is_said() {
        let cut = |reply: &Reply, msg_type: &str| {
            let answer = write(reply, &message(msg_type), 0).unwrap();
            let body = String::from_utf8(answer.body).unwrap();
            (
                answer.shortfall.is_some(),
                body.matches("<item>").count(),
                body.contains('…'),
            )
        };
        assert_eq!(cut(&Reply::Text("字".repeat(683)), "text"), (true, 0, true));
        assert_eq!(
            cut(&Reply::Text("字".repeat(682)), "text"),
            (false, 0, false)
        );
        // The limit holds for what is left after stripping.
        let stripped = format!("{}{}", "\u{1}".repeat(99), "字".repeat(682));
        assert_eq!(cut(&Reply::Text(stripped), "text"), (false, 0, false));

        let nine: Vec<Article> = ('1'..='9')
            .map(|title| article(&title.to_string()))
            .collect();
        for msg_type in [
            "text",
            "image",
            "voice",
            "video",
            "shortvideo",
            "link",
            "location",
        ] {
            assert_eq!(cut(&Reply::News(nine.clone()), msg_type), (true, 1, false));
        }
        assert_eq!(cut(&Reply::News(nine.clone()), "event"), (true, 8, false));
        let eight = nine.into_iter().take(8).collect();
        assert_eq!(cut(&Reply::News(eight), "event"), (false, 8, false));
        assert_eq!(
            cut(&Reply::News(vec![article("1")]), "text"),
            (false, 1, false)
        );
    }

    #[test]
    fn names_from_a_push_come_back_harmless() {
        let message = Message::new("text").with("FromUserName", "o]]><x>\u{1}");
        let answer = write(&Reply::Text("x".to_owned()), &message, 0).unwrap();
        let body = String::from_utf8(answer.body).unwrap();
        assert!(body.starts_with("<xml><ToUserName><![CDATA[o]]]]><![CDATA[><x>]]></ToUserName>"));
    }
}
