//! One keyword where several were meant: only a plain comma in brackets parts them.

use crate::i18n::phrase;
use crate::rules::Rule;
use crate::rules::condition::{Condition, Test};
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
                sources
                    .plain_text(rule.origin, &steps)
                    .and_then(several_bare)
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
    match test {
        Test::Equals(texts) | Test::Prefix(texts) | Test::Suffix(texts) | Test::Contains(texts) => {
            // With `ignore_width` a wide comma is a plain one here.
            matches!(&texts[..], [text] if text.contains(['，', '、', ',', '|', '｜', '/']))
        }
        Test::Regex(_) | Test::AtLeast(_) | Test::Below(_) => false,
    }
}

/// Words with nothing but wide commas between them; anything else may be a sentence.
fn several(text: &str) -> Option<Vec<String>> {
    words(text, &['，', '、'], char::is_alphanumeric)
}

/// The same without brackets around them. A comma may belong to a sentence there, and 24/7 is one
/// word.
fn several_bare(text: &str) -> Option<Vec<String>> {
    words(text, &['、', '|', '｜', '/'], |letter| {
        letter.is_alphabetic() && !letter.is_ascii()
    })
}

fn words(text: &str, between: &[char], is_letter: fn(char) -> bool) -> Option<Vec<String>> {
    let words: Vec<String> = text
        .split(between)
        .map(|word| word.trim().trim_matches(['"', '\'']).to_owned())
        .collect();
    let is_word = |word: &String| !word.is_empty() && word.chars().all(is_letter);
    (words.len() > 1 && words.iter().all(is_word)).then_some(words)
}
