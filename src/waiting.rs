//! How long an answer is waited for, and how one that comes late reaches the follower. Reads no
//! clock: times are counted from the first delivery of a message. Knows neither HTTP nor rules.

use std::borrow::Cow;
use std::time::Duration;

use crate::message::Message;
use crate::reply::MAX_TEXT_BYTES;

/// When WeChat delivers a message that is not answered, counted from the first delivery.
pub const DELIVERIES: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// How long each delivery waits for an answer; WeChat hangs up after five seconds.
pub const TIMEOUT: Duration = Duration::from_millis(4_500);

/// A delivery that comes so late is the last one, even where an earlier one was never seen.
pub const LAST_FROM: Duration = Duration::from_secs(9);

/// An answer that takes longer comes after the last delivery, and has to be fetched.
pub const LATE_AFTER: Duration = Duration::from_secs(14);

/// How long an answer can be fetched once it is there.
pub const KEPT: Duration = Duration::from_secs(600);

/// What a delivery gets for which the answer did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unready {
    /// Nothing that WeChat reads, so that it delivers the message again. `success` would end that.
    Hold,
    /// What `options.slow` says; from now on the answer can be fetched.
    Slow,
}

/// What to do for a delivery that has waited in vain, by when it came.
pub fn unready(since_first: Duration) -> Unready {
    match since_first < LAST_FROM {
        true => Unready::Hold,
        false => Unready::Slow,
    }
}

/// What WeChat's deliveries of one message come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer, so long after the first delivery.
    Answered(Duration),
    Slow(Duration),
}

/// What a follower gets for an answer that is there so long after the first delivery, if ever.
pub fn outcome(ready_after: Option<Duration>) -> Outcome {
    let mut end = Duration::ZERO;
    for delivery in DELIVERIES {
        end = delivery + TIMEOUT;
        match ready_after {
            Some(ready) if ready <= end => return Outcome::Answered(ready.max(delivery)),
            _ => {}
        }
        match unready(delivery) {
            Unready::Hold => {}
            Unready::Slow => return Outcome::Slow(end),
        }
    }
    Outcome::Slow(end)
}

/// The id of the menu link that fetches.
const FETCH_MENU: &str = "wxreply-answer";
const LINK_START: &str =
    "<a href=\"weixin://bizmsgmenu?msgmenucontent=1&msgmenuid=wxreply-answer\">";
const LINK_END: &str = "</a>";

/// A link whose tap fetches what is waiting. A tap sends the text `1` with the id of the link.
pub fn fetch_link(text: &str) -> String {
    format!("{LINK_START}{text}{LINK_END}")
}

/// Whether a message is a tap on such a link.
pub fn is_fetch_tap(message: &Message) -> bool {
    message.menu() == Some(FETCH_MENU)
}

/// A text as the follower sees it: of the links that fetch, only their words.
pub fn as_seen(text: &str) -> Cow<'_, str> {
    let mut pieces = text.split(LINK_START);
    let first = pieces.next().unwrap_or_default();
    if first.len() == text.len() {
        return text.into();
    }
    let mut seen = first.to_owned();
    for piece in pieces {
        let (words, behind) = piece.split_once(LINK_END).unwrap_or((piece, ""));
        seen.push_str(words);
        seen.push_str(behind);
    }
    seen.into()
}

/// The first part of a text that WeChat would not take as a whole, with `more` below it, and the
/// rest, which is fetched. None where the text fits.
pub fn first_part<'t>(text: &'t str, more: &str) -> Option<(String, &'t str)> {
    if text.len() <= MAX_TEXT_BYTES {
        return None;
    }
    let room = MAX_TEXT_BYTES.saturating_sub(more.len() + 1);
    let (part, rest) = text.split_at_checked(end_of_part(text, room))?;
    let (part, rest) = (part.trim_end(), rest.trim_start());
    // A rest without a word in it is not worth a fetch.
    match rest.is_empty() {
        true => Some((part.to_owned(), "")),
        false => Some((format!("{part}\n{more}"), rest)),
    }
}

/// Where to cut: behind a paragraph or a sentence, otherwise between words, as far on as it fits.
fn end_of_part(text: &str, room: usize) -> usize {
    let room = text.floor_char_boundary(room.max(4));
    let within = text.get(..room).unwrap_or_default();
    let behind = |ends: &dyn Fn(char) -> bool| {
        let end = within
            .char_indices()
            .rev()
            .find(|(_, letter)| ends(*letter));
        let end = end.map(|(at, letter)| at + letter.len_utf8());
        // A part of a few words would make the follower fetch again and again.
        end.filter(|end| *end >= room / 2)
    };
    behind(&|letter| "。！？!?…\n".contains(letter))
        .or_else(|| behind(&|letter| "；;，,、".contains(letter) || letter.is_whitespace()))
        .unwrap_or(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reaches_whichever_delivery_is_there() {
        let answered = |millis| Outcome::Answered(Duration::from_millis(millis));
        let slow = Outcome::Slow(Duration::from_millis(14_500));
        for (ready, expected) in [
            (Some(0), answered(0)),
            (Some(4_500), answered(4_500)),
            (Some(4_700), answered(5_000)),
            (Some(9_500), answered(9_500)),
            (Some(9_501), answered(10_000)),
            (Some(14_500), answered(14_500)),
            (Some(14_501), slow),
            (None, slow),
        ] {
            let found = outcome(ready.map(Duration::from_millis));
            assert_eq!(found, expected, "{ready:?}");
        }
    }

    #[test]
    fn only_a_late_delivery_is_the_last() {
        for (seconds, expected) in [
            (0, Unready::Hold),
            (5, Unready::Hold),
            (8, Unready::Hold),
            (9, Unready::Slow),
            (10, Unready::Slow),
            (60, Unready::Slow),
        ] {
            let found = unready(Duration::from_secs(seconds));
            assert_eq!(found, expected, "{seconds}");
        }
    }

    #[test]
    fn a_link_is_seen_as_its_words_and_recognised_when_it_is_tapped() {
        let text = format!("回复【1】或{}查看", fetch_link("点这里"));
        assert_eq!(as_seen(&text), "回复【1】或点这里查看");
        assert_eq!(
            as_seen("<a href=\"https://example.com\">a</a>"),
            "<a href=\"https://example.com\">a</a>"
        );
        let tap = Message::new("text")
            .with("Content", "1")
            .with("bizmsgmenuid", "wxreply-answer");
        assert!(is_fetch_tap(&tap));
        assert!(!is_fetch_tap(&Message::new("text").with("Content", "1")));
    }

    #[test]
    fn a_long_text_comes_whole_in_parts_that_fit_and_end_at_a_sentence() {
        assert_eq!(first_part(&"a".repeat(MAX_TEXT_BYTES), "more"), None);
        let sentence = "从前有座山，山里有座庙，庙里有个老和尚在给小和尚讲故事。";
        for text in [
            sentence.repeat(80),
            "字".repeat(3_000),
            "word ".repeat(1_500),
            format!("{}{}", sentence, "字".repeat(1_000)),
            format!("{}{}", "a".repeat(2_000), " ".repeat(100)),
        ] {
            let (mut rest, mut joined) = (text.as_str(), String::new());
            for _ in 0..20 {
                let Some((part, behind)) = first_part(rest, "回复【1】继续") else {
                    joined.push_str(rest);
                    rest = "";
                    break;
                };
                assert!(part.len() <= MAX_TEXT_BYTES);
                let part = part.strip_suffix("\n回复【1】继续").unwrap_or(&part);
                if text.starts_with("从前") && !text.contains('字') {
                    assert!(part.ends_with('。'), "{part}");
                }
                joined.push_str(part);
                rest = behind;
            }
            assert!(rest.is_empty());
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(letters(&joined), letters(&text));
        }
    }
}
