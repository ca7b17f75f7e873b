//! Limits how much of a connection is read before its sender is verified. Knows only whether a
//! request was verified or refused.
//!
//! Unverified data takes memory. A head is read up to a limit. A body is read only if the query
//! proves that the sender knows the token or, if only the body can prove that, from a budget shared
//! by all unverified clients.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::metrics::Metrics;
use crate::server::receipt::Reception;

/// The maximum size of a head. WeChat's have a few hundred bytes.
pub(super) const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What each connection may use outside the budget, so that usual requests succeed even when
/// attackers have spent it.
const FREE_BYTES: usize = 4 * 1024;

/// The budget of all connections together beyond that.
const BUDGET_BYTES: usize = 16 * 1024 * 1024;

/// How much is read after a refusal, so that the client can receive the response.
const MAX_DISCARDED_BYTES: usize = 256 * 1024;
const DISCARDED_AT_ONCE: usize = 8 * 1024;

/// A request is refused because the budget is spent.
pub(super) const NO_ROOM: &str = "no_room";

/// The memory budget for unverified data, shared by all connections.
pub(super) struct IntakeBudget {
    left: AtomicUsize,
    metrics: Arc<Metrics>,
}

/// What is read of one connection.
pub(super) struct Intake {
    budget: Arc<IntakeBudget>,
    phase: Cell<Phase>,
    /// Bytes read from an unverified sender.
    held: Cell<usize>,
    /// How many of them are from the budget.
    borrowed: Cell<usize>,
    /// Whether the reader was sent away once with what it has.
    was_paused: Cell<bool>,
    ran_out: Cell<bool>,
    reception: Reception,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A head, or what was pipelined after a request.
    Head,
    /// A body that can only be verified once complete, of at most this many bytes.
    Body(usize),
    /// The sender is known, or the connection is.
    Trusted,
    /// A request was refused. Further data is discarded.
    Refused,
    /// The same, and another request came after it: the connection ends.
    Ended,
}

/// What may be read now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Room {
    Any,
    Bytes(usize),
    /// First something has to be made of what was read.
    Later,
    /// Nothing more.
    End,
}

impl IntakeBudget {
    pub(super) fn new(metrics: Arc<Metrics>) -> IntakeBudget {
        IntakeBudget {
            left: AtomicUsize::new(BUDGET_BYTES),
            metrics,
        }
    }

    fn take(&self, bytes: usize) -> bool {
        let take = |left: usize| left.checked_sub(bytes);
        let order = Ordering::Relaxed;
        self.left.fetch_update(order, order, take).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Intake {
    pub(super) fn new(budget: Arc<IntakeBudget>) -> Intake {
        Intake {
            budget,
            phase: Cell::new(Phase::Head),
            held: Cell::new(0),
            borrowed: Cell::new(0),
            was_paused: Cell::new(false),
            ran_out: Cell::new(false),
            reception: Reception::default(),
        }
    }

    /// What has become of answers on this connection.
    pub(super) fn reception(&self) -> &Reception {
        &self.reception
    }

    /// The sender is known: nothing is counted until the request is answered.
    pub(super) fn trust(&self) {
        self.enter(Phase::Trusted);
    }

    /// The head is read, and the body is to show who has sent it.
    pub(super) fn expect_body(&self, max_bytes: usize) {
        self.phase.set(Phase::Body(max_bytes));
        self.was_paused.set(false);
    }

    /// Whether a body was cut off because the budget is spent.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out.get()
    }

    /// The request was answered: the sender of the next head is unverified again.
    pub(super) fn answered(&self) {
        if self.phase.get() != Phase::Refused {
            self.enter(Phase::Head);
        }
    }

    /// No further request of this connection is processed.
    pub(super) fn refuse(&self) {
        self.enter(Phase::Refused);
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.phase.get(), Phase::Refused | Phase::Ended)
    }

    /// Closes the connection once the response has been sent.
    pub(super) fn end(&self) {
        self.enter(Phase::Ended);
    }

    pub(super) fn is_ended(&self) -> bool {
        self.phase.get() == Phase::Ended
    }

    /// What may be read now.
    pub(super) fn room(&self) -> Room {
        let max = match self.phase.get() {
            Phase::Trusted => return Room::Any,
            Phase::Ended => return Room::End,
            Phase::Refused => return self.room_to_discard(),
            Phase::Head => MAX_HEAD_BYTES,
            Phase::Body(max_bytes) => MAX_HEAD_BYTES + max_bytes,
        };
        let left = max.saturating_sub(self.held.get());
        let is_affordable = self.afford();
        if left > 0 && is_affordable {
            return Room::Bytes(left);
        }
        // What was read may be a whole head, whose sender is looked at now.
        if !self.was_paused.replace(true) {
            return Room::Later;
        }
        self.ran_out.set(!is_affordable);
        if self.phase.get() == Phase::Head {
            let reason = if is_affordable { "large_head" } else { NO_ROOM };
            self.budget.metrics.refused(reason);
            self.end();
        }
        Room::End
    }

    /// A piece at a time: what is thrown away is not to be collected first.
    fn room_to_discard(&self) -> Room {
        if self.held.get() >= MAX_DISCARDED_BYTES {
            return Room::End;
        }
        let was_paused = self.was_paused.get();
        self.was_paused.set(!was_paused);
        match was_paused {
            true => Room::Bytes(DISCARDED_AT_ONCE),
            false => Room::Later,
        }
    }

    /// Counts what was read.
    pub(super) fn count(&self, bytes: usize) {
        self.held.set(self.held.get() + bytes);
    }

    /// Whether what is held beyond what is free has room in the budget.
    fn afford(&self) -> bool {
        let needed = self.held.get().saturating_sub(FREE_BYTES);
        let missing = needed.saturating_sub(self.borrowed.get());
        let is_there = missing == 0 || self.budget.take(missing);
        if is_there && missing > 0 {
            self.borrowed.set(needed);
        }
        is_there
    }

    /// What was held so far is somebody's, or gone.
    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.held.set(0);
        self.was_paused.set(false);
        match self.borrowed.take() {
            0 => {}
            borrowed => self.budget.give_back(borrowed),
        }
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.budget.give_back(self.borrowed.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intake() -> Intake {
        Intake::new(Arc::new(IntakeBudget::new(Arc::default())))
    }

    #[test]
    fn a_head_that_does_not_end_is_looked_at_once_and_then_ends_the_connection() {
        let intake = intake();
        assert_eq!(intake.room(), Room::Bytes(MAX_HEAD_BYTES));
        intake.count(MAX_HEAD_BYTES);
        assert_eq!(intake.room(), Room::Later);
        assert_eq!(intake.room(), Room::End);
        assert!(intake.is_ended());
    }

    #[test]
    fn who_is_known_is_not_counted_and_is_a_stranger_again_with_the_next_head() {
        let intake = intake();
        intake.count(MAX_HEAD_BYTES);
        assert_eq!(intake.room(), Room::Later);
        intake.trust();
        intake.count(MAX_HEAD_BYTES);
        assert_eq!(intake.room(), Room::Any);
        intake.answered();
        assert_eq!(intake.room(), Room::Bytes(MAX_HEAD_BYTES));
    }

    #[test]
    fn what_follows_a_refusal_is_read_in_pieces_up_to_a_limit() {
        let intake = intake();
        intake.refuse();
        intake.answered();
        let mut discarded = 0;
        loop {
            match intake.room() {
                Room::Later => {}
                Room::Bytes(bytes) => {
                    intake.count(bytes);
                    discarded += bytes;
                }
                Room::End => break,
                Room::Any => panic!("a refused connection is trusted"),
            }
        }
        assert_eq!(discarded, MAX_DISCARDED_BYTES);
    }

    #[test]
    fn strangers_share_one_budget_and_leave_room_for_a_usual_request() {
        let budget = Arc::new(IntakeBudget::new(Arc::default()));
        let stranger = || {
            let intake = Intake::new(Arc::clone(&budget));
            intake.expect_body(64 * 1024);
            intake.count(64 * 1024);
            intake
        };
        let mut holding = Vec::new();
        loop {
            let intake = stranger();
            if intake.room() == Room::Later {
                assert_eq!((intake.room(), intake.ran_out()), (Room::End, true));
                break;
            }
            holding.push(intake);
        }
        assert_eq!(holding.len(), BUDGET_BYTES / (60 * 1024));
        let usual = Intake::new(Arc::clone(&budget));
        usual.count(1000);
        assert!(matches!(usual.room(), Room::Bytes(_)));
        holding.pop();
        assert!(matches!(stranger().room(), Room::Bytes(_)));
        holding.clear();
        assert_eq!(budget.left.load(Ordering::Relaxed), BUDGET_BYTES);
    }
}
