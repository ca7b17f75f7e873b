//! Characters that nobody sees, where they keep a key from being one. Knows no rule.

use std::ops::Range;

use crate::rules::yaml::broken::SyntaxError;

/// Joiners are not among them: emoji need them.
const NAMES: &[(char, &str)] = &[
    ('\u{a0}', "no-break space"),
    ('\u{ad}', "soft hyphen"),
    ('\u{200b}', "zero-width space"),
    ('\u{200e}', "left-to-right mark"),
    ('\u{200f}', "right-to-left mark"),
    ('\u{202f}', "narrow no-break space"),
    ('\u{2060}', "word joiner"),
    ('\u{feff}', "byte order mark"),
];

/// In the indentation of a line, its key, or right behind the colon.
pub(super) fn around_key(text: &str, line: &Range<usize>) -> Option<SyntaxError> {
    let (at, letter) = in_head(text.get(line.clone())?)?;
    at_letter(line.start + at, letter)
}

/// Where a certain character is what nobody reads on at.
pub(crate) fn at(text: &str, at: usize) -> Option<SyntaxError> {
    at_letter(at, text.get(at..)?.chars().next()?)
}

/// What to do about the first such character of a key.
pub(super) fn help(key: &str) -> Option<String> {
    let (letter, name) = key.chars().find_map(named)?;
    let code = u32::from(letter);
    Some(match letter {
        '\u{a0}' | '\u{202f}' => {
            format!("delete the {name} (U+{code:04X}); where a space is needed write a plain one")
        }
        _ => format!("delete the {name} (U+{code:04X}), which cannot be seen"),
    })
}

/// With the codes of such characters in their place.
pub(crate) fn shown(key: &str) -> String {
    let letters = key.chars().map(|letter| match named(letter) {
        Some(_) => format!("<U+{:04X}>", u32::from(letter)),
        None => letter.to_string(),
    });
    letters.collect()
}

/// Only where a key and a colon follow: in a text such characters do no harm.
pub(super) fn in_head(words: &str) -> Option<(usize, char)> {
    let (mut found, mut is_key) = (None, false);
    for (at, letter) in words.char_indices() {
        match letter {
            ':' if is_key => {
                let behind = words.get(at + 1..)?.chars().next();
                let behind = behind.filter(|letter| named(*letter).is_some());
                return found.or(behind.map(|letter| (at + 1, letter)));
            }
            ' ' | '\t' => {}
            '-' if !is_key => {}
            'a'..='z' | '_' => is_key = true,
            _ => {
                named(letter)?;
                found = found.or(Some((at, letter)));
            }
        }
    }
    None
}

fn at_letter(at: usize, letter: char) -> Option<SyntaxError> {
    let (_, name) = named(letter)?;
    let help = help(letter.encode_utf8(&mut [0; 4]));
    Some(SyntaxError {
        range: at..at + letter.len_utf8(),
        message: format!("a {name} stands here"),
        help,
    })
}

fn named(letter: char) -> Option<(char, &'static str)> {
    NAMES.iter().find(|(unseen, _)| *unseen == letter).copied()
}
