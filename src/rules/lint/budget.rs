//! How much work may go into looking for warnings, so that `check` stays quick on any file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::rules::lint::automaton::{Automata, Automaton};

/// Comparisons of two texts, all rules together: well under a second. What would take more is
/// left unsaid; ordinary files of a hundred thousand rules need a small part of it.
const COMPARISONS: u64 = 20_000_000;

/// Steps in building and following automata, beside the comparisons: so that a file of many
/// regexes leaves enough for keywords.
const STEPS: u64 = 8_000_000;

/// A regex is searched for this many comparisons.
pub(super) const SEARCH: u64 = 20;

pub(super) struct Budget {
    left: Cell<u64>,
    steps_left: Cell<u64>,
    automata: RefCell<Automata>,
}

impl Budget {
    pub(super) fn new() -> Budget {
        Budget {
            left: Cell::new(COMPARISONS),
            steps_left: Cell::new(STEPS),
            automata: RefCell::default(),
        }
    }

    pub(super) fn spend(&self, comparisons: u64) {
        self.left.set(self.left.get().saturating_sub(comparisons));
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Whether there was enough left for so many steps of automata.
    pub(super) fn spend_steps(&self, steps: u64) -> bool {
        let left = self.steps_left.get().saturating_sub(steps);
        self.steps_left.set(left);
        left > 0
    }

    /// The texts that a regex is found in; each automaton is paid for once.
    pub(super) fn automaton(&self, pattern: &str, ignore_case: bool) -> Option<Rc<Automaton>> {
        let mut automata = self.automata.borrow_mut();
        automata.get(pattern, ignore_case, self)
    }
}
