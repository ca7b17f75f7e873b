//! Finds typical mistakes around the place where reading stopped: full-width punctuation, and a `#`
//! or a quote within a text. Knows no rules.

mod brackets;
mod commas;
mod head;
mod quotes;
#[cfg(test)]
mod tests;
mod unseen;

use std::ops::Range;

use crate::i18n::{Phrase, phrase};
use crate::rules::yaml::broken::{Stop, SyntaxError};

pub(crate) use crate::rules::yaml::hints::unseen::{at as unseen_at, shown};

const WIDE_QUOTES: [char; 8] = ['“', '”', '‘', '’', '「', '」', '『', '』'];
const WIDE_BRACKETS: [char; 4] = ['［', '］', '｛', '｝'];

/// A better explanation than the reader's own why it stopped here, within something that began
/// there.
pub(super) fn hint(text: &str, stopped: usize, began: usize, stop: Stop) -> Option<SyntaxError> {
    let line = line_around(text, stopped);
    let unseen = unseen::around_key(text, &line)
        .or_else(|| unseen::around_key(text, &line_around(text, began)));
    let line_end = |at| unseen::line_end(text, &line_around(text, at), at);
    let unseen = unseen
        .or_else(|| line_end(began))
        .or_else(|| line_end(stopped));
    if unseen.is_some() {
        return unseen;
    }
    match stop {
        Stop::Document => head::directive(text, &line),
        Stop::Quotes => quotes::closed_wide(text, began),
        Stop::MappingValue => match first_value(text.get(line.start..stopped)?) {
            // A second colon on its line.
            Some(value) => wide_opening(line.start + value, text.get(line.start + value..stopped)?),
            None => line_before(text, line.start)
                .and_then(|above| unseen::around_key(text, &above))
                .or_else(|| head::above(text, line.start)),
        },
        Stop::Key => head::here(text, &line_around(text, began), began),
        Stop::BlockItem => brackets::item_behind_key(text, &line, stopped),
        Stop::BlockSign => brackets::behind_block_sign(text, &line, stopped),
        Stop::Block => head::here(text, &line, stopped)
            .or_else(|| behind_value(text, &line, stopped, began, false)),
        Stop::Brackets => behind_value(text, &line, stopped, began, true),
        _ => None,
    }
}

/// Something after a value where an entry or the end of a list was expected.
fn behind_value(
    text: &str,
    line: &Range<usize>,
    stopped: usize,
    began: usize,
    is_list: bool,
) -> Option<SyntaxError> {
    let lines = [
        Some(line_around(text, began)),
        line_before(text, line.start),
        Some(line.clone()),
    ];
    let lines = || lines.iter().flatten();
    let comma = || commas::between_entries(text, began, stopped);
    quotes::behind_quotes(text, line, stopped, is_list)
        .or_else(|| is_list.then(comma).flatten())
        .or_else(|| brackets::behind_brackets(text, line, stopped, is_list))
        .or_else(|| lines().find_map(|line| comment_in_brackets(text, line)))
        .or_else(|| lines().find_map(|line| wide_quotes(text, line)))
}

/// The key in a text that was meant as key and value, but has a full-width colon, or no space after
/// a plain one.
pub(crate) fn key_without_colon(text: &str) -> Option<&str> {
    let (key, behind) = text.split_once([':', '：'])?;
    let is_wide = !text.get(key.len()..)?.starts_with(':');
    let is_word = key.starts_with(char::is_alphabetic)
        && key
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_');
    let is_slip = match is_wide {
        true => is_word,
        // Texts that begin like this are addresses, and other words are not keys of a rule file.
        false => {
            is_word && is_plain_key(key) && !behind.is_empty() && !behind.starts_with(['/', ' '])
        }
    };
    is_slip.then_some(key)
}

/// Whether this is spelled like the keys of a rule file.
fn is_plain_key(key: &str) -> bool {
    let mut letters = key.bytes();
    !key.is_empty() && letters.all(|letter| letter.is_ascii_lowercase() || letter == b'_')
}

pub(crate) fn colon_help(key: &str) -> Phrase {
    phrase!(help_plain_colon, key)
}

/// For a text where a key and its value are expected.
pub(crate) fn entry_help(text: &str) -> Option<Phrase> {
    let unseen = || unseen::in_head(text).and_then(|_| unseen::help(text));
    unseen().or_else(|| key_without_colon(text).map(colon_help))
}

/// For an unknown key that is joined with something else.
pub(crate) fn key_help(key: &str) -> Option<Phrase> {
    if let Some(help) = unseen::help(key) {
        return Some(help);
    }
    if let Some(key) = key_without_colon(key) {
        return Some(colon_help(key));
    }
    if key.starts_with('\u{3000}') {
        return Some(phrase!(help_plain_indentation));
    }
    key.contains(WIDE_BRACKETS)
        .then(|| phrase!(help_plain_brackets))
}

/// Whether a comment begins here that is probably text: its `#` follows a single space and is not
/// followed by one.
pub(crate) fn begins_unlikely_comment(behind: &str) -> bool {
    let Some(words) = behind.strip_prefix(" #") else {
        return false;
    };
    words.starts_with(|letter: char| !letter.is_whitespace() && letter != '#')
}

fn line_around(text: &str, at: usize) -> Range<usize> {
    let (before, behind) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let end = behind.find('\n').map_or(text.len(), |end| at + end);
    start..end.max(start)
}

/// The nearest line above that has content.
fn line_before(text: &str, start: usize) -> Option<Range<usize>> {
    let mut start = start;
    loop {
        let line = line_around(text, start.checked_sub(1)?);
        let words = text.get(line.clone())?.trim();
        if !words.is_empty() && !words.starts_with('#') {
            return Some(line);
        }
        start = line.start;
    }
}

/// Where the value after the first key of a line begins.
fn first_value(before: &str) -> Option<usize> {
    let at = before.find(": ")? + 2;
    let blanks = before.get(at..)?.len() - before.get(at..)?.trim_start().len();
    Some(at + blanks)
}

/// A value that begins with a look-alike of a quote or a bracket.
fn wide_opening(at: usize, value: &str) -> Option<SyntaxError> {
    let first = value.chars().next()?;
    let (problem, help) = match first {
        quote if WIDE_QUOTES.contains(&quote) => (
            phrase!(hint_quote, found = quote),
            phrase!(help_plain_quotes),
        ),
        bracket if WIDE_BRACKETS.contains(&bracket) => (
            phrase!(hint_bracket, found = bracket),
            phrase!(help_plain_brackets),
        ),
        _ => return None,
    };
    Some(SyntaxError {
        range: at..at + first.len_utf8(),
        problem,
        help,
    })
}

/// The positions of a line outside quotes, and how many brackets are open there.
fn bare_letters(line: &str) -> impl Iterator<Item = (usize, char, usize)> {
    let (mut quote, mut depth, mut before) = (None, 0_usize, ' ');
    line.char_indices().filter_map(move |(at, letter)| {
        let begins = " [{,:\n".contains(before);
        before = letter;
        match quote {
            Some(open) if open == letter => quote = None,
            Some(_) => {}
            None if begins && "\"'".contains(letter) => quote = Some(letter),
            None => {
                match letter {
                    '[' | '{' => depth += 1,
                    ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                return Some((at, letter, depth));
            }
        }
        None
    })
}

fn comment_in_brackets(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let words = text.get(line.clone())?;
    let mut letters = bare_letters(words);
    let (at, _, _) = letters.find(|(at, letter, depth)| {
        if *letter != '#' || *depth == 0 {
            return false;
        }
        let before = words.get(..*at).unwrap_or_default();
        let behind = words.get(at + 1..).unwrap_or_default();
        let blank = at.checked_sub(1).and_then(|blank| words.get(blank..));
        let follows = before.ends_with(['[', '{', ',']) && !behind.starts_with([' ', '#']);
        follows || blank.is_some_and(begins_unlikely_comment)
    })?;
    Some(SyntaxError {
        range: line.start + at..line.start + words.trim_end().len(),
        problem: phrase!(hint_comment_in_brackets),
        help: phrase!(help_quote_hash),
    })
}

/// In brackets, a value that begins with a look-alike of a quote and contains a colon.
fn wide_quotes(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let words = text.get(line.clone())?;
    let mut letters = bare_letters(words);
    let (at, _, _) = letters.find(|(at, letter, depth)| {
        if !WIDE_QUOTES.contains(letter) || *depth == 0 {
            return false;
        }
        let before = words.get(..*at).unwrap_or_default();
        let inside = words.get(at + letter.len_utf8()..).unwrap_or_default();
        let inside = inside.split(WIDE_QUOTES).next().unwrap_or_default();
        before.trim_end().ends_with([':', '[', '{', ',']) && inside.contains(": ")
    })?;
    wide_opening(line.start + at, words.get(at..)?)
}
