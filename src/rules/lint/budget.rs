//! How much work may go into looking for warnings, so that `check` stays quick on any file.

use std::cell::Cell;

/// Comparisons of two texts, all rules together: well under a second. What would take more is
/// not reported; ordinary files of a hundred thousand rules need a small part of it.
const COMPARISONS: usize = 20_000_000;

/// A regex is searched for this many comparisons.
pub(super) const SEARCH: usize = 20;

pub(super) struct LintBudget {
    left: Cell<usize>,
}

impl LintBudget {
    pub(super) fn new() -> LintBudget {
        LintBudget {
            left: Cell::new(COMPARISONS),
        }
    }

    pub(super) fn spend(&self, comparisons: usize) {
        self.left.set(self.left.get().saturating_sub(comparisons));
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}
