//! Detects workers that are stuck.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use actix_web::rt;

use crate::lock::lock;

const BEAT: Duration = Duration::from_secs(1);

/// Well past WeChat's five seconds, and beyond any scheduling delay.
const TIMEOUT: Duration = Duration::from_secs(10);

/// When each worker was last responsive.
pub(super) struct Heartbeats {
    since: Instant,
    beats: Mutex<Vec<Weak<AtomicU64>>>,
}

impl Heartbeats {
    pub(super) fn new() -> Heartbeats {
        Heartbeats {
            since: Instant::now(),
            beats: Mutex::default(),
        }
    }

    /// Starts the heartbeat of the calling worker.
    pub(super) fn begin(self: Arc<Heartbeats>) {
        let beat = Arc::new(AtomicU64::new(self.now()));
        {
            let mut beats = lock(&self.beats);
            beats.retain(|beat| beat.strong_count() > 0);
            beats.push(Arc::downgrade(&beat));
        }
        rt::spawn(async move {
            loop {
                beat.store(self.now(), Ordering::Relaxed);
                rt::time::sleep(BEAT).await;
            }
        });
    }

    pub(super) fn all_beat(&self) -> bool {
        let beats = lock(&self.beats);
        let mut living = beats.iter().filter_map(Weak::upgrade);
        let earliest = self.now().saturating_sub(TIMEOUT.as_secs());
        living.all(|beat| beat.load(Ordering::Relaxed) >= earliest)
    }

    fn now(&self) -> u64 {
        self.since.elapsed().as_secs()
    }
}
