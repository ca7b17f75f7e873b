//! Renders the changes of a rule, and computes its sums.

use crate::i18n::phrase;
use crate::rules::condition::MatchContext;
use crate::rules::dialogue::DialogueProgress;
use crate::rules::fold::Folding;
use crate::rules::number::Number;
use crate::rules::template::{Template, Values};
use crate::rules::{ChangeTemplate, Rule, dialogue, fold};
use crate::user::{Change, User};

/// Why a rule that matched failed. Contains nothing of what is stored or was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    #[error("{}", phrase!(stored_text, key))]
    StoredText { key: String },
    #[error("{}", phrase!(added_text, key))]
    AddedText { key: String },
    #[error("{}", phrase!(too_many_digits, key))]
    TooManyDigits { key: String },
    /// WeChat does not keep what it shows.
    #[error("{}", phrase!(file_not_uploaded, file))]
    NotUploaded { file: String },
}

/// What a dialogue has kept, with what it keeps of this message; nothing for other rules.
pub(super) fn progress(
    rule: &Rule,
    values: &Values,
    asked: &MatchContext,
) -> Option<DialogueProgress> {
    rule.part.as_ref()?;
    let begins =
        |change: &ChangeTemplate| matches!(change, ChangeTemplate::Step { begins: true, .. });
    let mut progress = match asked.progress() {
        Some(progress) if !rule.changes.iter().any(begins) => progress.clone(),
        _ => DialogueProgress::default(),
    };
    if let Some(keeps) = &rule.keeps {
        let (key, value) = &**keeps;
        let value = value.render(&Values {
            tidied: asked.folding.ignore_punctuation,
            ..*values
        });
        let value = fold::trim(&value).to_owned();
        progress.answers.insert(key.to_string(), value);
    }
    Some(progress)
}

/// The changes of a rule in order; `changed` is the follower after each of them, where that
/// matters.
pub(super) fn render(
    rule: &Rule,
    values: &Values,
    folding: Folding,
    mut changed: Option<&mut User>,
) -> Result<Vec<Change>, RuleError> {
    let stored = Values {
        tidied: folding.ignore_punctuation,
        ..*values
    };
    let mut changes = Vec::with_capacity(rule.changes.len());
    for template in &rule.changes {
        let before = changed.as_deref().unwrap_or(values.user);
        let change = template.render(&stored, before)?;
        if adds_nothing(&change) {
            continue;
        }
        if let Some(changed) = changed.as_deref_mut() {
            changed.apply(&change);
        }
        changes.push(change);
    }
    Ok(changes)
}

/// The prefix alone leaves no item after it.
fn adds_nothing(change: &Change) -> bool {
    matches!(change, Change::Add { item, .. } if item.is_empty())
}

impl ChangeTemplate {
    fn render(&self, values: &Values, before: &User) -> Result<Change, RuleError> {
        let duration_at = |expires: &Option<crate::rules::Expiry>| {
            expires.map(|expires| expires.duration_at(values.moment))
        };
        Ok(match self {
            ChangeTemplate::Set {
                key,
                value,
                expires,
            } => Change::Set {
                key: key.to_string(),
                value: value.render(values),
                expires: duration_at(expires),
            },
            ChangeTemplate::Increase { key, by, expires } => Change::Set {
                key: key.to_string(),
                value: sum(key, by, values, before)?.to_string(),
                expires: duration_at(expires),
            },
            ChangeTemplate::Add { key, item } => Change::Add {
                key: key.to_string(),
                item: item.render(values),
            },
            ChangeTemplate::Remove { key, item } => Change::Remove {
                key: key.to_string(),
                item: item.render(values),
            },
            ChangeTemplate::Clear { key } => Change::Clear {
                key: key.to_string(),
            },
            ChangeTemplate::ClearAll => Change::ClearAll,
            ChangeTemplate::Step {
                rule,
                step,
                counts,
                expires,
                ..
            } => {
                let before = values.progress.cloned().unwrap_or_default();
                let progress = DialogueProgress {
                    rule: rule.to_string(),
                    step: step.to_string(),
                    tries: if *counts { before.tries + 1 } else { 0 },
                    answers: before.answers,
                };
                Change::Set {
                    key: dialogue::KEY.to_owned(),
                    value: progress.text(),
                    expires: Some(expires.duration_at(values.moment)),
                }
            }
        })
    }
}

fn sum(key: &str, by: &Template, values: &Values, before: &User) -> Result<Number, RuleError> {
    let key = || key.to_owned();
    let by = Number::read(&by.render(values)).ok_or_else(|| RuleError::AddedText { key: key() })?;
    let stored = match before.get(&key()) {
        Some(stored) => Number::read(&stored.text()),
        None => Some(Number::ZERO),
    };
    let stored = stored.ok_or_else(|| RuleError::StoredText { key: key() })?;
    stored
        .plus(by)
        .ok_or_else(|| RuleError::TooManyDigits { key: key() })
}
