//! Counts the answers of rules, looking each counter up once per worker and generation.

use std::cell::RefCell;

use crate::live_rules::Generation;
use crate::metrics::{Metrics, RuleCounter};
use crate::rules::RuleId;

#[derive(Default)]
struct Known {
    generation: u64,
    counters: Vec<Option<RuleCounter>>,
}

/// Counts an answer of this rule of this generation.
pub(super) fn count(metrics: &Metrics, generation: &Generation, id: RuleId) {
    thread_local! {
        static KNOWN: RefCell<Known> = RefCell::default();
    }
    let rules = &generation.rules;
    KNOWN.with_borrow_mut(|known| {
        // A message that is still under way may come from an older generation.
        if known.generation < generation.number {
            known.generation = generation.number;
            known.counters.clear();
            known.counters.resize(rules.rules.len(), None);
        }
        let same = known.generation == generation.number;
        if let Some(Some(counter)) = known.counters.get(id.0).filter(|_| same) {
            counter.count();
            return;
        }
        let Some(rule) = rules.rule(id) else { return };
        let counter = metrics.rule(&rule.name);
        counter.count();
        if let Some(place) = known.counters.get_mut(id.0).filter(|_| same) {
            *place = Some(counter);
        }
    });
}
