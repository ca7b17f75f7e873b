//! Beginnings of lines that were meant as a key, an item or a comment. Knows no rules.

use std::ops::Range;

use crate::i18n::phrase;
use crate::rules::yaml::broken::SyntaxError;
use crate::rules::yaml::hints::{colon_help, is_plain_key, key_without_colon, line_before};

const DASHES: [char; 3] = ['－', '—', '–'];
const BULLETS: [char; 6] = ['•', '·', '●', '▪', '◦', '・'];

/// `name：a`, `-name: a` or `// a` on the line above: to YAML, everything below is part of that
/// text, and the first plain colon is the first error.
pub(super) fn above(text: &str, start: usize) -> Option<SyntaxError> {
    hint(text, &line_before(text, start)?)
}

/// The same if reading stopped on that line.
pub(super) fn here(text: &str, line: &Range<usize>, stopped: usize) -> Option<SyntaxError> {
    let (at, _) = head(text, line)?;
    (stopped <= at).then(|| hint(text, line))?
}

/// A line for the YAML reader, or one below it.
pub(super) fn directive(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let above = line_before(text, line.start);
    let lines = [Some(line.clone()), above];
    let mut lines = lines.into_iter().flatten();
    let line = lines.find(|line| text.get(line.clone()).is_some_and(|it| it.starts_with('%')))?;
    Some(SyntaxError {
        range: line.start..line.start + text.get(line)?.trim_end().len(),
        problem: phrase!(hint_directive),
        help: phrase!(help_directive),
    })
}

/// Only words that can be keys of a rule file count as keys; others are probably a text that
/// continues, such as 周一：九点到六点.
fn hint(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let (at, item) = head(text, line)?;
    let is_plain = key_without_colon(item).is_some_and(is_plain_key);
    let colon = || is_plain.then(|| colon(at, item)).flatten();
    colon().or_else(|| comment_or_item(text, line))
}

/// The text after the indentation and a dash.
fn head<'t>(text: &'t str, line: &Range<usize>) -> Option<(usize, &'t str)> {
    let words = text.get(line.clone())?;
    let indented = words.trim_start();
    let item = indented.strip_prefix("- ").unwrap_or(indented).trim_start();
    Some((line.start + words.len() - item.len(), item.trim_end()))
}

fn colon(at: usize, item: &str) -> Option<SyntaxError> {
    let key = key_without_colon(item)?;
    Some(SyntaxError {
        range: at..at + key.len(),
        problem: phrase!(hint_colon, key),
        help: colon_help(key),
    })
}

fn comment_or_item(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let (at, item) = head(text, line)?;
    // `＃话题＃` is a topic.
    let sign = ["//", "＃"].into_iter();
    let mut sign = sign.filter(|sign| item.starts_with(sign) && item.matches(sign).count() == 1);
    if let Some(sign) = sign.next() {
        return Some(SyntaxError {
            range: at..at + sign.len(),
            problem: phrase!(hint_comment, found = sign),
            help: phrase!(help_plain_comment),
        });
    }
    let mark = mark(item)?;
    let words = item.get(mark.len()..)?.trim_start();
    let key = words.split_once([':', '：']).map(|(key, _)| key);
    let example = match key {
        Some(key) if is_plain_key(key) => format!("- {key}: …"),
        _ if is_among_items(text, line) => "- …".to_owned(),
        _ => return None,
    };
    Some(SyntaxError {
        range: at..at + mark.len(),
        problem: phrase!(hint_item),
        help: phrase!(help_plain_item, example),
    })
}

/// The look-alike of a dash and a space.
fn mark(item: &str) -> Option<&str> {
    let first = item.chars().next()?;
    let behind = item.get(first.len_utf8()..)?;
    if DASHES.contains(&first) || BULLETS.contains(&first) {
        return item.get(..first.len_utf8());
    }
    if first == '-' {
        return behind.starts_with(char::is_alphabetic).then_some("-");
    }
    let digits = item.find(|letter: char| !letter.is_ascii_digit())?;
    let behind = item.get(digits..)?.chars().next()?;
    let is_number = (1..4).contains(&digits) && ".、．)）".contains(behind);
    is_number.then(|| item.get(..digits + behind.len_utf8()))?
}

/// A dash may begin a line of a longer text, but not directly below a key or an item.
fn is_among_items(text: &str, line: &Range<usize>) -> bool {
    let above = line_before(text, line.start).and_then(|line| text.get(line));
    above.is_some_and(|words| {
        let words = words.trim();
        words.ends_with(':') || words.starts_with("- ") || mark(words).is_some()
    })
}
