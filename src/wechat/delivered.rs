//! Applies WeChat's limits to a reply, which gives what the follower sees.

use std::borrow::Cow;

use crate::message::Message;
use crate::reply::{
    MAX_ARTICLES, MAX_TEXT_BYTES, MapParts, MediaSource, PartContent, Reply, ReplyPart, fit_text,
};
use crate::wechat::Degradation;

/// A reply as the follower gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivered<'r> {
    pub reply: Cow<'r, Reply>,
    /// Why it is less than the reply, if it is.
    pub degradation: Option<Degradation>,
}

/// The number of articles WeChat shows in answer to a message.
const ARTICLES_TO_MESSAGE: usize = 1;

/// The reply as WeChat accepts it: without characters that XML cannot represent, and cut to
/// WeChat's limits. A reply that WeChat would show as a fault, such as an empty text, becomes
/// silence.
pub(crate) fn as_delivered<'r>(reply: &'r Reply, message: &Message) -> Delivered<'r> {
    let mut cut = None;
    match fit(reply, message, &mut cut) {
        Ok(reply) => Delivered {
            reply,
            degradation: cut,
        },
        Err(nothing_sent) => Delivered {
            reply: Cow::Owned(Reply::Silence),
            degradation: Some(nothing_sent),
        },
    }
}

fn fit<'r>(
    reply: &'r Reply,
    message: &Message,
    cut: &mut Option<Degradation>,
) -> Result<Cow<'r, Reply>, Degradation> {
    let fitted = match reply {
        Reply::Silence => return Ok(Cow::Borrowed(reply)),
        Reply::Text(text) => {
            let text = clean(text);
            if text.trim().is_empty() {
                return Err(Degradation::BlankText);
            }
            let (text, was_cut) = fit_text(text);
            *cut = was_cut.then_some(Degradation::LongText);
            match text {
                Cow::Borrowed(_) => return Ok(Cow::Borrowed(reply)),
                Cow::Owned(text) => Reply::Text(text),
            }
        }
        Reply::News(articles) => {
            let most = shown_articles(message);
            if articles.is_empty() {
                return Err(Degradation::NoArticle);
            }
            *cut = (articles.len() > most).then_some(Degradation::ManyArticles(most));
            let shown = articles.iter().take(most);
            let shown = shown.map(|article| article.map_parts(&mut Fitting(cut)));
            Reply::News(shown.collect::<Result<_, _>>()?)
        }
        Reply::CustomerService { .. } if message.is_event() => {
            return Err(Degradation::HandedOverEvent);
        }
        reply => reply.map_parts(&mut Fitting(cut))?,
    };
    Ok(Cow::Owned(fitted))
}

/// How many articles WeChat shows in answer to this message.
fn shown_articles(message: &Message) -> usize {
    match message.msg_type() {
        "text" | "image" | "voice" | "video" | "shortvideo" | "link" | "location" => {
            ARTICLES_TO_MESSAGE
        }
        _ => MAX_ARTICLES,
    }
}

/// Cuts what people read; what machines read must not be cut.
struct Fitting<'c>(&'c mut Option<Degradation>);

impl MapParts<'_, String, MediaSource> for Fitting<'_> {
    type Text = String;
    type Media = MediaSource;
    type Error = Degradation;

    /// WeChat shows a fault where an address is empty.
    fn needed(&mut self, part: ReplyPart, text: &String) -> Result<String, Degradation> {
        match self.fit(part, text)? {
            text if text.is_empty() && part.content != PartContent::Words => {
                Err(Degradation::Empty(part.element))
            }
            text => Ok(text),
        }
    }

    fn optional(&mut self, part: ReplyPart, text: &String) -> Result<Option<String>, Degradation> {
        self.fit(part, text).map(Some)
    }

    fn media(&mut self, part: ReplyPart, media: &MediaSource) -> Result<MediaSource, Degradation> {
        match media {
            MediaSource::Id(id) => self.needed(part, id).map(MediaSource::Id),
            MediaSource::File(_) => Ok(media.clone()),
        }
    }
}

impl Fitting<'_> {
    fn fit(&mut self, part: ReplyPart, text: &str) -> Result<String, Degradation> {
        let text = clean(text);
        if part.content == PartContent::Words {
            let (text, was_cut) = fit_text(text);
            if was_cut {
                self.0.get_or_insert(Degradation::LongPart(part.element));
            }
            return Ok(text.into_owned());
        }
        match text.len() > MAX_TEXT_BYTES {
            true => Err(Degradation::LongAddress(part.element)),
            false => Ok(text.into_owned()),
        }
    }
}

/// A text without the characters that XML forbids, which followers do send, and with line feeds as
/// line ends.
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
    use crate::reply::{Article, Video};

    fn text(text: &str) -> Reply {
        Reply::Text(text.to_owned())
    }

    fn article(title: &str) -> Article {
        Article {
            title: title.to_owned(),
            ..Article::default()
        }
    }

    #[test]
    fn a_reply_is_cut_to_what_wechat_shows_and_the_reason_is_given() {
        let news = |titles: &[&str]| Reply::News(titles.iter().copied().map(article).collect());
        let person = Reply::CustomerService { account: None };
        let long = "好".repeat(700);
        let cut = format!("{}…", "好".repeat(681));
        let titled = |title: &str| {
            Reply::Video(Box::new(Video {
                media_id: "M".into(),
                title: Some(title.to_owned()),
                description: None,
            }))
        };
        let linked = Reply::News(vec![Article {
            url: Some(format!("https://e.example/{long}")),
            ..article("1")
        }]);
        let image = |media_id: String| Reply::Image {
            media_id: media_id.into(),
        };
        let (message, event) = (Message::new("text"), Message::new("event"));
        for (reply, to, left, why) in [
            (text("好"), &message, text("好"), None),
            (text("好\u{0}\r\n呀"), &message, text("好\n呀"), None),
            (
                text(" \n"),
                &message,
                Reply::Silence,
                Some(Degradation::BlankText),
            ),
            (text(&long), &event, text(&cut), Some(Degradation::LongText)),
            (
                titled(&long),
                &event,
                titled(&cut),
                Some(Degradation::LongPart("Title")),
            ),
            (
                linked,
                &event,
                Reply::Silence,
                Some(Degradation::LongAddress("Url")),
            ),
            (
                image(long),
                &event,
                Reply::Silence,
                Some(Degradation::LongAddress("MediaId")),
            ),
            (
                image(String::new()),
                &event,
                Reply::Silence,
                Some(Degradation::Empty("MediaId")),
            ),
            (
                news(&["1", "2"]),
                &message,
                news(&["1"]),
                Some(Degradation::ManyArticles(1)),
            ),
            (news(&["1", "2"]), &event, news(&["1", "2"]), None),
            (
                news(&[]),
                &event,
                Reply::Silence,
                Some(Degradation::NoArticle),
            ),
            (person.clone(), &message, person.clone(), None),
            (
                person,
                &event,
                Reply::Silence,
                Some(Degradation::HandedOverEvent),
            ),
            (Reply::Silence, &message, Reply::Silence, None),
        ] {
            let delivered = as_delivered(&reply, to);
            assert_eq!((&*delivered.reply, delivered.degradation), (&left, why));
            let again = as_delivered(&left, to);
            assert_eq!(
                (&*again.reply, again.degradation),
                (&left, None),
                "once more"
            );
        }
    }

    #[test]
    fn a_text_that_stays_the_same_is_not_copied() {
        let message = Message::new("text");
        for (reply, is_borrowed) in [(text("你好"), true), (text("你\u{1}好"), false)] {
            let reply = as_delivered(&reply, &message).reply;
            assert_eq!(matches!(reply, Cow::Borrowed(_)), is_borrowed);
        }
    }
}
