//! Where a condition, one text of it, or an answer stands in its file.

use crate::rules::Rule;
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::diagnostic::Place;
use crate::rules::dialogue::Written;
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
            // That a dialogue asks for no events is written nowhere.
            Section::Unless if !rule.part_name().is_empty() => &[],
            Section::Unless => &rule.unless,
            Section::WhenAny(any, place) => alternative(&rule.when, any, place),
            Section::UnlessAny(any, place) => alternative(&rule.unless, any, place),
        }
    }

    /// Whether the rule asks for it, and does not exclude it.
    pub(super) fn is_wanted(self) -> bool {
        matches!(self, Section::When | Section::WhenAny(..))
    }

    pub(super) fn steps<'r>(self, rule: &Rule) -> Vec<Step<'r>> {
        let (mut steps, alternative) = match self {
            Section::When => (when(rule), None),
            Section::Unless => (vec![Step::Key("unless")], None),
            Section::WhenAny(_, place) => (when(rule), Some(place)),
            Section::UnlessAny(_, place) => (vec![Step::Key("unless")], Some(place)),
        };
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

/// The way to the conditions of a rule.
fn when<'r>(rule: &Rule) -> Vec<Step<'r>> {
    let written = rule.part.as_ref().map(|part| part.when);
    match written.filter(|written| *written != Written::Beside) {
        Some(written) => within_dialogue(written),
        None => vec![Step::Key("when")],
    }
}

/// The way to the answer of a rule.
pub(super) fn answer<'r>(rule: &Rule) -> Vec<Step<'r>> {
    let written = rule.part.as_ref().map(|part| part.answer);
    match written {
        None | Some(Written::Beside) => vec![Step::Key("reply")],
        Some(Written::Cancel) => {
            let mut steps = within_dialogue(Written::Cancel);
            steps.push(Step::Key("reply"));
            steps
        }
        Some(written) => within_dialogue(written),
    }
}

fn within_dialogue<'r>(written: Written) -> Vec<Step<'r>> {
    let step = |index, key| vec![Step::Key("steps"), Step::Index(index), Step::Key(key)];
    let within = match written {
        Written::Beside => Vec::new(),
        Written::Cancel => vec![Step::Key("cancel")],
        Written::GiveUp => vec![Step::Key("give_up")],
        Written::Ask(index) => step(index, "ask"),
        Written::Accept(index) => step(index, "accept"),
        Written::Otherwise(index) => step(index, "otherwise"),
        Written::Choice(index, place) => {
            let mut steps = step(index, "choices");
            steps.push(Step::KeyAt(place));
            steps
        }
    };
    let dialogue = std::iter::once(Step::Key("dialogue"));
    dialogue.chain(within).collect()
}

/// The name of a rule; of a part of a dialogue, what it asks for.
pub(super) fn name(rule: &Rule, sources: &ParsedSources) -> Place {
    let steps = match rule.part_name() {
        "" => vec![Step::Key("name")],
        _ => when(rule),
    };
    sources.place_in(rule.origin, &steps)
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
    let mut steps = section.steps(rule);
    let conditions = section.conditions(rule);
    let is_choice = rule.part.as_ref();
    let is_choice = is_choice.is_some_and(|part| matches!(part.when, Written::Choice(..)));
    if let Some(found) = conditions.get(condition).filter(|_| !is_choice) {
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
        Condition::At(_) | Condition::Answered(..) => return,
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
    let same = |other: &&Condition| matches!(other, Condition::Text(other, Test::Literal(Shape::Contains, _)) if other == subject);
    let earlier = before.iter().filter(same).count();
    match (test, earlier.checked_sub(usize::from(contains))) {
        (Test::Literal(Shape::Contains, _), Some(item)) => {
            steps.extend([Step::Key("contains_all"), Step::Index(item)]);
        }
        (test, _) => steps.push(Step::Key(test.operator())),
    }
}

fn written<'s>(rule: &Rule, section: Section, sources: &'s ParsedSources) -> Option<&'s When> {
    let file = sources.files.get(rule.origin.file)?;
    let entry = file.file.rules.get(rule.origin.entry)?;
    let dialogue = entry.dialogue.as_ref();
    let when = match rule.part.as_ref().map(|part| part.when) {
        Some(Written::Cancel) => dialogue
            .and_then(|dialogue| dialogue.cancel.as_ref())
            .map(|cancel| &cancel.when),
        Some(Written::Accept(index)) => dialogue
            .and_then(|dialogue| dialogue.steps.as_ref()?.get(index)?.accept.as_ref())
            .map(|accept| &accept.when),
        _ => entry.when.as_ref(),
    };
    let alternative = |when: Option<&'s When>, place: usize| when?.any.as_ref()?.get(place);
    match section {
        Section::When => when,
        Section::Unless => entry.unless.as_ref(),
        Section::WhenAny(_, place) => alternative(when, place),
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
