//! One delivery waits for an answer: to its own question, or to one that it fetches.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, sleep_until};

use crate::engine::AskedBy;
use crate::metrics::QuestionEvent;
use crate::questions::asker::Asker;
use crate::questions::under_way::{AskPermit, Bell, Entered, Listener};
use crate::questions::{DeliveryReply, QuestionError, Questions, parts};
use crate::reply::Reply;
use crate::rules::RuleId;
use crate::service::{Question, ServiceError};
use crate::store::{
    Arrival, Arrived, Claimed, EarlierDeliveries, Given, LEASE, NewQuestion, QuestionState,
    Remembered, StoreError, WaitingQuestion, WaitingQuestions,
};
use crate::waiting::DELIVERIES;

/// How often a delivery looks for what another replica asks.
const MIN_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_millis(400);

/// For what is said when the time is over; WeChat waits a little longer.
const LAST_WORD: Duration = Duration::from_millis(400);

impl Questions {
    /// What a delivery of a message gets that asks a service.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        asker: &Asker,
        rule: RuleId,
        question: Box<Question>,
        deadline: Instant,
    ) -> Result<DeliveryReply, QuestionError> {
        let own = &*asker.delivery.key;
        let mut arrival = None;
        loop {
            match self.under_way.enter(asker, own) {
                Entered::Here(place) => {
                    let (listener, asked) = (place.listener(), question.clone());
                    let claimed = self.claim(asker, place, rule, asked, deadline).await?;
                    let arrival = match claimed {
                        Claimed::AlreadyAnswered(answer) => return repeated(&answer),
                        Claimed::Ours(this) => arrival.unwrap_or(this),
                        Claimed::Joined(this) => arrival.unwrap_or_else(|| joined(asker, this)),
                        Claimed::Busy | Claimed::Full => {
                            return Box::pin(self.refuse(asker, rule, &question)).await;
                        }
                    };
                    let waiting = self.wait(asker, Some(own), Some(listener), arrival, deadline);
                    return waiting.await;
                }
                Entered::Taken(bell) => {
                    let joining = self.join_asked(asker, bell, &mut arrival, deadline);
                    if let Some(settled) = Box::pin(joining).await? {
                        return Ok(settled);
                    }
                }
                Entered::Full => return Box::pin(self.refuse(asker, rule, &question)).await,
            }
        }
    }

    /// Whether an earlier delivery of the message asked, here or anywhere, whatever the rules say by
    /// now.
    pub(crate) async fn has_asked(
        &self,
        asker: &Asker,
        deadline: Instant,
    ) -> Result<bool, QuestionError> {
        let delivery = &asker.delivery;
        if self.under_way.bell(asker, &delivery.key).is_some() {
            return Ok(true);
        }
        let before = asker.store.until(deadline).before(delivery).await?;
        Ok(before == EarlierDeliveries::Asked)
    }

    /// What a delivery of such a message gets, or of one that was answered; none of another. The
    /// database has until `looked` to say which it is.
    pub(crate) async fn join(
        self: &Arc<Self>,
        asker: &Asker,
        looked: Instant,
        deadline: Instant,
    ) -> Result<Option<DeliveryReply>, QuestionError> {
        let delivery = &asker.delivery;
        let mut arrival = None;
        if let Some(bell) = self.under_way.bell(asker, &delivery.key) {
            let joining = self.join_asked(asker, bell, &mut arrival, deadline);
            let joined = Box::pin(joining).await?;
            if joined.is_some() {
                return Ok(joined);
            }
        }
        match asker.store.until(looked).before(delivery).await? {
            EarlierDeliveries::Nothing => return Ok(None),
            EarlierDeliveries::Answered(answer) => return repeated(&answer).map(Some),
            EarlierDeliveries::Asked => {}
        }
        let arrival = match self.arrived(asker, &mut arrival, deadline).await? {
            Arrived::Waits(arrival) => arrival,
            Arrived::Answered(answer) => return repeated(&answer).map(Some),
        };
        let waiting = self.wait(asker, Some(&delivery.key), None, arrival, deadline);
        waiting.await.map(Some)
    }

    /// Which delivery of its message this one is, which is counted once.
    async fn arrived(
        &self,
        asker: &Asker,
        arrival: &mut Option<Arrival>,
        deadline: Instant,
    ) -> Result<Arrived, StoreError> {
        if let Some(arrival) = *arrival {
            return Ok(Arrived::Waits(arrival));
        }
        let store = asker.store.until(deadline);
        let arrived = Box::pin(store.arrive(&asker.delivery)).await?;
        if let Arrived::Waits(this) = arrived {
            *arrival = Some(joined(asker, this));
        }
        Ok(arrived)
    }

    /// None where whoever was to claim the question has failed.
    async fn join_asked(
        self: &Arc<Self>,
        asker: &Asker,
        bell: Arc<Bell>,
        arrival: &mut Option<Arrival>,
        deadline: Instant,
    ) -> Result<Option<DeliveryReply>, QuestionError> {
        let listener = Listener::of(bell);
        let arrival = match self.arrived(asker, arrival, deadline).await? {
            Arrived::Waits(arrival) => arrival,
            Arrived::Answered(answer) => return repeated(&answer).map(Some),
        };
        if let Some(reply) = listener.answer(deadline).await? {
            return Ok(Some(DeliveryReply::Answer(reply)));
        }
        if Instant::now() < deadline && !Box::pin(is_there(asker, deadline)).await {
            return Ok(None);
        }
        let own = Some(&*asker.delivery.key);
        let waiting = self.wait(asker, own, None, arrival, deadline);
        waiting.await.map(Some)
    }

    /// What a delivery of a message gets that fetches; none where nothing waits, so that the
    /// message is an ordinary one.
    pub(crate) async fn fetch(
        self: &Arc<Self>,
        asker: &Asker,
        deadline: Instant,
    ) -> Result<Option<DeliveryReply>, QuestionError> {
        let store = asker.store.until(deadline);
        let now = Instant::now();
        let soon = now + deadline.saturating_duration_since(now) / 2;
        let waiting = loop {
            let waiting = store.waiting(&asker.delivery).await?;
            if let Some(answer) = &waiting.answer {
                return repeated(answer).map(Some);
            }
            if waiting.has_waited {
                let nothing = tell(asker, &Reply::Silence, DeliveryReply::Answer);
                return nothing.await.map(Some);
            }
            if waiting.questions.is_empty() {
                return Ok(None);
            }
            // Where another delivery gets the last that waits just now, nothing waits in a moment.
            let mut questions = waiting.questions.iter();
            let is_being_given = questions.all(|it| it.state == QuestionState::BeingGiven);
            if !is_being_given || Instant::now() > soon {
                break waiting;
            }
            sleep(MIN_PAUSE).await;
        };
        let key = &*asker.delivery.key;
        let is_own = waiting.questions.iter().any(|waits| waits.key == key);
        let arrival = match store.arrive(&asker.delivery).await? {
            Arrived::Waits(arrival) => arrival,
            Arrived::Answered(answer) => return repeated(&answer).map(Some),
        };
        let own = is_own.then_some(key);
        let bell = own.and_then(|own| self.under_way.bell(asker, own));
        let settled = self.wait(asker, own, bell.map(Listener::of), arrival, deadline);
        settled.await.map(Some)
    }

    /// Claims the question and begins to ask it, even if the delivery is gone before.
    async fn claim(
        self: &Arc<Self>,
        asker: &Asker,
        place: AskPermit,
        rule: RuleId,
        question: Box<Question>,
        deadline: Instant,
    ) -> Result<Claimed, StoreError> {
        let new = NewQuestion {
            delivery: asker.delivery.clone(),
            service: question.service.name.to_string(),
            message: serde_json::to_string(&asker.message).unwrap_or_default(),
            counts: asker.counts(&question),
        };
        let (questions, asker) = (Arc::clone(self), asker.clone());
        let claiming = self.runtime.spawn(async move {
            let store = asker.store.until(deadline);
            let lease = store.lease_with_claim();
            let claimed = store.claim(&lease, new).await;
            match &claimed {
                Ok(Claimed::Ours(_)) => {
                    asker.metrics.question(QuestionEvent::Asked);
                    questions.begin(asker, (place, lease), rule, question);
                }
                Err(StoreError::Unknown { .. }) => {
                    let delivery = asker.delivery.clone();
                    questions.insist(asker, delivery, place);
                }
                _ => {}
            }
            claimed
        });
        // Only the end of the program ends the task.
        claiming.await.unwrap_or(Ok(Claimed::Busy))
    }

    async fn refuse(
        &self,
        asker: &Asker,
        rule: RuleId,
        question: &Question,
    ) -> Result<DeliveryReply, QuestionError> {
        let user = asker.store.recall(&asker.delivery).await?.user;
        let busy = Err(ServiceError::Busy);
        asker.metrics.question(QuestionEvent::Busy);
        let by = AskedBy::now(&user, question);
        let decision = asker.complete(rule, by, busy, self.deciding.choose);
        tell(asker, &decision.reply, DeliveryReply::Answer).await
    }

    /// `own` is the key of this delivery where it asked; otherwise it fetches.
    async fn wait(
        self: &Arc<Self>,
        asker: &Asker,
        own: Option<&str>,
        listener: Option<Listener>,
        arrival: Arrival,
        deadline: Instant,
    ) -> Result<DeliveryReply, QuestionError> {
        // Before that, the database has nothing to say.
        if let Some(listener) = listener
            && let Some(reply) = listener.answer(deadline).await?
        {
            return Ok(DeliveryReply::Answer(reply));
        }
        let (mut pause, mut replaced) = (MIN_PAUSE, None);
        while Instant::now() < deadline {
            match Box::pin(self.look(asker, own, deadline)).await {
                Ok(WaitState::Settled(settled)) => return Ok(settled),
                Ok(WaitState::Again) => {}
                Ok(WaitState::NotYet(key)) => {
                    // One that fetches may get another answer than that of the first question.
                    let until = deadline.min(Instant::now() + MAX_PAUSE);
                    if !self.until_rung(asker, &key, until).await {
                        sleep_until((Instant::now() + pause).min(deadline).into()).await;
                        pause = MAX_PAUSE.min(pause * 2);
                    }
                }
                Err(QuestionError::Gone) => {
                    return Err(replaced.map_or(QuestionError::Gone, QuestionError::Store));
                }
                // The next look may find the database there.
                Err(QuestionError::Store(why)) => {
                    if let StoreError::Replaced { .. } = why {
                        replaced = Some(why);
                    }
                    sleep_until((Instant::now() + MAX_PAUSE).min(deadline).into()).await;
                }
                Err(why) => return Err(why),
            }
        }
        if arrival.times < DELIVERIES.len() as u64 && arrival.since_first < self.timing.last_from {
            // With its question, a message may have lost the count of its deliveries, and each of
            // them would be held.
            let last_word = Instant::now() + LAST_WORD;
            return match own.is_none() || Box::pin(is_there(asker, last_word)).await {
                true => Ok(DeliveryReply::Hold),
                false => Err(QuestionError::Gone),
            };
        }
        // The question is in the database, even if the database cannot say so just now.
        let slow = asker.generation.slow();
        let settled = match Box::pin(tell(asker, slow, DeliveryReply::Slow)).await {
            Err(QuestionError::Store(_)) => DeliveryReply::Slow(slow.clone()),
            told => told?,
        };
        if let DeliveryReply::Slow(_) = settled {
            if own.is_some() {
                asker.metrics.question(QuestionEvent::Slow);
            }
            self.show_typing(asker);
        }
        Ok(settled)
    }

    /// What has become of a question, or of the first one that can be fetched.
    async fn look(
        self: &Arc<Self>,
        asker: &Asker,
        own: Option<&str>,
        deadline: Instant,
    ) -> Result<WaitState, QuestionError> {
        let store = asker.store.until(deadline);
        let waiting = store.waiting(&asker.delivery).await?;
        let WaitingQuestions {
            questions,
            answer,
            has_waited,
        } = waiting;
        if let Some(answer) = answer {
            return repeated(&answer).map(WaitState::Settled);
        }
        let is_meant = |question: &WaitingQuestion| own.is_none_or(|own| question.key == own);
        let Some(question) = questions.into_iter().find(is_meant) else {
            // Of one that fetches, another delivery got it. One that asked has an answer, whoever
            // got it.
            if own.is_some() || !has_waited {
                return Err(QuestionError::Gone);
            }
            let nothing = tell(asker, &Reply::Silence, DeliveryReply::Answer);
            return nothing.await.map(WaitState::Settled);
        };
        match question.state {
            QuestionState::Answered => {
                let event = match own {
                    Some(_) => QuestionEvent::Given,
                    None => QuestionEvent::Fetched,
                };
                let given = give(asker, &question.key, event, deadline).await?;
                return Ok(given.map_or(WaitState::Again, WaitState::Settled));
            }
            // Does nothing while this process asks it, whatever has become of its lease.
            QuestionState::Orphaned | QuestionState::Ours => {
                self.resume(asker, &question.key).await?;
            }
            // What reaches the follower just now may come back.
            QuestionState::OnItsWay | QuestionState::BeingGiven | QuestionState::Asked => {}
        }
        Ok(WaitState::NotYet(question.key))
    }

    /// Until this process has asked the question to the end; says whether it asks it at all.
    async fn until_rung(&self, asker: &Asker, key: &str, until: Instant) -> bool {
        let Some(bell) = self.under_way.bell(asker, key) else {
            return false;
        };
        bell.rung(until).await;
        true
    }
}

fn joined(asker: &Asker, arrival: Arrival) -> Arrival {
    asker.metrics.question(QuestionEvent::Joined);
    arrival
}

/// What a delivery that waits finds in the database.
enum WaitState {
    Settled(DeliveryReply),
    /// Another delivery was faster; there may be more.
    Again,
    /// The question with this key is being asked.
    NotYet(String),
}

/// None where another delivery was faster.
async fn give(
    asker: &Asker,
    question: &str,
    event: QuestionEvent,
    deadline: Instant,
) -> Result<Option<DeliveryReply>, QuestionError> {
    let nothing = parts::as_stored(&Reply::Silence, &asker.message);
    let store = asker.store.until(deadline);
    let given = store.give(&asker.delivery, question, &nothing, LEASE);
    match given.await? {
        Given::Part { answer, .. } => {
            asker.metrics.question(event);
            let reply = parts::read(&answer).ok_or(QuestionError::Unreadable)?;
            Ok(Some(DeliveryReply::Answer(reply)))
        }
        Given::AlreadyAnswered(answer) => repeated(&answer).map(Some),
        Given::Nothing => Ok(None),
    }
}

/// Whether the question of this delivery is there, or its answer, as far as the database says.
async fn is_there(asker: &Asker, deadline: Instant) -> bool {
    let store = asker.store.until(deadline);
    let Ok(waiting) = store.waiting(&asker.delivery).await else {
        return true;
    };
    let mut questions = waiting.questions.iter();
    waiting.answer.is_some() || questions.any(|question| question.key == asker.delivery.key)
}

/// Keeps what this delivery is told, unless it was told something before.
async fn tell(
    asker: &Asker,
    reply: &Reply,
    as_what: fn(Reply) -> DeliveryReply,
) -> Result<DeliveryReply, QuestionError> {
    let answer = parts::as_stored(reply, &asker.message);
    let store = asker.store.until(Instant::now() + LAST_WORD);
    match store.remember(&asker.delivery, None, &[], &answer).await? {
        Remembered::AlreadyAnswered(answer) => repeated(&answer),
        Remembered::Done | Remembered::Conflict => Ok(as_what(reply.clone())),
    }
}

fn repeated(answer: &str) -> Result<DeliveryReply, QuestionError> {
    let reply = parts::read(answer).ok_or(QuestionError::Unreadable)?;
    Ok(DeliveryReply::Repeated(reply))
}
