//! `reply`: texts and parts to an answer.

use crate::i18n::phrase;
use crate::reply::{Article, Kind, MAX_ARTICLES, MapParts, PartContent, Reply, ReplyPart};
use crate::rules::answer::{Answer, MediaTemplate};
use crate::rules::compile::Compiler;
use crate::rules::compile::path::At;
use crate::rules::file;
use crate::rules::file::{AnswerParts, Text};
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree;

/// Of a rule file alone.
const RANDOM: Kind = Kind {
    name: "random",
    element: None,
};

impl Compiler<'_> {
    pub(super) fn answer(
        &mut self,
        written: &file::ReplyEntry,
        scope: &Scope,
        at: &At,
    ) -> Option<Answer> {
        match written {
            file::ReplyEntry::Line(Text(line)) => match line.as_str() {
                "success" => Some(Answer::SILENCE),
                "transfer_customer_service" => {
                    Some(Answer::One(Reply::CustomerService { account: None }))
                }
                "" => {
                    self.report
                        .error(at, tree::EntryPart::Key, phrase!(empty_reply))
                        .help(phrase!(help_empty_reply));
                    None
                }
                line => {
                    let text = self.template(line, scope, at)?;
                    Some(Answer::One(Reply::Text(text)))
                }
            },
            file::ReplyEntry::Parts(parts) => self.parts(parts, scope, at),
        }
    }

    fn parts(&mut self, parts: &AnswerParts, scope: &Scope, at: &At) -> Option<Answer> {
        let replies = parts.replies();
        let mut kinds: Vec<_> = replies.iter().filter_map(Reply::kind).collect();
        kinds.extend(parts.random.as_ref().map(|_| RANDOM));
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
                        &at.key(second.name),
                        tree::EntryPart::Key,
                        phrase!(mixed_reply, first = first.name, second = second.name),
                    )
                    .help(phrase!(help_mixed_reply));
                return None;
            }
        }
        if let Some(choices) = parts.random.as_ref() {
            return self.random(choices, scope, &at.key(RANDOM.name));
        }
        let reply = replies.first()?;
        let kind = reply.kind()?.name;
        let within = at.key(kind);
        if let Reply::News(articles) = reply {
            return self.news(articles, scope, &within);
        }
        let mut templates = Templates {
            compiler: self,
            scope,
            only: (at, kind),
            within: &within,
        };
        reply.map_parts(&mut templates).ok().map(Answer::One)
    }

    fn news(
        &mut self,
        articles: &[Article<Option<&Text>>],
        scope: &Scope,
        at: &At,
    ) -> Option<Answer> {
        if articles.is_empty() {
            self.report
                .missing(at, phrase!(empty_list))
                .help(phrase!(help_no_article));
        }
        if articles.len() > MAX_ARTICLES {
            self.report
                .error(
                    &at.index(MAX_ARTICLES),
                    tree::EntryPart::Value,
                    phrase!(too_many_articles, count = articles.len()),
                )
                .help(phrase!(help_too_many_articles, limit = MAX_ARTICLES));
        }
        let mut templates = Vec::new();
        for (index, article) in articles.iter().enumerate() {
            templates.push(article.map_parts(&mut Templates {
                compiler: self,
                scope,
                only: (at, ""),
                within: &at.index(index),
            }));
        }
        let templates: Result<_, _> = templates.into_iter().collect();
        templates.ok().map(Reply::News).map(Answer::One)
    }

    fn random(&mut self, choices: &[file::ReplyEntry], scope: &Scope, at: &At) -> Option<Answer> {
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
                .error(&at, tree::EntryPart::Key, phrase!(empty_value, key))
                .help(phrase!(help_empty_part));
            return None;
        }
        self.template(&text.0, scope, &at)
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
                .error(at, tree::EntryPart::Value, error.message)
                .place(place)
                .help(error.help);
        }
        None
    }
}

/// Makes templates of what is written.
struct Templates<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    scope: &'c Scope<'c>,
    /// Where the only part stands, and its key there.
    only: (&'c At<'c>, &'static str),
    /// Where all others stand.
    within: &'c At<'c>,
}

/// What is wrong is in the report.
struct Reported;

impl<'c> Templates<'c, '_> {
    fn place(&self, part: ReplyPart) -> (&'c At<'c>, &'static str) {
        part.key.map_or(self.only, |key| (self.within, key))
    }
}

impl MapParts<'_, Option<&Text>, Option<&Text>> for Templates<'_, '_> {
    type Text = Template;
    type Media = MediaTemplate;
    type Error = Reported;

    fn needed(&mut self, part: ReplyPart, text: &Option<&Text>) -> Result<Template, Reported> {
        let (at, key) = self.place(part);
        let text = self.compiler.there(*text, key, at).ok_or(Reported)?;
        let template = self.compiler.needed(text, key, self.scope, at);
        template.ok_or(Reported)
    }

    fn optional(
        &mut self,
        part: ReplyPart,
        text: &Option<&Text>,
    ) -> Result<Option<Template>, Reported> {
        let Some(Text(text)) = text else {
            return Ok(None);
        };
        let (at, key) = self.place(part);
        let template = self.compiler.template(text, self.scope, &at.key(key));
        template.map(Some).ok_or(Reported)
    }

    fn media(&mut self, part: ReplyPart, text: &Option<&Text>) -> Result<MediaTemplate, Reported> {
        let (at, key) = self.place(part);
        let text = self.compiler.there(*text, key, at).ok_or(Reported)?;
        let PartContent::Media(kind) = part.content else {
            return Err(Reported);
        };
        let media = self.compiler.media(kind, text, key, self.scope, at);
        media.ok_or(Reported)
    }
}
