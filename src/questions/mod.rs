//! Questions to services, from the first delivery of a message until the answer is fetched or sent.
//! Knows the engine, the store, the services and WeChat's API; not HTTP as WeChat speaks it.
//!
//! A question is asked by a task of its own, which outlives the delivery that began it. Deliveries
//! wait for its row in the database: in this process they are woken, others look again and again.

mod arrival;
mod asker;
mod job;
mod parts;
mod push;
mod pushes_under_way;
mod under_way;
mod wait;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;

use crate::engine::Decision;
use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::log_limit::LogLimit;
use crate::message::Message;
use crate::moment::Moment;
use crate::questions::pushes_under_way::Pushing;
use crate::questions::under_way::QuestionsUnderWay;
use crate::reply::Reply;
use crate::services::Services;
use crate::store::StoreError;
use crate::user::User;
use crate::waiting;

pub(crate) use crate::questions::asker::Asker;
pub(crate) use crate::questions::parts::read as read_answer;

/// What is decided about a message again, when its question is asked once more.
pub(crate) type Decide = fn(&Generation, &Message, &Moment, Option<&User>) -> Option<Decision>;

/// What is handed in: randomness, and how long a decision may take.
#[derive(Clone, Copy)]
pub(crate) struct Deciding {
    pub decide: Decide,
    pub choose: fn(usize) -> usize,
}

/// How WeChat delivers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// A message that is as old may have been delivered before, in seconds.
    again_from: i64,
    /// A delivery that comes so late is the last.
    last_from: Duration,
    /// After so long there is no delivery any more.
    over: Duration,
    /// How long a follower sees that the account is typing.
    typing: Duration,
    /// When a delivery that gets no answer is ended, in case WeChat has not hung up.
    pub hold: Duration,
    /// How often what is kept no longer is deleted: once a minute.
    pub sweep: Duration,
}

impl Timing {
    /// For a WeChat that delivers again after this time; five seconds, but for tests.
    pub(crate) fn new(retry_after: Duration) -> Timing {
        Timing {
            again_from: retry_after.as_secs().cast_signed() - 1,
            last_from: waiting::LAST_FROM * millis(retry_after) / 5000,
            over: retry_after * 16 / 5,
            typing: retry_after * 3,
            hold: retry_after * 6 / 5,
            sweep: retry_after * 12,
        }
    }

    /// Whether a message may have been delivered before. It is seen by its age, in whole seconds, as
    /// most messages are delivered once: they need not be looked up. Where this machine's clock is
    /// not WeChat's, all may.
    fn may_be_repeated(self, message: &Message, now: Timestamp) -> bool {
        let age = message
            .created()
            .map(|created| now.as_second().saturating_sub(created));
        age.is_none_or(|age| !(-1..self.again_from).contains(&age))
    }
}

fn millis(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(5000)
}

/// All questions of this process.
pub(crate) struct Questions {
    services: Services,
    /// Where questions are asked: it outlives the threads that deliveries come on.
    runtime: Handle,
    deciding: Deciding,
    timing: Timing,
    under_way: Arc<QuestionsUnderWay>,
    pushing: Pushing,
    log_limit: LogLimit,
}

/// What a delivery gets.
pub(crate) enum DeliveryReply {
    /// On disk, for this delivery.
    Answer(Reply),
    /// This delivery was answered before.
    Repeated(Reply),
    /// Nothing that WeChat reads, so that it delivers again.
    Hold,
    /// What says that the answer is not there yet; on disk, too.
    Slow(Reply),
}

/// Why a delivery cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuestionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("an earlier version stored an answer that this one cannot read")]
    Unreadable,
    /// The follower was forgotten, or the database is another.
    #[error("{}", phrase!(question_gone))]
    Gone,
}

impl Questions {
    pub(crate) fn new(
        services: Services,
        runtime: Handle,
        deciding: Deciding,
        timing: Timing,
    ) -> Questions {
        Questions {
            services,
            runtime,
            deciding,
            timing,
            under_way: Arc::default(),
            pushing: Pushing::default(),
            log_limit: LogLimit::default(),
        }
    }

    /// Whether an earlier delivery of a message may have asked.
    pub(crate) fn may_be_repeated(&self, message: &Message, now: Timestamp) -> bool {
        self.timing.may_be_repeated(message, now)
    }

    /// What questions are asked through.
    pub(crate) fn services(&self) -> &Services {
        &self.services
    }

    /// Waits for answers that are on their way to followers.
    pub(crate) async fn end(&self, patience: Duration) {
        self.pushing.end(patience).await;
    }

    /// Where questions are asked.
    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    pub(crate) fn timing(&self) -> Timing {
        self.timing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_message_of_some_age_may_be_repeated() {
        let now = Timestamp::from_second(1_767_326_400).unwrap();
        let timing = Timing::new(Duration::from_secs(5));
        for (created, may_be) in [
            ("1767326400", false),
            ("1767326397", false),
            ("1767326396", true),
            ("1767326395", true),
            // The clocks differ.
            ("1767326401", false),
            ("1767326402", true),
            ("", true),
            ("yesterday", true),
            ("9223372036854775807", true),
            ("-9223372036854775808", true),
        ] {
            let message = Message::default().with("CreateTime", created);
            assert_eq!(timing.may_be_repeated(&message, now), may_be, "{created}");
        }
    }
}
