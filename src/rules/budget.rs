//! How long deciding about one message may take. Knows no clock: it is handed in.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::rules::RuleId;

/// Ordinary decisions take microseconds. This leaves a worker's other followers enough of their
/// five seconds.
pub const MAX_DECIDING: Duration = Duration::from_millis(200);

/// Bytes that are looked at between two looks at the clock: some microseconds.
const BYTES_BETWEEN: usize = 32 << 10;

/// So many rules are named of those that took longest.
const NAMED: usize = 3;

/// What one decision has left.
pub struct Budget<'c> {
    clock: &'c dyn Fn() -> Duration,
    ends: Duration,
    /// What the clock said when it was last looked at.
    now: Cell<Duration>,
    bytes_left: Cell<usize>,
    rule: Cell<RuleId>,
    spent: RefCell<BTreeMap<RuleId, Duration>>,
}

impl<'c> Budget<'c> {
    /// From now on, by a clock that counts from any moment.
    pub fn new(time: Duration, clock: &'c dyn Fn() -> Duration) -> Budget<'c> {
        let now = clock();
        Budget {
            clock,
            ends: now.saturating_add(time),
            now: Cell::new(now),
            bytes_left: Cell::new(BYTES_BETWEEN),
            rule: Cell::new(RuleId(0)),
            spent: RefCell::default(),
        }
    }

    /// Where nobody waits.
    pub fn unlimited() -> Budget<'static> {
        Budget::new(Duration::MAX, &|| Duration::ZERO)
    }

    pub(crate) fn begin(&self, rule: RuleId) {
        self.rule.set(rule);
    }

    /// Pays for looking at so many bytes; whether that is still within the budget.
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

    /// The rules that took longest, as far as the clock has been looked at.
    pub(crate) fn slowest(&self) -> Vec<RuleId> {
        let spent = self.spent.borrow();
        let mut rules: Vec<(RuleId, Duration)> =
            spent.iter().map(|(id, took)| (*id, *took)).collect();
        rules.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        rules.into_iter().take(NAMED).map(|(id, _)| id).collect()
    }
}
