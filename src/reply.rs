//! What the account answers. Knows neither XML nor templates.

mod parts;
mod written;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::media::MediaKind;
pub(crate) use crate::reply::parts::{Kind, MapParts, PartContent, PartValue, ReplyPart};

/// The answer to a message. Its serialised form is stored with the delivery, for retries. While it
/// is not rendered, templates stand for its texts (`T`) and media (`M`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply<T = String, M = MediaSource> {
    /// No content; sent as the word `success`.
    Silence,
    Text(T),
    Image {
        media_id: M,
    },
    Voice {
        media_id: M,
    },
    /// Boxed, as they are rare and large, and every rule contains a reply.
    Video(Box<Video<T, M>>),
    Music(Box<Music<T, M>>),
    News(Vec<Article<T>>),
    /// Transfer to customer service, or to the named account.
    CustomerService {
        account: Option<T>,
    },
}

/// Which picture, voice, video or thumb.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MediaSource {
    /// What WeChat knows it by.
    Id(String),
    /// A file beside the rules, as they are written. WeChat does not know it by this name.
    File(String),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Video<T = String, M = MediaSource> {
    pub media_id: M,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<T>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Music<T = String, M = MediaSource> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub music_url: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hq_music_url: Option<T>,
    pub thumb_media_id: M,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article<T = String> {
    pub title: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pic_url: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<T>,
}

impl Reply {
    /// The same to look at: a file's name stands where its id will be.
    pub(crate) fn with_file_names(&self) -> Reply {
        let mut reply = self.clone();
        if let Some((_, media)) = reply.media_mut() {
            *media = MediaSource::Id(media.as_str().to_owned());
        }
        reply
    }

    /// What it shows that is neither text nor an address.
    pub(crate) fn media_mut(&mut self) -> Option<(MediaKind, &mut MediaSource)> {
        match self {
            Reply::Image { media_id } => Some((MediaKind::Image, media_id)),
            Reply::Voice { media_id } => Some((MediaKind::Voice, media_id)),
            Reply::Video(video) => Some((MediaKind::Video, &mut video.media_id)),
            Reply::Music(music) => Some((MediaKind::Thumb, &mut music.thumb_media_id)),
            _ => None,
        }
    }
}

impl MediaSource {
    /// Of a file, its name.
    pub fn as_str(&self) -> &str {
        match self {
            MediaSource::Id(text) | MediaSource::File(text) => text,
        }
    }

    /// None of a file, which WeChat would not know.
    pub fn id(&self) -> Option<&str> {
        match self {
            MediaSource::Id(id) => Some(id),
            MediaSource::File(_) => None,
        }
    }
}

impl Default for MediaSource {
    fn default() -> MediaSource {
        MediaSource::Id(String::new())
    }
}

/// What is stored has ids.
impl From<String> for MediaSource {
    fn from(id: String) -> MediaSource {
        MediaSource::Id(id)
    }
}

impl From<&str> for MediaSource {
    fn from(id: &str) -> MediaSource {
        MediaSource::Id(id.to_owned())
    }
}

impl From<MediaSource> for String {
    fn from(media: MediaSource) -> String {
        match media {
            MediaSource::Id(text) | MediaSource::File(text) => text,
        }
    }
}

/// WeChat's limit for a text in bytes of UTF-8. Its documentation once said 2048; 2047 was
/// measured.
pub const MAX_TEXT_BYTES: usize = 2047;

/// WeChat's limit for the articles of one answer.
pub(crate) const MAX_ARTICLES: usize = 8;

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
