//! Where a condition, or one text of it, stands in its file.

use crate::rules::Rule;
use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::diagnostic::Place;
use crate::rules::file::{ValueTest, When};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::Step;

/// A list of conditions of a rule that must all hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    When,
    Unless,
    /// An alternative: the place of `any` among the conditions, and its own place in the list.
    WhenAny(usize, usize),
    UnlessAny(usize, usize),
}

impl Section {
    pub(super) fn conditions(self, rule: &Rule) -> &[Condition] {
        match self {
            Section::When => &rule.when,
            Section::Unless => &rule.unless,
            Section::WhenAny(any, place) => alternative(&rule.when, any, place),
            Section::UnlessAny(any, place) => alternative(&rule.unless, any, place),
        }
    }

    /// Whether the rule asks for it, and does not exclude it.
    pub(super) fn is_wanted(self) -> bool {
        matches!(self, Section::When | Section::WhenAny(..))
    }

    pub(super) fn steps<'r>(self) -> Vec<Step<'r>> {
        let (key, alternative) = match self {
            Section::When => ("when", None),
            Section::Unless => ("unless", None),
            Section::WhenAny(_, place) => ("when", Some(place)),
            Section::UnlessAny(_, place) => ("unless", Some(place)),
        };
        let mut steps = vec![Step::Key(key)];
        steps.extend(
            alternative
                .into_iter()
                .flat_map(|place| [Step::Key("any"), Step::Index(place)]),
        );
        steps
    }
}

fn alternative(conditions: &[Condition], any: usize, place: usize) -> &[Condition] {
    match conditions.get(any) {
        Some(Condition::Any(alternatives)) => alternatives.get(place).map_or(&[], Vec::as_slice),
        _ => &[],
    }
}

/// `when` and `unless` of a rule, and all alternatives in them.
pub(super) fn sections(rule: &Rule) -> Vec<Section> {
    let mut sections = vec![Section::When, Section::Unless];
    for (any, place) in alternatives(&rule.when) {
        sections.push(Section::WhenAny(any, place));
    }
    for (any, place) in alternatives(&rule.unless) {
        sections.push(Section::UnlessAny(any, place));
    }
    sections
}

fn alternatives(conditions: &[Condition]) -> impl Iterator<Item = (usize, usize)> {
    conditions.iter().enumerate().flat_map(|(any, condition)| {
        let alternatives = match condition {
            Condition::Any(alternatives) => alternatives.len(),
            _ => 0,
        };
        (0..alternatives).map(move |place| (any, place))
    })
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
    let mut steps = section.steps();
    let conditions = section.conditions(rule);
    if let Some(found) = conditions.get(condition) {
        let written = written(rule, section, sources);
        let before = conditions.get(..condition).unwrap_or_default();
        push_condition(found, before, written, &mut steps);
    }
    steps
}

fn push_condition<'c>(
    condition: &'c Condition,
    before: &[Condition],
    written: Option<&When>,
    steps: &mut Vec<Step<'c>>,
) {
    let (subject, test) = match condition {
        Condition::Type(_) => return steps.push(Step::Key("type")),
        Condition::Event(_) => return steps.push(Step::Key("event")),
        Condition::Hours(_) => return steps.push(Step::Key("hours")),
        Condition::Days(_) => return steps.push(Step::Key("days")),
        Condition::Dates(_) => return steps.push(Step::Key("dates")),
        Condition::Any(_) => return steps.push(Step::Key("any")),
        Condition::At(_) => return steps.push(Step::Key("dialogue")),
        Condition::NotStored(key) | Condition::Stored(key) => {
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
    let value = written.and_then(|when| value_test(when, subject));
    if matches!(value, Some(ValueTest::Equals(_))) {
        return;
    }
    // `contains` is one condition, `contains_all` one for each of its texts after it.
    let contains = match (subject, value) {
        (Subject::Content, _) => written.is_some_and(|when| when.contains.is_some()),
        (_, Some(ValueTest::Operators(operators))) => operators.contains.is_some(),
        _ => true,
    };
    let same = |other: &&Condition| matches!(other, Condition::Text(other, Test::Contains(_)) if other == subject);
    let earlier = before.iter().filter(same).count();
    match (test, earlier.checked_sub(usize::from(contains))) {
        (Test::Contains(_), Some(item)) => {
            steps.extend([Step::Key("contains_all"), Step::Index(item)]);
        }
        (test, _) => steps.push(Step::Key(operator(test))),
    }
}

fn operator(test: &Test) -> &'static str {
    match test {
        Test::Equals(_) => "equals",
        Test::Prefix(_) => "prefix",
        Test::Suffix(_) => "suffix",
        Test::Contains(_) => "contains",
        Test::Regex(_) => "regex",
        Test::AtLeast(_) => "at_least",
        Test::Below(_) => "below",
    }
}

fn written<'s>(rule: &Rule, section: Section, sources: &'s ParsedSources) -> Option<&'s When> {
    let file = sources.files.get(rule.origin.file)?;
    let entry = file.file.rules.get(rule.origin.entry)?;
    let alternative = |when: Option<&'s When>, place: usize| when?.any.as_ref()?.get(place);
    match section {
        Section::When => entry.when.as_ref(),
        Section::Unless => entry.unless.as_ref(),
        Section::WhenAny(_, place) => alternative(entry.when.as_ref(), place),
        Section::UnlessAny(_, place) => alternative(entry.unless.as_ref(), place),
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
