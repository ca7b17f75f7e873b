//! When two spellings are one keyword: white space around, capitals, and wide letters.
//! Knows no rules; keywords and messages go through the same `Folding`.

use std::borrow::Cow;
use std::ops::Range;

/// What is overlooked when texts are compared.
///
/// Letters are exchanged one for one, so that every letter of a folded text has its place in the
/// original. What would become two letters stays as it is: İ, and half-width katakana, whose
/// voice marks are letters of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    pub trim: bool,
    pub ignore_case: bool,
    pub ignore_width: bool,
}

/// A folded text that still knows what was typed.
#[derive(Clone)]
pub struct Folded<'a> {
    original: &'a str,
    text: Cow<'a, str>,
}

impl Folding {
    /// For regexes, which see to case themselves.
    pub fn without_case(self) -> Folding {
        Folding {
            ignore_case: false,
            ..self
        }
    }

    /// The text to compare; borrowed when it is a part of the original.
    pub fn fold<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.folded(text).text
    }

    pub fn folded<'a>(&self, text: &'a str) -> Folded<'a> {
        let original = if self.trim { trim(text) } else { text };
        let text = if self.changes(original) {
            original.chars().map(|letter| self.letter(letter)).collect()
        } else {
            Cow::Borrowed(original)
        };
        Folded { original, text }
    }

    fn changes(&self, text: &str) -> bool {
        if !self.ignore_case && !self.ignore_width {
            return false;
        }
        text.chars().any(|letter| self.letter(letter) != letter)
    }

    fn letter(&self, letter: char) -> char {
        match letter {
            '\0'..='\x7F' if self.ignore_case => letter.to_ascii_lowercase(),
            '\0'..='\x7F' => letter,
            // Chinese and its neighbours are neither wide twins nor cased; looking each up in a
            // table would cost more than the rest of the folding.
            '\u{3001}'..='\u{A63F}' => letter,
            _ => self.rare_letter(letter),
        }
    }

    fn rare_letter(&self, letter: char) -> char {
        let letter = if self.ignore_width {
            narrow(letter)
        } else {
            letter
        };
        if self.ignore_case {
            lower(letter)
        } else {
            letter
        }
    }
}

impl<'a> Folded<'a> {
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the follower typed where the folded text has these bytes; nothing when they
    /// do not lie between its letters.
    pub fn original_of(&self, range: Range<usize>) -> &'a str {
        if let Cow::Borrowed(text) = self.text {
            return text.get(range).unwrap_or_default();
        }
        let (Some(before), Some(within)) = (self.text.get(..range.start), self.text.get(range))
        else {
            return "";
        };
        let start = self.original.get(byte_of(self.original, count(before))..);
        let start = start.unwrap_or_default();
        start
            .get(..byte_of(start, count(within)))
            .unwrap_or_default()
    }
}

/// Without the white space around it: also what cannot be seen at all, as keyboards and copying
/// leave it there.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

pub fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

pub fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_blank)
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\u{200B}' | '\u{FEFF}')
}

fn count(text: &str) -> usize {
    text.chars().count()
}

fn byte_of(text: &str, letters: usize) -> usize {
    text.char_indices()
        .nth(letters)
        .map_or(text.len(), |(byte, _)| byte)
}

fn narrow(letter: char) -> char {
    match letter {
        '\u{3000}' => ' ',
        '！'..='～' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
        '￠' => '¢',
        '￡' => '£',
        '￢' => '¬',
        '￣' => '¯',
        '￤' => '¦',
        '￥' => '¥',
        '￦' => '₩',
        _ => letter,
    }
}

fn lower(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::any;
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    const OFF: Folding = Folding {
        trim: false,
        ignore_case: false,
        ignore_width: false,
    };
    const TRIM: Folding = Folding { trim: true, ..OFF };
    const CASE: Folding = Folding {
        ignore_case: true,
        ..OFF
    };
    const WIDTH: Folding = Folding {
        ignore_width: true,
        ..OFF
    };
    const ALL: Folding = Folding {
        trim: true,
        ignore_case: true,
        ignore_width: true,
    };

    #[test]
    fn each_option_overlooks_its_own_differences_only() {
        for (folding, text, folded) in [
            (OFF, " ＡBc\u{3000}", " ＡBc\u{3000}"),
            (TRIM, " ＡBc\u{3000}", "ＡBc"),
            (TRIM, "\u{FEFF}\u{200B}\u{A0}你 好\r\n", "你 好"),
            (TRIM, "\u{3000}\t", ""),
            (CASE, "ＡBÇЖ中", "ａbçж中"),
            (CASE, "İ", "İ"),
            (WIDTH, "ＡＢＣ１２　！～￥", "ABC12 !~¥"),
            (WIDTH, "ABC，。、「」ｶﾞ", "ABC,。、「」ｶﾞ"),
            (ALL, "　ＡＢＣ１２ ", "abc12"),
        ] {
            assert_eq!(folding.fold(text), folded, "{folding:?} of {text:?}");
        }
    }

    #[test]
    fn a_text_that_stays_the_same_is_not_copied() {
        for (text, borrowed) in [(" 你好 abc ", true), ("你好 Abc", false), ("１", false)] {
            let folded = ALL.fold(text);
            assert_eq!(matches!(folded, Cow::Borrowed(_)), borrowed, "{text}");
        }
    }

    #[test]
    fn what_was_typed_is_found_again_behind_the_folded_text() {
        let folded = ALL.folded("　ＡＢＣ　茅台ＭＴ　");
        assert_eq!(folded.text(), "abc 茅台mt");
        assert_eq!(folded.original_of(0..3), "ＡＢＣ");
        assert_eq!(folded.original_of(4..12), "茅台ＭＴ");
        assert_eq!(folded.original_of(12..12), "");
        assert_eq!(folded.original_of(5..7), "", "inside a letter");
        assert_eq!(folded.original_of(4..99), "", "behind the end");
    }

    #[test]
    fn no_letter_is_changed_by_folding_it_twice() {
        for letter in '\0'..=char::MAX {
            let once = ALL.letter(letter);
            assert_eq!(ALL.letter(once), once, "{letter}");
        }
    }

    #[test]
    fn no_letter_is_passed_over_for_speed_that_folding_would_change() {
        for letter in '\0'..=char::MAX {
            for folding in [CASE, WIDTH, ALL] {
                assert_eq!(
                    folding.letter(letter),
                    folding.rare_letter(letter),
                    "{letter}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(
            text in any::<String>(), trim: bool, ignore_case: bool, ignore_width: bool,
        ) {
            let folding = Folding { trim, ignore_case, ignore_width };
            let once = folding.fold(&text);
            prop_assert_eq!(folding.fold(&once), once.clone());
        }

        #[test]
        fn every_letter_keeps_its_place(text in "[\\PCＡ-ｚ　İK ]{0,20}", trim: bool) {
            let folding = Folding { trim, ..ALL };
            let folded = folding.folded(&text);
            prop_assert_eq!(folded.text().chars().count(), folded.original.chars().count());
            let edges: Vec<usize> = folded
                .text()
                .char_indices()
                .map(|(byte, _)| byte)
                .chain([folded.text().len()])
                .collect();
            for (from, start) in edges.iter().enumerate() {
                for (letters, end) in edges.iter().skip(from).enumerate() {
                    let expected: String =
                        folded.original.chars().skip(from).take(letters).collect();
                    prop_assert_eq!(folded.original_of(*start..*end), expected);
                }
            }
        }
    }
}
