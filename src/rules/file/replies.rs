//! `reply` as written.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::reply::{Article, Music, Reply, Video};
use crate::rules::file::text::spelling_lost;
use crate::rules::file::{Maybe, SPELLING_LOST, Text, schema};

/// What stands under `reply`.
#[derive(Debug)]
pub enum ReplyEntry {
    /// `success`, `transfer_customer_service` or a text.
    Line(Text),
    Parts(Box<AnswerParts>),
}

/// One kind of reply. WeChat takes one answer to one message, so just one key stands here.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a reply")]
#[schemars(extend("minProperties" = 1), extend("maxProperties" = 1))]
pub struct AnswerParts {
    /// A text, also the words `success` and `transfer_customer_service` themselves. What is
    /// longer than 2047 bytes, about 680 Chinese letters, is cut off.
    #[schemars(schema_with = "schema::word")]
    pub text: Maybe<Text>,
    /// A picture: a file, whose path begins with `./` or `../`, or a media id.
    #[schemars(schema_with = "schema::word", extend("examples" = ["./poster.png", "<media_id>"]))]
    pub image: Maybe<Text>,
    /// A voice message: a file, whose path begins with `./` or `../`, or a media id.
    #[schemars(schema_with = "schema::word", extend("examples" = ["./hello.mp3", "<media_id>"]))]
    pub voice: Maybe<Text>,
    /// A video.
    pub video: Maybe<VideoParts>,
    /// A music card.
    pub music: Maybe<MusicParts>,
    /// Articles. WeChat shows one in answer to what a follower writes, and up to eight in answer
    /// to an event.
    #[schemars(extend("minItems" = 1), extend("maxItems" = 8))]
    pub news: Maybe<Vec<ArticleParts>>,
    /// The message goes to this person (`kf2001@gh_…`). To whoever is free:
    /// `reply: transfer_customer_service`.
    #[schemars(schema_with = "schema::word", extend("examples" = ["kf2001@gh_1"]))]
    pub transfer_customer_service: Maybe<Text>,
    /// One of these replies, by chance. In tests it is always the first.
    #[schemars(extend("minItems" = 1), extend("examples" = [["一点", "两点"]]))]
    pub random: Maybe<Vec<ReplyEntry>>,
}

/// A video.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "the parts of a video")]
#[schemars(extend("required" = ["media_id"]))]
pub struct VideoParts {
    /// A file, whose path begins with `./` or `../`, or a media id.
    #[schemars(schema_with = "schema::word", extend("examples" = ["./film.mp4"]))]
    pub media_id: Maybe<Text>,
    /// Shown above the video.
    pub title: Maybe<Text>,
    /// Shown below the title.
    pub description: Maybe<Text>,
}

/// A music card.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "the parts of a music reply")]
#[schemars(extend("required" = ["thumb_media_id"]))]
pub struct MusicParts {
    /// The name of the song.
    pub title: Maybe<Text>,
    /// Shown below the title.
    pub description: Maybe<Text>,
    /// Where the music is.
    #[schemars(extend("examples" = ["https://example.com/jasmine.mp3"]))]
    pub music_url: Maybe<Text>,
    /// Where it is in better quality, played over Wi-Fi.
    pub hq_music_url: Maybe<Text>,
    /// The small picture, which WeChat requires: a JPEG file, whose path begins with `./` or `../`,
    /// or a media id.
    #[schemars(schema_with = "schema::word", extend("examples" = ["./cover.jpg"]))]
    pub thumb_media_id: Maybe<Text>,
}

/// An article.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "an article")]
#[schemars(extend("required" = ["title"]))]
pub struct ArticleParts {
    /// The headline.
    #[schemars(schema_with = "schema::word")]
    pub title: Maybe<Text>,
    /// Shown below the headline.
    pub description: Maybe<Text>,
    /// Where the picture is.
    #[schemars(extend("examples" = ["https://example.com/1.jpg"]))]
    pub pic_url: Maybe<Text>,
    /// Where a tap on the article leads.
    #[schemars(extend("examples" = ["https://example.com/1"]))]
    pub url: Maybe<Text>,
}

/// A reply of which any part may be missing.
pub(crate) type WrittenReply<'p> = Reply<Option<&'p Text>, Option<&'p Text>>;

impl AnswerParts {
    /// Every kind of reply that stands here but `random`. A right answer has one kind.
    pub(in crate::rules) fn replies(&self) -> Vec<WrittenReply<'_>> {
        let video = self.video.as_ref().map(|video| Video {
            media_id: video.media_id.as_ref(),
            title: Some(video.title.as_ref()),
            description: Some(video.description.as_ref()),
        });
        let music = self.music.as_ref().map(|music| Music {
            title: Some(music.title.as_ref()),
            description: Some(music.description.as_ref()),
            music_url: Some(music.music_url.as_ref()),
            hq_music_url: Some(music.hq_music_url.as_ref()),
            thumb_media_id: music.thumb_media_id.as_ref(),
        });
        let news = self.news.as_ref();
        let news = news.map(|articles| articles.iter().map(ArticleParts::article).collect());
        let kinds = [
            one(&self.text).map(Reply::Text),
            one(&self.image).map(|media_id| Reply::Image { media_id }),
            one(&self.voice).map(|media_id| Reply::Voice { media_id }),
            video.map(|video| Reply::Video(Box::new(video))),
            music.map(|music| Reply::Music(Box::new(music))),
            news.map(Reply::News),
            one(&self.transfer_customer_service).map(|account| Reply::CustomerService {
                account: Some(account),
            }),
        ];
        kinds.into_iter().flatten().collect()
    }
}

impl ArticleParts {
    fn article(&self) -> Article<Option<&Text>> {
        Article {
            title: self.title.as_ref(),
            description: Some(self.description.as_ref()),
            pic_url: Some(self.pic_url.as_ref()),
            url: Some(self.url.as_ref()),
        }
    }
}

fn one(text: &Maybe<Text>) -> Option<Option<&Text>> {
    text.as_ref().map(Some)
}

impl<'de> Deserialize<'de> for ReplyEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ReplyEntry, D::Error> {
        struct AnswerVisitor;
        impl<'de> Visitor<'de> for AnswerVisitor {
            type Value = ReplyEntry;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a text or one kind of reply")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<ReplyEntry, E> {
                Ok(ReplyEntry::Line(Text(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ReplyEntry, A::Error> {
                AnswerParts::deserialize(MapAccessDeserializer::new(map))
                    .map(|parts| ReplyEntry::Parts(Box::new(parts)))
            }
            spelling_lost!();
        }
        deserializer.deserialize_any(AnswerVisitor)
    }
}
