//! Where a text stops being YAML, and how that is said. Knows serde_yaml's sentences, no rule.

use std::ops::Range;

use crate::rules::yaml::aliases::MULTIPLIED;
use crate::rules::yaml::hints::hint;

#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub range: Range<usize>,
    pub message: String,
    /// Where the message alone does not tell what to do.
    pub help: Option<String>,
}

pub(super) const TOO_DEEP: &str = "it is nested too deeply";
const TAGGED: &str = "a tag (a word that begins with !) where a text is expected";

/// The words of serde_yaml, without the places that they mention: ours stands before them.
pub(super) fn said(text: &str, error: &serde_yaml::Error) -> SyntaxError {
    let words = error.to_string();
    let (words, offset) = match words.split_once(" at position ") {
        Some((before, behind)) => {
            let digits = behind.find(|letter: char| !letter.is_ascii_digit());
            let (digits, after) = behind.split_at(digits.unwrap_or(behind.len()));
            (format!("{before}{after}"), digits.parse().ok())
        }
        None => (words, None),
    };
    let stopped = stopping(&words).or(error.location().map(|at| (at.line(), at.column())));
    let stopped_at = offset.or(stopped.map(|(line, column)| byte_at(text, line, column)));
    let opening = opening(&words).or(stopped);
    let at = match (offset, opening) {
        (Some(offset), _) => offset,
        (None, Some((line, column))) => byte_at(text, line, column),
        (None, None) => 0,
    };
    if let Some(hint) = stopped_at.and_then(|stopped| hint(text, stopped, at, &words)) {
        return hint;
    }
    let tab = text.get(at..).is_some_and(|there| there.starts_with('\t'));
    SyntaxError {
        range: at..next_character(text, at),
        message: match tab {
            true => "a tab begins the line".to_owned(),
            false => in_our_words(&words),
        },
        help: None,
    }
}

/// Where the reader was when it gave up.
fn stopping(words: &str) -> Option<(usize, usize)> {
    let (before, _) = words.split_once(", while ").unwrap_or((words, ""));
    place(before.split_once(" at line ")?.1)
}

/// `3 column 14`, whatever stands behind it.
fn place(words: &str) -> Option<(usize, usize)> {
    let (line, behind) = words.split_once(" column ")?;
    let digits = |letter: char| !letter.is_ascii_digit();
    let column = behind.split(digits).next()?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// Where that began whose end was not found: of more use than where the search ended.
fn opening(words: &str) -> Option<(usize, usize)> {
    let began = ["a quoted scalar", "a flow", "a simple key"];
    let (_, behind) = words.split_once(", while ")?;
    let (what, there) = behind.split_once(" at line ")?;
    let known = began.iter().any(|began| what.contains(began)) && !words.contains("escape");
    known.then(|| place(there))?
}

pub(super) fn in_our_words(words: &str) -> String {
    match words {
        words if words.contains("recursion limit") => TOO_DEEP.to_owned(),
        words if words.contains("repetition limit") => MULTIPLIED.to_owned(),
        words if words.contains("invalid type: enum") => TAGGED.to_owned(),
        words => without_places(words),
    }
}

/// serde_yaml counts characters, from 1.
fn byte_at(text: &str, line: usize, column: usize) -> usize {
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let line = lines.next().unwrap_or_default();
    let mut places = line.char_indices().map(|(at, _)| at);
    before + places.nth(column.saturating_sub(1)).unwrap_or(line.len())
}

/// Behind the character that begins at, or after, a byte.
fn next_character(text: &str, at: usize) -> usize {
    let mut ends = at + 1..=text.len();
    ends.find(|end| text.is_char_boundary(*end)).unwrap_or(at)
}

fn without_places(words: &str) -> String {
    let mut kept = String::new();
    for (index, part) in words.split(" at line ").enumerate() {
        match index {
            0 => kept.push_str(part),
            _ => kept.push_str(part.trim_start_matches(|letter: char| {
                letter.is_ascii_digit() || " column".contains(letter)
            })),
        }
    }
    kept
}
