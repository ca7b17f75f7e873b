//! The rules that a checked dialogue is made into. Reads nothing that is written.

use crate::rules::answer::Answer;
use crate::rules::ask::Ask;
use crate::rules::condition::Condition;
use crate::rules::dialogue::{DialoguePart, DialoguePlace, KEY, Position};
use crate::rules::file::DialogueStep;
use crate::rules::sources::Origin;
use crate::rules::template::Template;
use crate::rules::{ChangeTemplate, Expiry, Rule};

/// A dialogue whose parts are checked.
pub(super) struct CheckedDialogue<'w> {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) expires: Expiry,
    pub(super) steps: Vec<CheckedStep<'w>>,
    pub(super) cancel: Option<(Vec<Condition>, Answer)>,
    pub(super) give_up: Option<Answer>,
    pub(super) end: (Answer, Vec<ChangeTemplate>, Option<Ask>),
    pub(super) origin: Origin,
}

pub(super) struct CheckedStep<'w> {
    pub(super) name: String,
    pub(super) written: &'w DialogueStep,
    pub(super) store: Option<Box<str>>,
    pub(super) ask: Answer,
    pub(super) otherwise: Option<Answer>,
    pub(super) tries: Option<usize>,
}

/// What an answer leads to.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Next(usize),
    /// A step that is asked even if it could be skipped.
    Step(usize),
    Restart,
    Cancel,
}

/// What is kept of an answer, and the groups that it is made of.
#[derive(Clone, Default)]
pub(super) struct KeptAnswer {
    pub(super) value: Option<(Box<str>, Template)>,
    pub(super) names: usize,
}

/// Events are no answers.
pub(super) fn without_events(rule: Rule) -> Rule {
    let event: std::sync::Arc<[Box<str>]> = vec!["event".into()].into();
    Rule {
        unless: vec![Condition::Type(event)],
        ..rule
    }
}

impl CheckedDialogue<'_> {
    pub(super) fn at(&self, step: Option<&str>, tries: usize) -> Condition {
        Condition::At(Box::new(Position {
            rule: self.name.as_str().into(),
            step: step.map(Into::into),
            tries,
        }))
    }

    /// The rules for a message that leads on: as many as there are steps that may be skipped
    /// because their answer is known.
    pub(super) fn lead(
        &self,
        part: &str,
        written: DialoguePlace,
        when: Vec<Condition>,
        target: Target,
        kept: KeptAnswer,
    ) -> Vec<Rule> {
        let begins = matches!(target, Target::Restart);
        let part = |answer| DialoguePart {
            name: part.into(),
            when: written,
            answer,
        };
        let (mut index, mut asks) = match target {
            Target::Next(index) => (index, false),
            Target::Step(index) => (index, true),
            Target::Restart => (0, false),
            Target::Cancel => {
                let reply = self.cancel.as_ref().map(|(_, reply)| reply.clone());
                let reply = reply.unwrap_or(Answer::SILENCE);
                let forget = vec![ChangeTemplate::Clear { key: KEY.into() }];
                return vec![self.rule(part(DialoguePlace::Cancel), when, reply, forget, kept)];
            }
        };
        let mut rules = Vec::new();
        let mut known = when;
        while let Some(step) = self.steps.get(index) {
            let key = step.store.clone();
            let key = key.filter(|_| !asks && step.written.skip_if_known.is_some_and(|on| on.0));
            let mut conditions = known.clone();
            conditions.extend(key.clone().map(|key| Condition::Answered(key, false)));
            let step_on = ChangeTemplate::Step {
                rule: self.name.as_str().into(),
                step: step.name.as_str().into(),
                begins,
                counts: false,
                expires: self.expires,
            };
            let (part, changes) = (part(DialoguePlace::Ask(index)), vec![step_on]);
            rules.push(self.rule(part, conditions, step.ask.clone(), changes, kept.clone()));
            let Some(key) = key else {
                return rules;
            };
            known.push(Condition::Answered(key, true));
            index += 1;
            asks = false;
        }
        let (reply, changes, ask) = self.end.clone();
        let last = Rule {
            ask: ask.map(Box::new),
            ..self.rule(part(DialoguePlace::Beside), known, reply, changes, kept)
        };
        rules.push(last.with_what_it_shows());
        rules
    }

    pub(super) fn rule(
        &self,
        part: DialoguePart,
        when: Vec<Condition>,
        answer: Answer,
        changes: Vec<ChangeTemplate>,
        kept: KeptAnswer,
    ) -> Rule {
        let shows_match = kept
            .value
            .as_ref()
            .is_some_and(|(_, value)| value.shows_match());
        Rule {
            name: self.name.as_str().into(),
            part: Some(Box::new(part)),
            enabled: self.enabled,
            when,
            unless: Vec::new(),
            answer,
            ask: None,
            changes,
            keeps: kept.value.map(Box::new),
            shows_user: false,
            shows_changes: false,
            shows_match,
            names: kept.names,
            origin: self.origin,
        }
        .with_what_it_shows()
    }
}
