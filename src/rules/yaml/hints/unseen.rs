//! Invisible characters where they break a key. Knows no rules.

use std::ops::Range;

use crate::i18n::{Phrase, phrase};
use crate::rules::yaml::broken::SyntaxError;

/// Joiners are not among them: emoji need them.
fn name(letter: char) -> Option<Phrase> {
    Some(match letter {
        '\u{85}' => phrase!(character_next_line),
        '\u{a0}' => phrase!(character_no_break_space),
        '\u{ad}' => phrase!(character_soft_hyphen),
        '\u{200b}' => phrase!(character_zero_width_space),
        '\u{200e}' => phrase!(character_left_to_right_mark),
        '\u{200f}' => phrase!(character_right_to_left_mark),
        '\u{2028}' => phrase!(character_line_separator),
        '\u{2029}' => phrase!(character_paragraph_separator),
        '\u{202f}' => phrase!(character_narrow_no_break_space),
        '\u{2060}' => phrase!(character_word_joiner),
        '\u{feff}' => phrase!(character_byte_order_mark),
        _ => return None,
    })
}

/// In the indentation of a line, its key, or right behind the colon.
pub(super) fn around_key(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let (at, letter) = in_head(text.get(line.clone())?)?;
    at_letter(line.start + at, letter)
}

/// On the line around a place, before it: what ends a line to YAML, but not to an editor.
pub(super) fn line_end(text: &str, line: &Range<usize>, at: usize) -> Option<SyntaxError> {
    let before = text.get(line.start..at)?;
    let (at, letter) = before
        .char_indices()
        .rfind(|(_, letter)| matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}'))?;
    at_letter(line.start + at, letter)
}

/// Where a particular character is what stops the reader.
pub(crate) fn at(text: &str, at: usize) -> Option<SyntaxError> {
    at_letter(at, text.get(at..)?.chars().next()?)
}

/// What to do about the first such character of a key.
pub(super) fn help(key: &str) -> Option<Phrase> {
    key.chars().find_map(help_for)
}

/// With these characters replaced by their codes.
pub(crate) fn shown(key: &str) -> String {
    let letters = key.chars().map(|letter| match name(letter) {
        Some(_) => format!("<U+{:04X}>", u32::from(letter)),
        None => letter.to_string(),
    });
    letters.collect()
}

/// Only if a key and a colon follow: in a text such characters are harmless.
pub(super) fn in_head(words: &str) -> Option<(usize, char)> {
    let (mut found, mut is_key) = (None, false);
    for (at, letter) in words.char_indices() {
        match letter {
            ':' if is_key => {
                let behind = words.get(at + 1..)?.chars().next();
                let behind = behind.filter(|letter| name(*letter).is_some());
                return found.or(behind.map(|letter| (at + 1, letter)));
            }
            ' ' | '\t' => {}
            '-' if !is_key => {}
            'a'..='z' | '_' => is_key = true,
            _ => {
                name(letter)?;
                found = found.or(Some((at, letter)));
            }
        }
    }
    None
}

fn at_letter(at: usize, letter: char) -> Option<SyntaxError> {
    let character = name(letter)?;
    let help = help_for(letter)?;
    Some(SyntaxError {
        range: at..at + letter.len_utf8(),
        problem: phrase!(hint_invisible, character),
        help,
    })
}

fn help_for(letter: char) -> Option<Phrase> {
    let character = name(letter)?;
    let code = format!("U+{:04X}", u32::from(letter));
    Some(match letter {
        '\u{a0}' | '\u{202f}' => phrase!(help_replace_space, character, code),
        _ => phrase!(help_delete_invisible, character, code),
    })
}
