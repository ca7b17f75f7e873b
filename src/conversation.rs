//! What one follower sends in turn, with services that answer as a test says, on a clock that
//! nobody waits for. Waits, holds, fetches and cuts as the server does, by the same functions.

use std::time::Duration;

use crate::engine;
use crate::engine::{AskedBy, Decision, SkippedRule};
use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::rules::{Canned, RuleId, RuleSet};
use crate::service::{Question, ServiceAnswer, ServiceError};
use crate::user::{TimedUser, User};
use crate::waiting;
use crate::waiting::Outcome;

pub(crate) struct Conversation<'r> {
    rules: &'r RuleSet,
    user: TimedUser,
    /// The oldest first.
    jobs: Vec<OpenQuestion>,
}

/// A question whose answer the follower has not had, or not all of it.
struct OpenQuestion {
    rule: RuleId,
    service: String,
    message: Message,
    moment: Moment,
    answer: Result<ServiceAnswer, ServiceError>,
    /// The one in which it was asked.
    dialogue: Option<String>,
    /// In milliseconds, as all times here.
    ready_at: i64,
    /// What is left of an answer that was given in part.
    rest: Option<String>,
}

/// What came of one message.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub decision: Decision,
    pub passed_over: Vec<SkippedRule>,
    /// What was asked for it.
    pub question: Option<Box<Question>>,
    /// A service that was asked and of which there is no answer.
    pub unanswerable: Option<String>,
    /// Whether it fetched what was waiting.
    pub is_fetch: bool,
    /// What is stored of the follower before it and after it.
    pub before: User,
    pub after: User,
}

/// What becomes of a decision that asks a service, if that answers here.
pub(crate) fn answered(
    rules: &RuleSet,
    user: &User,
    message: &Message,
    moment: &Moment,
    answers: &[Canned],
    decision: Decision,
    choose: engine::Choose,
) -> Decision {
    let mut talk = Conversation::new(rules, user.clone());
    let answered = talk.send(message, moment, answers, choose);
    match (&decision.question, answered.unanswerable) {
        (Some(_), None) => Decision {
            question: decision.question,
            ..answered.decision
        },
        _ => decision,
    }
}

impl<'r> Conversation<'r> {
    pub(crate) fn new(rules: &'r RuleSet, user: User) -> Conversation<'r> {
        Conversation {
            rules,
            user: TimedUser::new(user),
            jobs: Vec::new(),
        }
    }

    pub(crate) fn send(
        &mut self,
        message: &Message,
        moment: &Moment,
        answers: &[Canned],
        choose: engine::Choose,
    ) -> Exchange {
        let now = milliseconds(moment);
        let kept = length(waiting::KEPT);
        self.jobs.retain(|job| now < job.ready_at + kept);
        let before = self.user.at(moment.unix_seconds()).clone();
        let mut exchange = Exchange {
            decision: Decision::NONE,
            passed_over: Vec::new(),
            question: None,
            unanswerable: None,
            is_fetch: false,
            before,
            after: User::default(),
        };
        if !self.jobs.is_empty() && self.rules.settings.fetches(message) {
            exchange.decision = self.wait(0, now, choose);
            exchange.is_fetch = true;
        } else {
            self.decide(message, moment, answers, choose, &mut exchange);
        }
        if let Reply::Text(text) = &mut exchange.decision.reply {
            *text = waiting::as_seen(text).into_owned();
        }
        exchange.after = self.user.at(moment.unix_seconds()).clone();
        exchange
    }

    fn decide(
        &mut self,
        message: &Message,
        moment: &Moment,
        answers: &[Canned],
        choose: engine::Choose,
        exchange: &mut Exchange,
    ) {
        let user = &exchange.before;
        let (mut decision, passed_over) =
            engine::explain(self.rules, message, moment, user, choose);
        exchange.passed_over = passed_over;
        let question = decision.question.take();
        let (Some(rule), Some(mut question)) = (decision.rule, question) else {
            for change in &decision.changes {
                self.user.apply(change, moment.unix_seconds());
            }
            exchange.decision = decision;
            return;
        };
        // Tests have one follower, whom no hash needs to hide.
        question.set_openid(message.openid());
        let service = question.service.clone();
        let now = milliseconds(moment);
        let is_busy = self
            .jobs
            .iter()
            .any(|job| job.service == *service.name && job.ready_at > now);
        if is_busy {
            let busy = Err(ServiceError::Busy);
            let by = AskedBy::now(user, &question);
            exchange.decision =
                engine::complete(self.rules, rule, message, moment, by, busy, choose);
            return;
        }
        let canned = answers
            .iter()
            .find(|canned| *canned.service == *service.name);
        match canned {
            None => {
                exchange.unanswerable = Some(service.name.to_string());
                exchange.decision = decision;
            }
            Some(canned) => {
                let is_late = canned.after > service.timeout;
                self.jobs.push(OpenQuestion {
                    rule,
                    service: service.name.to_string(),
                    message: message.clone(),
                    moment: moment.clone(),
                    answer: match is_late {
                        true => Err(ServiceError::Timeout),
                        false => canned.answer.clone(),
                    },
                    dialogue: question.dialogue.clone(),
                    ready_at: now + length(canned.after.min(service.timeout)),
                    rest: None,
                });
                exchange.decision = self.wait(self.jobs.len() - 1, now, choose);
            }
        }
        exchange.question = Some(question);
    }

    /// What the deliveries of one message come to that wait for an answer.
    fn wait(&mut self, place: usize, now: i64, choose: engine::Choose) -> Decision {
        let Some(job) = self.jobs.get_mut(place) else {
            return Decision::NONE;
        };
        let ready_after = u64::try_from(job.ready_at - now).unwrap_or(0);
        let outcome = waiting::outcome(Some(Duration::from_millis(ready_after)));
        let Outcome::Answered(after) = outcome else {
            return Decision {
                rule: Some(job.rule),
                reply: self.rules.settings.slow.clone(),
                ..Decision::NONE
            };
        };
        let mut decision = match job.rest.take() {
            Some(rest) => Decision {
                rule: Some(job.rule),
                reply: Reply::Text(rest),
                ..Decision::NONE
            },
            None => {
                let then = (now + length(after)) / 1_000;
                let user = self.user.at(then).clone();
                let decision = engine::complete(
                    self.rules,
                    job.rule,
                    &job.message,
                    &job.moment,
                    AskedBy {
                        user: &user,
                        dialogue: job.dialogue.as_deref(),
                    },
                    job.answer.clone(),
                    choose,
                );
                for change in &decision.changes {
                    self.user.apply(change, then);
                }
                decision
            }
        };
        let more = &self.rules.settings.more;
        if let Reply::Text(text) = &mut decision.reply
            && !more.is_empty()
            && let Some((part, rest)) = waiting::first_part(text, more)
        {
            job.rest = Some(rest.to_owned()).filter(|rest| !rest.is_empty());
            *text = part;
        }
        if job.rest.is_none() {
            self.jobs.remove(place);
        }
        decision
    }
}

fn milliseconds(moment: &Moment) -> i64 {
    moment.unix_seconds().saturating_mul(1_000)
}

fn length(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 2)
}
