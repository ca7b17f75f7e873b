//! What one text of a list says about the text it is compared with, and when one such predicate
//! implies or excludes another. Knows no rules.

use std::borrow::Cow;

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind, Look};

use crate::rules::condition::{Pattern, Shape, Subject, Test};
use crate::rules::expression::Expression;
use crate::rules::fold::Folding;

#[derive(Clone, Debug)]
pub(super) enum TextPredicate<'r> {
    Literal(Shape, Cow<'r, str>),
    /// True of every text: a regex that finds the empty text anywhere.
    Anything,
    /// Something about numbers, which is compared with nothing else.
    Number,
    Regex {
        regex: &'r Expression,
        ignore_case: bool,
        /// Texts of which one is in every text that it is found in, if it asks for any.
        literals: Option<&'r [Box<str>]>,
    },
}

/// What the texts of one test predicate, each with its place in the list: a regex that is only a few
/// literals becomes those.
pub(super) fn predicates<'r>(
    subject: &Subject,
    test: &'r Test,
    folding: Folding,
) -> Vec<(usize, TextPredicate<'r>)> {
    let (shape, texts) = match test {
        Test::Literal(shape, texts) => (*shape, texts),
        Test::AtLeast(_) | Test::Below(_) => return vec![(0, TextPredicate::Number)],
        Test::Regex(patterns) => {
            let ignore_case = folding.ignore_case && *subject == Subject::Content;
            // Keywords are then compared with another text than the one that is searched.
            let apart = folding.ignore_punctuation && *subject == Subject::Content;
            let patterns = patterns.iter().enumerate();
            return patterns
                .flat_map(|(place, pattern)| {
                    if apart {
                        return vec![(place, TextPredicate::opaque(&pattern.regex))];
                    }
                    let predicates = read(&pattern.regex, ignore_case).into_iter();
                    let predicates =
                        predicates.map(|predicate| (place, predicate.with_literals(pattern)));
                    predicates.collect()
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
    /// A regex of which nothing is known but that it is the same as itself.
    fn opaque(regex: &'r Expression) -> TextPredicate<'r> {
        TextPredicate::Regex {
            regex,
            ignore_case: true,
            literals: None,
        }
    }

    fn with_literals(mut self, pattern: &'r Pattern) -> TextPredicate<'r> {
        if let TextPredicate::Regex { literals, .. } = &mut self {
            *literals = pattern.regex.literals();
        }
        self
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
            (TextPredicate::Literal(Shape::Equals, text), TextPredicate::Regex { .. }) => {
                other.finds(text) == Some(true)
            }
            (
                TextPredicate::Regex {
                    literals: Some(literals),
                    ..
                },
                TextPredicate::Literal(Shape::Contains, part),
            ) => literals.iter().all(|literal| literal.contains(&**part)),
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
            (TextPredicate::Literal(Shape::Equals, text), regex @ TextPredicate::Regex { .. })
            | (regex @ TextPredicate::Regex { .. }, TextPredicate::Literal(Shape::Equals, text)) => {
                regex.finds(text) == Some(false)
            }
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

    /// Whether a regex is found in every text that is folded to this one, or in none. With
    /// `ignore_case` that is not known: the regex crate and keywords fold case differently.
    fn finds(&self, folded: &str) -> Option<bool> {
        match self {
            TextPredicate::Regex {
                regex,
                ignore_case: false,
                ..
            } => Some(regex.is_match(folded)),
            _ => None,
        }
    }
}

/// A regex as the predicates of which any must be true.
pub(super) fn read(regex: &Expression, ignore_case: bool) -> Vec<TextPredicate<'_>> {
    let opaque = || {
        vec![TextPredicate::Regex {
            regex,
            ignore_case,
            literals: None,
        }]
    };
    let Ok(hir) = regex_syntax::parse(regex.as_str()) else {
        return opaque();
    };
    let properties = hir.properties();
    if properties.look_set().is_empty() && properties.minimum_len() == Some(0) {
        return vec![TextPredicate::Anything];
    }
    let mut predicates = Vec::new();
    let unfolds = ignore_case && has_flags(regex.as_str());
    if !unfolds && alternatives(&hir, ignore_case, &mut predicates).is_some() {
        predicates
    } else {
        opaque()
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

/// Whether regexes and keywords ignore the case of a letter alike. To a regex, ſ is a case of s.
/// The letters of other scripts are left out: the regex crate and the standard library follow
/// different versions of Unicode.
fn has_plain_case(letter: char) -> bool {
    let is_caseless = || letter.to_lowercase().eq([letter]) && letter.to_uppercase().eq([letter]);
    (letter.is_ascii() || is_caseless()) && !matches!(letter, 's' | 'S')
}

/// Whether a flag inside a regex can undo the folding of case.
fn has_flags(pattern: &str) -> bool {
    pattern
        .split("(?")
        .skip(1)
        .any(|behind| !behind.starts_with([':', '<', 'P']))
}

#[cfg(test)]
mod tests {
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
}
