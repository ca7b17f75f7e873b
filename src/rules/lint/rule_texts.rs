//! What rules say and store, each text once: a question of a dialogue is a part of several rules.

use std::collections::BTreeMap;

use crate::rules::answer::Answer;
use crate::rules::condition::{Condition, Test};
use crate::rules::dialogue::DialoguePlace;
use crate::rules::lint::facts::{Facts, KnownFacts};
use crate::rules::lint::locate;
use crate::rules::template::Template;
use crate::rules::yaml::tree::PathStep;
use crate::rules::{ChangeTemplate, Rule};

/// The texts at one place of a rule, and to whom they are said.
pub(super) struct RuleTexts<'r> {
    /// The first rule that says it.
    pub(super) rule: &'r Rule,
    what: What,
    /// MsgType and Event of the messages that it answers, as in `KnownFacts`.
    pub(super) types: Option<Vec<String>>,
    events: Option<Vec<String>>,
    /// Which names the file itself gives to placeholders here.
    pub(super) names: Vec<&'r str>,
    /// Whether there are groups of a regex.
    pub(super) has_groups: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// A question of a dialogue, or another answer within it.
    Answer,
    /// The answer of a whole rule and what it stores.
    Outcome,
    /// What a step of a dialogue keeps.
    Kept,
}

/// Everything that rules say to somebody.
pub(super) fn all<'r>(rules: &'r [Rule], facts: &[Facts<'r>]) -> Vec<RuleTexts<'r>> {
    let mut said: Vec<RuleTexts> = Vec::new();
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    let mut kept: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for rule in rules {
        if let Some(keeps) = &rule.keeps {
            let keys = kept.entry(place(rule)).or_default();
            keys.push(&keeps.0);
        }
    }
    for (rule, facts) in rules.iter().zip(facts) {
        if facts.conflict.is_some() {
            continue;
        }
        let Some(part) = &rule.part else {
            said.push(RuleTexts::of(rule, What::Outcome, &facts.when));
            continue;
        };
        let what = match part.answer {
            DialoguePlace::Beside => What::Outcome,
            _ => What::Answer,
        };
        let known = seen.entry((place(rule), part.answer));
        let known = known.or_insert(said.len());
        match said.get_mut(*known) {
            Some(said) => said.is_also_to(&facts.when),
            None => {
                let names = kept.get(&place(rule)).cloned().unwrap_or_default();
                said.push(RuleTexts {
                    names,
                    has_groups: false,
                    ..RuleTexts::of(rule, what, &facts.when)
                });
            }
        }
        if rule.keeps.is_some() && !rule.skips() && matches!(part.when, DialoguePlace::Accept(_)) {
            said.push(RuleTexts::of(rule, What::Kept, &facts.when));
        }
    }
    said
}

fn place(rule: &Rule) -> (usize, usize) {
    (rule.origin.file, rule.origin.entry)
}

impl<'r> RuleTexts<'r> {
    fn of(rule: &'r Rule, what: What, known: &KnownFacts) -> RuleTexts<'r> {
        let regexes = rule.conditions().filter_map(|condition| match condition {
            Condition::Text(_, Test::Regex(patterns)) => Some(patterns),
            _ => None,
        });
        let mut has_groups = false;
        let mut names = Vec::new();
        for pattern in regexes.flatten() {
            has_groups = true;
            names.extend(pattern.regex.names().flatten());
        }
        RuleTexts {
            rule,
            what,
            types: known.types.clone(),
            events: known.events.clone(),
            names,
            has_groups,
        }
    }

    fn is_also_to(&mut self, known: &KnownFacts) {
        both(&mut self.types, known.types.as_deref());
        both(&mut self.events, known.events.as_deref());
    }

    pub(super) fn only_to_events(&self) -> bool {
        let types = self.types.as_ref();
        types.is_some_and(|types| types.iter().all(|name| name == "event"))
    }

    pub(super) fn only_to_unsubscribed(&self) -> bool {
        let events = self.events.as_ref();
        events.is_some_and(|events| events.iter().all(|event| event == "unsubscribe"))
    }

    /// Each answer with the way to it.
    pub(super) fn answers(&self) -> Vec<(Vec<PathStep<'r>>, &'r Answer)> {
        let mut answers = match self.what {
            What::Kept => Vec::new(),
            What::Answer | What::Outcome => vec![(locate::answer(self.rule), &self.rule.answer)],
        };
        if let (What::Outcome, Some(ask)) = (self.what, &self.rule.ask) {
            let failed = ask.failed.by_kind.iter();
            let failed = failed.map(|(kind, answer)| (kind.word(), answer));
            let other = ask.failed.other.iter().map(|answer| ("other", answer));
            let failed = failed.chain(other);
            answers.extend(failed.map(|(kind, answer)| {
                let way = vec![PathStep::Key("failed"), PathStep::Key(kind)];
                (way, answer)
            }));
        }
        answers
    }

    /// Every template with the way to it; those of an answer together.
    pub(super) fn templates(&self) -> Vec<(Vec<PathStep<'r>>, &'r Template)> {
        let mut templates = Vec::new();
        for (way, answer) in self.answers() {
            let own = answer.templates().into_iter();
            templates.extend(own.map(|template| (way.clone(), template)));
        }
        templates.extend(self.changes().filter_map(|(way, change)| {
            let template = change.template()?;
            Some((way, template))
        }));
        if let (What::Kept, Some(keeps)) = (self.what, &self.rule.keeps) {
            let mut way = locate::ConditionList::When.steps(self.rule);
            way.push(PathStep::Key("value"));
            templates.push((way, &keeps.1));
        }
        templates
    }

    /// The key of a step that is skipped once something is stored under it, with the way to it.
    pub(super) fn skipped(&self) -> Option<(&'r str, Vec<PathStep<'r>>)> {
        let mut conditions = self.rule.when.iter();
        let key = conditions.find_map(|condition| match condition {
            Condition::Answered(key, false) => Some(&**key),
            _ => None,
        })?;
        let mut way = locate::answer(self.rule);
        way.pop();
        way.push(PathStep::Key("store"));
        (self.what == What::Answer).then_some((key, way))
    }

    /// What is stored, with the way to it.
    pub(super) fn changes(&self) -> impl Iterator<Item = (Vec<PathStep<'r>>, &'r ChangeTemplate)> {
        let changes = match self.what {
            What::Outcome => self.rule.changes.as_slice(),
            What::Answer | What::Kept => &[],
        };
        changes.iter().filter_map(|change| {
            let way = match change {
                ChangeTemplate::Set { key, .. } => vec![PathStep::Key("set"), PathStep::Key(key)],
                ChangeTemplate::Add { key, .. } => vec![PathStep::Key("add"), PathStep::Key(key)],
                ChangeTemplate::Remove { key, .. } => {
                    vec![PathStep::Key("remove"), PathStep::Key(key)]
                }
                ChangeTemplate::Increase { key, .. } => {
                    vec![PathStep::Key("increase"), PathStep::Key(key)]
                }
                ChangeTemplate::Clear { .. } | ChangeTemplate::ClearAll => {
                    vec![PathStep::Key("clear")]
                }
                ChangeTemplate::Step { .. } => return None,
            };
            Some((way, change))
        })
    }
}

/// What is one of some names, or one of others.
fn both(names: &mut Option<Vec<String>>, others: Option<&[String]>) {
    match (names.as_mut(), others) {
        (Some(names), Some(others)) => {
            let new = others.iter().filter(|other| !names.contains(other));
            let new: Vec<String> = new.cloned().collect();
            names.extend(new);
        }
        _ => *names = None,
    }
}
