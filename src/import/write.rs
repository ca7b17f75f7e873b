//! Writes a normalized draft as the text of a rule file, with comments, which YAML libraries do not
//! write.

use unicode_width::UnicodeWidthStr;

use crate::i18n::{Phrase, phrase};
use crate::import::draft::{Draft, DraftMode, DraftRule, DraftWhen, Keyword};
use crate::import::reachability;
use crate::reply::{Article, Reply};
use crate::rules::scalar::{inline, lines, template};
use crate::rules::{format, lint};

/// The columns of a comment, unless a single word is longer.
const WIDTH: usize = 96;

/// A line may end behind each of these.
const BREAKS: [char; 7] = [' ', '，', '。', '；', '：', '、', '）'];

pub(super) fn file(draft: &Draft) -> String {
    let mut text = String::new();
    comment(&mut text, "", &draft.origin);
    comment(&mut text, "", &phrase!(import_how_it_reads));
    text.push_str("#\n");
    comment(&mut text, "", &phrase!(import_how_it_compares));
    text.push_str("#\n# options: { trim: true, ignore_case: true, ignore_width: true }\n");
    for note in &draft.notes {
        text.push_str("#\n");
        comment(&mut text, "", note);
    }
    text.push_str("\nrules:\n");
    let first = draft.rules.iter().position(|rule| !rule.off);
    for (place, rule) in draft.rules.iter().enumerate() {
        // As `fmt` does it: no blank line between comments and the first item of a list.
        let is_bare = !rule.repeats && rule.notes.is_empty();
        if place > 0 && !(first == Some(place) && is_bare) {
            text.push('\n');
        }
        let repeated = draft.rules.get(place + 1).is_some_and(|next| next.repeats);
        let anchor = match (rule.repeats, repeated) {
            (true, _) => format!(" *reply{}", place - 1),
            (_, true) => format!(" &reply{place}"),
            _ => String::new(),
        };
        self::rule(&mut text, rule, &anchor);
    }
    text.push_str("\ntests:\n");
    tests(&mut text, &draft.rules);
    text
}

fn rule(text: &mut String, rule: &DraftRule, anchor: &str) {
    if rule.repeats {
        comment(text, "  ", &phrase!(import_second_half));
    }
    for note in &rule.notes {
        comment(text, "  ", note);
    }
    let mut written = format!("  - name: {}\n", inline(&rule.name));
    match &rule.when {
        DraftWhen::Follows => written.push_str("    when: { event: subscribe }\n"),
        DraftWhen::Otherwise => written.push_str(
            "    when: { type: [text, image, voice, video, shortvideo, location, link] }\n",
        ),
        DraftWhen::Says(keywords) => self::keywords(&mut written, keywords),
    }
    written.push_str("    reply:");
    written.push_str(anchor);
    if !rule.repeats {
        written.push_str(&replies(rule));
    }
    written.push('\n');
    for reply in &rule.lost {
        let lost = format!("    reply:{}\n", self::reply(reply, 6, rule.max_articles()));
        comment_out(&mut written, "    ", &lost);
    }
    match rule.off {
        true => comment_out(text, "  ", &written),
        false => text.push_str(&written),
    }
    if rule.when == DraftWhen::Otherwise && rule.replies != [Reply::Silence] && !rule.off {
        comment(text, "    ", &phrase!(import_once_an_hour));
        text.push_str("    # unless: { user: { answered: \"yes\" } }\n");
        text.push_str("    # set: { answered: \"yes\" }\n    # expires: 60m\n");
    }
}

fn keywords(text: &mut String, keywords: &[Keyword]) {
    let contain = keywords
        .iter()
        .any(|keyword| keyword.mode == DraftMode::Contain);
    let operator = if contain { "contains" } else { "equals" };
    let words: Vec<String> = keywords
        .iter()
        .map(|keyword| inline(&keyword.text))
        .collect();
    let row = words.join(", ");
    let line = match words.as_slice() {
        [word] => format!("    when: {{ {operator}: {word} }}"),
        _ => format!("    when: {{ {operator}: [{row}] }}"),
    };
    if line.width() <= format::WIDTH {
        text.push_str(&line);
        text.push('\n');
        return;
    }
    if let [word] = words.as_slice() {
        text.push_str(&format!("    when:\n      {operator}: {word}\n"));
        return;
    }
    text.push_str(&format!("    when:\n      {operator}:\n"));
    for word in words {
        text.push_str(&format!("        - {word}\n"));
    }
}

/// What follows `reply:`.
fn replies(rule: &DraftRule) -> String {
    let shown = rule.max_articles();
    if let [only] = rule.replies.as_slice() {
        return reply(only, 6, shown);
    }
    let mut text = String::from("\n      random:");
    for choice in &rule.replies {
        let choice = reply(choice, 10, shown);
        text.push_str("\n        - ");
        text.push_str(choice.trim_start());
    }
    text
}

/// A reply after its key, with everything below the key indented by this many spaces.
pub(super) fn reply(reply: &Reply, indent: usize, shown: usize) -> String {
    let id = |id: &str| inline(&template(id));
    match reply {
        Reply::Text(text) if lint::is_or_nearly_a_reply_word(text) => {
            format!(" {{ text: {text} }}")
        }
        Reply::Text(text) => format!(" {}", lines(&template(text), indent)),
        Reply::Image { media_id } => format!(" {{ image: {} }}", id(media_id.as_str())),
        Reply::Voice { media_id } => format!(" {{ voice: {} }}", id(media_id.as_str())),
        Reply::Video(video) => format!(
            " {{ video: {{ media_id: {} }} }}",
            id(video.media_id.as_str())
        ),
        Reply::News(articles) => news(articles, indent, shown),
        // The console and sheets contain no other kinds.
        _ => " success".to_owned(),
    }
}

fn news(articles: &[Article], indent: usize, shown: usize) -> String {
    let margin = " ".repeat(indent);
    let mut text = format!("\n{margin}news:");
    for (place, article) in articles.iter().enumerate() {
        let mark = if place < shown { "" } else { "# " };
        let mut parts = vec![format!("- title: {}", inline(&template(&article.title)))];
        for (key, part) in [
            ("description", &article.description),
            ("pic_url", &article.pic_url),
            ("url", &article.url),
        ] {
            let part = part.as_ref().map(|part| inline(&template(part)));
            parts.extend(part.map(|part| format!("  {key}: {part}")));
        }
        for part in parts {
            text.push_str(&format!("\n{margin}  {mark}{part}"));
        }
    }
    text
}

fn tests(text: &mut String, rules: &[DraftRule]) {
    for (place, rule) in rules.iter().enumerate() {
        if rule.off {
            continue;
        }
        let name = &rule.name;
        match &rule.when {
            DraftWhen::Follows => {
                test(
                    text,
                    &phrase!(import_test_greeting).to_string(),
                    "{ event: subscribe }",
                    name,
                );
            }
            DraftWhen::Says(keywords) => {
                for keyword in keywords {
                    let Some(sent) = reachability::text_for(keyword, place, rules) else {
                        continue;
                    };
                    let behaviour = format!("{sent} → {name}");
                    test(text, &behaviour, &inline(&sent), name);
                }
            }
            DraftWhen::Otherwise => {
                let behaviour = match rule.replies.as_slice() {
                    [Reply::Silence] => phrase!(import_test_silence),
                    _ => phrase!(import_test_image),
                };
                test(
                    text,
                    &behaviour.to_string(),
                    "{ type: image, media_id: M1 }",
                    name,
                );
            }
        }
    }
    let otherwise = rules
        .iter()
        .find(|rule| !rule.off && rule.when == DraftWhen::Otherwise);
    if let Some(sent) = reachability::text_for_none(rules) {
        let name = otherwise.map_or("none", |rule| rule.name.as_str());
        let behaviour = phrase!(import_test_no_keyword).to_string();
        test(text, &behaviour, &inline(sent), name);
    }
}

fn test(text: &mut String, behaviour: &str, sent: &str, rule: &str) {
    let (behaviour, rule) = (inline(behaviour), inline(rule));
    let line = format!("  - {{ name: {behaviour}, send: {sent}, expect: {{ rule: {rule} }} }}");
    if line.width() <= format::WIDTH {
        text.push_str(&line);
        text.push('\n');
        return;
    }
    text.push_str(&format!(
        "  - name: {behaviour}\n    send: {sent}\n    expect:\n      rule: {rule}\n"
    ));
}

/// Whether `fmt` leaves it on one line.
pub(super) fn fits_a_line(line: &str) -> bool {
    line.trim_end().width() <= format::WIDTH
}

/// A message as lines of a comment, which begins with a capital and ends with a full stop.
pub(super) fn comment(text: &mut String, margin: &str, message: &Phrase) {
    let message = message.to_string();
    let mut letters = message.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(letters).collect();
    if !sentence.ends_with(['.', ':', '。', '：']) {
        sentence.push_str(&phrase!(import_full_stop).to_string());
    }
    let mut line = format!("{margin}# ");
    let empty = line.len();
    for piece in sentence.split_inclusive(BREAKS) {
        if line.width() + piece.trim_end().width() > WIDTH && line.len() > empty {
            text.push_str(line.trim_end());
            text.push('\n');
            line.truncate(empty);
        }
        line.push_str(piece);
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// Lines of YAML as comments; `margin` goes before the mark.
fn comment_out(text: &mut String, margin: &str, yaml: &str) {
    for line in yaml.lines() {
        let line = line.strip_prefix(margin).unwrap_or(line);
        text.push_str(format!("{margin}# {line}").trim_end());
        text.push('\n');
    }
}
