//! Leaves a service alone that fails again and again, and then tries it with one question.

use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::lock::lock;
use crate::service::ServiceError;

/// In a row.
const MAX_FAILURES: u32 = 5;

const PAUSE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub(super) struct Breaker(Mutex<BreakerState>);

#[derive(Default)]
struct BreakerState {
    /// Since the last answer.
    failures: u32,
    /// Nobody asks before that.
    open_until: Option<Instant>,
    is_probing: bool,
}

/// Leave to ask once. Whoever gives none back, because the question was dropped, says nothing
/// about the service.
pub(super) struct Admission<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

impl Breaker {
    pub(super) fn is_open(&self, now: Instant) -> bool {
        let condition = self.lock();
        condition
            .open_until
            .is_some_and(|until| now < until || condition.is_probing)
    }

    pub(super) fn admit(&self, now: Instant) -> Option<Admission<'_>> {
        let mut condition = self.lock();
        let is_probe = match condition.open_until {
            None => false,
            Some(until) if now < until || condition.is_probing => return None,
            Some(_) => true,
        };
        condition.is_probing |= is_probe;
        Some(Admission {
            breaker: self,
            is_probe,
        })
    }

    fn lock(&self) -> MutexGuard<'_, BreakerState> {
        lock(&self.0)
    }
}

impl Admission<'_> {
    /// What came of the question.
    pub(super) fn report(self, error: Option<ServiceError>) {
        self.report_at(error, Instant::now());
    }

    fn report_at(self, error: Option<ServiceError>, now: Instant) {
        let mut condition = self.breaker.lock();
        if !error.is_some_and(is_outage) {
            *condition = BreakerState::default();
            return;
        }
        condition.failures = condition.failures.saturating_add(1);
        let is_beginning = condition.open_until.is_none() && condition.failures >= MAX_FAILURES;
        if self.is_probe || is_beginning {
            condition.open_until = Some(now + PAUSE);
        }
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.lock().is_probing = false;
        }
    }
}

/// Whether the service itself is not well. Whoever says that a parcel does not exist is.
fn is_outage(error: ServiceError) -> bool {
    match error {
        ServiceError::Status(status) => {
            !(400..500).contains(&status) || [408, 429].contains(&status)
        }
        ServiceError::Timeout
        | ServiceError::Refused
        | ServiceError::TooLarge
        | ServiceError::NotJson => true,
        ServiceError::Busy | ServiceError::Empty => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Clock(Breaker, Instant);

    impl Clock {
        fn ask(&self, second: u64, error: Option<ServiceError>) -> bool {
            let now = self.1 + Duration::from_secs(second);
            let admission = self.0.admit(now);
            let is_admitted = admission.is_some();
            if let Some(admission) = admission {
                admission.report_at(error, now);
            }
            is_admitted
        }
    }

    fn clock() -> Clock {
        Clock(Breaker::default(), Instant::now())
    }

    const FAILED: Option<ServiceError> = Some(ServiceError::Timeout);

    #[test]
    fn five_failures_in_a_row_are_ten_seconds_of_peace_and_then_one_try() {
        let clock = clock();
        for second in 0..5 {
            assert!(clock.ask(second, FAILED), "{second}");
        }
        assert!(!clock.ask(5, None));
        assert!(!clock.ask(13, None));
        assert!(clock.ask(14, FAILED));
        assert!(!clock.ask(23, None));
        assert!(clock.ask(24, None));
        for second in 25..29 {
            assert!(clock.ask(second, FAILED), "{second}");
        }
        assert!(clock.ask(29, None));
    }

    #[test]
    fn an_answer_in_between_begins_the_row_anew_and_so_does_a_no() {
        for fine in [
            None,
            Some(ServiceError::Status(404)),
            Some(ServiceError::Empty),
        ] {
            let clock = clock();
            for second in 0..20 {
                let error = if second % 5 == 4 { fine } else { FAILED };
                assert!(clock.ask(second, error), "{second} {fine:?}");
            }
        }
    }

    #[test]
    fn one_question_tries_and_a_dropped_one_lets_the_next_try() {
        let clock = clock();
        for second in 0..5 {
            clock.ask(second, FAILED);
        }
        let at = |second| clock.1 + Duration::from_secs(second);
        let probe = clock.0.admit(at(20));
        assert!(probe.is_some() && clock.0.is_open(at(20)));
        assert!(clock.0.admit(at(21)).is_none());
        drop(probe);
        assert!(!clock.0.is_open(at(21)));
        assert!(clock.ask(21, None));
        assert!(clock.0.admit(at(22)).is_some() && clock.0.admit(at(22)).is_some());
    }

    #[test]
    fn only_what_says_that_the_service_is_not_well_counts() {
        use ServiceError::{Busy, Empty, NotJson, Refused, Status, Timeout, TooLarge};
        for error in [
            Timeout,
            Refused,
            TooLarge,
            NotJson,
            Status(301),
            Status(429),
            Status(503),
        ] {
            assert!(is_outage(error), "{error}");
        }
        for error in [
            Busy,
            Empty,
            Status(400),
            Status(401),
            Status(404),
            Status(422),
        ] {
            assert!(!is_outage(error), "{error}");
        }
    }
}
