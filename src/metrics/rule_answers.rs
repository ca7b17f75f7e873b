//! Answers by rule name, up to a limit of names.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use crate::lock::lock;
use crate::metrics::account::AccountLabel;

/// So many rules of an account are counted by name; those that answer first later share one series.
const MAX_RULE_NAMES: usize = 1000;

/// The same for all accounts together.
const MAX_ALL_RULE_NAMES: usize = 20_000;

/// Its name. A rule that is called so is never counted by itself.
const OTHERS: &str = "(others)";

/// Counts the answers of one rule; cheap to keep and to use.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleCounter(Counter);

impl RuleCounter {
    pub(crate) fn count(&self) {
        self.0.inc();
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub(super) struct RuleName {
    rule: String,
}

#[derive(Default)]
pub(super) struct RuleAnswers {
    counters: Family<(AccountLabel, RuleName), Counter>,
    names: Arc<AtomicUsize>,
}

/// The answers of one account.
pub(super) struct AnswersOf {
    account: AccountLabel,
    counters: Family<(AccountLabel, RuleName), Counter>,
    /// Those of all accounts.
    all_names: Arc<AtomicUsize>,
    names: Mutex<HashSet<String>>,
}

impl RuleAnswers {
    pub(super) fn register(registry: &mut Registry) -> RuleAnswers {
        let answers = RuleAnswers::default();
        registry.register(
            "rule_answers",
            "Answers by the name of the rule, kept across reloads",
            answers.counters.clone(),
        );
        answers
    }

    pub(super) fn of(&self, account: AccountLabel) -> AnswersOf {
        AnswersOf {
            account,
            counters: self.counters.clone(),
            all_names: Arc::clone(&self.names),
            names: Mutex::default(),
        }
    }

    pub(super) fn leave(&self, answers: &AnswersOf) {
        let mut names = answers.names();
        for name in names.iter().map(String::as_str).chain([OTHERS]) {
            self.counters.remove(&answers.label(name));
        }
        self.names.fetch_sub(names.len(), Ordering::Relaxed);
        names.clear();
    }
}

impl AnswersOf {
    pub(super) fn counter(&self, name: &str) -> RuleCounter {
        let known = self.label(name);
        if let Some(counter) = self.counters.get(&known) {
            return RuleCounter(counter.clone());
        }
        let mut names = self.names();
        let label = match names.contains(name) || self.has_room(&names) {
            true => {
                if names.insert(name.to_owned()) {
                    self.all_names.fetch_add(1, Ordering::Relaxed);
                }
                known
            }
            false => self.label(OTHERS),
        };
        RuleCounter(self.counters.get_or_create_owned(&label))
    }

    pub(super) fn so_far(&self, name: &str) -> Option<u64> {
        if name == OTHERS {
            return None;
        }
        match self.counters.get(&self.label(name)) {
            Some(counter) => Some(counter.get()),
            None => self.has_room(&self.names()).then_some(0),
        }
    }

    fn has_room(&self, names: &HashSet<String>) -> bool {
        names.len() < MAX_RULE_NAMES && self.all_names.load(Ordering::Relaxed) < MAX_ALL_RULE_NAMES
    }

    fn names(&self) -> MutexGuard<'_, HashSet<String>> {
        lock(&self.names)
    }

    fn label(&self, rule: &str) -> (AccountLabel, RuleName) {
        let rule = rule.to_owned();
        (self.account.clone(), RuleName { rule })
    }
}
