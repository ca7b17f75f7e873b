//! A lock on a value that no panic leaves half-changed.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Nothing that holds one of these locks can panic half-way, so a poisoned one is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
