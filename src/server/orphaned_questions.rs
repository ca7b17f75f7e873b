//! Questions whose replica is gone are asked again, where followers expect the answer to come by
//! itself. Elsewhere whoever fetches has them asked.

use std::sync::Arc;

use actix_web::rt::task::JoinHandle;
use actix_web::{rt, web};
use jiff::Timestamp;

use crate::message::Message;
use crate::moment::Moment;
use crate::questions::Asker;
use crate::server::State;
use crate::server::account::Account;
use crate::store::{Delivery, LEASE};

pub(super) fn start(state: web::Data<State>) -> JoinHandle<()> {
    rt::spawn(async move {
        loop {
            rt::time::sleep(LEASE / 2).await;
            for account in state.directory.all() {
                adopt(&state, &account).await;
            }
        }
    })
}

async fn adopt(state: &State, account: &Account) {
    let generation = account.live.current();
    let api = account.api.as_ref();
    let pushes = generation.rules.settings.pushes && generation.may_wait();
    if !pushes || !api.is_some_and(|api| api.may_send_messages()) || !account.store.is_open() {
        return;
    }
    let Some(stored_under) = account.known_key() else {
        return;
    };
    let now = Timestamp::now();
    // Whoever cannot be reached now is asked in a few seconds.
    let orphans = account.store.orphans(&stored_under, now.as_second()).await;
    for orphan in orphans.unwrap_or_default() {
        let key = orphan.key.clone();
        let asker = asker(account, orphan, now);
        let _ = state.questions.resume(&asker, &key).await;
    }
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
        pseudonym: account.credentials.pseudonym(&orphan.openid),
        delivery: orphan,
        api: account.api.clone(),
        generation: Arc::clone(&generation),
    }
}
