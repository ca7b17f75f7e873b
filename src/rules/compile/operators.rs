//! Text operators and numbers: what a text, a key, a field or a stored value is compared with.

use crate::i18n::{Phrase, phrase};
use crate::rules::compile::Compiler;
use crate::rules::compile::conditions::Conditions;
use crate::rules::compile::path::At;
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::file::{Operators, Text, Texts, ValueTest};
use crate::rules::fold;
use crate::rules::fold::Folding;
use crate::rules::number::{MAX_DECIMALS, MAX_DIGITS, Number};
use crate::rules::yaml::tree::EntryPart;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Literal(Shape),
    /// All of the texts, each as a test of its own, so that it can be said which is not there.
    ContainsAll,
    Regex,
}

impl Operator {
    fn key(self) -> &'static str {
        match self {
            Operator::Literal(shape) => shape.key(),
            Operator::ContainsAll => "contains_all",
            Operator::Regex => "regex",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Operator::Literal(shape) => shape,
            Operator::ContainsAll | Operator::Regex => Shape::Contains,
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
                let values = self.needles(
                    &texts,
                    Operator::Literal(Shape::Equals),
                    Folding::default(),
                    at,
                );
                let test = Test::Literal(Shape::Equals, values);
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
                    (Operator::Literal(Shape::Equals), equals.as_ref()),
                    (Operator::Literal(Shape::Prefix), prefix.as_ref()),
                    (Operator::Literal(Shape::Suffix), suffix.as_ref()),
                    (Operator::Literal(Shape::Contains), contains.as_ref()),
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
                .error(at, EntryPart::Value, phrase!(invalid_number, text))
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
                    let literal = |values| Test::Literal(operator.shape(), values);
                    match operator {
                        Operator::ContainsAll => {
                            let each = values.into_iter().map(|value| vec![value]);
                            each.map(literal).collect()
                        }
                        _ => vec![literal(values)],
                    }
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
                    .error(&at, EntryPart::Value, phrase!(blank_text))
                    .help(phrase!(help_blank_text));
            } else if folding.ignore_punctuation
                && operator != Operator::Literal(Shape::Equals)
                && !text.is_empty()
                && fold::is_punctuation_only(needle)
            {
                let word = operator.key();
                self.report
                    .error(&at, EntryPart::Value, phrase!(ignored_punctuation))
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
    let trimmed = match operator.shape() {
        _ if !folding.trim => text,
        Shape::Equals => fold::trim(text),
        Shape::Prefix => fold::trim_start(text),
        Shape::Suffix => fold::trim_end(text),
        Shape::Contains => text,
    };
    let folding = Folding {
        trim: false,
        ..folding
    };
    folding.fold(trimmed).into()
}
