//! Full-width commas and semicolons between entries in brackets. Knows no rules.

use crate::i18n::phrase;
use crate::rules::yaml::broken::SyntaxError;
use crate::rules::yaml::hints::{bare_letters, is_plain_key};

pub(super) const COMMAS: [char; 5] = ['，', '、', '；', ';', '､'];

/// `[a]，type: text`, where reading stopped at the comma, and `a，type: text`, where it stopped at
/// the colon behind it.
pub(super) fn between_entries(text: &str, began: usize, stopped: usize) -> Option<SyntaxError> {
    let before = text.get(began..stopped)?;
    let behind = text.get(stopped..)?;
    let there = behind.chars().next()?;
    if COMMAS.contains(&there) && before.trim_end().ends_with([']', '}']) {
        let next = behind.get(there.len_utf8()..)?.trim_start();
        let entry = next.split([',', ']', '}', '\n']).next()?;
        let is_entry = entry.starts_with(['[', '{', '"', '\'']) || entry.contains(": ");
        return is_entry.then(|| comma(stopped, there));
    }
    if there != ':' {
        return None;
    }
    let mut letters = bare_letters(before).collect::<Vec<_>>().into_iter().rev();
    // No other punctuation may be between the comma and the key that follows it.
    let (at, found, _) =
        letters.find(|(_, letter, _)| COMMAS.contains(letter) || ",:[]{}".contains(*letter))?;
    let key = before.get(at + found.len_utf8()..)?.trim();
    (COMMAS.contains(&found) && is_plain_key(key)).then(|| comma(began + at, found))
}

pub(super) fn comma(at: usize, found: char) -> SyntaxError {
    SyntaxError {
        range: at..at + found.len_utf8(),
        problem: phrase!(hint_comma, found),
        help: phrase!(help_plain_comma),
    }
}
