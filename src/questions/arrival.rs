//! Whether an answer that a delivery was given has reached WeChat.

use std::sync::Arc;

use crate::questions::Questions;
use crate::store::{Backoff, Delivery, Store};

impl Questions {
    /// Takes what this delivery was given off the list of what waits, once it has arrived. What has
    /// not can be fetched.
    pub(crate) fn given(
        self: &Arc<Self>,
        store: &Store,
        delivery: Delivery,
        has_arrived: impl Future<Output = bool> + Send + 'static,
    ) {
        let (store, on_its_way) = (store.clone(), self.pushing.enter());
        self.runtime.spawn(async move {
            if has_arrived.await {
                let mut backoff = Backoff::default();
                while store.has_arrived(&delivery).await.is_err() && backoff.wait().await {}
            }
            drop(on_its_way);
        });
    }
}
