//! A message whose answer the database has a part in: it fetches, asks a service, or is decided with
//! what is stored. Knows HTTP; how an answer is waited for is decided elsewhere.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::rt::time::sleep_until;
use jiff::Timestamp;

use crate::engine::Decision;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::metrics::{DeliveryOutcome, StoreOperation};
use crate::moment::Moment;
use crate::questions::{Asker, DeliveryReply, QuestionError};
use crate::reply::Reply;
use crate::rules::RuleId;
use crate::server::account::Account;
use crate::server::callback::respond;
use crate::server::commit::{CommitError, Committed, PendingMessage, commit, delivery};
use crate::server::receipt::Receipt;
use crate::server::{ServerState, delivery_log};
use crate::wechat::Opened;

/// What came of a delivery.
enum DeliveryResult {
    Decided(Decision),
    /// Of the rule that asked; of none where the message fetches.
    Waited(Option<RuleId>, DeliveryReply),
}

pub(super) async fn answer(
    opened: Opened<'_>,
    pending: PendingMessage,
    state: &ServerState,
    account: &Account,
    began: Instant,
    receipt: Option<Receipt>,
) -> HttpResponse {
    let (generation, moment) = (Arc::clone(&pending.generation), Arc::clone(&pending.moment));
    let (log, message) = (&account.delivery_log, opened.message());
    let (reply, author) = match settle(message, pending, state, account, began).await {
        Ok(DeliveryResult::Decided(decision)) => {
            log.decided(&generation, message, &decision, began);
            let author = delivery_log::author(&generation, decision.rule);
            (decision.reply, author)
        }
        Ok(DeliveryResult::Waited(rule, settled)) => {
            if let DeliveryReply::Answer(_) | DeliveryReply::Repeated(_) = settled
                && let Some(receipt) = receipt
            {
                let delivery = delivery(account, message, &moment);
                let has_arrived = receipt.has_arrived();
                state.questions.given(&account.store, delivery, has_arrived);
            }
            let (outcome, reply) = match settled {
                DeliveryReply::Repeated(reply) => {
                    log.repeated(message, began);
                    return respond(opened, &reply, REPEATED, Timestamp::now(), state, account);
                }
                DeliveryReply::Answer(Reply::Silence) => {
                    (DeliveryOutcome::Silent, Some(Reply::Silence))
                }
                DeliveryReply::Answer(reply) => (DeliveryOutcome::Answered, Some(reply)),
                DeliveryReply::Slow(reply) => (DeliveryOutcome::Slow, Some(reply)),
                DeliveryReply::Hold => (DeliveryOutcome::Held, None),
            };
            log.waited(&generation, rule, outcome, message, began);
            let Some(reply) = reply else {
                return hold(state, began).await;
            };
            (reply, delivery_log::author(&generation, rule))
        }
        Err(why) => {
            log.failed(message, &why, began);
            (generation.on_error(), "on_error")
        }
    };
    respond(opened, &reply, author, Timestamp::now(), state, account)
}

/// How long a message that needs no database waits for one to say whether it was delivered before.
const LOOK: Duration = Duration::from_secs(1);

/// Which rule it was is not kept.
const REPEATED: &str = "of the first delivery";

async fn settle(
    message: &Message,
    pending: PendingMessage,
    state: &ServerState,
    account: &Account,
    began: Instant,
) -> Result<DeliveryResult, CommitError> {
    let deadline = began + state.deadline;
    let (generation, moment) = (Arc::clone(&pending.generation), Arc::clone(&pending.moment));
    let asker = || asker(message, &generation, &moment, account);
    let (may_wait, questions) = (pending.may_wait, &state.questions);
    if may_wait
        && generation.fetches(message)
        && let Some(settled) = counted(state, Box::pin(questions.fetch(&asker(), deadline)).await)?
    {
        return Ok(DeliveryResult::Waited(None, settled));
    }
    let pending = match pending.decision {
        Some(decision) if !decision.needs_store() => {
            return settle_final(&asker(), decision, state, deadline).await;
        }
        decision => PendingMessage {
            decision,
            ..pending
        },
    };
    let has_asked = async || match may_wait {
        true => counted(state, questions.has_asked(&asker(), deadline).await),
        false => Ok(false),
    };
    // Boxed, as is all that uses the database: thousands of deliveries may wait at once.
    let committed = commit(
        account,
        deadline,
        &state.metrics,
        pending,
        message,
        has_asked,
    );
    match Box::pin(committed).await? {
        Committed::Decided(decision) => Ok(DeliveryResult::Decided(decision)),
        Committed::Repeated(reply) => {
            Ok(DeliveryResult::Waited(None, DeliveryReply::Repeated(reply)))
        }
        Committed::Asked => {
            let asker = asker();
            let joined = Box::pin(questions.join(&asker, deadline, deadline)).await;
            // It is over just now, or its database was replaced.
            let settled = counted(state, joined)?.ok_or(CommitError::Contended)?;
            Ok(DeliveryResult::Waited(None, settled))
        }
        Committed::Asks(rule, question) => {
            let asker = asker();
            let settled = questions.ask(&asker, rule, question, deadline).await;
            Ok(DeliveryResult::Waited(Some(rule), counted(state, settled)?))
        }
    }
}

/// For a message whose answer needs no database: it gets that without one, too.
async fn settle_final(
    asker: &Asker,
    decision: Decision,
    state: &ServerState,
    deadline: Instant,
) -> Result<DeliveryResult, CommitError> {
    let soon = deadline.min(Instant::now() + LOOK);
    let joined = Box::pin(state.questions.join(asker, soon, deadline)).await;
    match counted(state, joined) {
        Ok(Some(settled)) => Ok(DeliveryResult::Waited(None, settled)),
        Ok(None) | Err(QuestionError::Store(_)) => Ok(DeliveryResult::Decided(decision)),
        Err(why) => Err(why.into()),
    }
}

/// Counts what the database could not do for a question.
fn counted<T>(state: &ServerState, outcome: Result<T, QuestionError>) -> Result<T, QuestionError> {
    if let Err(QuestionError::Store(error)) = &outcome {
        let operation = StoreOperation::Question;
        state.metrics.store_failed(operation, error.label());
    }
    outcome
}

fn asker(
    message: &Message,
    generation: &Arc<Generation>,
    moment: &Arc<Moment>,
    account: &Account,
) -> Asker {
    Asker {
        account: account.name.clone().unwrap_or_default(),
        metrics: Arc::clone(&account.metrics),
        store: account.store.clone(),
        generation: Arc::clone(generation),
        message: message.clone(),
        moment: Arc::clone(moment),
        delivery: delivery(account, message, moment),
        keyed_openid: account.credentials.keyed_openid(message.openid()),
        api: account.api.clone(),
    }
}

/// WeChat hangs up by itself after five seconds, and delivers again. Anything that it reads before
/// could end that.
async fn hold(state: &ServerState, began: Instant) -> HttpResponse {
    sleep_until((began + state.questions.timing().hold).into()).await;
    let mut nothing = HttpResponse::build(StatusCode::SERVICE_UNAVAILABLE);
    nothing.force_close().finish()
}
