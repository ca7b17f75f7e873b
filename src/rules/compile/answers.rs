//! `reply`: texts and parts to an answer.

use crate::i18n::phrase;
use crate::media::MediaKind;
use crate::rules::answer::{Answer, ArticleTemplate, MusicTemplate, VideoTemplate};
use crate::rules::compile::Compiler;
use crate::rules::compile::at::At;
use crate::rules::file;
use crate::rules::file::{AnswerParts, ArticleParts, Text};
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree::Part;

/// More articles than this are an error: WeChat takes eight in one answer.
const MAX_ARTICLES: usize = 8;

impl Compiler<'_> {
    pub(super) fn answer(
        &mut self,
        written: &file::Answer,
        scope: &Scope,
        at: &At,
    ) -> Option<Answer> {
        match written {
            file::Answer::Line(Text(line)) => match line.as_str() {
                "success" => Some(Answer::Silence),
                "transfer_customer_service" => Some(Answer::CustomerService(None)),
                "" => {
                    self.report
                        .error(at, Part::Key, phrase!(empty_reply))
                        .help(phrase!(help_empty_reply));
                    None
                }
                line => self.template(line, scope, at).map(Answer::Text),
            },
            file::Answer::Parts(parts) => self.parts(parts, scope, at),
        }
    }

    fn parts(&mut self, parts: &AnswerParts, scope: &Scope, at: &At) -> Option<Answer> {
        let kinds = kinds(parts);
        match kinds.as_slice() {
            [] => {
                self.report
                    .missing(at, phrase!(reply_without_kind))
                    .help(phrase!(help_reply_kinds));
                return None;
            }
            [_] => {}
            [first, second, ..] => {
                self.report
                    .error(
                        &at.key(second),
                        Part::Key,
                        phrase!(mixed_reply, first = *first, second = *second),
                    )
                    .help(phrase!(help_mixed_reply));
                return None;
            }
        }
        if let Some(text) = parts.text.as_ref() {
            return self.needed(text, "text", scope, at).map(Answer::Text);
        }
        if let Some(id) = parts.image.as_ref() {
            return self
                .media(MediaKind::Image, id, "image", scope, at)
                .map(Answer::Image);
        }
        if let Some(id) = parts.voice.as_ref() {
            return self
                .media(MediaKind::Voice, id, "voice", scope, at)
                .map(Answer::Voice);
        }
        if let Some(video) = parts.video.as_ref() {
            let at = at.key("video");
            let title = self.part(video.title.as_ref(), "title", scope, &at);
            let description = self.part(video.description.as_ref(), "description", scope, &at);
            let id = self.there(video.media_id.as_ref(), "media_id", &at)?;
            let media_id = self.media(MediaKind::Video, id, "media_id", scope, &at)?;
            return Some(Answer::Video(Box::new(VideoTemplate {
                media_id,
                title,
                description,
            })));
        }
        if let Some(music) = parts.music.as_ref() {
            let at = at.key("music");
            let title = self.part(music.title.as_ref(), "title", scope, &at);
            let description = self.part(music.description.as_ref(), "description", scope, &at);
            let music_url = self.part(music.music_url.as_ref(), "music_url", scope, &at);
            let hq_music_url = self.part(music.hq_music_url.as_ref(), "hq_music_url", scope, &at);
            let id = self.there(music.thumb_media_id.as_ref(), "thumb_media_id", &at)?;
            let thumb_media_id = self.media(MediaKind::Thumb, id, "thumb_media_id", scope, &at)?;
            return Some(Answer::Music(Box::new(MusicTemplate {
                title,
                description,
                music_url,
                hq_music_url,
                thumb_media_id,
            })));
        }
        if let Some(articles) = parts.news.as_ref() {
            return self.news(articles, scope, &at.key("news"));
        }
        if let Some(account) = parts.transfer_customer_service.as_ref() {
            let account = self.needed(account, "transfer_customer_service", scope, at)?;
            return Some(Answer::CustomerService(Some(account)));
        }
        let choices = parts.random.as_ref()?;
        self.random(choices, scope, &at.key("random"))
    }

    fn news(&mut self, articles: &[ArticleParts], scope: &Scope, at: &At) -> Option<Answer> {
        if articles.is_empty() {
            self.report
                .missing(at, phrase!(empty_list))
                .help(phrase!(help_no_article));
        }
        if articles.len() > MAX_ARTICLES {
            self.report
                .error(
                    &at.index(MAX_ARTICLES),
                    Part::Value,
                    phrase!(too_many_articles, count = articles.len()),
                )
                .help(phrase!(help_too_many_articles, limit = MAX_ARTICLES));
        }
        let mut templates = Vec::new();
        for (index, article) in articles.iter().enumerate() {
            let at = at.index(index);
            let title = self.required(article.title.as_ref(), "title", scope, &at);
            let description = self.part(article.description.as_ref(), "description", scope, &at);
            let pic_url = self.part(article.pic_url.as_ref(), "pic_url", scope, &at);
            let url = self.part(article.url.as_ref(), "url", scope, &at);
            templates.push(title.map(|title| ArticleTemplate {
                title,
                description,
                pic_url,
                url,
            }));
        }
        templates
            .into_iter()
            .collect::<Option<_>>()
            .map(Answer::News)
    }

    fn random(&mut self, choices: &[file::Answer], scope: &Scope, at: &At) -> Option<Answer> {
        if choices.is_empty() {
            self.report
                .missing(at, phrase!(empty_list))
                .help(phrase!(help_random));
        }
        let mut answers = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            answers.push(self.answer(choice, scope, &at.index(index)));
        }
        answers
            .into_iter()
            .collect::<Option<_>>()
            .map(Answer::Random)
    }

    fn required(
        &mut self,
        text: Option<&Text>,
        key: &str,
        scope: &Scope,
        at: &At,
    ) -> Option<Template> {
        let text = self.there(text, key, at)?;
        self.needed(text, key, scope, at)
    }

    fn there<'t>(&mut self, text: Option<&'t Text>, key: &str, at: &At) -> Option<&'t Text> {
        if text.is_none() {
            self.report
                .missing(at, phrase!(missing_key, key))
                .help(phrase!(help_missing_key, key));
        }
        text
    }

    pub(super) fn needed(
        &mut self,
        text: &Text,
        key: &str,
        scope: &Scope,
        at: &At,
    ) -> Option<Template> {
        let at = at.key(key);
        if text.0.is_empty() {
            self.report
                .error(&at, Part::Key, phrase!(empty_value, key))
                .help(phrase!(help_empty_part));
            return None;
        }
        self.template(&text.0, scope, &at)
    }

    fn part(&mut self, text: Option<&Text>, key: &str, scope: &Scope, at: &At) -> Option<Template> {
        self.template(&text?.0, scope, &at.key(key))
    }

    pub(super) fn template(&mut self, text: &str, scope: &Scope, at: &At) -> Option<Template> {
        let errors = match Template::parse(text, scope) {
            Ok(template) => return Some(template),
            Err(errors) => errors,
        };
        for error in errors {
            let written = text.get(error.range).unwrap_or_default().to_owned();
            let place = self.report.place_within(at, &written);
            self.report
                .error(at, Part::Value, error.message)
                .place(place)
                .help(error.help);
        }
        None
    }
}

fn kinds(parts: &AnswerParts) -> Vec<&'static str> {
    [
        ("text", parts.text.is_some()),
        ("image", parts.image.is_some()),
        ("voice", parts.voice.is_some()),
        ("video", parts.video.is_some()),
        ("music", parts.music.is_some()),
        ("news", parts.news.is_some()),
        (
            "transfer_customer_service",
            parts.transfer_customer_service.is_some(),
        ),
        ("random", parts.random.is_some()),
    ]
    .into_iter()
    .filter(|(_, there)| *there)
    .map(|(kind, _)| kind)
    .collect()
}
