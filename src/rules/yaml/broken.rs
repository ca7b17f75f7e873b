//! Where a text stops being YAML, and how that is said. Knows serde_yaml's sentences, no rule.

use std::ops::Range;

use crate::i18n::{Phrase, phrase};
use crate::rules::yaml::hints::hint;
use crate::rules::yaml::tree::{ALIAS_OF_ITSELF, SECOND_DOCUMENT};

#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub range: Range<usize>,
    pub problem: Phrase,
    pub help: Phrase,
}

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
    let (problem, help) = match text.get(at..).is_some_and(|there| there.starts_with('\t')) {
        true => (phrase!(yaml_tab), phrase!(help_tab)),
        false => explained(&words),
    };
    SyntaxError {
        range: at..next_character(text, at),
        problem,
        help,
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

/// What a sentence of a YAML reader means, and what one does about it.
pub(super) fn explained(words: &str) -> (Phrase, Phrase) {
    let says = |part: &str| words.contains(part);
    match () {
        () if says("recursion limit") || says("nested too deep") => {
            (phrase!(yaml_too_deep), phrase!(help_too_deep))
        }
        () if says("repetition limit") => {
            (phrase!(too_many_aliases), phrase!(help_multiplied_aliases))
        }
        () if says("invalid type: enum") => (phrase!(yaml_tag), phrase!(help_quote_tag)),
        () if says("mapping values are not allowed") => (
            phrase!(yaml_mapping_not_allowed),
            phrase!(help_mapping_not_allowed),
        ),
        () if says("invalid indentation") => {
            (phrase!(yaml_indentation), phrase!(help_bracket_indentation))
        }
        () if says(SECOND_DOCUMENT) || says("document") => {
            (phrase!(yaml_second_document), phrase!(help_second_document))
        }
        () if says("control character") => (
            phrase!(yaml_control_character),
            phrase!(help_control_character),
        ),
        () if says(ALIAS_OF_ITSELF) => (phrase!(yaml_alias_of_itself), phrase!(help_quote_star)),
        () if says("unknown anchor") => (phrase!(yaml_unknown_alias), phrase!(help_quote_star)),
        () if says("anchor") || says("alias") => (phrase!(yaml_alias), phrase!(help_quote_star)),
        () if says("tag") => (phrase!(yaml_tag), phrase!(help_quote_tag)),
        () if says("found character") => (
            phrase!(yaml_unexpected_character),
            phrase!(help_quote_special),
        ),
        () if says("escape") => (phrase!(yaml_escape), phrase!(help_escape)),
        () if says("quoted scalar") => {
            (phrase!(yaml_unclosed_quotes), phrase!(help_unclosed_quotes))
        }
        () if says("flow") => (phrase!(yaml_brackets), phrase!(help_brackets)),
        () if says("simple key") => (phrase!(yaml_key), phrase!(help_key)),
        () if says("block") => (phrase!(yaml_indentation), phrase!(help_indentation)),
        () => (phrase!(yaml_unreadable), phrase!(help_unreadable)),
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
