//! What searches remember from one message to the next: the states of an automaton that they came
//! by. All regexes of the process share one budget for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use regex_automata::hybrid::dfa;
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};

use crate::lock::lock;

/// What all regexes may remember together. Beyond it a search begins anew each time, which takes
/// some microseconds longer.
pub const MAX_REMEMBERED_BYTES: usize = 64 << 20;

pub(super) static MEMORY: ScratchMemory = ScratchMemory::new(MAX_REMEMBERED_BYTES);

/// How much is remembered, and how much may be.
#[derive(Debug)]
pub(super) struct ScratchMemory {
    used: AtomicUsize,
    most: usize,
}

/// The scratch space of one search. A thread that searches has it to itself.
pub(super) struct Scratch {
    pub(super) automaton: dfa::Cache,
    simulation: Option<pikevm::Cache>,
    /// The bytes of it that `ScratchMemory` knows of.
    counted: usize,
}

/// The scratch spaces of one regex that nobody uses at the moment.
#[derive(Debug)]
pub(super) struct Pool {
    free: Mutex<Vec<Scratch>>,
    memory: &'static ScratchMemory,
}

impl ScratchMemory {
    pub(super) const fn new(most: usize) -> ScratchMemory {
        ScratchMemory {
            used: AtomicUsize::new(0),
            most,
        }
    }

    fn forget(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Whether there is room for so many bytes more; they count then.
    fn takes(&self, bytes: usize) -> bool {
        let fits = |used: usize| used.checked_add(bytes).filter(|sum| *sum <= self.most);
        let counted = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        counted.is_ok()
    }
}

impl Scratch {
    pub(super) fn simulation(&mut self, simulation: &PikeVM) -> &mut pikevm::Cache {
        let make = || simulation.create_cache();
        self.simulation.get_or_insert_with(make)
    }
}

impl Pool {
    pub(super) fn new(memory: &'static ScratchMemory) -> Pool {
        Pool {
            free: Mutex::new(Vec::new()),
            memory,
        }
    }

    /// Gives a search its scratch space, and keeps what it leaves if that is not too much.
    pub(super) fn lend<R>(
        &self,
        make: impl FnOnce() -> dfa::Cache,
        search: impl FnOnce(&mut Scratch) -> R,
    ) -> R {
        let kept = self.free().pop();
        let mut scratch = kept.unwrap_or_else(|| Scratch {
            automaton: make(),
            simulation: None,
            counted: 0,
        });
        let found = search(&mut scratch);
        self.keep(scratch);
        found
    }

    fn keep(&self, mut scratch: Scratch) {
        let simulation = scratch.simulation.as_ref();
        let simulation = simulation.map_or(0, pikevm::Cache::memory_usage);
        let bytes = scratch.automaton.memory_usage() + simulation;
        let more = bytes.saturating_sub(scratch.counted);
        if self.memory.takes(more) {
            scratch.counted += more;
            self.free().push(scratch);
        } else {
            self.memory.forget(scratch.counted);
        }
    }

    fn free(&self) -> MutexGuard<'_, Vec<Scratch>> {
        lock(&self.free)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let counted = self.free().iter().map(|scratch| scratch.counted).sum();
        self.memory.forget(counted);
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(formatter, "Scratch({} bytes)", self.counted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_fits_and_what_is_dropped_makes_room() {
        static SMALL: ScratchMemory = ScratchMemory::new(100_000);
        let used = || SMALL.used.load(Ordering::Relaxed);
        let dfa = dfa::DFA::new(r"\w+@\w+").unwrap();
        let pools: Vec<Pool> = (0..50).map(|_| Pool::new(&SMALL)).collect();
        for pool in &pools {
            pool.lend(|| dfa.create_cache(), |_| ());
            assert!(used() <= 100_000, "{}", used());
        }
        let kept = |pool: &&Pool| !pool.free().is_empty();
        let before = pools.iter().filter(kept).count();
        assert!((1..50).contains(&before), "{before}");
        drop(pools);
        assert_eq!(used(), 0);
    }

    #[test]
    fn a_scratch_space_is_used_again() {
        static LARGE: ScratchMemory = ScratchMemory::new(10_000_000);
        let dfa = dfa::DFA::new("a").unwrap();
        let pool = Pool::new(&LARGE);
        pool.lend(|| dfa.create_cache(), |_| ());
        pool.lend(|| unreachable!("one is there"), |_| ());
    }
}
