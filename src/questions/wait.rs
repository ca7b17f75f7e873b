//! One delivery waits for an answer: to its own question, or to one that it fetches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout_at};

use crate::questions::asker::Asker;
use crate::questions::{QuestionError, Questions, Settled, is_refused, parts, stored_message};
use crate::reply::Reply;
use crate::rules::RuleId;
use crate::service::{Question, ServiceError};
use crate::store::{
    Arrival, Claimed, Given, Lease, NewQuestion, QuestionState, Remembered, StoreError, Waiting,
    WaitingQuestion,
};

/// How often a delivery looks for what another replica asks.
const MIN_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_millis(400);

/// WeChat delivers so often.
const DELIVERIES: u64 = 3;

impl Questions {
    /// What a delivery of a message gets that asks a service.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        asker: &Asker,
        rule: RuleId,
        question: Box<Question>,
        deadline: Instant,
    ) -> Result<Settled, QuestionError> {
        let (lease, claimed) = match self.has_room(&asker.account) {
            true => self.claim(asker, &question).await?,
            false => (None, Claimed::Busy),
        };
        if is_refused(&claimed) {
            return self.refuse(asker, rule).await;
        }
        let arrival = match claimed {
            Claimed::AlreadyAnswered(answer) => return repeated(&answer),
            Claimed::Ours(arrival) => {
                if let Some(lease) = lease {
                    self.begin(asker.clone(), lease, rule, question);
                }
                arrival
            }
            Claimed::Joined(arrival) => arrival,
            Claimed::Busy | Claimed::Full => return self.refuse(asker, rule).await,
        };
        self.wait(asker, Some(&asker.delivery.key), arrival, deadline)
            .await
    }

    /// What a delivery of a message gets that fetches.
    pub(crate) async fn fetch(
        self: &Arc<Self>,
        asker: &Asker,
        deadline: Instant,
    ) -> Result<Settled, QuestionError> {
        let waiting = asker.store.waiting(&asker.delivery).await?;
        if let Some(answer) = &waiting.answer {
            return repeated(answer);
        }
        let key = &asker.delivery.key;
        let is_own = waiting.questions.iter().any(|waits| waits.key == *key);
        if waiting.questions.is_empty() {
            return Ok(Settled::NothingWaits);
        }
        let arrival = asker.store.arrive(&asker.delivery).await?;
        self.wait(asker, is_own.then_some(key), arrival, deadline)
            .await
    }

    /// On the runtime that also renews the lease.
    async fn claim(
        &self,
        asker: &Asker,
        question: &Question,
    ) -> Result<(Option<Lease>, Claimed), StoreError> {
        let new = NewQuestion {
            delivery: asker.delivery.clone(),
            service: question.service.name.to_string(),
            message: stored_message::write(&asker.message),
            counts: asker.counts(question),
        };
        let store = asker.store.clone();
        let claiming = self.runtime.spawn(async move {
            let lease = store.lease().await?;
            let claimed = store.claim(&lease, new).await?;
            Ok((Some(lease), claimed))
        });
        // Only the end of the program ends the task.
        claiming.await.unwrap_or(Ok((None, Claimed::Busy)))
    }

    async fn refuse(&self, asker: &Asker, rule: RuleId) -> Result<Settled, QuestionError> {
        let user = asker.store.recall(&asker.delivery).await?.user;
        let busy = Err(ServiceError::Busy);
        let decision = asker.complete(rule, &user, busy, self.deciding.choose);
        match remember(asker, &decision.reply).await? {
            Ok(reply) => Ok(Settled::Answer(reply)),
            Err(repeated) => Ok(repeated),
        }
    }

    /// `own` is the key of this delivery where it asked; otherwise it fetches.
    async fn wait(
        self: &Arc<Self>,
        asker: &Asker,
        own: Option<&String>,
        arrival: Arrival,
        deadline: Instant,
    ) -> Result<Settled, QuestionError> {
        let Asker {
            store, delivery, ..
        } = asker;
        let mut pause = MIN_PAUSE;
        let is_mine = |question: &&WaitingQuestion| own.is_none_or(|own| question.key == *own);
        let mut bell = own.and_then(|own| self.bell(&asker.account, &delivery.openid, own));
        while Instant::now() < deadline {
            // What this process asks itself rings when it is over.
            if let Some(ringing) = bell.take() {
                let rung = ringing.notified();
                tokio::pin!(rung);
                rung.as_mut().enable();
                let key = own.map_or("", String::as_str);
                let is_under_way = self.bell(&asker.account, &delivery.openid, key).is_some();
                if is_under_way && timeout_at(deadline.into(), rung).await.is_err() {
                    break;
                }
            }
            let Waiting { questions, answer } = store.waiting(delivery).await?;
            if let Some(answer) = answer {
                return repeated(&answer);
            }
            let mut mine = questions.iter().filter(is_mine);
            let Some(question) = mine.next() else {
                // Another delivery got it, or the follower has had everything forgotten.
                return Ok(match remember(asker, &Reply::Silence).await? {
                    Ok(reply) => Settled::Answer(reply),
                    Err(repeated) => repeated,
                });
            };
            match question.state {
                QuestionState::Answered => {
                    if let Some(settled) = give(asker, &question.key).await? {
                        return Ok(settled);
                    }
                    continue;
                }
                // Not what this process asks itself, should its lease have run out meanwhile.
                QuestionState::Orphaned
                    if self
                        .bell(&asker.account, &delivery.openid, &question.key)
                        .is_none() =>
                {
                    self.resume(asker, &question.key).await?;
                }
                QuestionState::Orphaned | QuestionState::Asked => {}
            }
            let rings = self.bell(&asker.account, &delivery.openid, &question.key);
            let left = deadline.saturating_duration_since(Instant::now());
            match rings {
                Some(ringing) => {
                    // It may have rung a moment before: then one pause is lost.
                    let _ = timeout_at((Instant::now() + left.min(MAX_PAUSE)).into(), async {
                        ringing.notified().await;
                    })
                    .await;
                }
                None => {
                    sleep(pause.min(left)).await;
                    pause = MAX_PAUSE.min(pause * 2);
                }
            }
        }
        self.not_ready(asker, arrival).await
    }

    async fn not_ready(&self, asker: &Asker, arrival: Arrival) -> Result<Settled, QuestionError> {
        if arrival.times < DELIVERIES && arrival.since_first < self.timing.last_from {
            return Ok(Settled::Hold);
        }
        let slow = &asker.generation.rules.settings.slow;
        Ok(match remember(asker, slow).await? {
            Ok(reply) => Settled::Slow(reply),
            Err(repeated) => repeated,
        })
    }
}

/// None where another delivery was faster.
async fn give(asker: &Asker, question: &str) -> Result<Option<Settled>, QuestionError> {
    let nothing = parts::as_stored(&Reply::Silence, &asker.message);
    let given = asker
        .store
        .give(&asker.delivery, question, &nothing)
        .await?;
    match given {
        Given::Part { answer, .. } => {
            let reply = parts::read(&answer).ok_or(QuestionError::Unreadable)?;
            Ok(Some(Settled::Answer(reply)))
        }
        Given::AlreadyAnswered(answer) => repeated(&answer).map(Some),
        Given::Nothing => Ok(None),
    }
}

/// Keeps what this delivery is told; the other one is what it was told before.
async fn remember(asker: &Asker, reply: &Reply) -> Result<Result<Reply, Settled>, QuestionError> {
    let answer = parts::as_stored(reply, &asker.message);
    // Nothing changes, so that a moment more than the deadline does no harm.
    let remembered = asker.store.remember(&asker.delivery, None, &[], &answer);
    match remembered.await? {
        Remembered::AlreadyAnswered(answer) => Ok(Err(repeated(&answer)?)),
        Remembered::Done | Remembered::Conflict => Ok(Ok(reply.clone())),
    }
}

fn repeated(answer: &str) -> Result<Settled, QuestionError> {
    let reply = parts::read(answer).ok_or(QuestionError::Unreadable)?;
    Ok(Settled::Repeated(reply))
}
