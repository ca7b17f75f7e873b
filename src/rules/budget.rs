//! Limits the time for deciding on a message. The clock is passed in.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::rules::RuleId;

/// Ordinary decisions take microseconds. This leaves other followers of the same worker enough of
/// their five seconds.
pub const MAX_DECIDING: Duration = Duration::from_millis(200);

/// Bytes processed between two readings of the clock, which takes some microseconds.
const BYTES_BETWEEN: usize = 32 << 10;

/// How many of the slowest rules are reported.
const MAX_NAMED: usize = 3;

/// The remaining budget of one decision.
pub struct DecisionBudget<'c> {
    clock: &'c dyn Fn() -> Duration,
    ends: Duration,
    /// The last reading of the clock.
    now: Cell<Duration>,
    bytes_left: Cell<usize>,
    rule: Cell<RuleId>,
    spent: RefCell<BTreeMap<RuleId, Duration>>,
}

impl<'c> DecisionBudget<'c> {
    /// Starts now, by a clock with any starting point.
    pub fn new(time: Duration, clock: &'c dyn Fn() -> Duration) -> DecisionBudget<'c> {
        let now = clock();
        DecisionBudget {
            clock,
            ends: now.saturating_add(time),
            now: Cell::new(now),
            bytes_left: Cell::new(BYTES_BETWEEN),
            rule: Cell::new(RuleId(0)),
            spent: RefCell::default(),
        }
    }

    /// For callers without a time limit.
    pub fn unlimited() -> DecisionBudget<'static> {
        DecisionBudget::new(Duration::MAX, &|| Duration::ZERO)
    }

    pub(crate) fn begin(&self, rule: RuleId) {
        self.rule.set(rule);
    }

    /// Charges for processing this many bytes. Returns whether the budget still lasts.
    pub(crate) fn pay(&self, bytes: usize) -> bool {
        match self.bytes_left.get().checked_sub(bytes) {
            Some(left) => self.bytes_left.set(left),
            None => self.look_at_clock(),
        }
        !self.is_spent()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.now.get() >= self.ends
    }

    fn look_at_clock(&self) {
        let before = self.now.replace((self.clock)());
        let took = self.now.get().saturating_sub(before);
        *self.spent.borrow_mut().entry(self.rule.get()).or_default() += took;
        self.bytes_left.set(BYTES_BETWEEN);
    }

    /// The slowest rules, as far as the clock was read.
    pub(crate) fn slowest(&self) -> Vec<RuleId> {
        let spent = self.spent.borrow();
        let mut rules: Vec<(RuleId, Duration)> =
            spent.iter().map(|(id, took)| (*id, *took)).collect();
        rules.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        rules
            .into_iter()
            .take(MAX_NAMED)
            .map(|(id, _)| id)
            .collect()
    }
}
