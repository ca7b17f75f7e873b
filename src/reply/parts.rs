//! The parts that replies have, and what they are called. Whoever reads, checks, renders or writes
//! a reply says what becomes of a part, and not which parts there are.

use crate::media::MediaKind;
use crate::reply::{Article, MediaSource, Music, Reply, Video};

/// A kind of reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// In a rule file, as `MsgType` of an answer, and in WeChat's API.
    pub name: &'static str,
    /// What is around its parts in the XML of an answer.
    pub element: Option<&'static str>,
}

/// A part of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReplyPart {
    /// In a rule file. None of the only part, which stands under the kind itself.
    pub key: Option<&'static str>,
    /// In the XML of an answer.
    pub element: &'static str,
    /// In the JSON of WeChat's API.
    pub field: &'static str,
    pub content: PartContent,
}

/// What a part is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartContent {
    /// People read it, so that its end may be cut off.
    Words,
    /// Machines read it.
    Address,
    Media(MediaKind),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum PartValue<'r, T = String, M = MediaSource> {
    Text(&'r T),
    Media(&'r M),
}

/// What becomes of each part of a reply. All of them are asked for, also after one has failed.
pub(crate) trait MapParts<'r, T, M> {
    type Text;
    type Media;
    type Error;

    /// A text without which there is no such reply.
    fn needed(&mut self, part: ReplyPart, text: &'r T) -> Result<Self::Text, Self::Error>;

    fn optional(
        &mut self,
        part: ReplyPart,
        text: &'r T,
    ) -> Result<Option<Self::Text>, Self::Error> {
        self.needed(part, text).map(Some)
    }

    fn media(&mut self, part: ReplyPart, media: &'r M) -> Result<Self::Media, Self::Error>;
}

const CONTENT: ReplyPart = part(None, "Content", "content", PartContent::Words);
const IMAGE: ReplyPart = part(
    None,
    "MediaId",
    "media_id",
    PartContent::Media(MediaKind::Image),
);
const VOICE: ReplyPart = part(
    None,
    "MediaId",
    "media_id",
    PartContent::Media(MediaKind::Voice),
);
const VIDEO: ReplyPart = part(
    Some("media_id"),
    "MediaId",
    "media_id",
    PartContent::Media(MediaKind::Video),
);
const TITLE: ReplyPart = part(Some("title"), "Title", "title", PartContent::Words);
const DESCRIPTION: ReplyPart = part(
    Some("description"),
    "Description",
    "description",
    PartContent::Words,
);
const MUSIC_URL: ReplyPart = part(
    Some("music_url"),
    "MusicUrl",
    "musicurl",
    PartContent::Address,
);
const HQ_MUSIC_URL: ReplyPart = part(
    Some("hq_music_url"),
    "HQMusicUrl",
    "hqmusicurl",
    PartContent::Address,
);
const THUMB: ReplyPart = part(
    Some("thumb_media_id"),
    "ThumbMediaId",
    "thumb_media_id",
    PartContent::Media(MediaKind::Thumb),
);
const PIC_URL: ReplyPart = part(Some("pic_url"), "PicUrl", "picurl", PartContent::Address);
const URL: ReplyPart = part(Some("url"), "Url", "url", PartContent::Address);
const ACCOUNT: ReplyPart = part(None, "KfAccount", "kf_account", PartContent::Address);

const fn part(
    key: Option<&'static str>,
    element: &'static str,
    field: &'static str,
    content: PartContent,
) -> ReplyPart {
    ReplyPart {
        key,
        element,
        field,
        content,
    }
}

impl<T, M> Reply<T, M> {
    /// None of silence.
    pub(crate) fn kind(&self) -> Option<Kind> {
        let (name, element) = match self {
            Reply::Silence => return None,
            Reply::Text(_) => ("text", None),
            Reply::Image { .. } => ("image", Some("Image")),
            Reply::Voice { .. } => ("voice", Some("Voice")),
            Reply::Video(_) => ("video", Some("Video")),
            Reply::Music(_) => ("music", Some("Music")),
            Reply::News(_) => ("news", Some("Articles")),
            Reply::CustomerService { .. } => ("transfer_customer_service", Some("TransInfo")),
        };
        Some(Kind { name, element })
    }

    pub(crate) fn map_parts<'r, P: MapParts<'r, T, M>>(
        &'r self,
        map: &mut P,
    ) -> Result<Reply<P::Text, P::Media>, P::Error> {
        Ok(match self {
            Reply::Silence => Reply::Silence,
            Reply::Text(text) => Reply::Text(map.needed(CONTENT, text)?),
            Reply::Image { media_id } => Reply::Image {
                media_id: map.media(IMAGE, media_id)?,
            },
            Reply::Voice { media_id } => Reply::Voice {
                media_id: map.media(VOICE, media_id)?,
            },
            Reply::Video(video) => Reply::Video(Box::new(video.map_parts(map)?)),
            Reply::Music(music) => Reply::Music(Box::new(music.map_parts(map)?)),
            Reply::News(articles) => {
                let articles: Vec<_> = articles.iter().map(|one| one.map_parts(map)).collect();
                Reply::News(articles.into_iter().collect::<Result<_, _>>()?)
            }
            Reply::CustomerService { account } => {
                let account = account.as_ref();
                let account = account.map(|account| map.needed(ACCOUNT, account));
                Reply::CustomerService {
                    account: account.transpose()?,
                }
            }
        })
    }

    /// Those that are there; of news, those of all articles.
    pub(crate) fn parts(&self) -> Vec<(ReplyPart, PartValue<'_, T, M>)> {
        let mut parts = Parts(Vec::new());
        let Ok(_) = self.map_parts(&mut parts);
        parts.0
    }

    /// What it shows that is neither text nor an address.
    pub(crate) fn media(&self) -> Option<(ReplyPart, MediaKind, &M)> {
        self.parts()
            .into_iter()
            .find_map(|(part, value)| match (part.content, value) {
                (PartContent::Media(kind), PartValue::Media(media)) => Some((part, kind, media)),
                _ => None,
            })
    }
}

impl<'r> PartValue<'r> {
    /// What WeChat can read; nothing of a file.
    pub(crate) fn known(self) -> Option<&'r str> {
        match self {
            PartValue::Text(text) => Some(text),
            PartValue::Media(media) => media.id(),
        }
    }
}

impl Reply<(), ()> {
    /// A reply of this kind with every part that it can have; news without an article.
    pub(crate) fn of_kind(name: &str) -> Option<Reply<(), ()>> {
        let every = Some(());
        Some(match name {
            "text" => Reply::Text(()),
            "image" => Reply::Image { media_id: () },
            "voice" => Reply::Voice { media_id: () },
            "video" => Reply::Video(Box::new(Video {
                media_id: (),
                title: every,
                description: every,
            })),
            "music" => Reply::Music(Box::new(Music {
                title: every,
                description: every,
                music_url: every,
                hq_music_url: every,
                thumb_media_id: (),
            })),
            "news" => Reply::News(Vec::new()),
            "transfer_customer_service" => Reply::CustomerService { account: every },
            _ => return None,
        })
    }
}

impl<T, M> Video<T, M> {
    fn map_parts<'r, P: MapParts<'r, T, M>>(
        &'r self,
        map: &mut P,
    ) -> Result<Video<P::Text, P::Media>, P::Error> {
        let media_id = map.media(VIDEO, &self.media_id);
        let title = optional(map, TITLE, &self.title);
        let description = optional(map, DESCRIPTION, &self.description);
        Ok(Video {
            media_id: media_id?,
            title: title?,
            description: description?,
        })
    }
}

impl<T, M> Music<T, M> {
    fn map_parts<'r, P: MapParts<'r, T, M>>(
        &'r self,
        map: &mut P,
    ) -> Result<Music<P::Text, P::Media>, P::Error> {
        let title = optional(map, TITLE, &self.title);
        let description = optional(map, DESCRIPTION, &self.description);
        let music_url = optional(map, MUSIC_URL, &self.music_url);
        let hq_music_url = optional(map, HQ_MUSIC_URL, &self.hq_music_url);
        let thumb_media_id = map.media(THUMB, &self.thumb_media_id);
        Ok(Music {
            title: title?,
            description: description?,
            music_url: music_url?,
            hq_music_url: hq_music_url?,
            thumb_media_id: thumb_media_id?,
        })
    }
}

impl Article {
    pub(crate) fn parts(&self) -> Vec<(ReplyPart, PartValue<'_>)> {
        let mut parts = Parts(Vec::new());
        let Ok(_) = self.map_parts(&mut parts);
        parts.0
    }
}

impl<T> Article<T> {
    pub(crate) fn map_parts<'r, M, P: MapParts<'r, T, M>>(
        &'r self,
        map: &mut P,
    ) -> Result<Article<P::Text>, P::Error> {
        let title = map.needed(TITLE, &self.title);
        let description = optional(map, DESCRIPTION, &self.description);
        let pic_url = optional(map, PIC_URL, &self.pic_url);
        let url = optional(map, URL, &self.url);
        Ok(Article {
            title: title?,
            description: description?,
            pic_url: pic_url?,
            url: url?,
        })
    }
}

fn optional<'r, T, M, P: MapParts<'r, T, M>>(
    map: &mut P,
    part: ReplyPart,
    text: &'r Option<T>,
) -> Result<Option<P::Text>, P::Error> {
    match text {
        Some(text) => map.optional(part, text),
        None => Ok(None),
    }
}

struct Parts<'r, T, M>(Vec<(ReplyPart, PartValue<'r, T, M>)>);

impl<'r, T, M> MapParts<'r, T, M> for Parts<'r, T, M> {
    type Text = ();
    type Media = ();
    type Error = std::convert::Infallible;

    fn needed(&mut self, part: ReplyPart, text: &'r T) -> Result<(), Self::Error> {
        self.0.push((part, PartValue::Text(text)));
        Ok(())
    }

    fn media(&mut self, part: ReplyPart, media: &'r M) -> Result<(), Self::Error> {
        self.0.push((part, PartValue::Media(media)));
        Ok(())
    }
}
