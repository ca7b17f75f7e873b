//! Properties of any input, called by tests and fuzz targets. A violated property panics.

use crate::message::Message;
use crate::reply::{Article, MAX_TEXT_BYTES, Music, Reply, Video};
use crate::wechat::xml::Strictness;
use crate::wechat::{
    AesKey, Body, Credentials, Mode, Query, Stamp, Token, answer_in_the_clear, envelope, push, xml,
};

/// A parsed message is the same after writing it as WeChat does and parsing it again, and the fast
/// path agrees with the general reader.
pub fn xml_in(bytes: &[u8]) {
    for strictness in [Strictness::Strict, Strictness::Lenient] {
        if let Ok(text) = String::from_utf8(bytes.to_vec()) {
            let any = xml::read_any(text, strictness);
            assert_eq!(xml::read(bytes.to_vec(), strictness), any);
        }
    }
    let lenient = xml::read(bytes.to_vec(), Strictness::Lenient);
    if let Ok(message) = push::read_message(bytes.to_vec()) {
        assert!(
            lenient.is_ok_and(|lenient| lenient == message),
            "strict and lenient differ"
        );
        let written = push::message_xml(&message);
        let again = push::read_message(written.into_bytes());
        assert!(
            again.is_ok_and(|again| again == message),
            "a message changes when it is written and read again"
        );
    }
}

/// A sealed text opens to the same text, and no altered request opens. The bytes are key, choice,
/// place and kind of the alteration, and then the text.
pub fn sealed(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let mut choose = [0; 32 + 16 + 3];
    for (die, byte) in choose.iter_mut().zip(&mut bytes) {
        *die = byte;
    }
    let [key @ .., _, _, _] = choose;
    let mut aes_key = [0; 32];
    let mut random = [0; 16];
    for (byte, die) in aes_key.iter_mut().chain(&mut random).zip(key) {
        *byte = die;
    }
    let [.., high, low, flip] = choose;
    let text: Vec<u8> = bytes.collect();

    let app_id = "wxba5fad812f8e6fb9";
    let keys = [AesKey::from_bytes(aes_key)];
    let [aes_key] = &keys;
    let closed = envelope::seal(aes_key, app_id, random, &text);
    let opened = envelope::open(&keys, app_id, &closed).map(|(text, _)| text);
    assert!(opened == Some(text), "a sealed text opens to another");

    let token = Token::new("AAAAA".to_owned());
    let credentials = token.and_then(|token| {
        let app_id = Some(app_id.to_owned());
        Credentials::new(Mode::Secure, vec![token], app_id, keys.to_vec())
    });
    let stamp = Stamp {
        unix_seconds: 1_714_112_445,
        random,
        nonce: 415_670_741,
    };
    if let Ok(credentials) = credentials {
        let xml = "<xml><MsgType>text</MsgType></xml>";
        let push = push::push(&credentials, xml, &stamp);
        let opens = |query: &str, body: Vec<u8>| {
            Query::parse(query).is_ok_and(|query| {
                let opened = credentials.open(&query, body, stamp.unix_seconds);
                opened.is_ok()
            })
        };
        assert!(opens(&push.query, push.body.clone().into_bytes()));

        // Signed and therefore not to be altered: the text of Encrypt and the signature's digits.
        let place = usize::from(high) << 8 | usize::from(low);
        let flip = if flip & 0x5f == 0 { 1 } else { flip & 0x5f };
        let (before, sealed) = push
            .body
            .split_once("<Encrypt><![CDATA[")
            .unwrap_or_default();
        let (sealed, after) = sealed.split_once("]]>").unwrap_or_default();
        let altered = altered(sealed, place, flip);
        let body = format!("{before}<Encrypt><![CDATA[{altered}]]>{after}");
        assert!(
            !opens(&push.query, body.into_bytes()),
            "an altered envelope opens"
        );

        let (before, signature) = push.query.split_once("msg_signature=").unwrap_or_default();
        let query = format!(
            "{before}msg_signature={}",
            self::altered(signature, place, flip)
        );
        assert!(
            !opens(&query, push.body.into_bytes()),
            "an altered signature is right"
        );
    }
}

/// An ASCII text with one character changed to another.
fn altered(text: &str, place: usize, flip: u8) -> String {
    let place = place % text.len().max(1);
    let altered = text.bytes().enumerate().map(|(position, byte)| {
        let byte = if position == place {
            byte ^ (flip & 0x7f)
        } else {
            byte
        };
        char::from(byte)
    });
    altered.collect()
}

/// Another parser finds every part of a reply in its XML, as far as XML can represent it. The first
/// byte chooses the kinds of reply and message, the rest are the parts.
pub fn reply_out(bytes: &[u8]) {
    let (kind, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split('\u{1f}').map(str::to_owned);
    let mut part = || parts.next();
    let follower = part().unwrap_or_default();
    let msg_type = if kind & 8 == 0 { "text" } else { "event" };
    let message = Message::new(msg_type)
        .with("FromUserName", &follower)
        .with("ToUserName", "gh_1");
    let mut needed = || part().unwrap_or_default();
    let reply = match kind & 7 {
        0 => Reply::Text(needed()),
        1 => Reply::Image {
            media_id: needed().into(),
        },
        2 => Reply::Voice {
            media_id: needed().into(),
        },
        3 => Reply::Video(Box::new(Video {
            media_id: needed().into(),
            title: part(),
            description: part(),
        })),
        4 => Reply::Music(Box::new(Music {
            thumb_media_id: needed().into(),
            title: part(),
            description: part(),
            music_url: part(),
            hq_music_url: part(),
        })),
        5 => Reply::News(
            std::iter::from_fn(|| {
                Some(Article {
                    title: part()?,
                    description: part(),
                    pic_url: part(),
                    url: part(),
                })
            })
            .collect(),
        ),
        6 => Reply::CustomerService { account: part() },
        _ => Reply::Silence,
    };
    let answer = answer_in_the_clear(&message, &reply, 1_714_112_445);
    let Body::Xml(xml) = answer.body else {
        assert!(may_be_silent(&reply, &message), "a reply is not sent");
        return;
    };
    let xml = String::from_utf8(xml).unwrap_or_default();
    assert!(
        xml.chars().all(is_legal),
        "a character that XML forbids is sent"
    );
    let mut expected = vec![
        ("ToUserName", carried(&follower)),
        ("FromUserName", "gh_1".to_owned()),
        ("CreateTime", "1714112445".to_owned()),
    ];
    expected.extend(parts_of(&reply, &message));
    let read = read_strictly(&xml);
    let read = read
        .iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value));
    let same = read.eq(expected.iter().map(|(name, value)| (*name, value)));
    let long = parts_of(&reply, &message)
        .iter()
        .any(|(_, text)| text.len() > MAX_TEXT_BYTES);
    let cut = answer.degradation.is_some() && long;
    assert!(same || cut, "a part of a reply is lost");
}

fn may_be_silent(reply: &Reply, message: &Message) -> bool {
    let long = |text: &str| carried(text).len() > MAX_TEXT_BYTES;
    if parts_of(reply, message)
        .iter()
        .any(|(name, text)| *name != "Content" && long(text))
    {
        return true;
    }
    let empty = |text: &str| carried(text).is_empty();
    match reply {
        Reply::Silence => true,
        Reply::Text(text) => carried(text).trim().is_empty(),
        Reply::Image { media_id } | Reply::Voice { media_id } => empty(media_id.as_str()),
        Reply::Video(video) => empty(video.media_id.as_str()),
        Reply::Music(music) => empty(music.thumb_media_id.as_str()),
        Reply::News(articles) => articles.is_empty(),
        Reply::CustomerService { account } => {
            message.is_event() || account.as_deref().is_some_and(empty)
        }
    }
}

fn parts_of(reply: &Reply, message: &Message) -> Vec<(&'static str, String)> {
    let mut parts = Vec::new();
    let mut part = |name, text: Option<&str>| parts.extend(text.map(|text| (name, carried(text))));
    match reply {
        Reply::Silence => {}
        Reply::Text(text) => {
            part("MsgType", Some("text"));
            part("Content", Some(text));
        }
        Reply::Image { media_id } => {
            part("MsgType", Some("image"));
            part("Image.MediaId", Some(media_id.as_str()));
        }
        Reply::Voice { media_id } => {
            part("MsgType", Some("voice"));
            part("Voice.MediaId", Some(media_id.as_str()));
        }
        Reply::Video(video) => {
            part("MsgType", Some("video"));
            part("Video.MediaId", Some(video.media_id.as_str()));
            part("Video.Title", video.title.as_deref());
            part("Video.Description", video.description.as_deref());
        }
        Reply::Music(music) => {
            part("MsgType", Some("music"));
            part("Music.Title", music.title.as_deref());
            part("Music.Description", music.description.as_deref());
            part("Music.MusicUrl", music.music_url.as_deref());
            part("Music.HQMusicUrl", music.hq_music_url.as_deref());
            part("Music.ThumbMediaId", Some(music.thumb_media_id.as_str()));
        }
        Reply::News(articles) => {
            let shown = articles.len().min(if message.is_event() { 8 } else { 1 });
            part("MsgType", Some("news"));
            part("ArticleCount", Some(&shown.to_string()));
            for article in articles.iter().take(shown) {
                part("Articles.item.Title", Some(&article.title));
                part("Articles.item.Description", article.description.as_deref());
                part("Articles.item.PicUrl", article.pic_url.as_deref());
                part("Articles.item.Url", article.url.as_deref());
            }
        }
        Reply::CustomerService { account } => {
            part("MsgType", Some("transfer_customer_service"));
            part("TransInfo.KfAccount", account.as_deref());
        }
    }
    parts
}

/// A text as far as XML can represent it.
fn carried(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|character| is_legal(*character))
        .collect()
}

/// The characters of XML 1.0, word for word from its grammar, but for the carriage return
/// that every reader turns into a line feed.
fn is_legal(character: char) -> bool {
    matches!(character, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// A second parser that only knows tags, CDATA and bare numbers.
fn read_strictly(xml: &str) -> Option<Vec<(String, String)>> {
    let mut rest = xml.strip_prefix("<xml>")?;
    let mut path: Vec<&str> = Vec::new();
    let mut fields = Vec::new();
    let mut value = None;
    loop {
        if let Some(after) = rest.strip_prefix("<![CDATA[") {
            let (text, after) = after.split_once("]]>")?;
            value.get_or_insert_with(String::new).push_str(text);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>')?;
            if path.is_empty() {
                return (name == "xml" && after.is_empty()).then_some(fields);
            }
            fields.extend(value.take().map(|value| (path.join("."), value)));
            rest = after;
            if path.pop() != Some(name) {
                return None;
            }
        } else if let Some(after) = rest.strip_prefix('<') {
            let (name, after) = after.split_once('>')?;
            let letters = name.bytes().all(|byte| byte.is_ascii_alphabetic());
            if !letters || value.is_some() {
                return None;
            }
            path.push(name);
            rest = after;
        } else {
            let (number, _) = rest.split_once('<')?;
            if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            value = Some(number.to_owned());
            rest = rest.strip_prefix(number)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// Pieces of documents, so that many random inputs are valid or nearly so.
    const TAGS: [&str; 12] = [
        "<A>",
        "</A>",
        "<A>",
        "</A>",
        "<item>",
        "</item>",
        "<Content>",
        "</Content>",
        "<MsgId/>",
        "<B x='1'/>",
        "<![CDATA[",
        "]]>",
    ];
    const TEXTS: [&str; 12] = [
        "<![CDATA[你好]]>",
        "<![CDATA[]]>",
        "&lt;",
        "&#13;",
        "&#x1d;",
        "&amp;",
        " ",
        "\r\n",
        "字",
        "]",
        "x",
        "<!-- c -->",
    ];

    fn soup() -> impl Strategy<Value = String> {
        let pieces = [TAGS, TEXTS].concat();
        vec(select(pieces), 0..24).prop_map(|pieces| pieces.concat())
    }

    fn tree() -> impl Strategy<Value = String> {
        let texts = vec(select(TEXTS.to_vec()), 0..6);
        let leaf = (select(vec!["A", "b-1", "_c", "名"]), texts)
            .prop_map(|(name, texts)| format!("<{name}>{}</{name}>", texts.concat()));
        leaf.prop_recursive(5, 32, 4, |inner| {
            (select(vec!["A", "item", "List"]), vec(inner, 0..4))
                .prop_map(|(name, inside)| format!("<{name}>{}</{name}>", inside.concat()))
        })
    }

    proptest! {
        #[test]
        fn messages_survive_writing_and_reading(bytes in vec(any::<u8>(), 0..200)) {
            xml_in(&bytes);
        }

        #[test]
        fn nearly_right_messages_survive_writing_and_reading(inside in soup()) {
            xml_in(format!("<xml>{inside}</xml>").as_bytes());
        }

        #[test]
        fn right_messages_survive_writing_and_reading(elements in vec(tree(), 0..6)) {
            let xml = format!("<xml>{}</xml>", elements.concat());
            prop_assert!(push::read_message(xml.clone().into_bytes()).is_ok(), "{}", xml);
            xml_in(xml.as_bytes());
        }

        #[test]
        fn sealed_texts_open_and_altered_ones_do_not(bytes in vec(any::<u8>(), 0..300)) {
            sealed(&bytes);
        }

        #[test]
        fn replies_arrive_whole(kind in any::<u8>(), parts in vec(".{0,40}", 0..40)) {
            reply_out(&[&[kind], parts.join("\u{1f}").as_bytes()].concat());
        }

        #[test]
        fn replies_of_awkward_pieces_arrive_whole(
            kind in any::<u8>(),
            pieces in vec(select(vec!["]", "]]", ">", "]]>", "\r", "\n", "\u{1}", "\u{FFFE}", "\u{1f}", "字", "&", "<"]), 0..60),
        ) {
            reply_out(&[&[kind], pieces.concat().as_bytes()].concat());
        }
    }

    #[test]
    fn the_second_reader_is_strict() {
        let read = |xml| read_strictly(xml).is_some();
        assert!(read("<xml><A><![CDATA[x]]></A><B>1</B></xml>"));
        for wrong in [
            "",
            "<xml>",
            "<xml></xml>x",
            "<xml><A></B></xml>",
            "<xml><A>x</A></xml>",
            "<xml><A><![CDATA[x]]>]]></A></xml>",
            "<xml> </xml>",
        ] {
            assert!(!read(wrong), "{wrong}");
        }
    }
}
