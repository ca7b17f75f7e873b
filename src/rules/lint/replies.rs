//! Replies that WeChat cuts, drops or refuses, and placeholders that are always empty.

use crate::i18n::{Phrase, phrase};
use crate::reply::{MAX_TEXT_BYTES, Reply};
use crate::rules::answer::Answer;
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::rule_texts::RuleTexts;
use crate::rules::lint::{Warning, brackets, foreign_habits, quoting, wechat_catalog};
use crate::rules::parsed::ParsedSources;
use crate::rules::template::Template;
use crate::rules::yaml::tree::PathStep;
use crate::rules::{Rule, nearest};

pub(super) fn report<'r>(
    said: &RuleTexts<'r>,
    sources: &ParsedSources,
    found: &mut Vec<Warning<'r>>,
) {
    let rule = said.rule;
    for (mut path, shown) in said.answers() {
        answer(said, shown, sources, &mut path, found);
        if *shown != Answer::SILENCE && said.only_to_unsubscribed() {
            let message = phrase!(reply_to_unsubscribe);
            let help = phrase!(help_unsubscribe);
            warn(rule, &path, message, help, found);
        }
    }
    for (path, template) in said.templates() {
        for (message, help) in spoilt_text(template, said) {
            warn(rule, &path, message, help, found);
        }
        // What follows the prefix of a key is the operator's own.
        let is_typed = |name: &&str| {
            let typed = |condition: &Condition| {
                matches!(
                    condition,
                    Condition::Text(Subject::Content, Test::Literal(Shape::Prefix, _))
                )
            };
            *name != "rest" || rule.conditions().any(typed)
        };
        if let Some(name) = template.bare_in_address().filter(is_typed) {
            let message = phrase!(bare_in_address, name);
            let help = phrase!(help_url_placeholder, name);
            warn(rule, &path, message, help, found);
        }
        always_empty(said, &path, template, found);
    }
}

/// What in a text followers would see otherwise than it is meant, each with what to write.
fn spoilt_text(template: &Template, said: &RuleTexts) -> Vec<(Phrase, Phrase)> {
    let spoilt = brackets::spoilt(template, &said.names).map(|(written, meant)| {
        let message = phrase!(not_a_placeholder, written);
        (message, phrase!(help_plain_placeholder, meant))
    });
    let is_spoilt = spoilt.is_some();
    let found = [
        spoilt,
        foreign_habits::html(template),
        foreign_habits::foreign_placeholder(template, said.has_groups).filter(|_| !is_spoilt),
        foreign_habits::broken_link(template),
    ];
    found.into_iter().flatten().collect()
}

fn warn<'r>(
    rule: &'r Rule,
    path: &[PathStep<'r>],
    message: Phrase,
    help: Phrase,
    found: &mut Vec<Warning<'r>>,
) {
    let path = path.to_vec();
    found.push(Warning::new(rule.origin, move |sources| {
        Diagnostic::warning(sources.place_in(rule.origin, &path), message).help(help)
    }));
}

fn answer<'r>(
    said: &RuleTexts<'r>,
    written: &Answer,
    sources: &ParsedSources,
    path: &mut Vec<PathStep<'r>>,
    found: &mut Vec<Warning<'r>>,
) {
    let rule = said.rule;
    if let Some((steps, id)) = media_id(written)
        && let Some(id) = id.literal()
        && id.contains(|letter: char| ":.".contains(letter) || !letter.is_ascii())
    {
        let message = phrase!(invalid_media_id);
        let help = match nearly_a_path(id) {
            _ if id.starts_with('~') => phrase!(help_media_home),
            Some(meant) => phrase!(help_media_path, meant),
            None => phrase!(help_media_id),
        };
        let path: Vec<_> = path.iter().cloned().chain(steps).collect();
        warn(rule, &path, message, help, found);
    }
    match written {
        Answer::One(Reply::Text(template)) if template.min_bytes() > MAX_TEXT_BYTES => {
            path.push(PathStep::Key("text"));
            let bytes = template.min_bytes();
            let message = phrase!(text_too_long, limit = MAX_TEXT_BYTES);
            let help = phrase!(help_text_too_long, bytes);
            warn(rule, path, message, help, found);
            path.pop();
        }
        Answer::One(Reply::Text(template)) => {
            if let Some(meant) = template.literal().and_then(nearly_a_word)
                && sources.is_plain(rule.origin, path)
            {
                let message = phrase!(literal_reply_word);
                let help = phrase!(help_reply_word, meant);
                warn(rule, path, message, help, found);
            }
            path.push(PathStep::Key("text"));
            if quoting::shows_backslash(rule, template, path, sources) {
                let message = phrase!(literal_backslash_n);
                let help = phrase!(help_new_line);
                warn(rule, path, message, help, found);
            }
            path.pop();
        }
        Answer::One(Reply::News(articles)) if articles.len() > 1 && !said.only_to_events() => {
            path.extend([
                PathStep::Key("news"),
                PathStep::Index(1),
                PathStep::Key("title"),
            ]);
            let message = phrase!(extra_articles);
            let help = phrase!(help_one_article);
            warn(rule, path, message, help, found);
            path.truncate(path.len() - 3);
        }
        Answer::One(Reply::CustomerService { .. }) if said.only_to_events() => {
            let message = phrase!(event_to_customer_service);
            let help = phrase!(help_transfer);
            warn(rule, path, message, help, found);
        }
        Answer::Random(answers) => {
            for (index, choice) in answers.iter().enumerate() {
                path.extend([PathStep::Key("random"), PathStep::Index(index)]);
                answer(said, choice, sources, path, found);
                path.truncate(path.len() - 2);
            }
        }
        _ => {}
    }
}

const REPLY_WORDS: [&str; 2] = ["success", "transfer_customer_service"];

/// The word that a reply of one mistyped word was to be: those words mean something else than a
/// text.
fn nearly_a_word(text: &str) -> Option<&'static str> {
    let is_word = text
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    let mut near = REPLY_WORDS.into_iter().filter(|word| {
        let hints = 1 + word.len() / 20;
        is_word
            && word.len().abs_diff(text.len()) <= hints
            && nearest::edits(word, &text.to_ascii_lowercase()) <= hints
    });
    near.find(|word| *word != text)
}

/// Whether a text that stands alone as a reply would be taken for another kind of reply, or
/// warned of.
pub(crate) fn is_or_nearly_a_reply_word(text: &str) -> bool {
    REPLY_WORDS.contains(&text) || nearly_a_word(text).is_some()
}

/// The template of a media id, with the way to it.
fn media_id(answer: &Answer) -> Option<(Vec<PathStep<'static>>, &Template)> {
    let Answer::One(reply) = answer else {
        return None;
    };
    let (part, _, media) = reply.media()?;
    let steps = [Some(reply.kind()?.name), part.key].into_iter().flatten();
    Some((steps.map(PathStep::Key).collect(), media.template()?))
}

/// The path that a file name was to be.
fn nearly_a_path(id: &str) -> Option<String> {
    let is_below = !id.contains(':') && !id.starts_with(['/', '.']) && id.contains('.');
    match id.strip_prefix(".\\") {
        Some(name) => Some(format!("./{name}")),
        None => is_below.then(|| format!("./{id}")),
    }
}

/// Placeholders for elements that no message of the rule's types has.
fn always_empty<'r>(
    said: &RuleTexts<'r>,
    path: &[PathStep<'r>],
    template: &Template,
    found: &mut Vec<Warning<'r>>,
) {
    let Some(types) = said.types.as_deref() else {
        return;
    };
    for (placeholder, element) in template.elements() {
        let lacks = |name: &String| match name.as_str() {
            "event" => ["content", "bizmsgmenuid"].contains(&element),
            name => wechat_catalog::lacks(name, element),
        };
        if types.iter().all(lacks) {
            let who = match types {
                [name] if name == "event" => phrase!(who_event),
                [name] => phrase!(who_type, name),
                _ => phrase!(who_types),
            };
            let message = phrase!(always_empty, name = placeholder, who);
            let help = phrase!(help_always_empty);
            warn(said.rule, path, message, help, found);
        }
    }
}
