//! Stored values that are waited for and never come, and keys that seem to be mistyped. What no
//! rule reads or stores at all is no mistake: other programs do both.

use std::collections::{BTreeMap, BTreeSet};

use crate::i18n::{Phrase, phrase};
use crate::rules::condition::{Condition, Subject, Test};
use crate::rules::diagnostic::Diagnostic;
use crate::rules::lint::locate::Section;
use crate::rules::lint::{Warning, locate, replies};
use crate::rules::yaml::tree::Step;
use crate::rules::{ChangeTemplate, Rule, nearest};

/// How many of the values that are stored are named.
const NAMED: usize = 5;

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
            keys.read.extend(read(rule).map(|(key, _)| key));
        }
        keys
    }

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
        let stored = || self.stored.keys().copied();
        for (key, path) in read(rule).chain(forgotten(rule)) {
            if !self.stored.contains_key(key)
                && let Some(meant) = mistyped(key, stored())
            {
                let message = phrase!(never_stored, key);
                warn(rule, path, message, meant, found);
            }
        }
        for change in &rule.changes {
            let (what, key) = match change {
                ChangeTemplate::Set { key, .. } => ("set", &**key),
                ChangeTemplate::Add { key, .. } => ("add", &**key),
                ChangeTemplate::Increase { key, .. } => ("increase", &**key),
                _ => continue,
            };
            let in_use = self.read.iter().copied();
            if !self.read.contains(key)
                && let Some(meant) =
                    mistyped(key, in_use.filter(|key| self.stored.contains_key(key)))
            {
                let path = vec![Step::Key(what), Step::Key(key)];
                let message = phrase!(never_read, key);
                warn(rule, path, message, meant, found);
            }
        }
    }

    /// Warns where a value is asked for that no rule stores under the key.
    fn never_stored(
        &self,
        rule: &'r Rule,
        (section, condition): (Section, usize),
        key: &'r str,
        test: &'r Test,
        found: &mut Vec<Warning<'r>>,
    ) {
        let Some(Some(texts)) = self.stored.get(key) else {
            return;
        };
        let never: Vec<Option<usize>> = match test {
            Test::Equals(wanted) => {
                let wanted = wanted.iter().enumerate();
                let never = wanted.filter(|(_, wanted)| !texts.contains(&***wanted));
                never.map(|(item, _)| Some(item)).collect()
            }
            test if texts.iter().any(|text| test.passes(text)) => Vec::new(),
            _ => vec![None],
        };
        let named = texts.iter().take(NAMED).map(|text| format!("`{text}`"));
        let mut named = Phrase::verbatim(named.collect::<Vec<_>>().join(", "));
        if texts.len() > NAMED {
            named = phrase!(and_more, values = named, count = texts.len() - NAMED);
        }
        for item in never {
            let meant = match (test, item) {
                (Test::Equals(wanted), Some(item)) => wanted
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
    path: Vec<Step<'r>>,
    message: Phrase,
    meant: &str,
    found: &mut Vec<Warning<'r>>,
) {
    let help = phrase!(help_did_you_mean, meant);
    found.push(Warning::new(rule.origin, move |sources| {
        Diagnostic::warning(sources.place_in(rule.origin, &path), message).help(help)
    }));
}

/// Every key that a rule looks at, with where it does.
fn read(rule: &Rule) -> impl Iterator<Item = (&str, Vec<Step<'_>>)> {
    let conditions = locate::sections(rule).into_iter().flat_map(|section| {
        section
            .conditions(rule)
            .iter()
            .filter_map(move |condition| {
                let (Condition::NotStored(key) | Condition::Text(Subject::Stored(key), _)) =
                    condition
                else {
                    return None;
                };
                let mut path = section.steps();
                path.extend([Step::Key("user"), Step::Key(key)]);
                Some((&**key, path))
            })
    });
    let templates = replies::templates(rule).into_iter();
    let shown = templates.flat_map(|(path, template)| {
        let keys = template.user_keys();
        keys.map(move |key| (key, path.clone()))
    });
    conditions.chain(shown)
}

fn forgotten(rule: &Rule) -> impl Iterator<Item = (&str, Vec<Step<'_>>)> {
    rule.changes.iter().filter_map(|change| match change {
        ChangeTemplate::Remove { key, .. } => {
            Some((&**key, vec![Step::Key("remove"), Step::Key(key)]))
        }
        ChangeTemplate::Clear { key } => Some((&**key, vec![Step::Key("clear")])),
        _ => None,
    })
}

/// The key that is one typo away. Keys with numbers are told apart by them.
fn mistyped<'k>(key: &str, mut others: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let is_plain =
        |key: &str| key.chars().count() > 3 && !key.contains(|letter: char| letter.is_numeric());
    others.find(|other| is_plain(key) && is_plain(other) && nearest::edits(key, other) == 1)
}
