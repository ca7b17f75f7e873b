//! Text operators and numbers: what a text, a key, a field or a stored value is compared with.

use crate::i18n::{Phrase, phrase};
use crate::rules::compile::Compiler;
use crate::rules::compile::at::At;
use crate::rules::compile::conditions::Conditions;
use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::file::{Operators, Text, Texts, ValueTest};
use crate::rules::fold;
use crate::rules::fold::Folding;
use crate::rules::number::{MAX_DECIMALS, MAX_DIGITS, Number};
use crate::rules::yaml::tree::Part;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equals,
    Prefix,
    Suffix,
    Contains,
    ContainsAll,
    Regex,
}

impl Operator {
    fn key(self) -> &'static str {
        match self {
            Operator::Equals => "equals",
            Operator::Prefix => "prefix",
            Operator::Suffix => "suffix",
            Operator::Contains => "contains",
            Operator::ContainsAll => "contains_all",
            Operator::Regex => "regex",
        }
    }

    fn tests(self, values: Vec<Box<str>>) -> Vec<Test> {
        match self {
            Operator::Equals => vec![Test::Equals(values)],
            Operator::Prefix => vec![Test::Prefix(values)],
            Operator::Suffix => vec![Test::Suffix(values)],
            Operator::Contains | Operator::Regex => vec![Test::Contains(values)],
            // Each on its own, so that it can be said which of them is not there.
            Operator::ContainsAll => {
                let each = values.into_iter();
                each.map(|value| Test::Contains(vec![value])).collect()
            }
        }
    }
}

impl Compiler<'_> {
    pub(super) fn value_test(
        &mut self,
        subject: &Subject,
        test: &ValueTest,
        at: &At,
        found: &mut Conditions,
    ) {
        match test {
            ValueTest::Equals(texts) => {
                let texts = self.texts(texts, at);
                let values = self.needles(&texts, Operator::Equals, Folding::default(), at);
                let test = Test::Equals(values);
                found
                    .conditions
                    .push(Condition::Text(subject.clone(), test));
            }
            ValueTest::Operators(operators) => {
                let Operators {
                    equals,
                    prefix,
                    suffix,
                    contains,
                    contains_all,
                    regex,
                    at_least,
                    below,
                } = &**operators;
                let numbers = [("at_least", at_least.as_ref()), ("below", below.as_ref())];
                let operators = [
                    (Operator::Equals, equals.as_ref()),
                    (Operator::Prefix, prefix.as_ref()),
                    (Operator::Suffix, suffix.as_ref()),
                    (Operator::Contains, contains.as_ref()),
                    (Operator::ContainsAll, contains_all.as_ref()),
                    (Operator::Regex, regex.as_ref()),
                ];
                let none = operators.iter().all(|(_, texts)| texts.is_none())
                    && numbers.iter().all(|(_, text)| text.is_none());
                if none {
                    self.report
                        .missing(at, phrase!(empty_mapping))
                        .help(phrase!(help_no_operator));
                }
                self.operators(subject, &operators, at, found);
                for (key, text) in numbers {
                    let Some(text) = text else { continue };
                    let Some(number) = self.number(text, &at.key(key)) else {
                        continue;
                    };
                    let test = match key {
                        "below" => Test::Below(number),
                        _ => Test::AtLeast(number),
                    };
                    let condition = Condition::Text(subject.clone(), test);
                    found.conditions.push(condition);
                }
            }
        }
    }

    fn number(&mut self, Text(text): &Text, at: &At) -> Option<Number> {
        let number = Number::read(text);
        if number.is_none() {
            self.report
                .error(at, Part::Value, phrase!(invalid_number, text))
                .help(number_help());
        }
        number
    }

    pub(super) fn operators(
        &mut self,
        subject: &Subject,
        operators: &[(Operator, Option<&Texts>)],
        at: &At,
        found: &mut Conditions,
    ) {
        let folding = match subject {
            Subject::Content => self.settings.folding,
            _ => Folding::default(),
        };
        for (operator, texts) in operators {
            let Some(texts) = texts else { continue };
            let at = at.key(operator.key());
            let texts = self.texts(texts, &at);
            let tests = match operator {
                Operator::Regex => vec![Test::Regex(self.regexes(&texts, folding, &at, found))],
                operator => {
                    let values = self.needles(&texts, *operator, folding, &at);
                    operator.tests(values)
                }
            };
            let conditions = tests.into_iter();
            let conditions = conditions.map(|test| Condition::Text(subject.clone(), test));
            found.conditions.extend(conditions);
        }
    }

    /// Texts as folded ones are compared with them.
    pub(super) fn needles(
        &mut self,
        texts: &[Box<str>],
        operator: Operator,
        folding: Folding,
        at: &At,
    ) -> Vec<Box<str>> {
        let needles: Vec<_> = texts
            .iter()
            .map(|text| needle(text, operator, folding))
            .collect();
        for (index, (text, needle)) in texts.iter().zip(&needles).enumerate() {
            let at = at.index(index);
            if needle.is_empty() && !text.is_empty() {
                self.report
                    .error(&at, Part::Value, phrase!(blank_text))
                    .help(phrase!(help_blank_text));
            } else if folding.ignore_punctuation
                && operator != Operator::Equals
                && !text.is_empty()
                && fold::is_punctuation_only(needle)
            {
                let word = operator.key();
                self.report
                    .error(&at, Part::Value, phrase!(ignored_punctuation))
                    .help(phrase!(
                        help_ignored_punctuation,
                        operator = word,
                        text = &**text
                    ));
            }
        }
        needles
    }
}

/// What a number looks like.
pub(super) fn number_help() -> Phrase {
    phrase!(help_number, digits = MAX_DIGITS, decimals = MAX_DECIMALS)
}

/// A keyword as folded texts are compared with it. White space where the text has been trimmed
/// could never match; elsewhere in a keyword it is meant.
fn needle(text: &str, operator: Operator, folding: Folding) -> Box<str> {
    let trimmed = match operator {
        _ if !folding.trim => text,
        Operator::Equals => fold::trim(text),
        Operator::Prefix => fold::trim_start(text),
        Operator::Suffix => fold::trim_end(text),
        Operator::Contains | Operator::ContainsAll | Operator::Regex => text,
    };
    let folding = Folding {
        trim: false,
        ..folding
    };
    folding.fold(trimmed).into()
}
