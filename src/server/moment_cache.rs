//! Formats each second only once.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;

use crate::live_rules::Generation;
use crate::moment::Moment;

struct Cached {
    second: i64,
    generation: u64,
    moment: Rc<Moment>,
}

/// A time in the time zone of the rules.
pub(super) fn moment(timestamp: Timestamp, generation: &Generation) -> Rc<Moment> {
    thread_local! {
        static CACHED: RefCell<Option<Cached>> = const { RefCell::new(None) };
    }
    let second = timestamp.as_second();
    CACHED.with_borrow_mut(|cached| match cached {
        Some(cached) if cached.second == second && cached.generation == generation.number => {
            Rc::clone(&cached.moment)
        }
        _ => {
            let moment = Rc::new(Moment::new(timestamp, &generation.rules.settings.zone));
            *cached = Some(Cached {
                second,
                generation: generation.number,
                moment: Rc::clone(&moment),
            });
            moment
        }
    })
}
