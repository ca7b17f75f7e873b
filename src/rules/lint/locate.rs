//! Where a condition, or one text of it, stands in its file.

use crate::rules::Rule;
use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::diagnostic::Place;
use crate::rules::file::{ValueTest, When};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::Step;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    When,
    Unless,
}

pub(super) fn name(rule: &Rule, sources: &ParsedSources) -> Place {
    sources.place_in(rule.origin, &[Step::Key("name")])
}

/// One text of a condition, by its place in the list; the condition as a whole without one.
pub(super) fn text(
    rule: &Rule,
    section: Section,
    condition: usize,
    item: Option<usize>,
    sources: &ParsedSources,
) -> Place {
    let mut steps = steps(rule, section, condition, sources);
    steps.extend(item.map(Step::Index));
    sources.place_in(rule.origin, &steps)
}

/// How one gets from the rule to a condition.
pub(super) fn steps<'r>(
    rule: &'r Rule,
    section: Section,
    condition: usize,
    sources: &ParsedSources,
) -> Vec<Step<'r>> {
    let (key, conditions) = match section {
        Section::When => ("when", &rule.when),
        Section::Unless => ("unless", &rule.unless),
    };
    let mut steps = vec![Step::Key(key)];
    if let Some(condition) = conditions.get(condition) {
        let written = written(rule, section, sources);
        push_condition(condition, written, &mut steps);
    }
    steps
}

fn push_condition<'c>(condition: &'c Condition, written: Option<&When>, steps: &mut Vec<Step<'c>>) {
    let (subject, test) = match condition {
        Condition::Type(_) => return steps.push(Step::Key("type")),
        Condition::Event(_) => return steps.push(Step::Key("event")),
        Condition::Hours(_) => return steps.push(Step::Key("hours")),
        Condition::Days(_) => return steps.push(Step::Key("days")),
        Condition::NotStored(key) => {
            return steps.extend([Step::Key("user"), Step::Key(key)]);
        }
        Condition::Text(subject, test) => (subject, test),
    };
    match subject {
        Subject::Content => {}
        Subject::Key => steps.push(Step::Key("key")),
        Subject::Scene => steps.push(Step::Key("scene")),
        Subject::Menu => steps.push(Step::Key("menu")),
        Subject::Field(name) => steps.extend([Step::Key("fields"), Step::Key(name)]),
        Subject::Stored(key) => steps.extend([Step::Key("user"), Step::Key(key)]),
    }
    let listed = written
        .and_then(|when| value_test(when, subject))
        .is_some_and(|test| matches!(test, ValueTest::Equals(_)));
    if !listed {
        steps.push(Step::Key(operator(test)));
    }
}

fn operator(test: &Test) -> &'static str {
    match test {
        Test::Equals(_) => "equals",
        Test::Prefix(_) => "prefix",
        Test::Suffix(_) => "suffix",
        Test::Contains(_) => "contains",
        Test::Regex(_) => "regex",
    }
}

fn written<'s>(rule: &Rule, section: Section, sources: &'s ParsedSources) -> Option<&'s When> {
    let file = sources.files.get(rule.origin.file)?;
    let entry = file.read.file.rules.get(rule.origin.entry)?;
    match section {
        Section::When => entry.when.as_ref(),
        Section::Unless => entry.unless.as_ref(),
    }
}

fn value_test<'w>(when: &'w When, subject: &Subject) -> Option<&'w ValueTest> {
    match subject {
        Subject::Content => None,
        Subject::Key => when.key.as_ref(),
        Subject::Scene => when.scene.as_ref(),
        Subject::Menu => when.menu.as_ref(),
        Subject::Field(name) => {
            let mut fields = when.fields.as_ref()?.0.iter();
            fields
                .find(|(field, _)| **field == **name)
                .map(|(_, test)| test)
        }
        Subject::Stored(key) => {
            let mut user = when.user.as_ref()?.0.iter();
            let found = user.find(|(stored, _)| **stored == **key);
            found.and_then(|(_, test)| test.as_ref())
        }
    }
}
