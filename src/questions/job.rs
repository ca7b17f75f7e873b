//! Asks one question and keeps its answer, whether or not anybody still waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::sleep;

use crate::engine::Decision;
use crate::moment::Moment;
use crate::questions::asker::{Asker, model, seconds};
use crate::questions::{Questions, parts, stored_message};
use crate::rules::RuleId;
use crate::service::{Question, ServiceAnswer, ServiceError};
use crate::services::{Asking, Turn};
use crate::store::{
    Delivery, Finish, Finished, Lease, NewTurn, Recalled, StoreError, TakenOver, Version,
};

/// An answer is worth some patience with the database.
const MAX_KEEPING: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// A question that ends the program each time it is asked is given up.
const MAX_TRIES: u64 = 3;

/// One question under way. Whoever waits is woken when it is dropped, also by the end of its task.
struct Job {
    questions: Arc<Questions>,
    asker: Asker,
    bell: Arc<Notify>,
    lease: Lease,
}

/// What a job is to do.
enum Todo {
    Ask(RuleId, Box<Question>),
    /// The rules have changed, and ask nothing any longer.
    Say(Decision, Version),
}

impl Questions {
    /// Asks, in a task of its own. The question is this replica's.
    pub(super) fn begin(
        self: &Arc<Self>,
        asker: Asker,
        lease: Lease,
        rule: RuleId,
        question: Box<Question>,
    ) {
        self.spawn(asker, lease, Todo::Ask(rule, question));
    }

    /// Asks again, on behalf of a replica that is gone; does nothing if another one does already.
    /// `asker` fetches it, perhaps, and did not ask it.
    pub(super) async fn resume(
        self: &Arc<Self>,
        asker: &Asker,
        key: &str,
    ) -> Result<(), StoreError> {
        let delivery = Delivery {
            key: key.to_owned(),
            ..asker.delivery.clone()
        };
        // Before it is taken: one that is taken and not asked would be lost.
        let recalled = asker.store.recall(&delivery).await?;
        let store = asker.store.clone();
        let taking = self.runtime.spawn(async move {
            let lease = store.lease().await?;
            let taken = store.take_over(&lease, &delivery).await?;
            Ok::<_, StoreError>(taken.map(|taken| (lease, delivery, taken)))
        });
        let Ok(taken) = taking.await else {
            return Ok(());
        };
        let Some((lease, delivery, taken)) = taken? else {
            return Ok(());
        };
        if let Some((asker, todo)) = self.again(asker, delivery, &taken, &recalled) {
            self.spawn(asker, lease, todo);
        }
        Ok(())
    }

    /// The rules as they are now decide about the message as it was.
    fn again(
        &self,
        asker: &Asker,
        delivery: Delivery,
        taken: &TakenOver,
        recalled: &Recalled,
    ) -> Option<(Asker, Todo)> {
        let message = stored_message::read(&taken.message)?;
        let time = jiff::Timestamp::from_second(taken.asked_at).ok()?;
        let zone = &asker.generation.rules.settings.zone;
        let asker = Asker {
            message,
            moment: Arc::new(Moment::new(time, zone)),
            delivery: Delivery {
                at: taken.asked_at,
                ..delivery
            },
            ..asker.clone()
        };
        let user = &recalled.user;
        let decide = self.deciding.decide;
        let (message, moment) = (&asker.message, &asker.moment);
        let mut decision = decide(&asker.generation, message, moment, Some(user))?;
        let todo = match (decision.rule, decision.question.take()) {
            (Some(rule), Some(_)) if taken.tries > MAX_TRIES => {
                let failed = Err(ServiceError::Timeout);
                let choose = self.deciding.choose;
                Todo::Say(asker.complete(rule, user, failed, choose), recalled.version)
            }
            (Some(rule), Some(question)) => Todo::Ask(rule, question),
            _ => Todo::Say(decision, recalled.version),
        };
        Some((asker, todo))
    }

    fn spawn(self: &Arc<Self>, asker: Asker, lease: Lease, todo: Todo) {
        let bell = Arc::new(Notify::new());
        let question = (asker.delivery.openid.clone(), asker.delivery.key.clone());
        let account = Arc::clone(&asker.account);
        let mut under_way = self.under_way();
        let of_account = under_way.entry(account).or_default();
        of_account.insert(question, Arc::clone(&bell));
        drop(under_way);
        let job = Job {
            questions: Arc::clone(self),
            asker,
            bell,
            lease,
        };
        self.runtime.spawn(async move { job.run(todo).await });
    }
}

impl Job {
    async fn run(self, todo: Todo) {
        let began = Instant::now();
        let mut pause = PAUSE;
        let (rule, question) = match todo {
            Todo::Ask(rule, question) => (rule, question),
            Todo::Say(decision, version) => {
                // Where that fails, whoever fetches next tries again.
                let _ = self.keep(&decision, version, None).await;
                return;
            }
        };
        let answer = self.ask(*question.clone()).await;
        loop {
            match self.complete(rule, &question, &answer).await {
                Ok(Finished::Done | Finished::Gone) => return,
                Ok(Finished::Conflict) => {}
                Err(StoreError::Unstorable { .. }) => return,
                Err(_) if began.elapsed() > MAX_KEEPING + question.service.timeout => return,
                Err(_) => {
                    sleep(pause).await;
                    pause *= 2;
                }
            }
        }
    }

    async fn ask(&self, mut question: Question) -> Result<ServiceAnswer, ServiceError> {
        let asker = &self.asker;
        let turns = self.turns(&question).await;
        let follower = asker.follower(&question);
        question.set_openid(follower);
        let asking = Asking {
            account: &asker.account,
            delivery: &asker.delivery.key,
            follower,
            turns: &turns,
        };
        let asked = self.questions.services.ask(&question, &asking).await;
        asked.answer.map_err(|failure| failure.error)
    }

    /// A model that cannot be told what was said before is asked all the same.
    async fn turns(&self, question: &Question) -> Vec<Turn> {
        let Some(memory) = model(question).and_then(|model| model.memory) else {
            return Vec::new();
        };
        let Asker {
            store, delivery, ..
        } = &self.asker;
        let turns = store.turns(delivery, &question.service.name, memory.turns);
        let turns = turns.await.unwrap_or_default().into_iter();
        turns
            .map(|(question, answer)| Turn { question, answer })
            .collect()
    }

    /// Decides with the follower as they are now, and keeps that.
    async fn complete(
        &self,
        rule: RuleId,
        question: &Question,
        answer: &Result<ServiceAnswer, ServiceError>,
    ) -> Result<Finished, StoreError> {
        let asker = &self.asker;
        let recalled = asker.store.recall(&asker.delivery).await?;
        let choose = self.questions.deciding.choose;
        let decision = asker.complete(rule, &recalled.user, answer.clone(), choose);
        let turn = self.turn(question, answer, &decision);
        self.keep(&decision, recalled.version, turn).await
    }

    fn turn(
        &self,
        question: &Question,
        answer: &Result<ServiceAnswer, ServiceError>,
        decision: &Decision,
    ) -> Option<NewTurn> {
        let memory = model(question)?.memory?;
        let answer = answer.as_ref().ok()?.0.as_str()?;
        let asked = question.request.as_str()?;
        let is_answered = decision.unanswered.is_none() && decision.failure.is_none();
        is_answered.then(|| NewTurn {
            service: question.service.name.to_string(),
            question: asked.to_owned(),
            answer: answer.to_owned(),
            expires_at: now().saturating_add(seconds(memory.expires)),
        })
    }

    async fn keep(
        &self,
        decision: &Decision,
        expected: Version,
        turn: Option<NewTurn>,
    ) -> Result<Finished, StoreError> {
        let asker = &self.asker;
        let settings = &asker.generation.rules.settings;
        let finish = Finish {
            delivery: asker.delivery.clone(),
            expected: Some(expected),
            changes: decision.changes.clone(),
            parts: parts::parts(&decision.reply, settings, &asker.message),
            turn,
            now: now(),
        };
        asker.store.finish(&self.lease, finish).await
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let Asker {
            account, delivery, ..
        } = &self.asker;
        let mut under_way = self.questions.under_way();
        if let Some(of_account) = under_way.get_mut(account) {
            of_account.remove(&(delivery.openid.clone(), delivery.key.clone()));
            if of_account.is_empty() {
                under_way.remove(account);
            }
        }
        drop(under_way);
        self.bell.notify_waiters();
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}
