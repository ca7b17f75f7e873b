//! What a text must have somewhere for a regex to match it. Knows no rule.

use regex_syntax::hir::{Class, Hir, HirKind};

/// More alternatives than this are no help in finding a rule.
const MAX_LITERALS: usize = 64;

/// Letters of a class that are taken as alternatives.
const MAX_OF_A_CLASS: u32 = 4;

/// Texts of which at least one is in every text that the pattern matches; none when the pattern
/// asks for nothing in particular.
pub(super) fn required(hir: &Hir) -> Option<Vec<Box<str>>> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            (!text.is_empty()).then(|| vec![text.into()])
        }
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required)
            .max_by_key(|literals| (shortest(literals), std::cmp::Reverse(literals.len()))),
        HirKind::Alternation(arms) => {
            let mut all = Vec::new();
            for arm in arms {
                all.extend(required(arm)?);
            }
            (all.len() <= MAX_LITERALS).then_some(all)
        }
        HirKind::Class(Class::Unicode(class)) => {
            let letters = class
                .ranges()
                .iter()
                .flat_map(|range| range.start()..=range.end());
            let size: u32 = class
                .ranges()
                .iter()
                .map(|range| u32::from(range.end()).saturating_sub(u32::from(range.start())) + 1)
                .sum();
            (1..=MAX_OF_A_CLASS)
                .contains(&size)
                .then(|| letters.map(|letter| String::from(letter).into()).collect())
        }
        _ => None,
    }
}

fn shortest(literals: &[Box<str>]) -> usize {
    let lengths = literals.iter().map(|literal| literal.chars().count());
    lengths.min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: Option<&[&str]>) {
        let found = required(&regex_syntax::parse(pattern).unwrap());
        let found: Option<Vec<&str>> = found
            .as_ref()
            .map(|literals| literals.iter().map(|literal| &**literal).collect());
        assert_eq!(found.as_deref(), expected, "{pattern}");
    }

    #[test]
    fn the_longest_part_that_must_be_there_is_found() {
        check("天气", Some(&["天气"]));
        check("^订单 ?([0-9]{4,12})$", Some(&["订单"]));
        check(
            "^预约(\\d{1,2})月(\\d{1,2})[日号](.{2,6})$",
            Some(&["预约"]),
        );
        check("(?:你好|您好)+", Some(&["你好", "您好"]));
        check("^查询?(?P<city>.+)天气$", Some(&["天气"]));
        check("[一二]元", Some(&["元"]));
        check("^[一二]$", Some(&["一", "二"]));
    }

    #[test]
    fn a_pattern_that_needs_nothing_has_no_literals() {
        check("", None);
        check(".*", None);
        check("(?:天气)?", None);
        check("天气|", None);
        check("天气|.*", None);
        check("[0-9]+", None);
    }

    #[test]
    fn without_case_each_spelling_of_a_letter_is_enough() {
        let required = |pattern| required(&regex_syntax::parse(pattern).unwrap());
        let one = required("(?i)abc");
        assert_eq!(one.as_deref(), Some(&["C".into(), "c".into()][..]));
        let mixed = required("(?i)abc天气");
        assert_eq!(mixed.as_deref(), Some(&["天气".into()][..]));
    }
}
