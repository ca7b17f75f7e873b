//! When two spellings are one keyword: white space around, capitals, wide letters, punctuation,
//! and characters that nobody sees. Knows no rules; keywords and messages go through the same
//! `Folding`.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// What is overlooked when texts are compared. Characters that show nothing always are.
///
/// Letters are exchanged one for one or left out, so that every letter of a folded text has its
/// place in the original. What would become two letters stays as it is: İ, and half-width
/// katakana, whose voice marks are letters of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Folding {
    pub trim: bool,
    pub ignore_case: bool,
    pub ignore_width: bool,
    pub ignore_punctuation: bool,
}

/// A folded text that still knows what was typed.
#[derive(Clone)]
pub struct Folded<'a> {
    original: &'a str,
    text: Cow<'a, str>,
    /// Whether punctuation was left out of `text`.
    without_punctuation: bool,
}

impl Folding {
    /// The text to compare; borrowed when it is a part of the original.
    pub(crate) fn fold<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.folded(text).text
    }

    /// The text that literals are compared with. One of nothing but punctuation keeps it.
    pub(crate) fn folded<'a>(&self, text: &'a str) -> Folded<'a> {
        let original = if self.trim { trim(text) } else { text };
        if self.ignore_punctuation && !is_punctuation_only(original) {
            return self.exchanged(self.without_edges(original), true);
        }
        self.exchanged(original, false)
    }

    /// The text that regexes search: they see to case themselves, and punctuation within a text
    /// is theirs to ask for.
    pub(crate) fn for_regexes<'a>(&self, text: &'a str) -> Folded<'a> {
        let original = if self.trim { trim(text) } else { text };
        let original = match self.ignore_punctuation && !is_punctuation_only(original) {
            true => self.without_edges(original),
            false => original,
        };
        let with_case = Folding {
            ignore_case: false,
            ..*self
        };
        with_case.exchanged(original, false)
    }

    /// Whether regexes search another text than literals are compared with.
    pub(crate) fn has_two_texts(&self) -> bool {
        self.ignore_case || self.ignore_punctuation
    }

    /// Without punctuation at both ends, and what `trim` finds behind it.
    fn without_edges<'a>(&self, text: &'a str) -> &'a str {
        let text = text.trim_matches(|letter| {
            is_punctuation(letter) || is_invisible(letter) || (self.trim && is_blank(letter))
        });
        if self.trim { trim(text) } else { text }
    }

    fn exchanged<'a>(&self, original: &'a str, without_punctuation: bool) -> Folded<'a> {
        let is_left_out = left_out(without_punctuation);
        let changes = |letter| is_left_out(letter) || self.letter(letter) != letter;
        let text = match original.chars().any(changes) {
            true => {
                let kept = original.chars().filter(|letter| !is_left_out(*letter));
                kept.map(|letter| self.letter(letter)).collect()
            }
            false => Cow::Borrowed(original),
        };
        Folded {
            original,
            text,
            without_punctuation,
        }
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

fn left_out(punctuation: bool) -> impl Fn(char) -> bool + Copy {
    move |letter| is_invisible(letter) || (punctuation && is_punctuation(letter))
}

impl<'a> Folded<'a> {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What the follower typed where the folded text has these bytes; nothing when they
    /// do not lie between its letters.
    pub(crate) fn original_of(&self, range: Range<usize>) -> &'a str {
        let range = self.place_of(range).unwrap_or_default();
        self.original.get(range).unwrap_or_default()
    }

    /// All that was typed, without what `trim` and the like take off its ends.
    pub(crate) fn original(&self) -> &'a str {
        self.original
    }

    /// Where that is in `original`. What was left out belongs to the letter before it.
    pub(crate) fn place_of(&self, range: Range<usize>) -> Option<Range<usize>> {
        if let Cow::Borrowed(text) = self.text {
            return text.get(range.clone()).map(|_| range);
        }
        let before = count(self.text.get(..range.start)?);
        let within = count(self.text.get(range)?);
        let is_left_out = left_out(self.without_punctuation);
        let letters = self.original.char_indices();
        let mut kept = letters
            .filter(|(_, letter)| !is_left_out(*letter))
            .map(|(byte, _)| byte)
            .chain(std::iter::repeat(self.original.len()))
            .skip(before);
        let start = kept.next()?;
        let end = match within {
            0 => start,
            more => kept.nth(more - 1)?,
        };
        Some(start..end)
    }
}

/// Without the white space around it: also what cannot be seen at all, as keyboards and copying
/// leave it there.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

pub(crate) fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

pub(crate) fn trim_end(text: &str) -> &str {
    text.trim_end_matches(is_blank)
}

/// Without white space and punctuation around it.
pub(crate) fn trim_punctuation(text: &str) -> &str {
    text.trim_matches(|letter| is_blank(letter) || is_punctuation(letter))
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || is_invisible(letter)
}

/// Whether a character shows nothing and is no white space: control characters, and what Unicode
/// calls default ignorable, such as marks of the direction of writing, zero-width joiners and
/// variation selectors.
pub(crate) fn is_invisible(letter: char) -> bool {
    match letter {
        '\0'..='\x7F' => letter.is_ascii_control() && !letter.is_whitespace(),
        '\u{3165}'..='\u{D7FF}' => false,
        '\u{80}'..='\u{9F}' => !letter.is_whitespace(),
        _ => matches!(letter,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'),
    }
}

/// Whether Unicode counts a character among punctuation or symbols, emoji among them.
pub(crate) fn is_punctuation(letter: char) -> bool {
    static RANGES: LazyLock<Vec<(char, char)>> = LazyLock::new(punctuation);
    match letter {
        '\0'..='\x7F' => letter.is_ascii_punctuation(),
        // Chinese letters, which most texts are of.
        '\u{4E00}'..='\u{9FFF}' => false,
        _ => {
            let after = RANGES.partition_point(|(first, _)| *first <= letter);
            let range = after.checked_sub(1).and_then(|place| RANGES.get(place));
            range.is_some_and(|(_, last)| letter <= *last)
        }
    }
}

/// Whether nothing would be left of a text without its punctuation.
pub(crate) fn is_punctuation_only(text: &str) -> bool {
    text.chars()
        .all(|letter| is_punctuation(letter) || is_blank(letter))
}

fn punctuation() -> Vec<(char, char)> {
    let class = regex_syntax::parse(r"[\p{P}\p{S}]");
    match class.as_ref().map(|hir| hir.kind()) {
        Ok(HirKind::Class(Class::Unicode(class))) => {
            let ranges = class.iter();
            ranges.map(|range| (range.start(), range.end())).collect()
        }
        _ => Vec::new(),
    }
}

fn count(text: &str) -> usize {
    text.chars().count()
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
        ignore_punctuation: false,
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
    const PUNCTUATION: Folding = Folding {
        ignore_punctuation: true,
        ..OFF
    };
    const ALL: Folding = Folding {
        trim: true,
        ignore_case: true,
        ignore_width: true,
        ignore_punctuation: false,
    };
    const EVERYTHING: Folding = Folding {
        ignore_punctuation: true,
        ..ALL
    };

    #[test]
    fn each_option_overlooks_its_own_differences_only() {
        for (folding, text, folded) in [
            (OFF, " ＡBc。\u{3000}", " ＡBc。\u{3000}"),
            (TRIM, " ＡBc\u{3000}", "ＡBc"),
            (TRIM, "\u{FEFF}\u{200B}\u{A0}你 好\r\n", "你 好"),
            (TRIM, "\u{3000}\t", ""),
            (CASE, "ＡBÇЖ中", "ａbçж中"),
            (CASE, "İ", "İ"),
            (WIDTH, "ＡＢＣ１２　！～￥", "ABC12 !~¥"),
            (WIDTH, "ABC，。、「」ｶﾞ", "ABC,。、「」ｶﾞ"),
            (ALL, "　ＡＢＣ１２ ", "abc12"),
            (PUNCTUATION, "帮助。", "帮助"),
            (PUNCTUATION, "【帮助】，A-1😀", "帮助A1"),
            (PUNCTUATION, "帮助 。", "帮助 "),
            (PUNCTUATION, "？！", "？！"),
            (EVERYTHING, " 。帮助 ！ ", "帮助"),
            (EVERYTHING, " ？ ", "?"),
        ] {
            assert_eq!(folding.fold(text), folded, "{folding:?} of {text:?}");
        }
    }

    #[test]
    fn a_character_that_shows_nothing_is_left_out_whatever_the_options() {
        for (text, folded) in [
            ("\u{202D}13900000000\u{202C}", "13900000000"),
            ("营\u{200B}业", "营业"),
            ("\u{2764}\u{FE0F}", "\u{2764}"),
            ("a\u{AD}b\u{1D}c\u{2060}", "abc"),
            ("a\tb\nc\u{A0}d", "a\tb\nc\u{A0}d"),
        ] {
            assert_eq!(OFF.fold(text), folded, "{text:?}");
            assert_eq!(OFF.for_regexes(text).text(), folded, "{text:?}");
        }
    }

    #[test]
    fn regexes_see_capitals_and_the_punctuation_within_a_text() {
        for (text, searched) in [
            ("“价格 12.5 元”。", "价格 12.5 元"),
            ("Ａ-Ｂ！", "A-B"),
            ("?", "?"),
        ] {
            assert_eq!(EVERYTHING.for_regexes(text).text(), searched, "{text}");
        }
    }

    #[test]
    fn what_shows_nothing_is_what_unicode_says() {
        let class = r"[\p{Default_Ignorable_Code_Point}\p{Cc}--\p{White_Space}]";
        let class = regex::Regex::new(class).unwrap();
        for letter in '\0'..=char::MAX {
            let expected = class.is_match(letter.encode_utf8(&mut [0; 4]));
            assert_eq!(
                is_invisible(letter),
                expected,
                "U+{:04X}",
                u32::from(letter)
            );
        }
    }

    #[test]
    fn punctuation_is_what_unicode_says() {
        let class = regex::Regex::new(r"[\p{P}\p{S}]").unwrap();
        for letter in '\0'..=char::MAX {
            let expected = class.is_match(letter.encode_utf8(&mut [0; 4]));
            assert_eq!(is_punctuation(letter), expected, "{letter}");
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
        assert_eq!(folded.original_of(4..99), "", "after the end");

        let folded = EVERYTHING.folded("“订阅”：60-05！");
        assert_eq!(folded.text(), "订阅6005");
        assert_eq!(folded.original_of(0..6), "订阅”：");
        assert_eq!(folded.original_of(6..10), "60-05");
        assert_eq!(
            OFF.folded("\u{2764}\u{FE0F}a").original_of(0..3),
            "\u{2764}\u{FE0F}"
        );
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
            text in any::<String>(),
            trim: bool,
            ignore_case: bool,
            ignore_width: bool,
            ignore_punctuation: bool,
        ) {
            let folding = Folding { trim, ignore_case, ignore_width, ignore_punctuation };
            let once = folding.fold(&text);
            prop_assert_eq!(folding.fold(&once), once.clone());
        }

        #[test]
        fn every_letter_keeps_its_place(
            text in "[\\PCＡ-ｚ　İK。\u{FE0F}\u{200B} ]{0,20}", trim: bool, ignore_punctuation: bool,
        ) {
            let folding = Folding { trim, ignore_punctuation, ..ALL };
            let folded = folding.folded(&text);
            let is_left_out = left_out(folded.without_punctuation);
            let mut pieces: Vec<String> = Vec::new();
            for letter in folded.original.chars() {
                match pieces.last_mut() {
                    Some(last) if is_left_out(letter) => last.push(letter),
                    None if is_left_out(letter) => {}
                    _ => pieces.push(letter.to_string()),
                }
            }
            prop_assert_eq!(folded.text().chars().count(), pieces.len());
            let edges: Vec<usize> = folded
                .text()
                .char_indices()
                .map(|(byte, _)| byte)
                .chain([folded.text().len()])
                .collect();
            for (from, start) in edges.iter().enumerate() {
                for (letters, end) in edges.iter().skip(from).enumerate() {
                    let expected = pieces[from..from + letters].concat();
                    prop_assert_eq!(folded.original_of(*start..*end), expected);
                }
            }
        }
    }
}
