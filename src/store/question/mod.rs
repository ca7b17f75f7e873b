//! What services outside are asked, what waits to be fetched, and which replica asks.
//!
//! A question is a row until its last part is given. Whoever has it ask for it is in the row, too:
//! the replica, whose lease says that it lives. All replicas go by the clock of the database.

mod claim;
mod count;
mod finish;
mod give;
pub(in crate::store) mod lease;
mod open;
mod push;
pub(in crate::store) mod sql;
mod sweep;
mod waiting;

use std::time::{Duration, Instant};

use crate::i18n::phrase;
use crate::store::connection::Connection;
use crate::store::error::SqlError;
use crate::store::limits::{check_changes, check_delivery, check_service, check_text};
use crate::store::sql::Sql;
use crate::store::write::Write;
use crate::store::{Delivery, Store, StoreError, Version};
use crate::user::Change;
use crate::waiting::KEPT;

pub(in crate::store) use crate::store::question::claim::now_ms;
pub use crate::store::question::lease::{LEASE, Lease};
pub(in crate::store) use crate::store::question::open::OpenQuestions;

/// How long an answer can be fetched, and a question be asked again, in seconds.
pub const KEEP_QUESTIONS: i64 = KEPT.as_secs().cast_signed();

/// A question that is about to be asked.
#[derive(Clone)]
pub struct NewQuestion {
    pub delivery: Delivery,
    pub service: String,
    /// What is needed to ask again; any text.
    pub message: String,
    pub counts: Vec<Count>,
}

/// A number of questions that must not grow beyond the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Whether all followers of the account count together.
    pub is_of_all: bool,
    pub most: u64,
    /// When counting begins anew, in Unix seconds, where it begins now.
    pub until: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// This replica is to ask.
    Ours(Arrival),
    /// The question of this very delivery is there already.
    Joined(Arrival),
    /// The service still works on another question of this follower.
    Busy,
    /// One of the counts is full.
    Full,
    AlreadyAnswered(String),
}

/// Which delivery of a message this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Counted from one.
    pub times: u64,
    pub since_first: Duration,
}

/// What became of earlier deliveries of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlierDeliveries {
    /// It was not delivered, as far as anybody remembers, or not answered.
    Nothing,
    /// Its question is asked, or answered.
    Asked,
    Answered(String),
}

/// A delivery of a message that has a question, or fetches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrived {
    Waits(Arrival),
    /// It was answered before, and does not count.
    Answered(String),
}

/// What waits for a follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingQuestions {
    /// What can be fetched comes first, then what came first.
    pub questions: Vec<WaitingQuestion>,
    /// The answer that this delivery got before.
    pub answer: Option<String>,
    /// Whether this delivery waited for what is there no longer.
    pub has_waited: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingQuestion {
    /// The key of the delivery that asked.
    pub key: String,
    pub service: String,
    pub state: QuestionState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionState {
    /// Nobody asks it any longer.
    Orphaned,
    /// Another replica asks it.
    Asked,
    /// This replica asks it, or gave up.
    Ours,
    /// Its first part reaches the follower by itself just now, or comes back.
    OnItsWay,
    /// Its next part reaches the follower with a delivery just now, or comes back.
    BeingGiven,
    Answered,
}

impl QuestionState {
    /// Whether somebody works on the answer.
    pub fn is_asked(self) -> bool {
        matches!(self, QuestionState::Asked | QuestionState::Ours)
    }
}

/// A question whose replica is gone, and which this one is to ask now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOver {
    pub service: String,
    pub message: String,
    pub asked_at: i64,
    /// How often it was asked, this time included.
    pub tries: u64,
}

/// What is to be kept of an answer, with its delivery, which asked.
#[derive(Clone)]
pub struct Finish {
    pub delivery: Delivery,
    pub expected: Option<Version>,
    pub changes: Vec<Change>,
    /// Each is given to one delivery.
    pub parts: Vec<String>,
    pub turn: Option<NewTurn>,
    /// Where the delivery waits: it is given the first part at once, and for so long it is nobody
    /// else's.
    pub given_for: Option<Duration>,
    /// Unix seconds.
    pub now: i64,
}

/// What was said and answered, for the memory of a model.
#[derive(Clone)]
pub struct NewTurn {
    pub service: String,
    pub question: String,
    pub answer: String,
    /// When all that is remembered of this conversation is forgotten, in Unix seconds.
    pub expires_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    Done,
    /// Done, and the delivery has got the first part.
    Given,
    /// The follower changed since the recall; nothing changed.
    Conflict,
    /// Another replica asks it now; nothing changed.
    Taken,
    /// The question is not there any more; nothing changed.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    Part {
        answer: String,
        left: usize,
    },
    AlreadyAnswered(String),
    /// There is no answer, or another delivery got it just now.
    Nothing,
}

/// For what a follower did, so many messages may reach them by themselves, and for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushWindow {
    /// What is counted together; no service is called so.
    pub name: &'static str,
    pub most: u64,
    /// When it closes, in Unix seconds. One that closes later was opened later.
    pub until: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PushClaimed {
    /// No delivery gets it until it is said what has become of it.
    Claimed,
    /// For so long a delivery may come that gets it.
    NotYet(Duration),
    /// The window has no room left.
    Full,
    /// There is nothing, or a delivery got it.
    Gone,
}

/// Asks for every right that questions need, in a transaction that the caller undoes.
pub(in crate::store) async fn probe(
    connection: &mut Connection,
    sql: &Sql,
    delivery: &Delivery,
) -> Result<(), SqlError> {
    let text = || delivery.openid.clone();
    let count = Count {
        is_of_all: false,
        most: 1,
        until: 1,
    };
    let new = NewQuestion {
        delivery: Delivery {
            key: format!("{}-question", delivery.key),
            ..delivery.clone()
        },
        service: text(),
        message: text(),
        counts: vec![count],
    };
    let finish = Finish {
        delivery: new.delivery.clone(),
        expected: None,
        changes: Vec::new(),
        parts: vec![text()],
        turn: Some(NewTurn {
            service: text(),
            question: text(),
            answer: text(),
            expires_at: 1,
        }),
        given_for: None,
        now: delivery.at,
    };
    let give = give::Give {
        delivery: new.delivery.clone(),
        question: new.delivery.key.clone(),
        nothing: text(),
        lasts: LEASE,
    };
    let has_arrived = give::HasArrived(new.delivery.clone());
    let replica = text();
    lease::probe(connection, sql, &replica).await?;
    let claim = claim::ClaimQuestion {
        replica: replica.clone(),
        renews: true,
        new,
    };
    claim.write(connection, sql).await?;
    let finish = finish::Finishing { replica, finish };
    finish.write(connection, sql).await?;
    give.write(connection, sql).await?;
    has_arrived.write(connection, sql).await?;
    Ok(())
}

impl Store {
    /// Whether this replica is to ask. The first delivery is; others join it. Its lease is renewed
    /// with that where it is due.
    pub async fn claim(&self, lease: &Lease, new: NewQuestion) -> Result<Claimed, StoreError> {
        self.check(check_delivery(&new.delivery))?;
        self.check(check_service(&new.service))?;
        self.check(check_text(phrase!(the_message), &new.message))?;
        let (began, renews) = (Instant::now(), lease.is_due());
        let (account, asked_at) = (new.delivery.account.clone(), new.delivery.at);
        let claim = claim::ClaimQuestion {
            replica: lease.replica().to_owned(),
            renews,
            new,
        };
        let claimed = self.write(claim).await?;
        if let (Claimed::Ours(_) | Claimed::Joined(_), true) = (&claimed, renews) {
            self.renewed(began);
        }
        // Answered just before it is too late to be asked, it is kept as long again.
        let until = asked_at.saturating_add(2 * KEEP_QUESTIONS);
        self.database.open_questions().note(&account, until);
        self.renew_while_asking();
        Ok(claimed)
    }

    /// What became of the message so far, whichever rules were asked.
    pub async fn before(&self, delivery: &Delivery) -> Result<EarlierDeliveries, StoreError> {
        self.check(check_delivery(delivery))?;
        let sql = self.database.sql();
        self.database
            .read_until(self.deadline(), |mut lent| async {
                let before = waiting::before(lent.connection(), sql, delivery).await?;
                lent.release()?;
                Ok(before)
            })
            .await
    }

    /// Whether questions may wait that were sent to an account, as far as they were asked or noted
    /// here.
    pub fn may_have_questions(&self, account: &str, now: i64) -> bool {
        self.database.open_questions().may_be(account, now)
    }

    /// Finds out whether others, or this program before its start, asked what still waits.
    pub async fn note_questions(&self) -> Result<(), StoreError> {
        let sql = self.database.sql();
        let open = self
            .database
            .read_until(self.deadline(), |mut lent| async {
                let open = waiting::open(lent.connection(), sql).await?;
                lent.release()?;
                Ok(open)
            })
            .await?;
        for (account, until) in open {
            self.database.open_questions().note(&account, until);
        }
        Ok(())
    }

    /// Counts one more delivery of a message that waits.
    pub async fn arrive(&self, delivery: &Delivery) -> Result<Arrived, StoreError> {
        self.check(check_delivery(delivery))?;
        self.write(claim::Arrive(delivery.clone())).await
    }

    /// What waits for the follower, and what this delivery already got.
    pub async fn waiting(&self, delivery: &Delivery) -> Result<WaitingQuestions, StoreError> {
        self.check(check_delivery(delivery))?;
        let sql = self.database.sql();
        self.database
            .read_until(self.deadline(), |mut lent| async {
                let replica = self.replica.id();
                let waiting = waiting::waiting(lent.connection(), sql, delivery, replica).await?;
                lent.release()?;
                Ok(waiting)
            })
            .await
    }

    /// The deliveries to an account whose questions wait and are asked by nobody.
    pub async fn orphans(&self, account: &str, now: i64) -> Result<Vec<Delivery>, StoreError> {
        let sql = self.database.sql();
        self.database
            .read_until(self.deadline(), |mut lent| async {
                let orphans = waiting::orphans(lent.connection(), sql, account, now).await?;
                lent.release()?;
                Ok(orphans)
            })
            .await
    }

    /// Takes over a question from a replica that is gone, or from this one once it has stopped
    /// asking. `None` if another replica was faster. With `may_be_ours`, a row that this replica took
    /// in a call whose outcome it never learned counts as one try, not two.
    pub async fn take_over(
        &self,
        lease: &Lease,
        question: &Delivery,
        may_be_ours: bool,
    ) -> Result<Option<TakenOver>, StoreError> {
        let take_over = claim::TakeOver {
            replica: lease.replica().to_owned(),
            question: question.clone(),
            may_be_ours: may_be_ours.into(),
        };
        self.write(take_over).await
    }

    /// Keeps the answer until it is fetched, with all that changes with it.
    pub async fn finish(&self, lease: &Lease, finish: Finish) -> Result<Finished, StoreError> {
        let texts = finish.parts.iter().map(String::as_str).chain(
            finish
                .turn
                .iter()
                .flat_map(|turn| [turn.question.as_str(), turn.answer.as_str()]),
        );
        self.check(check_changes(&finish.changes, ""))?;
        for text in texts {
            self.check(check_text(phrase!(the_answer), text))?;
        }
        let replica = lease.replica().to_owned();
        self.write(finish::Finishing { replica, finish }).await
    }

    /// Gives the next part of an answer to a delivery, and for so long to no other. `question` is the
    /// key of the one that asked; if it is not this one, it gets `nothing` should it come again.
    pub async fn give(
        &self,
        delivery: &Delivery,
        question: &str,
        nothing: &str,
        lasts: Duration,
    ) -> Result<Given, StoreError> {
        self.check(check_delivery(delivery))?;
        let give = give::Give {
            delivery: delivery.clone(),
            question: question.to_owned(),
            nothing: nothing.to_owned(),
            lasts,
        };
        self.write(give).await
    }

    /// What this delivery was given, if anything, has arrived. Without that, it is given again to the
    /// next who fetches.
    pub async fn has_arrived(&self, delivery: &Delivery) -> Result<(), StoreError> {
        self.write(give::HasArrived(delivery.clone())).await
    }

    /// Takes hold of the first part of the answer to `asked`, to send it, once no delivery of its
    /// message comes any more: one was told to wait, or it is so long after the first.
    pub async fn claim_push(
        &self,
        lease: &Lease,
        asked: &Delivery,
        over_after: Duration,
        window: PushWindow,
    ) -> Result<PushClaimed, StoreError> {
        self.check(check_delivery(asked))?;
        let claim = push::ClaimPush {
            replica: lease.replica().to_owned(),
            asked: asked.clone(),
            over_after,
            window,
        };
        self.write(claim).await
    }

    /// The follower has what was claimed, or may have it. Should the delivery come again, it gets
    /// `nothing`.
    pub async fn pushed(&self, asked: &Delivery, nothing: &str) -> Result<(), StoreError> {
        let nothing = nothing.to_owned();
        let outcome = push::PushOutcome::Given { nothing };
        self.end_push(asked, outcome).await
    }

    /// What was claimed can be fetched again, and does not count.
    pub async fn not_pushed(&self, asked: &Delivery, window: PushWindow) -> Result<(), StoreError> {
        let counted = window.name;
        let outcome = push::PushOutcome::Refused { counted };
        self.end_push(asked, outcome).await
    }

    async fn end_push(
        &self,
        asked: &Delivery,
        outcome: push::PushOutcome,
    ) -> Result<(), StoreError> {
        let asked = asked.clone();
        self.write(push::EndPush { asked, outcome }).await
    }

    /// What the model and the follower said last, oldest first.
    pub async fn turns(
        &self,
        delivery: &Delivery,
        service: &str,
        most: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let sql = self.database.sql();
        self.database
            .read_until(self.deadline(), |mut lent| async {
                let turns = waiting::turns(lent.connection(), sql, delivery, service, most).await?;
                lent.release()?;
                Ok(turns)
            })
            .await
    }
}
