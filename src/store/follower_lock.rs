//! Lets the messages of one follower take locks, in the order of arrival. Knows no database.
//!
//! The version of a follower separates them as well, even across replicas, but each loser has to
//! start again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::lock::lock;
use crate::store::Delivery;

/// A queue for each follower with a message in progress.
#[derive(Default)]
pub(super) struct FollowerLocks(Mutex<HashMap<FollowerKey, FollowerQueue>>);

type FollowerKey = (String, String);

/// Tokio's mutex is fair: the longest waiter is next.
type FollowerQueue = Arc<tokio::sync::Mutex<()>>;

/// Until it is dropped, the follower's other messages in this process wait.
pub struct FollowerLock {
    _ended_first: OwnedMutexGuard<()>,
    _place: QueueGuard,
    _share: Option<OwnedSemaphorePermit>,
}

/// How many messages of one account may be with the database at once, so that a flood of one
/// leaves connections to the others.
#[derive(Clone)]
pub(super) struct Share(Arc<Semaphore>);

impl Share {
    pub(super) fn new(most: u32) -> Share {
        Share(Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(1))))
    }

    async fn take(self) -> Option<OwnedSemaphorePermit> {
        // Nobody closes it.
        self.0.acquire_owned().await.ok()
    }
}

/// Removes the queue with its last message.
struct QueueGuard {
    locks: Arc<FollowerLocks>,
    follower: FollowerKey,
}

impl FollowerLocks {
    pub(super) async fn lock(
        self: Arc<Self>,
        delivery: &Delivery,
        share: Option<Share>,
    ) -> FollowerLock {
        let follower = (delivery.account.clone(), delivery.openid.clone());
        let queue = Arc::clone(lock(&self.0).entry(follower.clone()).or_default());
        let place = QueueGuard {
            locks: self,
            follower,
        };
        let ended_first = queue.lock_owned().await;
        let share = match share {
            Some(share) => share.take().await,
            None => None,
        };
        FollowerLock {
            _ended_first: ended_first,
            _place: place,
            _share: share,
        }
    }
}

impl Drop for QueueGuard {
    fn drop(&mut self) {
        let mut queues = lock(&self.locks.0);
        let is_last = queues
            .get(&self.follower)
            .is_some_and(|queue| Arc::strong_count(queue) == 1);
        if is_last {
            queues.remove(&self.follower);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;

    fn delivery(openid: &str) -> Delivery {
        Delivery {
            account: "gh_1".to_owned(),
            openid: openid.to_owned(),
            key: String::new(),
            at: 0,
        }
    }

    #[test]
    fn locks_come_in_order_for_each_follower_and_leave_nothing_behind() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(async {
            let locks = Arc::new(FollowerLocks::default());
            let order = Arc::new(Mutex::new(Vec::new()));
            let first = Arc::clone(&locks).lock(&delivery("o1"), None).await;
            let mut waiting = Vec::new();
            for number in 0..4 {
                let (locks, order) = (Arc::clone(&locks), Arc::clone(&order));
                waiting.push(tokio::spawn(async move {
                    let _lock = locks.lock(&delivery("o1"), None).await;
                    order.lock().unwrap().push(number);
                }));
                yield_now().await;
            }
            // One leaves before its turn; another follower does not wait at all.
            waiting.remove(1).abort();
            let _other = Arc::clone(&locks).lock(&delivery("o2"), None).await;
            assert!(order.lock().unwrap().is_empty());
            drop(first);
            for task in waiting {
                task.await.unwrap();
            }
            assert_eq!(*order.lock().unwrap(), [0, 2, 3]);
            assert_eq!(locks.0.lock().unwrap().len(), 1);
        });
    }

    #[test]
    fn a_flood_of_one_account_takes_its_share_and_no_more() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().unwrap().block_on(async {
            let locks = Arc::new(FollowerLocks::default());
            let (flooded, quiet) = (Share::new(2), Share::new(2));
            let lock = |openid: &str, share: &Share| {
                let (locks, share) = (Arc::clone(&locks), share.clone());
                let delivery = delivery(openid);
                tokio::spawn(async move { locks.lock(&delivery, Some(share)).await })
            };
            let first = lock("o1", &flooded).await.unwrap();
            let _second = lock("o2", &flooded).await.unwrap();
            let third = lock("o3", &flooded);
            yield_now().await;
            assert!(!third.is_finished());
            lock("o4", &quiet).await.unwrap();
            drop(first);
            third.await.unwrap();
        });
    }
}
