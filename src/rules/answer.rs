//! The answer of a rule, with templates that are not rendered yet.

use crate::media::MediaKind;
use crate::reply::{Article, MapParts, MediaSource, PartContent, PartValue, Reply, ReplyPart};
use crate::rules::template::{Template, Values};

pub(crate) type ReplyTemplate = Reply<Template, MediaTemplate>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    One(ReplyTemplate),
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

impl Answer {
    pub const SILENCE: Answer = Answer::One(Reply::Silence);

    /// The rendered reply. If a part that WeChat requires is empty, it becomes silence, as a
    /// malformed answer would show the follower a fault banner.
    pub fn render(&self, values: &Values, choose: &mut dyn FnMut(usize) -> usize) -> Reply {
        match self {
            Answer::One(reply) => render(reply, &mut Rendering(values)),
            Answer::Random(answers) => {
                let chosen = answers.get(choose(answers.len())).or(answers.first());
                chosen.map_or(Reply::Silence, |answer| answer.render(values, choose))
            }
        }
    }

    /// Every picture, voice, video and thumb in it.
    pub(crate) fn media(&self) -> Vec<(MediaKind, &MediaTemplate)> {
        let media = self.parts().into_iter();
        media
            .filter_map(|(part, value)| match (part.content, value) {
                (PartContent::Media(kind), PartValue::Media(media)) => Some((kind, media)),
                _ => None,
            })
            .collect()
    }

    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        let parts = self.parts().into_iter();
        parts
            .filter_map(|(_, value)| match value {
                PartValue::Text(template) => Some(template),
                PartValue::Media(media) => media.template(),
            })
            .collect()
    }

    fn parts(&self) -> Vec<(ReplyPart, PartValue<'_, Template, MediaTemplate>)> {
        match self {
            Answer::One(reply) => reply.parts(),
            Answer::Random(answers) => answers.iter().flat_map(Answer::parts).collect(),
        }
    }
}

fn render(reply: &ReplyTemplate, rendering: &mut Rendering) -> Reply {
    let rendered = match reply {
        Reply::News(articles) => {
            let articles = articles.iter();
            let shown = articles.filter_map(|article| article.map_parts(rendering).ok());
            let shown: Vec<Article> = shown.collect();
            (!shown.is_empty()).then_some(Reply::News(shown))
        }
        Reply::CustomerService { account } => {
            let account = account.as_ref();
            let account = account.and_then(|account| rendering.text(account).ok());
            Some(Reply::CustomerService { account })
        }
        reply => reply.map_parts(rendering).ok(),
    };
    rendered.unwrap_or(Reply::Silence)
}

struct Rendering<'v, 'm>(&'v Values<'m>);

struct Empty;

impl Rendering<'_, '_> {
    fn text(&self, template: &Template) -> Result<String, Empty> {
        match template.render(self.0) {
            text if text.is_empty() => Err(Empty),
            text => Ok(text),
        }
    }
}

impl MapParts<'_, Template, MediaTemplate> for Rendering<'_, '_> {
    type Text = String;
    type Media = MediaSource;
    type Error = Empty;

    fn needed(&mut self, _: ReplyPart, template: &Template) -> Result<String, Empty> {
        self.text(template)
    }

    fn optional(&mut self, _: ReplyPart, template: &Template) -> Result<Option<String>, Empty> {
        Ok(Some(template.render(self.0)))
    }

    fn media(&mut self, _: ReplyPart, media: &MediaTemplate) -> Result<MediaSource, Empty> {
        match media {
            MediaTemplate::Id(template) => self.text(template).map(MediaSource::Id),
            MediaTemplate::File(name) => Ok(MediaSource::File(name.to_string())),
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
