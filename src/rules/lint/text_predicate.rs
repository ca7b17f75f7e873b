//! What one text of a list says about the text it is compared with, and when one such predicate
//! implies or excludes another. Knows no rules.

use std::borrow::Cow;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use crate::rules::condition::{Pattern, Subject, Test};
use crate::rules::expression::{Expression, in_brackets};
use crate::rules::fold::Folding;
use crate::rules::lint::regex_samples;

#[derive(Clone, Debug)]
pub(super) enum TextPredicate<'r> {
    Literal(Shape, Cow<'r, str>),
    /// True of every text: a regex that finds the empty text anywhere.
    Anything,
    Regex {
        regex: &'r Expression,
        /// How far it finds the same in every text that is folded to one literal.
        folds: Folds,
        /// Texts of which one is in every text that it is found in, if it asks for any.
        literals: Option<&'r [Box<str>]>,
        /// Some texts that it is found in.
        samples: Vec<Box<str>>,
    },
}

/// How a regex sees texts that keywords take for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folds {
    /// Case matters to both.
    Alike,
    /// Case matters to neither, as far as both know the letters.
    Case,
    /// A flag inside the regex can undo the folding of case.
    Otherwise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Shape {
    Equals,
    Prefix,
    Suffix,
    Contains,
}

/// What the texts of one test predicate, each with its place in the list: a regex that is only a few
/// literals becomes those.
pub(super) fn predicates<'r>(
    subject: &Subject,
    test: &'r Test,
    folding: Folding,
) -> Vec<(usize, TextPredicate<'r>)> {
    let (shape, texts) = match test {
        Test::Equals(texts) => (Shape::Equals, texts),
        Test::Prefix(texts) => (Shape::Prefix, texts),
        Test::Suffix(texts) => (Shape::Suffix, texts),
        Test::Contains(texts) => (Shape::Contains, texts),
        Test::Regex(patterns) => {
            let ignore_case = folding.ignore_case && *subject == Subject::Content;
            let patterns = patterns.iter().enumerate();
            return patterns
                .flat_map(|(place, pattern)| {
                    let predicates = read(&pattern.regex, ignore_case).into_iter();
                    predicates.map(move |predicate| (place, predicate.with_literals(pattern)))
                })
                .collect();
        }
    };
    let texts = texts.iter().enumerate();
    texts
        .map(|(place, text)| (place, TextPredicate::Literal(shape, Cow::Borrowed(&**text))))
        .collect()
}

impl<'r> TextPredicate<'r> {
    fn with_literals(mut self, pattern: &'r Pattern) -> TextPredicate<'r> {
        if let TextPredicate::Regex { literals, .. } = &mut self {
            *literals = pattern.literals.as_deref();
        }
        self
    }

    /// Some texts that this is true of.
    pub(super) fn samples(&self) -> Vec<&str> {
        match self {
            TextPredicate::Literal(_, text) => vec![text],
            TextPredicate::Anything => vec![""],
            TextPredicate::Regex { samples, .. } => samples.iter().map(|text| &**text).collect(),
        }
    }

    /// Whether this is true of a text, as it is and as literals see it.
    pub(super) fn is_true_of(&self, text: &str, folded: &str) -> bool {
        match self {
            TextPredicate::Literal(shape, part) => shape.holds(folded, part),
            TextPredicate::Anything => true,
            TextPredicate::Regex { regex, .. } => regex.is_match(text),
        }
    }

    /// A regex that is found in every text that this is true of.
    pub(super) fn wider_pattern(&self, ignore_case: bool) -> Option<String> {
        self.pattern(|letter| !ignore_case || has_known_case(letter))
    }

    /// A regex that is found in no text but those that this is true of.
    pub(super) fn narrower_pattern(&self, ignore_case: bool) -> Option<String> {
        self.pattern(|letter| !ignore_case || has_plain_case(letter))
    }

    fn pattern(&self, is_known: impl Fn(char) -> bool) -> Option<String> {
        let (shape, text) = match self {
            TextPredicate::Anything => return Some(String::new()),
            TextPredicate::Regex { regex, .. } => return Some(in_brackets(regex.as_str())),
            TextPredicate::Literal(shape, text) => (shape, text),
        };
        let text = text
            .chars()
            .all(is_known)
            .then(|| regex_syntax::escape(text))?;
        Some(match shape {
            Shape::Equals => format!(r"\A{text}\z"),
            Shape::Prefix => format!(r"\A{text}"),
            Shape::Suffix => format!(r"{text}\z"),
            Shape::Contains => text,
        })
    }

    /// Whether every text that this is true of has the other true of it as well.
    pub(super) fn implies(&self, other: &TextPredicate) -> bool {
        match (self, other) {
            (_, TextPredicate::Anything) => true,
            (TextPredicate::Literal(shape, text), TextPredicate::Literal(other, part)) => {
                match (shape, other) {
                    (Shape::Equals, other) => other.holds(text, part),
                    (Shape::Prefix, Shape::Prefix) => text.starts_with(&**part),
                    (Shape::Suffix, Shape::Suffix) => text.ends_with(&**part),
                    (_, Shape::Contains) => text.contains(&**part),
                    _ => false,
                }
            }
            (
                TextPredicate::Literal(Shape::Equals, text),
                TextPredicate::Regex { regex, folds, .. },
            ) => folds.covers(text) && regex.is_match(text),
            (TextPredicate::Regex { regex, .. }, TextPredicate::Regex { regex: other, .. }) => {
                regex.as_str() == other.as_str()
            }
            _ => false,
        }
    }

    /// Whether no text has both true of it.
    pub(super) fn excludes(&self, other: &TextPredicate) -> bool {
        match (self, other) {
            (TextPredicate::Literal(Shape::Equals, text), TextPredicate::Literal(shape, part))
            | (TextPredicate::Literal(shape, part), TextPredicate::Literal(Shape::Equals, text)) => {
                !shape.holds(text, part)
            }
            (
                TextPredicate::Literal(Shape::Equals, text),
                TextPredicate::Regex { regex, folds, .. },
            )
            | (
                TextPredicate::Regex { regex, folds, .. },
                TextPredicate::Literal(Shape::Equals, text),
            ) => folds.covers(text) && !regex.is_match(text),
            (
                TextPredicate::Literal(Shape::Prefix, one),
                TextPredicate::Literal(Shape::Prefix, other),
            ) => !one.starts_with(&**other) && !other.starts_with(&**one),
            (
                TextPredicate::Literal(Shape::Suffix, one),
                TextPredicate::Literal(Shape::Suffix, other),
            ) => !one.ends_with(&**other) && !other.ends_with(&**one),
            _ => false,
        }
    }

    pub(super) fn is_same_literal(&self, other: &TextPredicate) -> bool {
        match (self, other) {
            (TextPredicate::Literal(shape, text), TextPredicate::Literal(other, same)) => {
                shape == other && text == same
            }
            _ => false,
        }
    }

    pub(super) fn is_regex(&self) -> bool {
        matches!(self, TextPredicate::Regex { .. })
    }
}

impl Shape {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Shape::Equals => text == part,
            Shape::Prefix => text.starts_with(part),
            Shape::Suffix => text.ends_with(part),
            Shape::Contains => text.contains(part),
        }
    }

    pub(super) fn key(self) -> &'static str {
        match self {
            Shape::Equals => "equals",
            Shape::Prefix => "prefix",
            Shape::Suffix => "suffix",
            Shape::Contains => "contains",
        }
    }
}

/// A regex as the predicates of which any must be true.
pub(super) fn read(regex: &Expression, ignore_case: bool) -> Vec<TextPredicate<'_>> {
    let folds = match ignore_case {
        false => Folds::Alike,
        true if has_flags(regex.as_str()) => Folds::Otherwise,
        true => Folds::Case,
    };
    let opaque = |samples| {
        vec![TextPredicate::Regex {
            regex,
            folds,
            literals: None,
            samples,
        }]
    };
    let Ok(hir) = regex_syntax::parse(regex.as_str()) else {
        return opaque(Vec::new());
    };
    let properties = hir.properties();
    if properties.look_set().is_empty() && properties.minimum_len() == Some(0) {
        return vec![TextPredicate::Anything];
    }
    let mut predicates = Vec::new();
    if folds != Folds::Otherwise && alternatives(&hir, ignore_case, &mut predicates).is_some() {
        predicates
    } else {
        let mut samples = regex_samples::of(&hir);
        samples.retain(|text| regex.is_match(text));
        opaque(samples)
    }
}

/// Adds what a regex predicates if that is nothing but literals.
fn alternatives(hir: &Hir, ignore_case: bool, predicates: &mut Vec<TextPredicate>) -> Option<()> {
    match hir.kind() {
        HirKind::Capture(capture) => return alternatives(&capture.sub, ignore_case, predicates),
        HirKind::Alternation(parts) => {
            return parts
                .iter()
                .try_for_each(|part| alternatives(part, ignore_case, predicates));
        }
        _ => {}
    }
    let mut parts = match hir.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        _ => std::slice::from_ref(hir),
    };
    let look =
        |part: &Hir, wanted: Look| matches!(part.kind(), HirKind::Look(look) if *look == wanted);
    let at_start = parts.first().is_some_and(|part| look(part, Look::Start));
    let at_end = parts.last().is_some_and(|part| look(part, Look::End));
    parts = parts.get(usize::from(at_start)..).unwrap_or_default();
    if at_end {
        parts = parts.split_last().map_or(parts, |(_, before)| before);
    }
    // Where the search may begin or end anywhere, what may be empty there asks for nothing.
    while let Some((first, after)) = parts.split_first()
        && !at_start
        && asks_nothing(first)
    {
        parts = after;
    }
    while let Some((last, before)) = parts.split_last()
        && !at_end
        && asks_nothing(last)
    {
        parts = before;
    }
    let rest = Hir::concat(parts.to_vec());
    if parts.is_empty() || !rest.properties().look_set().is_empty() {
        return None;
    }
    let shape = match (at_start, at_end) {
        (true, true) => Shape::Equals,
        (true, false) => Shape::Prefix,
        (false, true) => Shape::Suffix,
        (false, false) => Shape::Contains,
    };
    for literal in Extractor::new().extract(&rest).literals()? {
        let text = std::str::from_utf8(literal.as_bytes()).ok()?;
        let usable = !text.is_empty() && (!ignore_case || text.chars().all(has_plain_case));
        if !literal.is_exact() || !usable {
            return None;
        }
        let folding = Folding {
            ignore_case,
            ..Folding::default()
        };
        let text = folding.fold(text).into_owned();
        predicates.push(TextPredicate::Literal(shape, Cow::Owned(text)));
    }
    Some(())
}

fn asks_nothing(part: &Hir) -> bool {
    let properties = part.properties();
    properties.minimum_len() == Some(0) && properties.look_set().is_empty()
}

impl Folds {
    /// Whether what a regex finds in a literal, it finds in every text that is folded to it.
    /// The letters of other scripts are left out: the regex crate and the standard library
    /// follow different versions of Unicode.
    fn covers(self, literal: &str) -> bool {
        match self {
            Folds::Alike => true,
            Folds::Case => literal.chars().all(has_known_case),
            Folds::Otherwise => false,
        }
    }
}

/// Whether regexes and keywords ignore the case of a letter alike. To a regex, ſ is a case of s.
fn has_plain_case(letter: char) -> bool {
    has_known_case(letter) && !matches!(letter, 's' | 'S')
}

fn has_known_case(letter: char) -> bool {
    letter.is_ascii() || (letter.to_lowercase().eq([letter]) && letter.to_uppercase().eq([letter]))
}

fn has_flags(pattern: &str) -> bool {
    pattern
        .split("(?")
        .skip(1)
        .any(|behind| !behind.starts_with([':', '<', 'P']))
}

#[cfg(test)]
mod tests {
    use regex::RegexBuilder;

    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: &[(Shape, &str)]) {
        let regex = Expression::new(pattern, false).unwrap();
        let predicates = read(&regex, false);
        let literals: Vec<_> = predicates
            .iter()
            .filter_map(|predicate| match predicate {
                TextPredicate::Literal(shape, text) => Some((*shape, &**text)),
                _ => None,
            })
            .collect();
        assert_eq!(literals, expected, "{pattern}");
    }

    #[test]
    fn a_regex_of_plain_words_claims_what_keywords_claim() {
        check("天气", &[(Shape::Contains, "天气")]);
        check("^天气", &[(Shape::Prefix, "天气")]);
        check("(天气)$", &[(Shape::Suffix, "天气")]);
        check(r"^\+1\.0$", &[(Shape::Equals, "+1.0")]);
        check(".*天气.*", &[(Shape::Contains, "天气")]);
        check("^ab|cd$", &[(Shape::Prefix, "ab"), (Shape::Suffix, "cd")]);
        check("^[ab]c", &[(Shape::Prefix, "ac"), (Shape::Prefix, "bc")]);
        check("a.c", &[]);
        check("^.*天气", &[]);
        check(r"\b天气", &[]);
        check("天气(?m:$)", &[]);
        check("[0-9]+", &[]);
        check("a{2,}", &[]);
    }

    #[test]
    fn a_regex_that_finds_the_empty_text_claims_nothing() {
        for (pattern, anything) in [(".*", true), ("a?|b", true), ("^.*$", false), (".+", false)] {
            let regex = Expression::new(pattern, false).unwrap();
            let predicates = read(&regex, false);
            assert_eq!(
                matches!(predicates[..], [TextPredicate::Anything]),
                anything,
                "{pattern}"
            );
        }
    }

    #[test]
    fn a_regex_that_ignores_case_finds_a_letter_whose_folding_it_finds() {
        let folding = Folding {
            ignore_case: true,
            ..Folding::default()
        };
        let mut letters = 0;
        for letter in '\0'..=char::MAX {
            let letter = letter.to_string();
            let folded = folding.fold(&letter);
            if folded == letter || !Folds::Case.covers(&folded) {
                continue;
            }
            let regex = RegexBuilder::new(&folded)
                .case_insensitive(true)
                .build()
                .unwrap();
            assert!(regex.is_match(&letter), "{folded} in {letter}");
            letters += 1;
        }
        // A to Z and the sign of Kelvin.
        assert_eq!(letters, 27);
    }
}
