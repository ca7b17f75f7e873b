//! A message of rules that ask services: it fetches, asks, or is answered as any other.
//! Knows HTTP; how an answer is waited for is decided elsewhere.

use std::sync::Arc;
use std::time::Instant;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::rt::time::sleep_until;
use jiff::Timestamp;

use crate::engine::Decision;
use crate::message::Message;
use crate::metrics::Outcome;
use crate::questions::{Asker, Settled};
use crate::reply::Reply;
use crate::server::account::Account;
use crate::server::callback::respond;
use crate::server::commit::{CommitError, Committed, Pending, commit, delivery};
use crate::server::{State, delivery_log};
use crate::wechat::Opened;

/// What came of a delivery.
enum Told {
    /// It asks nothing.
    Decided(Decision),
    /// With the rule, as the log names it.
    Says(Reply, Outcome, String),
    /// The answer is not there yet.
    Holds(String),
}

pub(super) async fn answer(
    opened: Opened<'_>,
    pending: Pending,
    state: &State,
    account: &Account,
    began: Instant,
) -> HttpResponse {
    let generation = Arc::clone(&pending.generation);
    let (log, message) = (&account.delivery_log, opened.message());
    let (reply, author) = match settle(message, pending, state, account, began).await {
        Ok(Told::Decided(decision)) => {
            log.decided(&generation, message, &decision, began);
            let author = delivery_log::author(&generation, &decision).to_owned();
            (decision.reply, author)
        }
        Ok(Told::Says(reply, outcome, rule)) => {
            log.asked(outcome, &rule, message, began);
            (reply, rule)
        }
        Ok(Told::Holds(rule)) => {
            log.asked(Outcome::Held, &rule, message, began);
            return hold(state, began).await;
        }
        Err(why) => {
            log.failed(message, &why, began);
            let on_error = generation.rules.settings.on_error.clone();
            (on_error, "on_error".to_owned())
        }
    };
    respond(opened, &reply, &author, Timestamp::now(), state, account)
}

async fn settle(
    message: &Message,
    pending: Pending,
    state: &State,
    account: &Account,
    began: Instant,
) -> Result<Told, CommitError> {
    let deadline = began + state.deadline;
    let asker = Asker {
        account: account.name.clone().unwrap_or_default(),
        store: account.store.clone(),
        generation: Arc::clone(&pending.generation),
        message: message.clone(),
        moment: Arc::clone(&pending.moment),
        delivery: delivery(account, message, &pending.moment),
        pseudonym: account.credentials.pseudonym(message.openid()),
    };
    if asker.generation.rules.fetches(message) {
        match state.questions.fetch(&asker, deadline).await? {
            Settled::NothingWaits => {}
            settled => return Ok(Told::of(settled, "fetch")),
        }
    }
    let mut decision = match commit(account, deadline, &state.metrics, pending, message).await? {
        Committed::Decided(decision) => return Ok(Told::Decided(decision)),
        Committed::Repeated(reply) => return Ok(Told::of(Settled::Repeated(reply), "")),
        Committed::Asks(decision) => decision,
    };
    let rule = delivery_log::author(&asker.generation, &decision).to_owned();
    let (Some(id), Some(question)) = (decision.rule, decision.question.take()) else {
        return Ok(Told::Decided(decision));
    };
    let settled = state.questions.ask(&asker, id, question, deadline).await?;
    Ok(Told::of(settled, &rule))
}

impl Told {
    fn of(settled: Settled, rule: &str) -> Told {
        let rule = rule.to_owned();
        match settled {
            Settled::Answer(Reply::Silence) => Told::Says(Reply::Silence, Outcome::Silent, rule),
            Settled::Answer(reply) => Told::Says(reply, Outcome::Answered, rule),
            Settled::Slow(reply) => Told::Says(reply, Outcome::Slow, rule),
            Settled::Repeated(reply) => {
                let rule = "of the first delivery".to_owned();
                Told::Says(reply, Outcome::Repeated, rule)
            }
            Settled::Hold | Settled::NothingWaits => Told::Holds(rule),
        }
    }
}

/// WeChat hangs up by itself after five seconds, and delivers again. Anything that it reads before
/// could end that.
async fn hold(state: &State, began: Instant) -> HttpResponse {
    sleep_until((began + state.questions.timing().hold).into()).await;
    let mut nothing = HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE);
    nothing.force_close().finish()
}
