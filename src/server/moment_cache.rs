//! Computes the local time of each second only once.

use std::sync::{Arc, Weak};

use arc_swap::ArcSwapOption;
use jiff::Timestamp;

use crate::live_rules::Generation;
use crate::moment::Moment;

/// The second of the last message, in the time zone of the rules that answered it.
#[derive(Default)]
pub(super) struct MomentCache(ArcSwapOption<Cached>);

struct Cached {
    second: i64,
    generation: Weak<Generation>,
    moment: Arc<Moment>,
}

impl MomentCache {
    /// A time in the time zone of the rules.
    pub(super) fn moment(&self, time: Timestamp, generation: &Arc<Generation>) -> Arc<Moment> {
        let second = time.as_second();
        if let Some(cached) = &*self.0.load()
            && cached.second == second
            && Weak::as_ptr(&cached.generation) == Arc::as_ptr(generation)
        {
            return Arc::clone(&cached.moment);
        }
        let moment = Arc::new(Moment::new(time, &generation.rules.settings.zone));
        self.0.store(Some(Arc::new(Cached {
            second,
            generation: Arc::downgrade(generation),
            moment: Arc::clone(&moment),
        })));
        moment
    }
}
