//! Answers that are on their way to followers, for whoever ends the program.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

/// Closed once the program ends: what is claimed then could never be sent.
pub(super) struct Pushing(Arc<Semaphore>);

/// One that is on its way, from before it is claimed.
pub(super) struct OnItsWay(#[expect(dead_code, reason = "held")] OwnedSemaphorePermit);

impl Default for Pushing {
    fn default() -> Pushing {
        Pushing(Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)))
    }
}

impl Pushing {
    /// None when the program ends.
    pub(super) fn enter(&self) -> Option<OnItsWay> {
        let permit = Arc::clone(&self.0).try_acquire_owned();
        permit.ok().map(OnItsWay)
    }

    /// Lets no more begin, and waits until none is under way, or for this long.
    pub(super) async fn end(&self, patience: Duration) {
        self.0.close();
        let until = Instant::now() + patience;
        while self.0.available_permits() < Semaphore::MAX_PERMITS && Instant::now() < until {
            sleep(Duration::from_millis(20)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;
    use crate::store;

    #[test]
    fn the_end_waits_for_what_is_on_its_way_and_lets_nothing_more_begin() {
        let waiting = async {
            let pushing = Pushing::default();
            let on_its_way = pushing.enter();
            assert!(on_its_way.is_some());
            let mut ending = Box::pin(pushing.end(Duration::from_secs(60)));
            let too_soon = timeout(Duration::from_millis(50), &mut ending).await;
            assert!(too_soon.is_err());
            assert!(pushing.enter().is_none());
            drop(on_its_way);
            ending.await;
            assert!(pushing.enter().is_none());

            let pushing = Pushing::default();
            let _stays = pushing.enter();
            pushing.end(Duration::from_millis(1)).await;
        };
        store::wait_for(waiting).unwrap();
    }
}
