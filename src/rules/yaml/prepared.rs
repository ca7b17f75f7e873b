//! A text prepared for the YAML scanner, with a mapping of each byte to the original text. Knows
//! what the scanner cannot read, but no rules.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

pub(super) struct Prepared<'t> {
    pub(super) text: Cow<'t, str>,
    /// For each change: a position in the prepared text, and the one in the original text.
    shifts: Vec<(usize, usize)>,
    /// Replaces each `!` at which the scanner would panic: a character that does not occur in the
    /// text, not even as an escape.
    pub(super) mark: Option<char>,
}

impl<'t> Prepared<'t> {
    pub(super) fn of(written: &'t str) -> Prepared<'t> {
        let mut changes = surrogate_pairs(written);
        changes.extend(line_ends(written));
        let bangs = bangs(written);
        let mark = (!bangs.is_empty()).then(|| unused_character(written));
        let instead = mark.map(String::from).unwrap_or_default();
        changes.extend(bangs.into_iter().map(|range| (range, instead.clone())));
        if !written.ends_with(['\n', '\r']) {
            // The scanner expects the last line to end.
            changes.push((written.len()..written.len(), "\n".to_owned()));
        }
        changes.sort_by_key(|(range, _)| range.start);
        Prepared {
            mark,
            ..Prepared::with(written, &changes)
        }
    }

    fn with(written: &'t str, changes: &[(Range<usize>, String)]) -> Prepared<'t> {
        if changes.is_empty() {
            return Prepared {
                text: written.into(),
                shifts: Vec::new(),
                mark: None,
            };
        }
        let mut text = String::with_capacity(written.len() + changes.len());
        let (mut done, mut shifts) = (0, Vec::with_capacity(changes.len()));
        for (range, instead) in changes {
            text.push_str(written.get(done..range.start).unwrap_or_default());
            text.push_str(instead);
            done = range.end;
            shifts.push((text.len(), done));
        }
        text.push_str(written.get(done..).unwrap_or_default());
        let text = text.into();
        Prepared {
            text,
            shifts,
            mark: None,
        }
    }

    /// The position in the original text of a byte of the prepared text.
    pub(super) fn written(&self, at: usize) -> usize {
        let before = self.shifts.partition_point(|(prepared, _)| *prepared <= at);
        let shift = before.checked_sub(1).and_then(|last| self.shifts.get(last));
        shift.map_or(at, |(prepared, written)| written + (at - prepared))
    }
}

/// JSON escapes a character beyond U+FFFF as a surrogate pair, which YAML does not know. Returns
/// the text with a single escape for each, which the other reader accepts.
pub(super) fn with_joined_surrogates(text: &str) -> Cow<'_, str> {
    Prepared::with(text, &surrogate_pairs(text)).text
}

/// Only in double quotes; elsewhere a backslash is just a backslash.
fn surrogate_pairs(text: &str) -> Vec<(Range<usize>, String)> {
    let mut changes = Vec::new();
    if !text.contains("\\u") {
        return changes;
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let (mut quoted, mut at) = (false, 0);
        while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
            at += match rest.as_bytes() {
                [b'"', ..] => {
                    quoted = !quoted;
                    1
                }
                [b'\\', ..] if quoted => match surrogate_pair(rest) {
                    Some(letter) => {
                        let escape = format!("\\U{:08X}", u32::from(letter));
                        changes.push((start + at..start + at + PAIR, escape));
                        PAIR
                    }
                    None => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
                },
                _ => rest.chars().next().map_or(1, char::len_utf8),
            };
        }
        start += line.len();
    }
    changes
}

/// `\ud83d\ude00`
const PAIR: usize = 12;

fn surrogate_pair(text: &str) -> Option<char> {
    let half = |range: Range<usize>| {
        let digits = text.get(range)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let pair = [half(0..PAIR / 2)?, half(PAIR / 2..PAIR)?];
    char::decode_utf16(pair)
        .next()?
        .ok()
        .filter(|letter| *letter > '\u{ffff}')
}

/// Only a line feed is read the same everywhere.
fn line_ends(text: &str) -> impl Iterator<Item = (Range<usize>, String)> + '_ {
    text.match_indices('\r').map(|(at, _)| {
        let pair = text.as_bytes().get(at + 1) == Some(&b'\n');
        (at..at + 1, if pair { "" } else { "\n" }.to_owned())
    })
}

/// Every `!` of a word that ends at a comma.
fn bangs(text: &str) -> Vec<Range<usize>> {
    let bangs = text.match_indices('!').filter_map(|(at, _)| {
        let word = text.get(at + 1..)?;
        let ends = |byte: &u8| {
            !byte.is_ascii_alphanumeric() && !b"-_;/?:@&=+$.!~*'()%<>#[]".contains(byte)
        };
        let end = word.bytes().position(|byte| ends(&byte))?;
        let comma = word.as_bytes().get(end) == Some(&b',');
        comma.then_some(at..at + 1)
    });
    bangs.collect()
}

fn unused_character(text: &str) -> char {
    let escaped = text.match_indices('\\').filter_map(|(at, _)| {
        let digits = match text.as_bytes().get(at + 1)? {
            b'u' => at + 2..at + 6,
            b'U' => at + 2..at + 10,
            _ => return None,
        };
        char::from_u32(u32::from_str_radix(text.get(digits)?, 16).ok()?)
    });
    let used: HashSet<char> = text.chars().chain(escaped).collect();
    let mut private = ('\u{e000}'..='\u{f8ff}').chain('\u{f0000}'..='\u{ffffd}');
    private
        .find(|character| !used.contains(character))
        .unwrap_or('\u{ffffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_where_it_was_written() {
        for (written, prepared) in [
            ("a: b\n", "a: b\n"),
            ("a: b", "a: b\n"),
            ("a: b\r\nc: d\r\n", "a: b\nc: d\n"),
            ("a\rb\r", "a\nb\n"),
            ("[!a, b]\n", "[\u{e000}a, b]\n"),
            ("[!a, \u{e000}]\n", "[\u{e001}a, \u{e000}]\n"),
            ("[!a, \"\\uE000\"]\n", "[\u{e001}a, \"\\uE000\"]\n"),
            (
                "{\"a\": \"\\ud83d\\ude00b\"}\n",
                "{\"a\": \"\\U0001F600b\"}\n",
            ),
            ("a: '\\ud83d\\ude00'\n", "a: '\\ud83d\\ude00'\n"),
            ("a: \"\\\\ud83d\\ude00\"\n", "a: \"\\\\ud83d\\ude00\"\n"),
        ] {
            let found = Prepared::of(written);
            assert_eq!(found.text, prepared);
            for (at, letter) in found.text.char_indices() {
                let there = written.get(found.written(at)..).unwrap();
                if letter.is_alphanumeric() && !there.is_empty() {
                    let is_escape = written.contains("\\ud83d");
                    assert!(is_escape || there.starts_with(letter), "{written:?} {at}");
                }
            }
            assert_eq!(found.written(found.text.len()), written.len());
        }
    }
}
