//! Asks one question and keeps its answer, whether or not anybody still waits for it.

use std::error::Error;
use std::sync::Arc;

use crate::engine::{AskedBy, Decision};
use crate::i18n::{Phrase, phrase};
use crate::message::Message;
use crate::metrics::QuestionEvent;
use crate::moment::Moment;
use crate::questions::asker::{Asker, model, seconds};
use crate::questions::push::ClaimedPush;
use crate::questions::under_way::{AskPermit, Entered};
use crate::questions::{Deciding, Questions, parts};
use crate::reply::Reply;
use crate::rules::{RuleId, untrusted_text};
use crate::service::{Question, ServiceAnswer, ServiceError};
use crate::services::{Asking, ModelTurn};
use crate::store::{
    Backoff, Delivery, Finish, Finished, LEASE, Lease, NewTurn, Recalled, StoreError, TakenOver,
    Version,
};

/// A question that ends the program each time it is asked is given up.
const MAX_TRIES: u64 = 3;

/// One question under way.
struct Job {
    questions: Arc<Questions>,
    asker: Asker,
    /// Whoever waits is woken when it is given up, also by the end of the task.
    place: AskPermit,
    lease: Lease,
}

/// What came of keeping an answer, and its first part if it is kept.
type KeepResult = (Finished, Option<Reply>);

/// A question that is this replica's, with what is needed to ask it.
type ClaimedQuestion = (Lease, Recalled, TakenOver);

/// What a job is to do.
enum Todo {
    Ask(RuleId, Box<Question>),
    /// There is nothing to ask any longer, or nothing that could be asked.
    Say(Box<Decision>, Version),
}

impl Questions {
    /// Asks, in a task of its own. The question is this replica's.
    pub(super) fn begin(
        self: &Arc<Self>,
        asker: Asker,
        (place, lease): (AskPermit, Lease),
        rule: RuleId,
        question: Box<Question>,
    ) {
        self.spawn(asker, (place, lease), Todo::Ask(rule, question));
    }

    /// Asks again, on behalf of a replica that is gone; does nothing if somebody else does already.
    /// `asker` is whoever noticed: a delivery that fetches, or the round that looks for orphans.
    pub(crate) async fn resume(
        self: &Arc<Self>,
        asker: &Asker,
        key: &str,
    ) -> Result<(), StoreError> {
        let Entered::Here(place) = self.under_way.enter(asker, key) else {
            return Ok(());
        };
        let delivery = Delivery {
            key: key.to_owned(),
            ..asker.delivery.clone()
        };
        let (questions, asker) = (Arc::clone(self), asker.clone());
        // To its end, even if the delivery is gone before.
        let taking = async move { questions.take_over(asker, delivery, place).await };
        let taken = self.runtime.spawn(taking).await;
        taken.unwrap_or(Ok(()))
    }

    async fn take_over(
        self: &Arc<Self>,
        asker: Asker,
        delivery: Delivery,
        place: AskPermit,
    ) -> Result<(), StoreError> {
        match self.take(&asker, &delivery, false).await {
            Ok(Some(taken)) => self.ask_again(asker, delivery, place, taken),
            Ok(None) => {}
            Err(why) => {
                if let StoreError::Unknown { .. } = why {
                    self.insist(asker, delivery, place);
                }
                return Err(why);
            }
        }
        Ok(())
    }

    /// Asks what may be this replica's, once the database says so. Nobody else would as long as it
    /// lives.
    pub(super) fn insist(self: &Arc<Self>, asker: Asker, delivery: Delivery, place: AskPermit) {
        let questions = Arc::clone(self);
        self.runtime.spawn(async move {
            let mut backoff = Backoff::default();
            while backoff.wait().await {
                if let Ok(taken) = questions.take(&asker, &delivery, true).await {
                    if let Some(taken) = taken {
                        questions.ask_again(asker, delivery, place, taken);
                    }
                    return;
                }
            }
        });
    }

    /// None if somebody else was faster.
    async fn take(
        &self,
        asker: &Asker,
        delivery: &Delivery,
        may_be_ours: bool,
    ) -> Result<Option<ClaimedQuestion>, StoreError> {
        // Before it is taken: one that is taken and not asked would be lost for a while.
        let recalled = asker.store.recall(delivery).await?;
        let lease = asker.store.lease().await?;
        let taken = asker.store.take_over(&lease, delivery, may_be_ours).await?;
        Ok(taken.map(|taken| (lease, recalled, taken)))
    }

    fn ask_again(
        self: &Arc<Self>,
        asker: Asker,
        delivery: Delivery,
        place: AskPermit,
        (lease, recalled, taken): ClaimedQuestion,
    ) {
        let (asker, todo) = self.again(asker, delivery, &taken, &recalled);
        if let Todo::Ask(..) = todo {
            asker.metrics.question(match taken.tries {
                1 => QuestionEvent::Asked,
                _ => QuestionEvent::AskedAgain,
            });
        }
        self.spawn(asker, (place, lease), todo);
    }

    /// The rules as they are now decide about the message as it was.
    fn again(
        &self,
        asker: Asker,
        delivery: Delivery,
        taken: &TakenOver,
        recalled: &Recalled,
    ) -> (Asker, Todo) {
        let time = jiff::Timestamp::from_second(taken.asked_at).unwrap_or_default();
        let zone = &asker.generation.rules.settings.zone;
        let message: Option<Message> = serde_json::from_str(&taken.message).ok();
        let asker = Asker {
            moment: Arc::new(Moment::new(time, zone)),
            delivery: Delivery {
                at: taken.asked_at,
                ..delivery
            },
            message: message.clone().unwrap_or_default(),
            ..asker
        };
        let user = &recalled.user;
        let Deciding { decide, choose } = self.deciding;
        let decide = |message| decide(&asker.generation, &message, &asker.moment, Some(user));
        let Some(mut decision) = message.and_then(decide) else {
            let todo = Todo::Say(Box::new(asker.on_error()), recalled.version);
            return (asker, todo);
        };
        let todo = match (decision.rule, decision.question.take()) {
            (Some(rule), Some(question)) if taken.tries > MAX_TRIES => {
                self.warn(
                    &asker,
                    Some(rule),
                    &taken.service,
                    "",
                    |rule, service, _| phrase!(log_given_up, rule, service),
                );
                let failed = Err(ServiceError::Timeout);
                let by = AskedBy::now(user, &question);
                let decision = asker.complete(rule, by, failed, choose);
                Todo::Say(Box::new(decision), recalled.version)
            }
            (Some(rule), Some(question)) => Todo::Ask(rule, question),
            (rule, _) => {
                self.warn(&asker, rule, &taken.service, "", |_, service, _| {
                    phrase!(log_asks_no_longer, service)
                });
                // Who was told how to fetch an answer gets one.
                if decision.reply == Reply::Silence {
                    decision.reply = asker.generation.on_error();
                }
                Todo::Say(Box::new(decision), recalled.version)
            }
        };
        (asker, todo)
    }

    /// Says in the log what is wrong with a question or its answer, once in a while.
    fn warn(
        &self,
        asker: &Asker,
        rule: Option<RuleId>,
        service: &str,
        why: &str,
        said: fn(&str, &str, &str) -> Phrase,
    ) {
        let Asker {
            account,
            generation,
            ..
        } = asker;
        let rule = rule.and_then(|rule| generation.rules.rule(rule));
        let rule = rule.map_or("", |rule| &*rule.name);
        let said = said(rule, service, why);
        let key = format!("{account}\n{rule}\n{}\n{why}", said.id());
        let Some(left_out) = self.log_limit.permit(&key) else {
            return;
        };
        match &**account {
            "" => log::warn!(service, rule; "{said}{left_out}"),
            account => log::warn!(account, service, rule; "{account}: {said}{left_out}"),
        }
    }

    fn spawn(self: &Arc<Self>, asker: Asker, (place, lease): (AskPermit, Lease), todo: Todo) {
        let job = Job {
            questions: Arc::clone(self),
            asker,
            place,
            lease,
        };
        self.runtime.spawn(async move {
            if let Some(push) = job.run(todo).await {
                Box::pin(push.send()).await;
            }
        });
    }
}

impl Job {
    /// Gives up its place once the answer is kept, so that whoever waits comes first.
    async fn run(self, todo: Todo) -> Option<ClaimedPush> {
        let first_part = self.answer(todo).await?;
        let Job {
            questions,
            asker,
            lease,
            ..
        } = self;
        ClaimedPush::of(questions, asker, lease, &first_part)
    }

    /// The first part of the answer, if this replica has kept it.
    async fn answer(&self, todo: Todo) -> Option<Reply> {
        let (rule, question) = match todo {
            Todo::Ask(rule, question) => (rule, question),
            Todo::Say(decision, version) => {
                // Where that fails, whoever fetches next tries again.
                let kept = Box::pin(self.keep(&decision, version, None)).await;
                return self.first_part(kept.ok()?, None);
            }
        };
        let answer = self.ask(*question.clone()).await;
        let (mut is_storable, mut replaced) = (true, None);
        let mut backoff = Backoff::default();
        loop {
            let completing = self.complete(rule, &question, &answer, is_storable);
            // Boxed, so that it takes no room while the service is asked.
            match Box::pin(completing).await {
                Ok((Finished::Conflict, _)) => {}
                Ok(kept) => return self.first_part(kept, replaced),
                Err(why @ StoreError::Unstorable { .. }) if is_storable => {
                    self.failed(rule, &question, &why);
                    is_storable = false;
                }
                Err(why) => {
                    if let StoreError::Replaced { .. } = why {
                        replaced = Some(why);
                    }
                    if !backoff.wait().await {
                        return None;
                    }
                }
            }
        }
    }

    /// None where nothing is kept. What is gone with the database that was there is lost for those
    /// who wait; of what was forgotten they find out themselves.
    fn first_part(
        &self,
        (finished, first_part): KeepResult,
        replaced: Option<StoreError>,
    ) -> Option<Reply> {
        if finished == Finished::Gone {
            self.asker.metrics.question(QuestionEvent::Failed);
            if let Some(why) = replaced {
                self.place.lose(why);
            }
        }
        first_part
    }

    async fn ask(&self, mut question: Question) -> Result<ServiceAnswer, ServiceError> {
        let asker = &self.asker;
        let turns = Box::pin(self.turns(&question)).await;
        let follower = asker.follower(&question);
        question.set_openid(follower);
        let id = asker.id();
        let asking = Asking {
            account: &asker.account,
            metrics: Some(&asker.metrics),
            delivery: &id,
            follower,
            turns: &turns,
        };
        let asked = self.questions.services.ask(&question, &asking).await;
        asked.answer.map_err(|failure| failure.error)
    }

    /// A model that cannot be told what was said before is asked all the same.
    async fn turns(&self, question: &Question) -> Vec<ModelTurn> {
        let Some(memory) = model(question).and_then(|model| model.memory) else {
            return Vec::new();
        };
        let Asker {
            store, delivery, ..
        } = &self.asker;
        let turns = store.turns(delivery, &question.service.name, memory.turns);
        let turns = turns.await.unwrap_or_default().into_iter();
        turns
            .map(|(question, answer)| ModelTurn { question, answer })
            .collect()
    }

    /// Decides with the follower as they are now, and keeps that; `on_error`, if what the rule says
    /// cannot be kept.
    async fn complete(
        &self,
        rule: RuleId,
        question: &Question,
        answer: &Result<ServiceAnswer, ServiceError>,
        is_storable: bool,
    ) -> Result<KeepResult, StoreError> {
        let asker = &self.asker;
        let recalled = asker.store.recall(&asker.delivery).await?;
        if !is_storable {
            return self.keep(&asker.on_error(), recalled.version, None).await;
        }
        let choose = self.questions.deciding.choose;
        let by = AskedBy::now(&recalled.user, question);
        let decision = asker.complete(rule, by, answer.clone(), choose);
        if let Some(why) = &decision.failure {
            self.failed(rule, question, why);
        }
        if let (Ok(_), Some(error)) = (answer, decision.unanswered) {
            self.warn(rule, question, error.word(), |rule, service, why| {
                phrase!(log_unusable, rule, service, why)
            });
        }
        let turn = self.turn(question, answer, &decision);
        self.keep(&decision, recalled.version, turn).await
    }

    /// The follower gets `on_error`.
    fn failed(&self, rule: RuleId, question: &Question, why: &dyn Error) {
        self.warn(rule, question, &why.to_string(), |rule, service, why| {
            phrase!(log_not_completed, rule, service, why)
        });
    }

    fn warn(
        &self,
        rule: RuleId,
        question: &Question,
        why: &str,
        said: fn(&str, &str, &str) -> Phrase,
    ) {
        let service = &question.service.name;
        self.questions
            .warn(&self.asker, Some(rule), service, why, said);
    }

    fn turn(
        &self,
        question: &Question,
        answer: &Result<ServiceAnswer, ServiceError>,
        decision: &Decision,
    ) -> Option<NewTurn> {
        let memory = model(question)?.memory?;
        let answer = untrusted_text::text(answer.as_ref().ok()?.0.as_str()?, true);
        let asked = question.request.as_str()?;
        let is_answered = decision.unanswered.is_none() && decision.failure.is_none();
        is_answered.then(|| NewTurn {
            service: question.service.name.to_string(),
            question: asked.to_owned(),
            answer,
            expires_at: now().saturating_add(seconds(memory.expires)),
        })
    }

    async fn keep(
        &self,
        decision: &Decision,
        expected: Version,
        turn: Option<NewTurn>,
    ) -> Result<KeepResult, StoreError> {
        let asker = &self.asker;
        let settings = &asker.generation.rules.settings;
        let parts = parts::parts(&decision.reply, settings, &asker.message);
        let first_part = parts.first().and_then(|part| parts::read(part));
        let finish = Finish {
            delivery: asker.delivery.clone(),
            expected: Some(expected),
            changes: decision.changes.clone(),
            parts,
            turn,
            given_for: self.place.has_listeners().then_some(LEASE),
            now: now(),
        };
        let finished = asker.store.finish(&self.lease, finish).await?;
        if finished == Finished::Given
            && let Some(reply) = &first_part
        {
            asker.metrics.question(QuestionEvent::Given);
            self.place.give(reply.clone());
        }
        let is_kept = matches!(finished, Finished::Done | Finished::Given);
        if is_kept {
            let is_answered = decision.unanswered.is_none() && decision.failure.is_none();
            asker
                .metrics
                .question(match is_answered && decision.rule.is_some() {
                    true => QuestionEvent::Answered,
                    false => QuestionEvent::Failed,
                });
        }
        Ok((finished, first_part.filter(|_| is_kept)))
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
