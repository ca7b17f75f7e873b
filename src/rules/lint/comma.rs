//! One keyword where several were meant: only a plain comma in brackets parts them.

use crate::i18n::phrase;
use crate::rules::Rule;
use crate::rules::condition::{Condition, Shape, Test};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::{Warning, locate};
use crate::rules::parsed::ParsedSources;

pub(super) fn report<'r>(rule: &'r Rule, sources: &ParsedSources, found: &mut Vec<Warning<'r>>) {
    for section in locate::sections(rule) {
        for (index, condition) in section.conditions(rule).iter().enumerate() {
            if !may_be_several(condition) {
                continue;
            }
            let steps = locate::steps(rule, section, index, sources);
            let item = sources.lone_item(rule.origin, &steps);
            let bare = || {
                let text = sources.plain_text(rule.origin, &steps)?;
                several_bare(text).or_else(|| several_of_a_sentence(text, condition))
            };
            let Some(meant) = item.and_then(several).or_else(bare) else {
                continue;
            };
            found.push(Warning::new(rule.origin, move |sources| {
                let place = locate::text(rule, section, index, Some(0), sources);
                let number = meant.len();
                let help = phrase!(
                    help_several_keywords,
                    count = number,
                    keywords = meant.join(", ")
                );
                Diagnostic::warning(place, phrase!(one_keyword)).help(help)
            }));
        }
    }
}

/// Looking up how it was written takes time, and most keywords have no comma.
fn may_be_several(condition: &Condition) -> bool {
    let Condition::Text(_, test) = condition else {
        return false;
    };
    // With `ignore_width` a wide comma is a plain one here.
    matches!(test.texts(), ([text], _) if text.contains(SEPARATORS))
}

/// What people write between keywords. With `ignore_width` a wide one is a plain one in a rule.
const SEPARATORS: [char; 10] = ['，', '、', ',', '；', ';', '|', '｜', '/', '／', ' '];

/// Words with nothing but wide commas between them; anything else may be a sentence.
fn several(text: &str) -> Option<Vec<String>> {
    words(text, &['，', '、'], char::is_alphanumeric).or_else(|| several_bare(text))
}

/// The same without brackets around them. A comma may belong to a sentence there, and 24/7 is one
/// word.
fn several_bare(text: &str) -> Option<Vec<String>> {
    let separators = ['、', '；', ';', '|', '｜', '/', '／'];
    words(text, &separators, is_chinese)
}

/// What may be a sentence, and is none where a text is to contain it, or where it has several
/// short parts.
fn several_of_a_sentence(text: &str, condition: &Condition) -> Option<Vec<String>> {
    const MIN_PARTS: usize = 3;
    const MAX_LETTERS: usize = 4;
    let is_contained = matches!(
        condition,
        Condition::Text(_, Test::Literal(Shape::Contains, _))
    );
    let by_commas = words(text, &['，', ','], is_chinese).filter(|words| {
        let are_short = words.iter().all(|word| word.chars().count() <= MAX_LETTERS);
        is_contained || (words.len() >= MIN_PARTS && are_short)
    });
    let by_spaces = || words(text, &[' '], is_chinese).filter(|_| is_contained);
    by_commas.or_else(by_spaces)
}

fn is_chinese(letter: char) -> bool {
    letter.is_alphabetic() && !letter.is_ascii()
}

fn words(text: &str, between: &[char], is_letter: fn(char) -> bool) -> Option<Vec<String>> {
    let words: Vec<String> = text
        .split(between)
        .map(|word| word.trim().trim_matches(['"', '\'']).to_owned())
        .collect();
    let is_word = |word: &String| !word.is_empty() && word.chars().all(is_letter);
    (words.len() > 1 && words.iter().all(is_word)).then_some(words)
}
