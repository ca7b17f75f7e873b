//! How much of a connection is read before its sender is known. Knows no request, only whether
//! one was verified or refused.
//!
//! A stranger costs the memory that what he has sent is kept in. A head is read up to a limit, a
//! body only once the query shows that its sender knows the token, or, where only the body can
//! show that, out of a budget that all strangers share.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::metrics::Metrics;

/// A head may be this large. WeChat's have a few hundred bytes.
pub(super) const MAX_HEAD_BYTES: usize = 16 * 1024;

/// What each connection may hold without asking the budget, so that strangers who have spent it
/// leave room for any usual request.
const FREE_BYTES: usize = 4 * 1024;

/// What all connections together may hold beyond that.
const BUDGET_BYTES: usize = 16 * 1024 * 1024;

/// So much of what follows a refusal is read, so that its sender gets to see the refusal.
const MAX_DISCARDED_BYTES: usize = 256 * 1024;
const DISCARDED_AT_ONCE: usize = 8 * 1024;

/// Why a request is refused that strangers leave no memory for.
pub(super) const NO_ROOM: &str = "no_room";

/// Memory for what strangers send, shared by all connections.
pub(super) struct Budget {
    left: AtomicUsize,
    metrics: Arc<Metrics>,
}

/// What is read of one connection.
pub(super) struct Intake {
    budget: Arc<Budget>,
    phase: Cell<Phase>,
    /// Bytes that were read and belong to nobody who is known.
    held: Cell<usize>,
    /// How many of them are from the budget.
    borrowed: Cell<usize>,
    /// Whether the reader was sent away once with what it has.
    was_paused: Cell<bool>,
    ran_out: Cell<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// A head, or what was pipelined after a request.
    Head,
    /// A body that is verified only once it is there, of at most so many bytes.
    Body(usize),
    /// The sender is known, or the connection is.
    Trusted,
    /// A request was refused. What still comes is thrown away.
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

impl Budget {
    pub(super) fn new(metrics: Arc<Metrics>) -> Budget {
        Budget {
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
    pub(super) fn new(budget: Arc<Budget>) -> Intake {
        Intake {
            budget,
            phase: Cell::new(Phase::Head),
            held: Cell::new(0),
            borrowed: Cell::new(0),
            was_paused: Cell::new(false),
            ran_out: Cell::new(false),
        }
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

    /// Whether a body was cut off because strangers hold all the memory that they may.
    pub(super) fn ran_out(&self) -> bool {
        self.ran_out.get()
    }

    /// The request was answered: whoever sends the next head is a stranger again.
    pub(super) fn answered(&self) {
        if self.phase.get() != Phase::Refused {
            self.enter(Phase::Head);
        }
    }

    /// Nothing of this connection is carried out any more.
    pub(super) fn refuse(&self) {
        self.enter(Phase::Refused);
    }

    pub(super) fn is_refused(&self) -> bool {
        matches!(self.phase.get(), Phase::Refused | Phase::Ended)
    }

    /// Ends the connection as soon as what was answered is sent.
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
        Intake::new(Arc::new(Budget::new(Arc::default())))
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
        let budget = Arc::new(Budget::new(Arc::default()));
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
