//! The regexes of a rule file, each compiled once, within one limit for all of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::expression::{Expression, MAX_BYTES, MAX_BYTES_TOGETHER, RegexError};
use crate::rules::fold::Folding;
use crate::rules::{RuleSet, fold};

/// A pattern, and whether it ignores case.
type Key = (Box<str>, bool);

#[derive(Default)]
pub(super) struct Patterns {
    known: HashMap<Key, Result<Arc<Expression>, RegexError>>,
    /// Those of the rules that this set is to replace: they need not be compiled again.
    replaced: HashMap<Key, Arc<Expression>>,
    bytes: usize,
}

impl Patterns {
    pub(super) fn of(replaced: Option<&RuleSet>) -> Patterns {
        let mut patterns = Patterns::default();
        let Some(replaced) = replaced else {
            return patterns;
        };
        for rule in &replaced.rules {
            for condition in rule.conditions() {
                let Condition::Text(subject, Test::Regex(regexes)) = condition else {
                    continue;
                };
                let ignore_case =
                    *subject == Subject::Content && replaced.settings.folding.ignore_case;
                for pattern in regexes {
                    let key = (pattern.regex.as_str().into(), ignore_case);
                    patterns.replaced.insert(key, Arc::clone(&pattern.regex));
                }
            }
        }
        patterns
    }

    pub(super) fn get(
        &mut self,
        text: &str,
        folding: Folding,
    ) -> Result<Arc<Expression>, RegexError> {
        let pattern = match folding.ignore_width {
            true => narrow(text),
            false => visible(text).into(),
        };
        let key = (pattern, folding.ignore_case);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        // One that fails costs time, too: what is over the limit is not even tried.
        if self.bytes > MAX_BYTES_TOGETHER {
            return Err(RegexError::TooLargeTogether);
        }
        let compiled = match self.replaced.remove(&key) {
            Some(regex) => Ok(regex),
            None => Expression::new(&key.0, key.1).map(Arc::new),
        };
        self.bytes += match &compiled {
            Ok(regex) => regex.bytes(),
            Err(RegexError::Syntax(_)) => 0,
            Err(_) => MAX_BYTES,
        };
        self.known.insert(key, compiled.clone());
        match self.bytes > MAX_BYTES_TOGETHER {
            true => Err(RegexError::TooLargeTogether),
            false => compiled,
        }
    }
}

/// A pattern for texts without characters that show nothing. A control character in it is a
/// mistake to warn of.
fn visible(pattern: &str) -> Cow<'_, str> {
    let is_left_out = |letter: char| fold::is_invisible(letter) && !letter.is_control();
    match pattern.contains(is_left_out) {
        true => pattern.replace(is_left_out, "").into(),
        false => pattern.into(),
    }
}

/// A pattern for texts without wide letters. A wide bracket was meant as it stands, so that the
/// narrow one must not become an operator.
fn narrow(pattern: &str) -> Box<str> {
    let folding = Folding {
        ignore_width: true,
        ..Folding::default()
    };
    let mut narrowed = String::with_capacity(pattern.len());
    let mut buffer = [0; 4];
    for letter in visible(pattern).chars() {
        let wide: &str = letter.encode_utf8(&mut buffer);
        let narrow = folding.fold(wide);
        if narrow == wide {
            narrowed.push(letter);
        } else {
            narrowed.push_str(&regex::escape(&narrow));
        }
    }
    narrowed.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_for_all_regexes_no_further_one_is_taken() {
        let mut patterns = Patterns {
            bytes: MAX_BYTES_TOGETHER - 1,
            ..Patterns::default()
        };
        let mut get = |text: &str| patterns.get(text, Folding::default()).map(|_| ());
        assert!(matches!(get("("), Err(RegexError::Syntax(_))));
        assert_eq!(get("^a"), Err(RegexError::TooLargeTogether));
        assert_eq!(get("^b"), Err(RegexError::TooLargeTogether));
    }
}
