//! Finds where in a text a rule matched.

use std::ops::Range;

use crate::rules::Rule;
use crate::rules::condition::{Condition, MatchContext, Subject, Test};

/// The message text, and the ranges in it that the answering rule matched, from left to right.
/// `None` if the rule has no conditions on the text.
pub fn matched<'a>(rule: &Rule, asked: &MatchContext<'a>) -> Option<(&'a str, Vec<Range<usize>>)> {
    let folded = asked.text()?;
    let mut found: Vec<Range<usize>> = rule
        .held(asked)
        .filter_map(|condition| match condition {
            Condition::Text(subject @ Subject::Content, test) => place(subject, test, asked),
            _ => None,
        })
        .collect();
    found.sort_by_key(|range| (range.start, range.end));
    (!found.is_empty()).then(|| (folded.original(), found))
}

fn place(subject: &Subject, test: &Test, asked: &MatchContext) -> Option<Range<usize>> {
    let folded = subject.tested(test, asked)?;
    let text = folded.text();
    let range = match test {
        Test::Literal(shape, values) => {
            let mut places = values.iter().filter_map(|value| shape.find(text, value));
            places.next()?
        }
        Test::AtLeast(_) | Test::Below(_) => 0..text.len(),
        Test::Regex(patterns) => {
            let mut matches = patterns.iter().filter_map(|one| one.regex.find(text));
            matches.next()?.group(0)?
        }
    };
    folded.place_of(range)
}
