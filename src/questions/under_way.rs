//! Which questions this process asks, so that none is asked twice here, and whoever waits is woken.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::metrics::QuestionUnderWay;
use crate::questions::Asker;

/// Questions that are asked at once, of all accounts and of one.
const MOST: usize = 8192;
const MOST_OF_ACCOUNT: usize = 4096;

#[derive(Default)]
pub(super) struct UnderWay(Mutex<HashMap<Arc<str>, OfAccount>>);

/// By openid and the key of the delivery that asked.
type OfAccount = HashMap<(String, String), Arc<Notify>>;

/// The right to ask one question, from before it is claimed until its answer is kept. Rings when
/// dropped, also by the end of a task.
pub(super) struct Place {
    all: Arc<UnderWay>,
    account: Arc<str>,
    question: (String, String),
    bell: Arc<Notify>,
    _counted: QuestionUnderWay,
}

pub(super) enum Entered {
    Here(Place),
    /// Somebody in this process asks it.
    Taken,
    Full,
}

impl UnderWay {
    pub(super) fn enter(self: &Arc<Self>, asker: &Asker, key: &str) -> Entered {
        let mut accounts = self.lock();
        let all: usize = accounts.values().map(HashMap::len).sum();
        let of_account = accounts.entry(Arc::clone(&asker.account)).or_default();
        let question = (asker.delivery.openid.clone(), key.to_owned());
        if of_account.contains_key(&question) {
            return Entered::Taken;
        }
        if all >= MOST || of_account.len() >= MOST_OF_ACCOUNT {
            return Entered::Full;
        }
        let bell = Arc::<Notify>::default();
        of_account.insert(question.clone(), Arc::clone(&bell));
        Entered::Here(Place {
            all: Arc::clone(self),
            account: Arc::clone(&asker.account),
            question,
            bell,
            _counted: asker.metrics.question_begins(),
        })
    }

    /// What rings when a question of this follower is over.
    pub(super) fn bell(&self, asker: &Asker, key: &str) -> Option<Arc<Notify>> {
        let question = (asker.delivery.openid.clone(), key.to_owned());
        let accounts = self.lock();
        accounts.get(&asker.account)?.get(&question).map(Arc::clone)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, OfAccount>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut accounts = self.all.lock();
        if let Some(of_account) = accounts.get_mut(&self.account) {
            of_account.remove(&self.question);
            if of_account.is_empty() {
                accounts.remove(&self.account);
            }
        }
        drop(accounts);
        self.bell.notify_waiters();
    }
}
