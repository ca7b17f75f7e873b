//! What is known of one service of one account between its questions.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::services::breaker::Breaker;

pub(super) struct ServiceState {
    pub(super) at_once: usize,
    pub(super) slots: Semaphore,
    pub(super) breaker: Arc<Breaker>,
}

impl ServiceState {
    pub(super) fn new(at_once: usize, breaker: Arc<Breaker>) -> ServiceState {
        ServiceState {
            at_once,
            slots: Semaphore::new(at_once.clamp(1, Semaphore::MAX_PERMITS)),
            breaker,
        }
    }
}
