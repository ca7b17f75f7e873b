//! Stored values that are waited for and never come, and keys that seem to be mistyped. What no
//! rule reads or stores at all is no mistake: other programs do both.

use std::collections::{BTreeMap, BTreeSet};

use crate::i18n::{Phrase, phrase};
use crate::rules::condition::{Condition, Shape, Subject, Test};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::locate::ConditionList;
use crate::rules::lint::rule_texts::RuleTexts;
use crate::rules::lint::{Warning, locate};
use crate::rules::template::Template;
use crate::rules::yaml::tree::PathStep;
use crate::rules::{ChangeTemplate, Rule, dialogue, nearest};

/// How many of the values that are stored are named.
const MAX_NAMED: usize = 5;

/// What all rules store and read.
pub(super) struct Keys<'r> {
    /// Each key with the texts that are stored under it; none where any text may be.
    stored: BTreeMap<&'r str, Option<BTreeSet<&'r str>>>,
    read: BTreeSet<&'r str>,
}

impl<'r> Keys<'r> {
    pub(super) fn of(rules: &'r [Rule]) -> Keys<'r> {
        let mut keys = Keys {
            stored: BTreeMap::new(),
            read: BTreeSet::new(),
        };
        for rule in rules {
            for change in &rule.changes {
                let (key, value) = match change {
                    ChangeTemplate::Set { key, value, .. }
                    | ChangeTemplate::Add { key, item: value } => (key, value.literal()),
                    ChangeTemplate::Increase { key, .. } => (key, None),
                    _ => continue,
                };
                let known = keys.stored.entry(key);
                let texts = known.or_insert_with(|| Some(BTreeSet::new()));
                match (texts.as_mut(), value) {
                    (Some(texts), Some(text)) => {
                        texts.insert(text);
                    }
                    _ => *texts = None,
                }
            }
            keys.read.extend(read(rule));
        }
        keys
    }

    /// What conditions ask for.
    pub(super) fn report(&self, rule: &'r Rule, found: &mut Vec<Warning<'r>>) {
        for section in locate::sections(rule) {
            for (index, condition) in section.conditions(rule).iter().enumerate() {
                if let Condition::Text(Subject::Stored(key), test) = condition
                    && section.is_wanted()
                    && !test.is_of_numbers()
                {
                    self.never_stored(rule, (section, index), key, test, found);
                }
            }
        }
        for (key, path) in asked_for(rule) {
            self.never_set(rule, key, path, found);
        }
    }

    /// What answers show, and what is stored and forgotten.
    pub(super) fn report_said(&self, said: &RuleTexts<'r>, found: &mut Vec<Warning<'r>>) {
        let rule = said.rule;
        for (key, path) in named(said) {
            self.never_set(rule, key, path, found);
        }
        for (path, change) in said.changes() {
            let (ChangeTemplate::Set { key, .. }
            | ChangeTemplate::Add { key, .. }
            | ChangeTemplate::Increase { key, .. }) = change
            else {
                continue;
            };
            let key = &**key;
            let in_use = self.read.iter().copied();
            if !self.read.contains(key)
                && let Some(meant) =
                    mistyped(key, in_use.filter(|key| self.stored.contains_key(key)))
            {
                let message = phrase!(never_read, key);
                warn(rule, path, message, meant, found);
            }
        }
    }

    /// Warns of a key that seems to be another one under which something is stored.
    fn never_set(
        &self,
        rule: &'r Rule,
        key: &str,
        path: Vec<PathStep<'r>>,
        found: &mut Vec<Warning<'r>>,
    ) {
        if !self.stored.contains_key(key)
            && let Some(meant) = mistyped(key, self.stored.keys().copied())
        {
            let message = phrase!(never_stored, key);
            warn(rule, path, message, meant, found);
        }
    }

    /// Warns where a value is asked for that no rule stores under the key.
    fn never_stored(
        &self,
        rule: &'r Rule,
        (section, condition): (ConditionList, usize),
        key: &'r str,
        test: &'r Test,
        found: &mut Vec<Warning<'r>>,
    ) {
        let Some(Some(texts)) = self.stored.get(key) else {
            return;
        };
        let never: Vec<Option<usize>> = match test {
            Test::Literal(Shape::Equals, wanted) => {
                let wanted = wanted.iter().enumerate();
                let never = wanted.filter(|(_, wanted)| !texts.contains(&***wanted));
                never.map(|(item, _)| Some(item)).collect()
            }
            test if texts.iter().any(|text| test.passes(text)) => Vec::new(),
            _ => vec![None],
        };
        let named = texts.iter().take(MAX_NAMED).map(|text| format!("`{text}`"));
        let mut named = Phrase::verbatim(named.collect::<Vec<_>>().join(", "));
        if texts.len() > MAX_NAMED {
            named = phrase!(and_more, values = named, count = texts.len() - MAX_NAMED);
        }
        for item in never {
            let meant = match (test, item) {
                (Test::Literal(Shape::Equals, wanted), Some(item)) => wanted
                    .get(item)
                    .and_then(|wanted| nearest::nearest(wanted, texts.iter().copied())),
                _ => None,
            };
            let help = match meant {
                Some(meant) => phrase!(help_did_you_mean, meant),
                None => phrase!(help_store_first, key),
            };
            let note = phrase!(note_stored_values, values = named.clone());
            found.push(Warning::new(rule.origin, move |sources| {
                let place = locate::text(rule, section, condition, item, sources);
                let message = phrase!(value_never_stored, key);
                Diagnostic::warning(place, message).note(note).help(help)
            }));
        }
    }
}

/// Of a key that seems to be another one, mistyped.
fn warn<'r>(
    rule: &'r Rule,
    path: Vec<PathStep<'r>>,
    message: Phrase,
    meant: &str,
    found: &mut Vec<Warning<'r>>,
) {
    let help = phrase!(help_did_you_mean, meant);
    found.push(Warning::new(rule.origin, move |sources| {
        Diagnostic::warning(sources.place_in(rule.origin, &path), message).help(help)
    }));
}

/// Every key that a rule looks at.
fn read(rule: &Rule) -> impl Iterator<Item = &str> {
    let conditions = rule.conditions().filter_map(|condition| match condition {
        Condition::NotStored(key)
        | Condition::Answered(key, _)
        | Condition::Text(Subject::Stored(key), _) => Some(&**key),
        _ => None,
    });
    let changes = rule.changes.iter().filter_map(ChangeTemplate::template);
    let kept = rule.keeps.iter().map(|keeps| &keeps.1);
    let asked = rule.ask.iter().flat_map(|ask| ask.templates());
    let shown = rule.answer.templates().into_iter().chain(changes);
    let shown = shown.chain(kept).chain(asked);
    conditions.chain(shown.flat_map(Template::user_keys))
}

/// The keys in conditions, with where they stand.
fn asked_for(rule: &Rule) -> impl Iterator<Item = (&str, Vec<PathStep<'_>>)> {
    locate::sections(rule).into_iter().flat_map(move |section| {
        let conditions = section.conditions(rule).iter();
        conditions.filter_map(move |condition| match condition {
            Condition::NotStored(key) | Condition::Text(Subject::Stored(key), _) => {
                let mut path = section.steps(rule);
                path.extend([PathStep::Key("user"), PathStep::Key(key)]);
                Some((&**key, path))
            }
            _ => None,
        })
    })
}

/// The keys that are shown and forgotten, and those of steps that are skipped.
fn named<'r>(said: &RuleTexts<'r>) -> Vec<(&'r str, Vec<PathStep<'r>>)> {
    let mut named: Vec<_> = said.skipped().into_iter().collect();
    for (path, template) in said.templates() {
        named.extend(template.user_keys().map(|key| (key, path.clone())));
    }
    let forgotten = said.changes().filter_map(|(path, change)| match change {
        ChangeTemplate::Clear { key } if **key == *dialogue::KEY => None,
        ChangeTemplate::Remove { key, .. } | ChangeTemplate::Clear { key } => Some((&**key, path)),
        _ => None,
    });
    named.extend(forgotten);
    named
}

/// The key that is one typo away. Keys with numbers are told apart by them.
fn mistyped<'k>(key: &str, mut others: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let is_plain =
        |key: &str| key.chars().count() > 3 && !key.contains(|letter: char| letter.is_numeric());
    others.find(|other| is_plain(key) && is_plain(other) && nearest::edits(key, other) == 1)
}
