//! Quotes that are closed too early, too late or with another character. Knows no rules.

use std::ops::Range;

use crate::i18n::phrase;
use crate::rules::yaml::broken::SyntaxError;
use crate::rules::yaml::hints::commas::{COMMAS, comma};
use crate::rules::yaml::hints::line_around;

/// Reading stopped right after quotes, because something follows them.
pub(super) fn behind_quotes(
    text: &str,
    line: &Range<usize>,
    stopped: usize,
    is_list: bool,
) -> Option<SyntaxError> {
    let before = text.get(line.start..stopped)?.trim_end();
    let there = text.get(stopped..line.end)?.chars().next()?;
    let quote = before.chars().next_back()?;
    if !"\"'".contains(quote) || there == '#' {
        return None;
    }
    let closed = line.start + before.len() - 1;
    let opened = opening(text.get(..closed)?, quote);
    if let Some(opened) = opened
        && let Some(hint) = closed_wide(text, opened).or_else(|| closed_late(text, opened, closed))
    {
        return Some(hint);
    }
    if is_list && COMMAS.contains(&there) {
        return Some(comma(stopped, there));
    }
    Some(SyntaxError {
        range: stopped..stopped + there.len_utf8(),
        problem: phrase!(hint_after_quotes),
        help: phrase!(help_after_quotes),
    })
}

/// `"您好”`
pub(super) fn closed_wide(text: &str, opened: usize) -> Option<SyntaxError> {
    let line = line_around(text, opened);
    let words = text.get(opened..line.end)?;
    let quote = words.chars().next()?;
    let (opening, closing, wide) = match quote {
        '"' => ('“', '”', '＂'),
        '\'' => ('‘', '’', '＇'),
        _ => return None,
    };
    let mut depth = 0_usize;
    for (at, letter) in words.char_indices().skip(1) {
        match letter {
            letter if letter == quote => return None,
            letter if letter == opening => depth += 1,
            letter if letter == closing && depth > 0 => depth -= 1,
            letter if letter == closing || letter == wide => {
                let behind = words.get(at + letter.len_utf8()..)?.trim_start();
                let is_end = behind.is_empty() || behind.starts_with([',', ']', '}', '#']);
                return is_end.then(|| SyntaxError {
                    range: opened + at..opened + at + letter.len_utf8(),
                    problem: phrase!(hint_wrong_closing_quote, opening = quote, closing = letter),
                    help: phrase!(help_same_quotes, quote),
                });
            }
            _ => {}
        }
    }
    None
}

fn closed_late(text: &str, opened: usize, closed: usize) -> Option<SyntaxError> {
    if !text.get(opened..closed)?.contains('\n') {
        return None;
    }
    let number = text.get(..closed)?.matches('\n').count() + 1;
    let inside = match text.get(opened..)?.starts_with('"') {
        true => "\\\"",
        false => "''",
    };
    Some(SyntaxError {
        range: opened..opened + 1,
        problem: phrase!(hint_late_quotes, line = number),
        help: phrase!(help_late_quotes, inside),
    })
}

/// Where the quotes open: there are no unescaped quotes of that kind inside them.
fn opening(before: &str, quote: char) -> Option<usize> {
    let mut end = before.len();
    loop {
        let at = before.get(..end)?.rfind(quote)?;
        let ahead = before.get(..at)?;
        let backslashes = ahead.len() - ahead.trim_end_matches('\\').len();
        match quote {
            '"' if backslashes % 2 == 1 => end = at,
            '\'' if ahead.ends_with('\'') => end = at - 1,
            _ => {
                let begins = ahead.is_empty() || ahead.ends_with([' ', '\t', '\n', '[', '{', ',']);
                return begins.then_some(at);
            }
        }
    }
}
