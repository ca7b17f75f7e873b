//! Where a condition, one text of it, or an answer stands in its file.

use crate::rules::Rule;
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::diagnostic::Place;
use crate::rules::dialogue::DialoguePlace;
use crate::rules::file::{ValueTest, When};
use crate::rules::parsed::ParsedSources;
use crate::rules::yaml::tree::PathStep;

/// A list of conditions of a rule that must all hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConditionList {
    When,
    Unless,
    /// An alternative: the place of `any` among the conditions, and its own place in the list.
    WhenAny(usize, usize),
    UnlessAny(usize, usize),
}

impl ConditionList {
    pub(super) fn conditions(self, rule: &Rule) -> &[Condition] {
        match self {
            ConditionList::When => &rule.when,
            // That a dialogue asks for no events is written nowhere.
            ConditionList::Unless if !rule.part_name().is_empty() => &[],
            ConditionList::Unless => &rule.unless,
            ConditionList::WhenAny(any, place) => alternative(&rule.when, any, place),
            ConditionList::UnlessAny(any, place) => alternative(&rule.unless, any, place),
        }
    }

    /// Whether the rule asks for it, and does not exclude it.
    pub(super) fn is_wanted(self) -> bool {
        matches!(self, ConditionList::When | ConditionList::WhenAny(..))
    }

    pub(super) fn steps<'r>(self, rule: &Rule) -> Vec<PathStep<'r>> {
        let (mut steps, alternative) = match self {
            ConditionList::When => (when(rule), None),
            ConditionList::Unless => (vec![PathStep::Key("unless")], None),
            ConditionList::WhenAny(_, place) => (when(rule), Some(place)),
            ConditionList::UnlessAny(_, place) => (vec![PathStep::Key("unless")], Some(place)),
        };
        steps.extend(
            alternative
                .into_iter()
                .flat_map(|place| [PathStep::Key("any"), PathStep::Index(place)]),
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
pub(super) fn sections(rule: &Rule) -> Vec<ConditionList> {
    let mut sections = vec![ConditionList::When, ConditionList::Unless];
    for (any, place) in alternatives(&rule.when) {
        sections.push(ConditionList::WhenAny(any, place));
    }
    for (any, place) in alternatives(&rule.unless) {
        sections.push(ConditionList::UnlessAny(any, place));
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
fn when<'r>(rule: &Rule) -> Vec<PathStep<'r>> {
    let written = rule.part.as_ref().map(|part| part.when);
    match written.filter(|written| *written != DialoguePlace::Beside) {
        Some(written) => within_dialogue(written),
        None => vec![PathStep::Key("when")],
    }
}

/// The way to the answer of a rule.
pub(super) fn answer<'r>(rule: &Rule) -> Vec<PathStep<'r>> {
    let written = rule.part.as_ref().map(|part| part.answer);
    match written {
        None | Some(DialoguePlace::Beside) => vec![PathStep::Key("reply")],
        Some(DialoguePlace::Cancel) => {
            let mut steps = within_dialogue(DialoguePlace::Cancel);
            steps.push(PathStep::Key("reply"));
            steps
        }
        Some(written) => within_dialogue(written),
    }
}

fn within_dialogue<'r>(written: DialoguePlace) -> Vec<PathStep<'r>> {
    let step = |index, key| {
        vec![
            PathStep::Key("steps"),
            PathStep::Index(index),
            PathStep::Key(key),
        ]
    };
    let within = match written {
        DialoguePlace::Beside => Vec::new(),
        DialoguePlace::Cancel => vec![PathStep::Key("cancel")],
        DialoguePlace::GiveUp => vec![PathStep::Key("give_up")],
        DialoguePlace::Ask(index) => step(index, "ask"),
        DialoguePlace::Accept(index) => step(index, "accept"),
        DialoguePlace::Otherwise(index) => step(index, "otherwise"),
        DialoguePlace::Choice(index, place) => {
            let mut steps = step(index, "choices");
            steps.push(PathStep::KeyAt(place));
            steps
        }
    };
    let dialogue = std::iter::once(PathStep::Key("dialogue"));
    dialogue.chain(within).collect()
}

/// The name of a rule; of a part of a dialogue, what it asks for.
pub(super) fn name(rule: &Rule, sources: &ParsedSources) -> Place {
    let steps = match rule.part_name() {
        "" => vec![PathStep::Key("name")],
        _ => when(rule),
    };
    sources.place_in(rule.origin, &steps)
}

/// One text of a condition, by its place in the list; the condition as a whole without one.
pub(super) fn text(
    rule: &Rule,
    section: ConditionList,
    condition: usize,
    item: Option<usize>,
    sources: &ParsedSources,
) -> Place {
    let mut steps = steps(rule, section, condition, sources);
    steps.extend(item.map(PathStep::Index));
    sources.place_in(rule.origin, &steps)
}

/// How one gets from the rule to a condition.
pub(super) fn steps<'r>(
    rule: &'r Rule,
    section: ConditionList,
    condition: usize,
    sources: &ParsedSources,
) -> Vec<PathStep<'r>> {
    let mut steps = section.steps(rule);
    let conditions = section.conditions(rule);
    let is_choice = rule.part.as_ref();
    let is_choice = is_choice.is_some_and(|part| matches!(part.when, DialoguePlace::Choice(..)));
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
    steps: &mut Vec<PathStep<'c>>,
) {
    let (subject, test) = match condition {
        Condition::Type(_) => return steps.push(PathStep::Key("type")),
        Condition::Event(_) => return steps.push(PathStep::Key("event")),
        Condition::Hours(_) => return steps.push(PathStep::Key("hours")),
        Condition::Days(_) => return steps.push(PathStep::Key("days")),
        Condition::Dates(_) => return steps.push(PathStep::Key("dates")),
        Condition::Any(_) => return steps.push(PathStep::Key("any")),
        Condition::At(_) | Condition::Answered(..) => return,
        Condition::NotStored(key) => {
            return steps.extend([PathStep::Key("user"), PathStep::Key(key)]);
        }
        Condition::Text(subject, test) => (subject, test),
    };
    match subject {
        Subject::Content => {}
        Subject::Key => steps.push(PathStep::Key("key")),
        Subject::Scene => steps.push(PathStep::Key("scene")),
        Subject::Menu => steps.push(PathStep::Key("menu")),
        Subject::Field(name) => steps.extend([PathStep::Key("fields"), PathStep::Key(name)]),
        Subject::Stored(key) => steps.extend([PathStep::Key("user"), PathStep::Key(key)]),
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
            steps.extend([PathStep::Key("contains_all"), PathStep::Index(item)]);
        }
        (test, _) => steps.push(PathStep::Key(test.operator())),
    }
}

fn written<'s>(
    rule: &Rule,
    section: ConditionList,
    sources: &'s ParsedSources,
) -> Option<&'s When> {
    let file = sources.files.get(rule.origin.file)?;
    let entry = file.file.rules.get(rule.origin.entry)?;
    let dialogue = entry.dialogue.as_ref();
    let when = match rule.part.as_ref().map(|part| part.when) {
        Some(DialoguePlace::Cancel) => dialogue
            .and_then(|dialogue| dialogue.cancel.as_ref())
            .map(|cancel| &cancel.when),
        Some(DialoguePlace::Accept(index)) => dialogue
            .and_then(|dialogue| dialogue.steps.as_ref()?.get(index)?.accept.as_ref())
            .map(|accept| &accept.when),
        _ => entry.when.as_ref(),
    };
    let alternative = |when: Option<&'s When>, place: usize| when?.any.as_ref()?.get(place);
    match section {
        ConditionList::When => when,
        ConditionList::Unless => entry.unless.as_ref(),
        ConditionList::WhenAny(_, place) => alternative(when, place),
        ConditionList::UnlessAny(_, place) => alternative(entry.unless.as_ref(), place),
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
