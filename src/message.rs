//! What a follower sent: one message or event, as a list of named elements.
//! Knows WeChat's element names, but neither XML nor rules.

use std::fmt;
use std::ops::Range;

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

/// One verified push from WeChat, or one made up by `test`, `try` and the playground.
///
/// All names and values are in one buffer, so that parsing a push copies nothing: the XML reader
/// passes on the body it was given and the ranges of the values in it.
#[derive(Clone, Default)]
pub struct Message {
    buffer: String,
    elements: Vec<Element>,
    known: [Option<u16>; KNOWN.len()],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

#[derive(Clone, Copy, Debug)]
struct Element {
    name: Span,
    value: Span,
}

/// The elements with their own keys in rules; found once, when the message is created.
#[derive(Clone, Copy)]
enum KnownElement {
    ToUserName,
    FromUserName,
    CreateTime,
    MsgType,
    Content,
    Event,
    EventKey,
    MsgId,
    BizMsgMenuId,
}

const KNOWN: [(&str, KnownElement); 9] = [
    ("ToUserName", KnownElement::ToUserName),
    ("FromUserName", KnownElement::FromUserName),
    ("CreateTime", KnownElement::CreateTime),
    ("MsgType", KnownElement::MsgType),
    ("Content", KnownElement::Content),
    ("Event", KnownElement::Event),
    ("EventKey", KnownElement::EventKey),
    ("MsgId", KnownElement::MsgId),
    ("bizmsgmenuid", KnownElement::BizMsgMenuId),
];

impl KnownElement {
    fn named(name: &str) -> Option<KnownElement> {
        // Nearly all names are spelled as WeChat does.
        let exact = KNOWN.iter().find(|(wire, _)| *wire == name);
        let any = || KNOWN.iter().find(|(wire, _)| same_name(wire, name));
        exact.or_else(any).map(|(_, known)| *known)
    }
}

impl Message {
    /// A message of one type with nothing else in it yet.
    pub fn new(msg_type: &str) -> Message {
        Message::default().with("MsgType", msg_type)
    }

    /// The same message with one more element; `name` is WeChat's or its snake_case form,
    /// dotted when nested.
    pub fn with(mut self, name: &str, value: &str) -> Message {
        let name = self.append(name);
        let value = self.append(value);
        self.push(name, value);
        self
    }

    /// A message over a text that already holds its names and values, in order.
    /// A range that does not lie on character boundaries of `buffer` reads as the empty text.
    pub fn over(
        buffer: String,
        elements: impl IntoIterator<Item = (Range<usize>, Range<usize>)>,
    ) -> Message {
        let mut message = Message {
            buffer,
            elements: Vec::with_capacity(16),
            ..Message::default()
        };
        for (name, value) in elements {
            message.push(span(name), span(value));
        }
        message
    }

    fn append(&mut self, text: &str) -> Span {
        let start = self.buffer.len();
        self.buffer.push_str(text);
        span(start..self.buffer.len())
    }

    fn push(&mut self, name: Span, value: Span) {
        if let Some(known) = KnownElement::named(self.text(name)) {
            let slot = &mut self.known[known as usize];
            *slot = slot.or(u16::try_from(self.elements.len()).ok());
        }
        self.elements.push(Element { name, value });
    }

    fn text(&self, span: Span) -> &str {
        self.buffer
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    fn known(&self, known: KnownElement) -> Option<&str> {
        let element = self
            .elements
            .get(usize::from(self.known[known as usize]?))?;
        Some(self.text(element.value))
    }

    /// `MsgType`, in lower case on the wire; empty when WeChat sent none.
    pub fn msg_type(&self) -> &str {
        self.known(KnownElement::MsgType).unwrap_or_default()
    }

    /// The account that received the message (`ToUserName`, `gh_…`).
    pub fn account(&self) -> &str {
        self.known(KnownElement::ToUserName).unwrap_or_default()
    }

    /// The follower who wrote (`FromUserName`, the openid).
    pub fn openid(&self) -> &str {
        self.known(KnownElement::FromUserName).unwrap_or_default()
    }

    /// When WeChat says that it was written, in Unix seconds.
    pub(crate) fn created(&self) -> Option<i64> {
        self.known(KnownElement::CreateTime)?.parse().ok()
    }

    /// The text of a message. Events have none, whatever their elements are called.
    pub fn content(&self) -> Option<&str> {
        if self.is_event() {
            return None;
        }
        self.known(KnownElement::Content)
    }

    pub fn is_event(&self) -> bool {
        self.msg_type().eq_ignore_ascii_case("event")
    }

    /// The name of an event, in the case WeChat wrote it.
    pub fn event(&self) -> Option<&str> {
        if self.is_event() {
            self.known(KnownElement::Event)
        } else {
            None
        }
    }

    /// `EventKey` as it came, `qrscene_` included.
    pub fn key(&self) -> Option<&str> {
        self.known(KnownElement::EventKey)
    }

    /// The scene of the QR code that was scanned, by a follower or by someone who thus became one.
    pub fn scene(&self) -> Option<&str> {
        let event = self.event()?;
        if event.eq_ignore_ascii_case("scan") {
            self.key()
        } else if event.eq_ignore_ascii_case("subscribe") {
            self.key()?.strip_prefix("qrscene_")
        } else {
            None
        }
    }

    /// The id of the menu link that was tapped (`bizmsgmenuid`).
    pub fn menu(&self) -> Option<&str> {
        self.known(KnownElement::BizMsgMenuId)
    }

    /// Every value of an element, by its WeChat name in any case and with or without underscores.
    pub fn fields<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.elements
            .iter()
            .filter(move |element| same_name(self.text(element.name), name))
            .map(|element| self.text(element.value))
    }

    /// All elements as `(name, value)`, in the order of the wire.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.elements
            .iter()
            .map(|element| (self.text(element.name), self.text(element.value)))
    }

    /// Identifies a delivery; the same for WeChat's retries of it.
    ///
    /// A `MsgId` alone is not enough: one was seen to reach several followers. Events have none,
    /// and one follower can cause two in the same second, so all their elements count.
    pub fn delivery_key(&self) -> String {
        let created = self.known(KnownElement::CreateTime).unwrap_or_default();
        let id = match self.known(KnownElement::MsgId) {
            Some(id) if !self.is_event() && !id.is_empty() => Sha1::digest(id),
            _ => {
                let mut hash = Sha1::new();
                for (name, value) in self.elements() {
                    for part in [name, value] {
                        hash.update((part.len() as u64).to_be_bytes());
                        hash.update(part);
                    }
                }
                hash.finalize()
            }
        };
        format!("{created:.20}-{}", hex::encode(id))
    }
}

/// Whether two spellings name the same element: `MsgID`, `MsgId` and `msg_id` do.
pub fn same_name(one: &str, other: &str) -> bool {
    fn letters(name: &str) -> impl Iterator<Item = u8> + '_ {
        name.bytes()
            .filter(|byte| *byte != b'_')
            .map(|byte| byte.to_ascii_lowercase())
    }
    // The last letter distinguishes most names, and no name ends in an underscore.
    let last = |name: &str| {
        name.bytes()
            .next_back()
            .map(|byte| byte.to_ascii_lowercase())
    };
    one == other || (last(one) == last(other) && letters(one).eq(letters(other)))
}

fn span(range: Range<usize>) -> Span {
    let clamp = |position: usize| u32::try_from(position).unwrap_or(u32::MAX);
    Span {
        start: clamp(range.start),
        end: clamp(range.end),
    }
}

/// Serialised as its elements, pairs of name and value, which are stored with a question until it
/// is answered.
impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.elements())
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Message, D::Error> {
        let elements: Vec<(String, String)> = Vec::deserialize(deserializer)?;
        let elements = elements.iter();
        let message = elements.fold(Message::default(), |message, (name, value)| {
            message.with(name, value)
        });
        Ok(message)
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Message) -> bool {
        self.elements().eq(other.elements())
    }
}

/// Shows only names and lengths, to keep message text out of logs and panics.
impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = formatter.debug_map();
        for (name, value) in self.elements() {
            map.entry(&name, &format_args!("{} bytes", value.len()));
        }
        map.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn element_names_match_in_every_spelling() {
        for (wire, written, same) in [
            ("MsgID", "msg_id", true),
            ("Location_X", "location_x", true),
            (
                "ScanCodeInfo.ScanResult",
                "scan_code_info.scan_result",
                true,
            ),
            ("bizmsgmenuid", "biz_msg_menu_id", true),
            ("ScanCodeInfo.ScanResult", "scan_code_info", false),
            ("Label", "Labe", false),
        ] {
            assert_eq!(same_name(wire, written), same, "{wire} and {written}");
        }
    }

    #[test]
    fn scene_is_the_scanned_code_without_its_prefix() {
        let event = |event: &str, key: &str| {
            let message = Message::new("event").with("Event", event);
            message.with("EventKey", key).scene().map(str::to_owned)
        };
        assert_eq!(event("subscribe", "qrscene_7").as_deref(), Some("7"));
        assert_eq!(event("subscribe", "last_trade_no_7"), None);
        assert_eq!(event("SCAN", "qrscene_7").as_deref(), Some("qrscene_7"));
        assert_eq!(event("scan", "7").as_deref(), Some("7"));
        assert_eq!(event("CLICK", "7"), None);
    }

    #[test]
    fn an_event_has_no_text() {
        let event = Message::new("event").with("Content", "subscribe");
        assert_eq!(event.content(), None);
        let text = Message::new("text").with("content", "subscribe");
        assert_eq!(text.content(), Some("subscribe"));
        assert_eq!(text.event(), None);
    }

    #[test]
    fn a_retry_has_the_key_of_the_first_delivery_and_nothing_else_has() {
        let text = |id: &str, created: &str, content: &str| {
            Message::new("text")
                .with("CreateTime", created)
                .with("Content", content)
                .with("MsgId", id)
                .delivery_key()
        };
        assert_eq!(text("1", "5", "a"), text("1", "5", "a"));
        assert_ne!(text("1", "5", "a"), text("2", "5", "a"));
        assert_ne!(text("1", "5", "a"), text("1", "6", "a"));

        let card = |code: &str| {
            Message::new("event")
                .with("CreateTime", "5")
                .with("Event", "user_get_card")
                .with("UserCardCode", code)
                .delivery_key()
        };
        let endless = text("1", &"年".repeat(500), "a");
        assert_eq!(endless.chars().count(), 20 + 1 + 40);

        assert_eq!(card("1"), card("1"));
        assert_ne!(card("1"), card("2"));
    }

    #[test]
    fn a_range_beside_the_buffer_or_inside_a_character_reads_as_nothing() {
        let message = Message::over("内容".to_owned(), [(0..3, 1..3), (3..6, 3..60)]);
        let elements: Vec<_> = message.elements().collect();
        assert_eq!(elements, [("内", ""), ("容", "")]);
    }

    #[test]
    fn a_message_that_was_kept_is_the_same_again() {
        let message = Message::new("event")
            .with("Event", "CLICK")
            .with("EventKey", "a\"b")
            .with("EventKey", "second");
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(
            text,
            r#"[["MsgType","event"],["Event","CLICK"],["EventKey","a\"b"],["EventKey","second"]]"#
        );
        let again: Message = serde_json::from_str(&text).unwrap();
        assert_eq!(again, message);
        assert_eq!(again.key(), Some("a\"b"));
        assert_eq!(again.delivery_key(), message.delivery_key());
    }

    #[test]
    fn debug_shows_no_word_of_the_follower() {
        let message = Message::new("text").with("Content", "秘密");
        assert!(!format!("{message:?}").contains("秘密"));
    }
}
