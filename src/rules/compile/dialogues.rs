//! `dialogue`: one rule as written to the rules that the engine asks.
//!
//! A dialogue becomes, in the place of its rule: a rule that cancels it, one that begins it, and
//! for each step those for its choices, for an answer that fits, for giving up, and for all other
//! answers. They share the name of the rule, and `part` tells them apart. Where a follower stands
//! is one stored value, which the rules of a step ask for as for any other.

use std::time::Duration;

use crate::i18n::{Phrase, phrase};
use crate::rules::compile::Compiler;
use crate::rules::compile::conditions::Conditions;
use crate::rules::compile::dialogue_rules::{
    CheckedDialogue, CheckedStep, KeptAnswer, Target, without_events,
};
use crate::rules::compile::operators::Operator;
use crate::rules::compile::path::At;
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::dialogue::{DialoguePart, DialoguePlace, KEY};
use crate::rules::file;
use crate::rules::file::{Accept, Choices, DialogueStep, Entry, Text};
use crate::rules::placeholder::BUILT_IN;
use crate::rules::sources::Origin;
use crate::rules::template::{Scope, Template};
use crate::rules::yaml::tree::EntryPart;
use crate::rules::{ChangeTemplate, Expiry, Rule};

/// How long an answer is waited for where nothing is said.
const USUAL_EXPIRY: Expiry = Expiry::After(Duration::from_secs(600));

const MAX_TRIES: usize = 20;

impl Compiler<'_> {
    /// Nothing where something is wrong.
    pub(super) fn dialogue(
        &mut self,
        written: &Entry,
        dialogue: &file::Dialogue,
        origin: Origin,
        at: &At,
    ) -> Option<Vec<Rule>> {
        let before = self.report.count();
        let name = self.rule_name(written, origin, at);
        let when = written.when.as_ref();
        let when = when.map(|when| self.conditions(when, &at.key("when")));
        if when.is_none() {
            self.report
                .missing(at, phrase!(dialogue_without_when))
                .help(phrase!(help_dialogue_without_when));
        }
        let unless = written.unless.as_ref();
        let unless = unless.map(|unless| self.conditions(unless, &at.key("unless")));
        let within = at.key("dialogue");
        let expires = dialogue.expires.as_ref();
        let expires = expires.and_then(|text| self.expiry(text, &within.key("expires")));
        let steps = dialogue.steps.as_ref().map_or(&[][..], Vec::as_slice);
        if steps.is_empty() {
            self.report
                .missing(&within, phrase!(dialogue_without_steps))
                .help(phrase!(help_dialogue_without_steps));
        }
        let keys = self.keys(steps, &within);
        let scope = Scope {
            answers: &keys,
            ..Scope::default()
        };
        let compiled: Vec<_> = steps
            .iter()
            .enumerate()
            .map(|(index, step)| {
                let list = within.key("steps");
                self.step(index, step, dialogue, &scope, &list.index(index))
            })
            .collect();
        let give_up = dialogue.give_up.as_ref();
        let give_up = give_up.and_then(|reply| self.answer(reply, &scope, &within.key("give_up")));
        let cancel = dialogue.cancel.as_ref().and_then(|cancel| {
            let at = within.key("cancel");
            let conditions = self.conditions(&cancel.when, &at).conditions;
            let Some(reply) = cancel.reply.as_ref() else {
                self.report
                    .missing(&at, phrase!(cancel_without_reply))
                    .help(phrase!(help_cancel_without_reply));
                return None;
            };
            let reply = self.answer(reply, &scope, &at.key("reply"))?;
            Some((conditions, reply))
        });
        let end = Scope {
            changes: true,
            asks: written.ask.is_some(),
            ..scope
        };
        let changes = self.changes(written, &end, at);
        let ask = self.ask(written, &end, at);
        let reply = match (written.reply.as_ref(), &ask) {
            (Some(reply), _) => self.answer(reply, &end, &at.key("reply")),
            (None, Some(ask)) => Some(self.answer_of_service(ask)),
            (None, None) if written.ask.is_some() => None,
            (None, None) => {
                self.report
                    .missing(at, phrase!(missing_reply))
                    .help(phrase!(help_dialogue_reply));
                None
            }
        };
        let steps: Option<Vec<CheckedStep>> = compiled.into_iter().collect();
        if self.report.count() > before {
            return None;
        }
        let mut changed = vec![ChangeTemplate::Clear { key: KEY.into() }];
        changed.extend(changes);
        let dialogue = CheckedDialogue {
            name: name?,
            enabled: written.enabled.is_none_or(|switch| switch.0),
            expires: expires.unwrap_or(USUAL_EXPIRY),
            steps: steps?,
            cancel,
            give_up,
            end: (reply?, changed, ask),
            origin,
        };
        let unless = unless.unwrap_or_default().conditions;
        let rules = self.rules_of(&dialogue, when?.conditions, unless, &within);
        (self.report.count() == before).then_some(rules)
    }

    /// The names under which answers are kept.
    fn keys(&mut self, steps: &[DialogueStep], at: &At) -> Vec<String> {
        let mut keys = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            let Some(Text(key)) = step.store.as_ref() else {
                continue;
            };
            let list = at.key("steps");
            let at = list.index(index);
            let at = at.key("store");
            if !self.user_key(key, &at, EntryPart::Value) {
                continue;
            }
            let is_taken = key == KEY
                || BUILT_IN.iter().any(|(name, ..)| name == key)
                || key.bytes().all(|byte| byte.is_ascii_digit());
            if is_taken {
                self.report
                    .error(
                        &at,
                        EntryPart::Value,
                        phrase!(taken_placeholder, name = key),
                    )
                    .help(phrase!(help_taken_placeholder));
            }
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
        keys
    }

    fn step<'w>(
        &mut self,
        index: usize,
        written: &'w DialogueStep,
        dialogue: &file::Dialogue,
        scope: &Scope,
        at: &At,
    ) -> Option<CheckedStep<'w>> {
        let store = written.store.as_ref().map(|Text(key)| key.as_str());
        let name = written.name.as_ref().map(|Text(name)| name.as_str());
        let name = name.or(store);
        let name = name.map_or_else(|| (index + 1).to_string(), str::to_owned);
        let earlier = dialogue.steps.iter().flatten().take(index);
        let names = earlier
            .enumerate()
            .map(|(index, step)| step_name(index, step));
        if names.into_iter().any(|earlier| earlier == name) {
            self.report
                .error(at, EntryPart::Value, phrase!(duplicate_step, name = &name))
                .help(phrase!(help_duplicate_step));
        }
        if written.skip_if_known.is_some_and(|switch| switch.0) && store.is_none() {
            self.report
                .error(
                    &at.key("skip_if_known"),
                    EntryPart::Key,
                    phrase!(skip_without_store),
                )
                .help(phrase!(help_skip_without_store));
        }
        let tries = written.tries.as_ref().and_then(|Text(text)| {
            let tries = text
                .parse()
                .ok()
                .filter(|tries| (1..=MAX_TRIES).contains(tries));
            if tries.is_none() {
                self.report
                    .error(&at.key("tries"), EntryPart::Value, phrase!(invalid_tries))
                    .help(phrase!(help_tries, most = MAX_TRIES));
            }
            tries
        });
        if written.tries.is_some() && dialogue.give_up.is_none() {
            self.report
                .error(
                    &at.key("tries"),
                    EntryPart::Key,
                    phrase!(tries_without_give_up),
                )
                .help(phrase!(help_tries_without_give_up));
        }
        let ask = match written.ask.as_ref() {
            Some(ask) => self.answer(ask, scope, &at.key("ask")),
            None => {
                self.report
                    .missing(at, phrase!(missing_question))
                    .help(phrase!(help_missing_question));
                None
            }
        };
        let otherwise = match written.otherwise.as_ref() {
            Some(otherwise) => self
                .answer(otherwise, scope, &at.key("otherwise"))
                .map(Some),
            None => Some(None),
        };
        Some(CheckedStep {
            name,
            written,
            store: store.map(Into::into),
            ask: ask?,
            otherwise: otherwise?,
            tries,
        })
    }

    /// All rules of a dialogue, in the order in which they are asked.
    fn rules_of(
        &mut self,
        dialogue: &CheckedDialogue,
        when: Vec<Condition>,
        unless: Vec<Condition>,
        at: &At,
    ) -> Vec<Rule> {
        let mut rules = Vec::new();
        if let Some((conditions, _)) = &dialogue.cancel {
            let mut conditions = conditions.clone();
            conditions.push(dialogue.at(None, 0));
            let (written, target) = (DialoguePlace::Cancel, Target::Cancel);
            rules.extend(dialogue.lead(
                "cancel",
                written,
                conditions,
                target,
                KeptAnswer::default(),
            ));
        }
        let begin = dialogue.lead(
            "",
            DialoguePlace::Beside,
            when,
            Target::Restart,
            KeptAnswer::default(),
        );
        rules.extend(begin.into_iter().map(|rule| Rule {
            unless: unless.clone(),
            ..rule
        }));
        for (index, step) in dialogue.steps.iter().enumerate() {
            let list = at.key("steps");
            let at = list.index(index);
            let here = || dialogue.at(Some(&step.name), 0);
            if let Some(choices) = step.written.choices.as_ref() {
                self.choices(dialogue, index, choices, &at.key("choices"), &mut rules);
            }
            let accept = step.written.accept.as_ref();
            if accept.is_some() || step.written.choices.is_none() {
                let (mut conditions, kept) = self.accept(step, accept, &at.key("accept"));
                conditions.push(here());
                let (written, target) = (DialoguePlace::Accept(index), Target::Next(index + 1));
                rules.extend(dialogue.lead(&step.name, written, conditions, target, kept));
            }
            if let (Some(tries), Some(give_up)) = (step.tries, &dialogue.give_up) {
                let part = DialoguePart {
                    name: format!("{}: give up", step.name).into(),
                    when: DialoguePlace::GiveUp,
                    answer: DialoguePlace::GiveUp,
                };
                let last = vec![dialogue.at(Some(&step.name), tries - 1)];
                let forget = vec![ChangeTemplate::Clear { key: KEY.into() }];
                let rule =
                    dialogue.rule(part, last, give_up.clone(), forget, KeptAnswer::default());
                rules.push(without_events(rule));
            }
            let (otherwise, answer) = match &step.otherwise {
                Some(otherwise) => (otherwise, DialoguePlace::Otherwise(index)),
                None => (&step.ask, DialoguePlace::Ask(index)),
            };
            let part = DialoguePart {
                name: format!("{}: otherwise", step.name).into(),
                when: DialoguePlace::Otherwise(index),
                answer,
            };
            let again = ChangeTemplate::Step {
                rule: dialogue.name.as_str().into(),
                step: step.name.as_str().into(),
                begins: false,
                counts: true,
                expires: dialogue.expires,
            };
            let again = step.tries.map(|_| again).into_iter().collect();
            let otherwise = otherwise.clone();
            let rule = dialogue.rule(part, vec![here()], otherwise, again, KeptAnswer::default());
            rules.push(without_events(rule));
        }
        rules
    }

    /// The conditions of an answer that fits, and what is kept of it.
    fn accept(
        &mut self,
        step: &CheckedStep,
        accept: Option<&Accept>,
        at: &At,
    ) -> (Vec<Condition>, KeptAnswer) {
        let mut found = match accept {
            Some(accept) => self.conditions(&accept.when, at),
            None => {
                let text = self.shared(vec!["text".into()]);
                Conditions::of(vec![Condition::Type(text)])
            }
        };
        let names = found.name_groups();
        let scope = Scope {
            groups: found.groups(),
            names: &names,
            rest: found.has_prefix(),
            ..Scope::default()
        };
        let written = accept.and_then(|accept| accept.value.as_ref());
        let value = match written {
            Some(Text(text)) => self.template(text, &scope, &at.key("value")),
            None => Some(Template::whatever_was_sent()),
        };
        let kept = KeptAnswer {
            value: step.store.clone().zip(value),
            names: names.len(),
        };
        (found.conditions, kept)
    }

    fn choices(
        &mut self,
        dialogue: &CheckedDialogue,
        index: usize,
        Choices(choices): &Choices,
        at: &At,
        rules: &mut Vec<Rule>,
    ) {
        let Some(step) = dialogue.steps.get(index) else {
            return;
        };
        if choices.is_empty() {
            self.report
                .missing(at, phrase!(empty_choices))
                .help(phrase!(help_empty_choices));
        }
        let folding = self.settings.folding;
        for (place, (answers, Text(meaning))) in choices.iter().enumerate() {
            let texts: Vec<Box<str>> = answers
                .0
                .iter()
                .map(|Text(text)| text.as_str().into())
                .collect();
            let mut words = self.needles(&texts, Operator::Literal(Shape::Equals), folding, at);
            let named = dialogue.steps.iter().position(|step| step.name == *meaning);
            let (target, value) = match meaning.as_str() {
                "next" => (Target::Next(index + 1), None),
                "restart" => (Target::Restart, None),
                "cancel" if dialogue.cancel.is_some() => (Target::Cancel, None),
                "cancel" if named.is_none() => {
                    self.unknown_step(meaning, phrase!(help_no_cancel), at);
                    continue;
                }
                _ => match (named, &step.store) {
                    (Some(named), _) => (Target::Step(named), None),
                    (None, Some(key)) => {
                        // What is kept can be typed as well as what stands for it.
                        let value = [meaning.as_str().into()];
                        let typed =
                            self.needles(&value, Operator::Literal(Shape::Equals), folding, at);
                        words.extend(typed.into_iter().filter(|typed| !texts.contains(typed)));
                        let value = Template::verbatim(meaning);
                        (Target::Next(index + 1), Some((key.clone(), value)))
                    }
                    (None, None) => {
                        let help = match meaning.is_empty() {
                            true => phrase!(help_choices_together),
                            false => phrase!(help_unknown_step),
                        };
                        self.unknown_step(meaning, help, at);
                        continue;
                    }
                },
            };
            let part = texts.first().map_or("", |first| first);
            let part = format!("{}: {part}", step.name);
            let conditions = vec![
                Condition::Text(Subject::Content, Test::Literal(Shape::Equals, words)),
                dialogue.at(Some(&step.name), 0),
            ];
            let kept = KeptAnswer { value, names: 0 };
            let written = DialoguePlace::Choice(index, place);
            rules.extend(dialogue.lead(&part, written, conditions, target, kept));
        }
    }

    fn unknown_step(&mut self, name: &str, help: Phrase, at: &At) {
        self.report
            .error(at, EntryPart::Value, phrase!(unknown_step, name))
            .help(help);
    }
}

fn step_name(index: usize, step: &DialogueStep) -> String {
    let name = step.name.as_ref().or(step.store.as_ref());
    name.map_or_else(|| (index + 1).to_string(), |Text(name)| name.clone())
}
