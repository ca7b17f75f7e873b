//! The answer of a rule, with templates that are not rendered yet.

use crate::media::MediaKind;
use crate::reply::{Article, Media, Music, Reply, Video};
use crate::rules::template::{Template, Values};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Silence,
    Text(Template),
    Image(MediaTemplate),
    Voice(MediaTemplate),
    /// Boxed, as they are rare and large, and every rule contains an answer.
    Video(Box<VideoTemplate>),
    Music(Box<MusicTemplate>),
    News(Vec<ArticleTemplate>),
    CustomerService(Option<Template>),
    /// One of these, chosen at random.
    Random(Vec<Answer>),
}

/// What stands for a picture, voice, video or thumb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaTemplate {
    Id(Template),
    /// By its name in `RuleSet::media`.
    File(Box<str>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleTemplate {
    pub title: Template,
    pub description: Option<Template>,
    pub pic_url: Option<Template>,
    pub url: Option<Template>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoTemplate {
    pub media_id: MediaTemplate,
    pub title: Option<Template>,
    pub description: Option<Template>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MusicTemplate {
    pub title: Option<Template>,
    pub description: Option<Template>,
    pub music_url: Option<Template>,
    pub hq_music_url: Option<Template>,
    pub thumb_media_id: MediaTemplate,
}

impl Answer {
    /// The rendered reply. If a part that WeChat requires is empty, it becomes silence, as a
    /// malformed answer would show the follower a fault banner.
    pub fn render(&self, values: &Values, choose: &mut dyn FnMut(usize) -> usize) -> Reply {
        let fill = |template: &Template| template.render(values);
        let part = |template: &Option<Template>| template.as_ref().map(fill);
        let needed = |template: &Template| Some(fill(template)).filter(|text| !text.is_empty());
        let media = |media: &MediaTemplate| match media {
            MediaTemplate::Id(template) => needed(template).map(Media::Id),
            MediaTemplate::File(name) => Some(Media::File(name.to_string())),
        };
        let reply = match self {
            Answer::Silence => None,
            Answer::Text(template) => needed(template).map(Reply::Text),
            Answer::Image(image) => media(image).map(|media_id| Reply::Image { media_id }),
            Answer::Voice(voice) => media(voice).map(|media_id| Reply::Voice { media_id }),
            Answer::Video(video) => media(&video.media_id).map(|media_id| {
                Reply::Video(Video {
                    media_id,
                    title: part(&video.title),
                    description: part(&video.description),
                })
            }),
            Answer::Music(music) => media(&music.thumb_media_id).map(|thumb_media_id| {
                Reply::Music(Music {
                    title: part(&music.title),
                    description: part(&music.description),
                    music_url: part(&music.music_url),
                    hq_music_url: part(&music.hq_music_url),
                    thumb_media_id,
                })
            }),
            Answer::News(articles) => {
                let articles: Vec<_> = articles
                    .iter()
                    .filter_map(|article| {
                        Some(Article {
                            title: needed(&article.title)?,
                            description: part(&article.description),
                            pic_url: part(&article.pic_url),
                            url: part(&article.url),
                        })
                    })
                    .collect();
                (!articles.is_empty()).then_some(Reply::News(articles))
            }
            Answer::CustomerService(account) => Some(Reply::CustomerService {
                account: part(account).filter(|account| !account.is_empty()),
            }),
            Answer::Random(answers) => {
                let chosen = answers.get(choose(answers.len())).or(answers.first());
                chosen.map(|answer| answer.render(values, choose))
            }
        };
        reply.unwrap_or(Reply::Silence)
    }

    /// Every picture, voice, video and thumb in it.
    pub(crate) fn media(&self) -> Vec<(MediaKind, &MediaTemplate)> {
        match self {
            Answer::Image(image) => vec![(MediaKind::Image, image)],
            Answer::Voice(voice) => vec![(MediaKind::Voice, voice)],
            Answer::Video(video) => vec![(MediaKind::Video, &video.media_id)],
            Answer::Music(music) => vec![(MediaKind::Thumb, &music.thumb_media_id)],
            Answer::Random(answers) => answers.iter().flat_map(Answer::media).collect(),
            Answer::Silence | Answer::Text(_) | Answer::News(_) | Answer::CustomerService(_) => {
                Vec::new()
            }
        }
    }

    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Answer::Silence => Vec::new(),
            Answer::Text(template) => vec![template],
            Answer::Image(media) | Answer::Voice(media) => media.template().into_iter().collect(),
            Answer::Video(video) => [
                video.media_id.template(),
                video.title.as_ref(),
                video.description.as_ref(),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Answer::Music(music) => [
                music.title.as_ref(),
                music.description.as_ref(),
                music.music_url.as_ref(),
                music.hq_music_url.as_ref(),
                music.thumb_media_id.template(),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Answer::News(articles) => articles
                .iter()
                .flat_map(|article| {
                    [
                        Some(&article.title),
                        article.description.as_ref(),
                        article.pic_url.as_ref(),
                        article.url.as_ref(),
                    ]
                })
                .flatten()
                .collect(),
            Answer::CustomerService(account) => account.iter().collect(),
            Answer::Random(answers) => answers.iter().flat_map(Answer::templates).collect(),
        }
    }
}

impl MediaTemplate {
    pub fn template(&self) -> Option<&Template> {
        match self {
            MediaTemplate::Id(template) => Some(template),
            MediaTemplate::File(_) => None,
        }
    }
    pub fn file(&self) -> Option<&str> {
        match self {
            MediaTemplate::Id(_) => None,
            MediaTemplate::File(name) => Some(name),
        }
    }
}
