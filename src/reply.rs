//! What the account answers. Knows neither XML nor templates.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The rendered answer to a message. Its serialised form is stored with the delivery, for retries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// No content; sent as the word `success`.
    Silence,
    Text(String),
    Image {
        media_id: String,
    },
    Voice {
        media_id: String,
    },
    Video(Video),
    Music(Music),
    News(Vec<Article>),
    /// Transfer to customer service, or to the named account.
    CustomerService {
        account: Option<String>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Video {
    pub media_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Music {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub music_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hq_music_url: Option<String>,
    pub thumb_media_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pic_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// WeChat's limit for a text in bytes of UTF-8. Its documentation once said 2048; 2047 was
/// measured.
pub const MAX_TEXT_BYTES: usize = 2047;

/// The text within WeChat's limit: unchanged, or cut between characters with `…` at the end.
pub(crate) fn fit_text(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    if text.len() <= MAX_TEXT_BYTES {
        return (text, false);
    }
    let end = text.floor_char_boundary(MAX_TEXT_BYTES - '…'.len_utf8());
    let mut text = text.into_owned();
    text.truncate(end);
    text.push('…');
    (Cow::Owned(text), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_at_a_character_and_never_exceed_the_limit() {
        let check = |text: String, length: usize, cut: bool| {
            let (fitted, was_cut) = fit_text(text.into());
            assert_eq!((fitted.len(), was_cut), (length, cut));
            assert_eq!(fitted.ends_with('…'), cut);
        };
        check("a".repeat(2047), 2047, false);
        check("a".repeat(2048), 2047, true);
        check("复".repeat(682), 2046, false);
        check("复".repeat(683), 2046, true);
        check(format!("a{}", "复".repeat(700)), 2047, true);
    }
}
