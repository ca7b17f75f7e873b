//! Counts the answers of rules, with one look-up of each counter per generation.

use std::sync::{Arc, OnceLock, Weak};

use arc_swap::ArcSwapOption;

use crate::live_rules::Generation;
use crate::metrics::{AccountMetrics, RuleCounter};
use crate::rules::RuleId;

/// The counters of the rules that answer now.
#[derive(Default)]
pub(super) struct RuleCounters(ArcSwapOption<OfGeneration>);

struct OfGeneration {
    generation: Weak<Generation>,
    number: u64,
    counters: Box<[OnceLock<RuleCounter>]>,
}

impl RuleCounters {
    /// Counts an answer of this rule of this generation.
    pub(super) fn count(&self, metrics: &AccountMetrics, generation: &Arc<Generation>, id: RuleId) {
        let Some(rule) = generation.rules.rule(id) else {
            return;
        };
        let look_up = || metrics.rule(&rule.name);
        let known = self.0.load();
        match &*known {
            Some(known) if known.is_of(generation) => {
                if let Some(counter) = known.counters.get(id.0) {
                    counter.get_or_init(look_up).count();
                }
            }
            // A message in progress may belong to an older generation.
            Some(known) if known.number > generation.number => look_up().count(),
            _ => {
                look_up().count();
                self.0.store(Some(Arc::new(OfGeneration::new(generation))));
            }
        }
    }
}

impl OfGeneration {
    fn new(generation: &Arc<Generation>) -> OfGeneration {
        let rules = generation.rules.rules.len();
        OfGeneration {
            generation: Arc::downgrade(generation),
            number: generation.number,
            counters: (0..rules).map(|_| OnceLock::new()).collect(),
        }
    }

    fn is_of(&self, generation: &Arc<Generation>) -> bool {
        Weak::as_ptr(&self.generation) == Arc::as_ptr(generation)
    }
}
