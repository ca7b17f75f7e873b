//! Questions whose replica is gone are asked again, where followers expect the answer to come by
//! itself. Elsewhere whoever fetches has them asked.

use std::sync::Arc;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::message::Message;
use crate::moment::Moment;
use crate::questions::Asker;
use crate::server::ServerState;
use crate::server::account::Account;
use crate::server::databases::{KnownDatabases, UsedDatabase, for_each};
use crate::store::{Delivery, LEASE, Store, StoreError};

pub(super) fn start(state: web::Data<ServerState>) -> JoinHandle<()> {
    rt::spawn(async move {
        loop {
            rt::time::sleep(LEASE / 2).await;
            let work =
                |database: UsedDatabase, _: Option<()>| adopt_all(state.clone(), database.store);
            for_each(&state.directory, KnownDatabases::new(), work).await;
        }
    })
}

/// Those of all accounts on a database.
async fn adopt_all(state: web::Data<ServerState>, store: Store) {
    for account in state.directory.all() {
        if account.store.identity() == store.identity()
            && let Err(_) = adopt(&state, &account).await
        {
            // It would keep each of its accounts waiting as long; it is asked in a few seconds.
            return;
        }
    }
}

async fn adopt(state: &ServerState, account: &Account) -> Result<(), StoreError> {
    let generation = account.live.current();
    let api = account.api.as_ref();
    let pushes = generation.rules.settings.pushes && generation.may_wait();
    if !pushes || !api.is_some_and(|api| api.may_send_messages()) || !account.store.is_open() {
        return Ok(());
    }
    let Some(stored_under) = account.known_key() else {
        return Ok(());
    };
    let now = Timestamp::now();
    for orphan in account
        .store
        .orphans(&stored_under, now.as_second())
        .await?
    {
        let key = orphan.key.clone();
        let asker = asker(account, orphan, now);
        let resumed = state.questions.resume(&asker, &key).await;
        // Another error may be the trouble of this one alone.
        if let Err(error @ StoreError::Timeout { .. }) = resumed {
            return Err(error);
        }
    }
    Ok(())
}

/// The message is in the database, with the question.
fn asker(account: &Account, orphan: Delivery, now: Timestamp) -> Asker {
    let generation = account.live.current();
    Asker {
        account: account.name.clone().unwrap_or_default(),
        metrics: Arc::clone(&account.metrics),
        store: account.store.clone(),
        message: Message::default(),
        moment: Arc::new(Moment::new(now, &generation.rules.settings.zone)),
        keyed_openid: account.credentials.keyed_openid(&orphan.openid),
        delivery: orphan,
        api: account.api.clone(),
        generation: Arc::clone(&generation),
    }
}
