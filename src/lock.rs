//! A lock for values that a panic cannot leave half-changed.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// No holder of these locks can panic halfway, so a poisoned value is still consistent.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
