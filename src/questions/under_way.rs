//! Which questions this process asks, so that none is asked twice here, and whoever waits is woken.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use crate::lock::lock;
use crate::metrics::QuestionUnderWay;
use crate::questions::Asker;
use crate::reply::Reply;
use crate::store::StoreError;

/// Questions that are asked at once, of all accounts and of one.
const MAX_QUESTIONS: usize = 8192;
const MAX_QUESTIONS_OF_ACCOUNT: usize = 4096;

/// By what the database knows the account by, as its name may change meanwhile.
#[derive(Default)]
pub(super) struct QuestionsUnderWay(Mutex<HashMap<String, AccountQuestions>>);

/// By openid and the key of the delivery that asked.
type AccountQuestions = HashMap<(String, String), Arc<Bell>>;

/// The right to ask one question, from before it is claimed until its answer is kept. Rings when
/// dropped, also by the end of a task.
pub(super) struct AskPermit {
    all: Arc<QuestionsUnderWay>,
    account: String,
    question: (String, String),
    bell: Arc<Bell>,
    _counted: QuestionUnderWay,
}

/// What those who wait for the answer to one question hear.
pub(super) struct Bell {
    /// Closed once the question is over.
    over: Semaphore,
    /// How many deliveries of the message itself wait.
    listeners: AtomicUsize,
    /// What they were given with the answer, for one of them.
    given: Mutex<Option<Reply>>,
    /// Why the question was lost together with its database.
    lost: Mutex<Option<StoreError>>,
}

/// A delivery of the message that asked, as long as it waits.
pub(super) struct Listener(Arc<Bell>);

pub(super) enum Entered {
    Here(AskPermit),
    /// Somebody in this process asks it.
    Taken(Arc<Bell>),
    Full,
}

impl QuestionsUnderWay {
    pub(super) fn enter(self: &Arc<Self>, asker: &Asker, key: &str) -> Entered {
        let mut accounts = self.lock();
        let all: usize = accounts.values().map(HashMap::len).sum();
        let account = &asker.delivery.account;
        let of_account = accounts.entry(account.clone()).or_default();
        let question = (asker.delivery.openid.clone(), key.to_owned());
        if let Some(bell) = of_account.get(&question) {
            return Entered::Taken(Arc::clone(bell));
        }
        if all >= MAX_QUESTIONS || of_account.len() >= MAX_QUESTIONS_OF_ACCOUNT {
            return Entered::Full;
        }
        let bell = Arc::new(Bell {
            over: Semaphore::new(0),
            listeners: AtomicUsize::new(0),
            given: Mutex::default(),
            lost: Mutex::default(),
        });
        of_account.insert(question.clone(), Arc::clone(&bell));
        Entered::Here(AskPermit {
            all: Arc::clone(self),
            account: account.clone(),
            question,
            bell,
            _counted: asker.metrics.question_begins(),
        })
    }

    /// What rings when a question of this follower is over.
    pub(super) fn bell(&self, asker: &Asker, key: &str) -> Option<Arc<Bell>> {
        let question = (asker.delivery.openid.clone(), key.to_owned());
        let accounts = self.lock();
        accounts
            .get(&asker.delivery.account)?
            .get(&question)
            .map(Arc::clone)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, AccountQuestions>> {
        lock(&self.0)
    }
}

impl Drop for AskPermit {
    fn drop(&mut self) {
        let mut accounts = self.all.lock();
        if let Some(of_account) = accounts.get_mut(&self.account) {
            of_account.remove(&self.question);
            if of_account.is_empty() {
                accounts.remove(&self.account);
            }
        }
        drop(accounts);
        self.bell.over.close();
    }
}

impl AskPermit {
    /// A delivery that waits from now on, also while the question is claimed.
    pub(super) fn listener(&self) -> Listener {
        Listener::of(Arc::clone(&self.bell))
    }

    /// Whether a delivery of the message itself waits here.
    pub(super) fn has_listeners(&self) -> bool {
        self.bell.listeners.load(Ordering::Relaxed) > 0
    }

    /// Says what one of them was given, once that is kept.
    pub(super) fn give(&self, reply: Reply) {
        *lock(&self.bell.given) = Some(reply);
    }

    /// Says why there will be no answer.
    pub(super) fn lose(&self, why: StoreError) {
        *lock(&self.bell.lost) = Some(why);
    }
}

impl Bell {
    /// Until the question is over, or the time is.
    pub(super) async fn rung(&self, until: Instant) {
        let _ = timeout_at(until.into(), self.over.acquire()).await;
    }
}

impl Listener {
    pub(super) fn of(bell: Arc<Bell>) -> Listener {
        bell.listeners.fetch_add(1, Ordering::Relaxed);
        Listener(bell)
    }

    /// What it was given, if that is so and no other was faster.
    pub(super) async fn answer(&self, until: Instant) -> Result<Option<Reply>, StoreError> {
        self.0.rung(until).await;
        match &*lock(&self.0.lost) {
            Some(why) => Err(why.clone()),
            None => Ok(lock(&self.0.given).take()),
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}
