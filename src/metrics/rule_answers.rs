//! Answers by the name of the rule, as far as there is room for names.

use std::sync::atomic::{AtomicUsize, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// So many rules are counted by name; those that answer first later share one series.
const MAX_RULE_NAMES: usize = 1000;

/// Its name. A rule that is called so is never counted by itself.
const OTHERS: &str = "(others)";

/// Counts the answers of one rule; cheap to keep and to use.
#[derive(Clone, Debug)]
pub(crate) struct RuleCounter(Counter);

impl RuleCounter {
    pub(crate) fn count(&self) {
        self.0.inc();
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RuleName {
    rule: String,
}

#[derive(Default)]
pub(super) struct RuleAnswers {
    counters: Family<RuleName, Counter>,
    names: AtomicUsize,
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

    pub(super) fn of(&self, name: &str) -> RuleCounter {
        let known = RuleName {
            rule: name.to_owned(),
        };
        if let Some(counter) = self.counters.get(&known) {
            return RuleCounter(counter.clone());
        }
        let names = self.names.fetch_add(1, Ordering::Relaxed);
        let label = match names < MAX_RULE_NAMES {
            true => known,
            false => RuleName {
                rule: OTHERS.to_owned(),
            },
        };
        RuleCounter(self.counters.get_or_create_owned(&label))
    }

    pub(super) fn so_far(&self, name: &str) -> Option<u64> {
        if name == OTHERS {
            return None;
        }
        let rule = name.to_owned();
        match self.counters.get(&RuleName { rule }) {
            Some(counter) => Some(counter.get()),
            None => (self.names.load(Ordering::Relaxed) < MAX_RULE_NAMES).then_some(0),
        }
    }
}
