//! How many answers are on their way to followers, for whoever ends the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::time::sleep;

#[derive(Default)]
pub(super) struct Pushing(Arc<AtomicUsize>);

/// One that is on its way.
pub(super) struct OnItsWay(Arc<AtomicUsize>);

impl Pushing {
    pub(super) fn enter(&self) -> OnItsWay {
        self.0.fetch_add(1, Ordering::Relaxed);
        OnItsWay(Arc::clone(&self.0))
    }

    /// Waits until none is, or for this long.
    pub(super) async fn end(&self, patience: Duration) {
        let until = Instant::now() + patience;
        while self.0.load(Ordering::Relaxed) > 0 && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
