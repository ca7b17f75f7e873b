//! Questions to services, from the first delivery of a message until the answer is fetched. Knows
//! the engine, the store and the services; not HTTP as WeChat speaks it.
//!
//! A question is asked by a task of its own, which outlives the delivery that began it. Deliveries
//! wait for its row in the database: in this process they are woken, others look again and again.

mod asker;
mod job;
mod parts;
mod stored_message;
mod wait;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::engine::Decision;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::moment::Moment;
use crate::reply::Reply;
use crate::services::Services;
use crate::store::{Claimed, StoreError};
use crate::user::User;
use crate::waiting;

pub(crate) use crate::questions::asker::Asker;

/// Questions that are asked at once, of all accounts and of one; more are `busy`.
const MAX_UNDER_WAY: usize = 8192;
const MAX_UNDER_WAY_OF_ACCOUNT: usize = 4096;

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
    /// A delivery that comes so late is the last.
    last_from: Duration,
    /// When a delivery that gets no answer is ended, in case WeChat has not hung up.
    pub hold: Duration,
}

impl Timing {
    /// For a WeChat that delivers again after this time; five seconds, but for tests.
    pub(crate) fn new(retry_after: Duration) -> Timing {
        Timing {
            last_from: waiting::LAST_FROM * millis(retry_after) / 5000,
            hold: retry_after * 6 / 5,
        }
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
    under_way: Mutex<HashMap<Arc<str>, UnderWay>>,
}

/// The questions of one account that this process asks, by openid and delivery.
type UnderWay = HashMap<(String, String), Arc<Notify>>;

/// What a delivery gets.
pub(crate) enum Settled {
    /// On disk, for this delivery.
    Answer(Reply),
    /// This delivery was answered before.
    Repeated(Reply),
    /// Nothing that WeChat reads, so that it delivers again.
    Hold,
    /// What says that the answer is not there yet; on disk, too.
    Slow(Reply),
    /// Nothing waits that could be fetched: the message is an ordinary one.
    NothingWaits,
}

/// Why a delivery cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QuestionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("an earlier version stored an answer that this one cannot read")]
    Unreadable,
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
            under_way: Mutex::default(),
        }
    }

    /// What questions are asked through.
    pub(crate) fn services(&self) -> &Services {
        &self.services
    }

    pub(crate) fn timing(&self) -> Timing {
        self.timing
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Arc<str>, UnderWay>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self, account: &str) -> bool {
        let under_way = self.under_way();
        let all: usize = under_way.values().map(HashMap::len).sum();
        let of_account = under_way.get(account).map_or(0, HashMap::len);
        all < MAX_UNDER_WAY && of_account < MAX_UNDER_WAY_OF_ACCOUNT
    }

    /// What is woken when a question that this process asks is over.
    fn bell(&self, account: &str, openid: &str, key: &str) -> Option<Arc<Notify>> {
        let under_way = self.under_way();
        let question = (openid.to_owned(), key.to_owned());
        under_way.get(account)?.get(&question).map(Arc::clone)
    }
}

/// Whether somebody has to be told that it is busy.
fn is_refused(claimed: &Claimed) -> bool {
    matches!(claimed, Claimed::Busy | Claimed::Full)
}
