//! Patience with a database that is away: longer and longer pauses between tries, up to a limit.

use std::time::{Duration, Instant};

use tokio::time::sleep;

const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A database that is back is noticed within this time, however long it was away.
const MAX_PAUSE: Duration = Duration::from_secs(2);

/// For what cost something, such as an answer or an upload.
const MAX_WAIT: Duration = Duration::from_secs(60);

pub struct Backoff {
    until: Instant,
    pause: Duration,
}

impl Default for Backoff {
    fn default() -> Backoff {
        Backoff {
            until: Instant::now() + MAX_WAIT,
            pause: FIRST_PAUSE,
        }
    }
}

impl Backoff {
    /// Waits until the next try. False at once when there is to be none.
    pub async fn wait(&mut self) -> bool {
        if Instant::now() >= self.until {
            return false;
        }
        sleep(self.next()).await;
        true
    }

    fn next(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = MAX_PAUSE.min(pause * 2);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_to_a_limit() {
        let mut backoff = Backoff::default();
        let pauses = [(); 7].map(|()| backoff.next().as_millis());
        assert_eq!(pauses, [200, 400, 800, 1600, 2000, 2000, 2000]);
    }
}
