//! Regexes of rules, each compiled once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::expression::{Expression, RegexError};
use crate::rules::fold::Folding;
use crate::rules::{RuleSet, fold, literals};

/// Compiled regexes, those of the replaced rules among them.
#[derive(Default)]
pub(super) struct Patterns {
    compiled: HashMap<(Box<str>, bool), Compiled>,
}

#[derive(Clone)]
pub(super) struct Compiled {
    pub(super) regex: Arc<Expression>,
    pub(super) literals: Option<Arc<[Box<str>]>>,
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
                    let compiled = Compiled {
                        regex: Arc::clone(&pattern.regex),
                        literals: pattern.literals.clone(),
                    };
                    patterns.compiled.insert(key, compiled);
                }
            }
        }
        patterns
    }

    pub(super) fn get(&mut self, text: &str, folding: Folding) -> Result<Compiled, RegexError> {
        let pattern = match folding.ignore_width {
            true => narrow(text),
            false => visible(text).into(),
        };
        let key = (pattern, folding.ignore_case);
        if let Some(compiled) = self.compiled.get(&key) {
            return Ok(compiled.clone());
        }
        let compiled = compile(&key.0, folding.ignore_case)?;
        self.compiled.insert(key, compiled.clone());
        Ok(compiled)
    }
}

fn compile(pattern: &str, ignore_case: bool) -> Result<Compiled, RegexError> {
    Ok(Compiled {
        regex: Arc::new(Expression::new(pattern, ignore_case)?),
        literals: literals::required(pattern, ignore_case).map(Arc::from),
    })
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
