//! Tells whether every worker still gets to its work. Knows nothing of what that is.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::Weak;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use actix_web::rt;

const BEAT: Duration = Duration::from_secs(1);

/// Followers have long been told nothing by then; a busy machine is not so late.
const PATIENCE: Duration = Duration::from_secs(10);

/// When each worker last had a moment to spare.
pub struct Pulses {
    since: Instant,
    beats: Mutex<Vec<Weak<AtomicU64>>>,
}

impl Pulses {
    pub fn new() -> Pulses {
        Pulses {
            since: Instant::now(),
            beats: Mutex::default(),
        }
    }

    /// Begins to beat for the worker that calls, and ends with it.
    pub fn begin(self: Arc<Pulses>) {
        let beat = Arc::new(AtomicU64::new(self.now()));
        {
            let mut beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
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

    pub fn all_beat(&self) -> bool {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        let mut living = beats.iter().filter_map(Weak::upgrade);
        let earliest = self.now().saturating_sub(PATIENCE.as_secs());
        living.all(|beat| beat.load(Ordering::Relaxed) >= earliest)
    }

    fn now(&self) -> u64 {
        self.since.elapsed().as_secs()
    }
}
