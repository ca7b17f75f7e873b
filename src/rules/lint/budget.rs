//! How much work may go into looking for warnings, so that `check` stays quick on any file.

use std::cell::Cell;

/// Comparisons of two texts, all rules together: well under a second. What would take more is
/// left unsaid; ordinary files of a hundred thousand rules need a small part of it.
const COMPARISONS: u64 = 20_000_000;

/// A regex is searched for this many comparisons.
pub const SEARCH: u64 = 20;

pub struct Budget(Cell<u64>);

impl Budget {
    pub fn new() -> Budget {
        Budget(Cell::new(COMPARISONS))
    }

    pub fn spend(&self, comparisons: u64) {
        self.0.set(self.0.get().saturating_sub(comparisons));
    }

    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}
