//! Replies that WeChat cuts, drops or refuses, and placeholders that are always empty.

use crate::i18n::{Phrase, phrase};
use crate::reply::MAX_TEXT_BYTES;
use crate::rules::answer::Answer;
use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::facts::{Facts, Known};
use crate::rules::lint::{Warning, brackets, habits, quoting, wechat_catalog};
use crate::rules::parsed::ParsedSources;
use crate::rules::template::Template;
use crate::rules::yaml::tree::Step;
use crate::rules::{ChangeTemplate, Rule, nearest};

pub(super) fn report<'r>(
    rule: &'r Rule,
    facts: &Facts<'r>,
    sources: &ParsedSources,
    found: &mut Vec<Warning<'r>>,
) {
    if facts.conflict.is_some() {
        return;
    }
    let mut path = vec![Step::Key("reply")];
    answer(rule, &rule.answer, &facts.when, sources, &mut path, found);
    if rule.answer != Answer::Silence && only_unsubscribed(&facts.when) {
        let message = phrase!(reply_to_unsubscribe);
        let help = phrase!(help_unsubscribe);
        warn(rule, &[Step::Key("reply")], message, help, found);
    }
    for (path, template) in templates(rule) {
        let has_regex = rule
            .conditions()
            .any(|condition| matches!(condition, Condition::Text(_, Test::Regex(_))));
        for (message, help) in spoilt_text(template, has_regex) {
            warn(rule, &path, message, help, found);
        }
        // What follows the prefix of a key is the operator's own.
        let is_typed = |name: &&str| {
            let typed = |condition: &Condition| {
                matches!(
                    condition,
                    Condition::Text(Subject::Content, Test::Prefix(_))
                )
            };
            *name != "rest" || rule.conditions().any(typed)
        };
        if let Some(name) = template.bare_in_address().filter(is_typed) {
            let message = phrase!(bare_in_address, name);
            let help = phrase!(help_url_placeholder, name);
            warn(rule, &path, message, help, found);
        }
        always_empty(rule, &path, template, &facts.when, found);
    }
}

/// What in a text followers would see otherwise than it is meant, each with what to write.
pub(super) fn spoilt_text(template: &Template, has_regex: bool) -> Vec<(Phrase, Phrase)> {
    let spoilt = brackets::spoilt(template).map(|(written, meant)| {
        let message = phrase!(not_a_placeholder, written);
        (message, phrase!(help_plain_placeholder, meant))
    });
    let is_spoilt = spoilt.is_some();
    let found = [
        spoilt,
        habits::html(template),
        habits::foreign_placeholder(template, has_regex).filter(|_| !is_spoilt),
        habits::broken_link(template),
    ];
    found.into_iter().flatten().collect()
}

/// Every template of a rule with where it stands; those of a reply together.
pub(super) fn templates(rule: &Rule) -> Vec<(Vec<Step<'_>>, &Template)> {
    let changes = rule.changes.iter().filter_map(|change| match change {
        ChangeTemplate::Set { key, value, .. } => Some(("set", key, value)),
        ChangeTemplate::Add { key, item } => Some(("add", key, item)),
        ChangeTemplate::Remove { key, item } => Some(("remove", key, item)),
        ChangeTemplate::Increase { key, by, .. } => Some(("increase", key, by)),
        ChangeTemplate::Clear { .. } | ChangeTemplate::ClearAll | ChangeTemplate::Step { .. } => {
            None
        }
    });
    let changes = changes.map(|(what, key, template)| {
        let path = vec![Step::Key(what), Step::Key(key)];
        (path, template)
    });
    let answers = rule.answer.templates().into_iter();
    answers
        .map(|template| (vec![Step::Key("reply")], template))
        .chain(changes)
        .collect()
}

fn warn<'r>(
    rule: &'r Rule,
    path: &[Step<'r>],
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
    rule: &'r Rule,
    written: &Answer,
    known: &Known,
    sources: &ParsedSources,
    path: &mut Vec<Step<'r>>,
    found: &mut Vec<Warning<'r>>,
) {
    if let Some((steps, id)) = media_id(written)
        && let Some(id) = id.literal()
        && id.contains(|letter: char| ":.".contains(letter) || !letter.is_ascii())
    {
        let message = phrase!(invalid_media_id);
        let help = match nearly_a_path(id) {
            Some(meant) => phrase!(help_media_path, meant),
            None => phrase!(help_media_id),
        };
        let path: Vec<_> = path.iter().cloned().chain(steps).collect();
        warn(rule, &path, message, help, found);
    }
    match written {
        Answer::Text(template) if template.min_bytes() > MAX_TEXT_BYTES => {
            path.push(Step::Key("text"));
            let bytes = template.min_bytes();
            let message = phrase!(text_too_long, limit = MAX_TEXT_BYTES);
            let help = phrase!(help_text_too_long, bytes);
            warn(rule, path, message, help, found);
            path.pop();
        }
        Answer::Text(template) => {
            if let Some(meant) = template.literal().and_then(nearly_a_word)
                && sources.is_plain(rule.origin, path)
            {
                let message = phrase!(literal_reply_word);
                let help = phrase!(help_reply_word, meant);
                warn(rule, path, message, help, found);
            }
            path.push(Step::Key("text"));
            if quoting::shows_backslash(rule, template, path, sources) {
                let message = phrase!(literal_backslash_n);
                let help = phrase!(help_new_line);
                warn(rule, path, message, help, found);
            }
            path.pop();
        }
        Answer::News(articles) if articles.len() > 1 && !known.is_event() => {
            path.extend([Step::Key("news"), Step::Index(1), Step::Key("title")]);
            let message = phrase!(extra_articles);
            let help = phrase!(help_one_article);
            warn(rule, path, message, help, found);
            path.truncate(path.len() - 3);
        }
        Answer::CustomerService(_) if known.is_event() => {
            let message = phrase!(event_to_customer_service);
            let help = phrase!(help_transfer);
            warn(rule, path, message, help, found);
        }
        Answer::Random(answers) => {
            for (index, choice) in answers.iter().enumerate() {
                path.extend([Step::Key("random"), Step::Index(index)]);
                answer(rule, choice, known, sources, path, found);
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
fn media_id(answer: &Answer) -> Option<(Vec<Step<'static>>, &Template)> {
    let (steps, id): (&[&str], _) = match answer {
        Answer::Image(image) => (&["image"], image),
        Answer::Voice(voice) => (&["voice"], voice),
        Answer::Video(video) => (&["video", "media_id"], &video.media_id),
        Answer::Music(music) => (&["music", "thumb_media_id"], &music.thumb_media_id),
        _ => return None,
    };
    let id = id.template()?;
    Some((steps.iter().map(|step| Step::Key(step)).collect(), id))
}

/// The path that a file name was to be.
fn nearly_a_path(id: &str) -> Option<String> {
    let is_below = !id.contains(':') && !id.starts_with(['/', '.']) && id.contains('.');
    match id.strip_prefix(".\\") {
        Some(name) => Some(format!("./{name}")),
        None => is_below.then(|| format!("./{id}")),
    }
}

fn only_unsubscribed(known: &Known) -> bool {
    known
        .events
        .as_ref()
        .is_some_and(|events| events.iter().all(|event| event == "unsubscribe"))
}

/// Placeholders for elements that no message of the rule's types has.
fn always_empty<'r>(
    rule: &'r Rule,
    path: &[Step<'r>],
    template: &Template,
    known: &Known,
    found: &mut Vec<Warning<'r>>,
) {
    let Some(types) = known.types.as_deref() else {
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
            warn(rule, path, message, help, found);
        }
    }
}
