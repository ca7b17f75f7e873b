//! Replies that WeChat cuts, drops or refuses, and placeholders that are always empty.

use crate::reply::MAX_TEXT_BYTES;
use crate::rules::answer::Answer;
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::facts::{Facts, Known};
use crate::rules::lint::{Warning, brackets, quoting, wechat_catalog};
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
        let message = "who has just unsubscribed receives nothing";
        let help = "write reply: success; what the rule stores or forgets is done all the same";
        warn(rule, &[Step::Key("reply")], message.to_owned(), help, found);
    }
    for (path, template) in templates(rule) {
        if let Some((written, meant)) = brackets::spoilt(template) {
            let message = format!("`{written}` is no placeholder, and shown as it stands");
            let help = format!("write it in plain brackets: {meant}");
            warn(rule, &path, message, help, found);
        }
        always_empty(rule, &path, template, &facts.when, found);
    }
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
    message: String,
    help: impl Into<String>,
    found: &mut Vec<Warning<'r>>,
) {
    let (path, help) = (path.to_vec(), help.into());
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
        let message = "a media id is wanted here".to_owned();
        let help = "upload the file as material of the account and write the id that WeChat gives \
                    it, of letters, digits, - and _";
        let path: Vec<_> = path.iter().cloned().chain(steps).collect();
        warn(rule, &path, message, help, found);
    }
    match written {
        Answer::Text(template) if template.min_bytes() > MAX_TEXT_BYTES => {
            path.push(Step::Key("text"));
            let bytes = template.min_bytes();
            let message = format!("this text is always cut: WeChat takes {MAX_TEXT_BYTES} bytes");
            let help = format!(
                "it has {bytes} without its placeholders, a Chinese letter counting three; \
                 shorten it, or link to an article"
            );
            warn(rule, path, message, help, found);
            path.pop();
        }
        Answer::Text(template) => {
            if let Some(meant) = template.literal().and_then(nearly_a_word)
                && sources.is_plain(rule.origin, path)
            {
                let message = "followers see this word as it stands".to_owned();
                let help = format!("did you mean {meant}? A text goes in quotes");
                warn(rule, path, message, help, found);
            }
            path.push(Step::Key("text"));
            if quoting::shows_backslash(rule, template, path, sources) {
                let message = r"followers see `\n` here as it stands".to_owned();
                let help = "for a new line put the text in double quotes, or its lines under `|-`";
                warn(rule, path, message, help, found);
            }
            path.pop();
        }
        Answer::News(articles) if articles.len() > 1 && !known.is_event() => {
            path.extend([Step::Key("news"), Step::Index(1), Step::Key("title")]);
            let message = "a message is answered with one article: WeChat drops this".to_owned();
            let help = "keep one article, or answer events only, which take up to 8: \
                        when: { type: event }";
            warn(rule, path, message, help, found);
            path.truncate(path.len() - 3);
        }
        Answer::CustomerService(_) if known.is_event() => {
            let message = "WeChat hands over messages, not events".to_owned();
            let help = "answer the event with a text that asks the follower to write, and hand \
                        over what they write in a rule for messages";
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
        Answer::Image(id) => (&["image"], id),
        Answer::Voice(id) => (&["voice"], id),
        Answer::Video(video) => (&["video", "media_id"], &video.media_id),
        Answer::Music(music) => (&["music", "thumb_media_id"], &music.thumb_media_id),
        _ => return None,
    };
    Some((steps.iter().map(|step| Step::Key(step)).collect(), id))
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
                [name] if name == "event" => "an event",
                [name] => &format!("a message of type {name}"),
                _ => "a message of these types",
            };
            let message = format!("<{placeholder}> is always empty: {who} has nothing of the kind");
            let help = "take it out, or name the type of message that has it under `when`";
            warn(rule, path, message, help, found);
        }
    }
}
