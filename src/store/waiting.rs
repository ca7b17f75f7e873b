//! Waiting for what another task hands over, and not for ever. Knows no database.
//!
//! sqlx already brings an async runtime; its own small window on it is the only one used here.

use std::future::Future;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::task::Poll;
use std::task::Waker;
use std::time::Duration;

/// The end that gives one value, once.
pub(super) struct Promise<T>(Arc<Shared<T>>);

/// The end that waits for it.
pub(super) struct Promised<T>(Arc<Shared<T>>);

struct Shared<T>(Mutex<State<T>>);

struct State<T> {
    value: Option<T>,
    waker: Option<Waker>,
    promised: bool,
    awaited: bool,
}

pub(super) fn promise<T>() -> (Promise<T>, Promised<T>) {
    let shared = Arc::new(Shared(Mutex::new(State {
        value: None,
        waker: None,
        promised: true,
        awaited: true,
    })));
    (Promise(Arc::clone(&shared)), Promised(shared))
}

impl<T> Promise<T> {
    pub(super) fn give(self, value: T) {
        lock(&self.0.0).value = Some(value);
    }

    /// Whether someone still waits.
    pub(super) fn is_awaited(&self) -> bool {
        lock(&self.0.0).awaited
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0);
        state.promised = false;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Promised<T> {
    /// The value, or nothing when the other end was dropped without giving one.
    pub(super) async fn value(self) -> Option<T> {
        poll_fn(|context| {
            let mut state = lock(&self.0.0);
            if state.value.is_some() || !state.promised {
                return Poll::Ready(state.value.take());
            }
            state.waker = Some(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

impl<T> Drop for Promised<T> {
    fn drop(&mut self) {
        let mut state = lock(&self.0.0);
        state.awaited = false;
        // A value nobody takes may itself do something when dropped: not under the lock.
        let value = state.value.take();
        drop(state);
        drop(value);
    }
}

/// Nothing that holds one of these locks can panic half-way, so a poisoned one is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The outcome of some work, or nothing when it was not there in time; the work is then dropped.
pub(super) async fn within<F: Future>(limit: Duration, work: F) -> Option<F::Output> {
    sqlx::__rt::timeout(limit, work).await.ok()
}

/// Work that goes on whatever becomes of whoever asked for it.
pub(super) fn go_on<F>(work: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    drop(sqlx::__rt::spawn(work));
}

pub(super) async fn pause(duration: Duration) {
    sqlx::__rt::sleep(duration).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_that_is_dropped_tells_whoever_waits() {
        let (one, promised) = promise::<u8>();
        drop(one);
        assert_eq!(sqlx::test_block_on(promised.value()), None);
    }

    #[test]
    fn a_value_given_from_another_thread_wakes_whoever_waits() {
        let (one, promised) = promise();
        let giver = std::thread::spawn(move || one.give(7));
        assert_eq!(sqlx::test_block_on(promised.value()), Some(7));
        assert!(giver.join().is_ok());
    }

    #[test]
    fn a_value_that_nobody_waits_for_is_dropped_at_once() {
        let value = Arc::new(());
        let (one, promised) = promise();
        drop(promised);
        assert!(!one.is_awaited());
        one.give(Arc::clone(&value));
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
