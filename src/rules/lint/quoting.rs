//! Quotes and backslashes that YAML reads in another way than they look.

use crate::i18n::{Phrase, phrase};
use crate::rules::Rule;
use crate::rules::condition::Condition;
use crate::rules::parsed::ParsedSources;
use crate::rules::template::Template;
use crate::rules::yaml::tree::PathStep;

const QUOTES: [[char; 2]; 4] = [['“', '”'], ['‘', '’'], ['「', '」'], ['『', '』']];

/// Texts of a condition: the place in the list, what is wrong and how to fix it.
pub(super) fn misread(condition: &Condition) -> Vec<(Option<usize>, Phrase, Phrase)> {
    let Condition::Text(_, test) = condition else {
        return Vec::new();
    };
    let (texts, patterns) = test.texts();
    let quoted = texts.iter().enumerate().filter_map(|(item, text)| {
        let inside = inside_quotes(text)?;
        let message = phrase!(quoted_keyword);
        let help = phrase!(help_without_quotes, text = inside);
        Some((Some(item), message, help))
    });
    let control = patterns.iter().enumerate().filter_map(|(item, pattern)| {
        let found = has_control(pattern.regex.as_str());
        let message = phrase!(control_character_in_regex);
        found.then(|| (Some(item), message, phrase!(help_single_quotes)))
    });
    quoted.chain(control).collect()
}

/// Whether a reply has `\n` in it, bare of quotes, where a new line was meant.
pub(super) fn shows_backslash(
    rule: &Rule,
    template: &Template,
    path: &[PathStep<'_>],
    sources: &ParsedSources,
) -> bool {
    let shown = template.literal().is_some_and(|text| text.contains("\\n"));
    shown && sources.is_plain(rule.origin, path)
}

/// What stands between quotes that are the first and the last letter and nowhere else.
fn inside_quotes(text: &str) -> Option<&str> {
    let mut pairs = QUOTES.iter();
    pairs.find_map(|pair| {
        let inside = text.strip_prefix(*pair)?.strip_suffix(*pair)?;
        (!inside.trim().is_empty() && !inside.contains(*pair)).then_some(inside)
    })
}

/// White space in a regex means the same as its escape.
fn has_control(regex: &str) -> bool {
    regex.contains(|letter: char| letter.is_control() && !letter.is_whitespace())
}
