//! The addresses that WeChat knows, one for each account: GET is its handshake, POST a message.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use arc_swap::Guard;
use jiff::Timestamp;

use crate::engine::Decision;
use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::reply::Reply;
use crate::server::account::Account;
use crate::server::commit::{CommitError, PendingMessage};
use crate::server::deciding::OverBudgetError;
use crate::server::intake::{Intake, NO_ROOM};
use crate::server::{ServerState, answering, body, deciding, delivery_log, randomness};
use crate::wechat::{Body, Opened, Query, RequestError, SUCCESS};

// Precomputed, as formatting a media type per answer shows up in the profile.
const XML: HeaderValue = HeaderValue::from_static("text/xml");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");

/// Finds the account by the path. Whoever knows no path learns of no account.
pub(super) async fn answer(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<ServerState>,
) -> HttpResponse {
    // Decoded: a path may be written in Chinese.
    let Some(account) = state.directory.at(request.match_info().as_str()) else {
        state.metrics.refused("path");
        return turn_away(&request, StatusCode::NOT_FOUND);
    };
    match *request.method() {
        Method::POST => push(&request, payload, &state, &account).await,
        Method::GET => handshake(&request, &state, &account),
        _ => no_such_method(&request, &account),
    }
}

fn handshake(request: &HttpRequest, state: &ServerState, account: &Account) -> HttpResponse {
    let now = Timestamp::now().as_second();
    let accepted = Query::parse(request.query_string()).and_then(|query| {
        account
            .credentials
            .handshake(&query, now)
            .map(str::to_owned)
    });
    match accepted {
        Ok(echostr) => {
            account.metrics.handshaken();
            state.ok().insert_header((CONTENT_TYPE, TEXT)).body(echostr)
        }
        Err(rejected) => refuse(request, state, account, rejected),
    }
}

async fn push(
    request: &HttpRequest,
    payload: web::Payload,
    state: &ServerState,
    account: &Account,
) -> HttpResponse {
    let began = Instant::now();
    let now = Timestamp::now();
    let query = match Query::parse(request.query_string()) {
        Ok(query) => query,
        Err(rejected) => return refuse(request, state, account, rejected),
    };
    let admitted = match account.credentials.admit(&query, now.as_second()) {
        Ok(admitted) => admitted,
        Err(rejected) => return refuse(request, state, account, rejected),
    };
    let (announced, max_bytes) = (announced_bytes(request), admitted.max_body_bytes());
    if let Some(intake) = intake(request) {
        match admitted.is_signed() {
            true => intake.trust(),
            false => intake.expect_body(max_bytes),
        }
    }
    let body = match body::read(payload, announced, max_bytes, state.client_timeout).await {
        Ok(body) => body,
        Err(_) if intake(request).is_some_and(Intake::ran_out) => {
            account.metrics.refused(NO_ROOM);
            return turn_away(request, StatusCode::SERVICE_UNAVAILABLE);
        }
        Err(unread) => {
            account.metrics.refused(unread.reason());
            return turn_away(request, unread.status());
        }
    };
    let opened = match admitted.open(body) {
        Ok(opened) => opened,
        Err(rejected) => return refuse(request, state, account, rejected),
    };
    if let Some(intake) = intake(request) {
        intake.trust();
    }
    if !account.is_meant_by(opened.message()) {
        return refuse_for_another(state, account);
    }
    if !opened.has_sender() {
        account.delivery_log.anonymous(opened.message(), began);
        return success(state);
    }
    match decide(opened.message(), state, account, now) {
        Decided::Answered(generation, decision) => {
            let log = &account.delivery_log;
            log.decided(&generation, opened.message(), &decision, began);
            let author = delivery_log::author(&generation, decision.rule);
            respond(opened, &decision.reply, author, now, state, account)
        }
        // Boxed, as the database future is large and would enlarge every request.
        Decided::NeedsStore(pending) => {
            let waits = pending.may_wait || pending.generation.may_wait();
            let connection = intake(request).filter(|_| waits);
            let receipt = connection.map(|intake| intake.reception().receipt());
            Box::pin(answering::answer(
                opened, pending, state, account, began, receipt,
            ))
            .await
        }
        Decided::Failed(generation, why) => {
            let log = &account.delivery_log;
            log.failed(opened.message(), &CommitError::OverBudget(why), began);
            let on_error = generation.on_error();
            respond(opened, &on_error, "on_error", now, state, account)
        }
    }
}

/// What is read of the connection that the request came on.
fn intake(request: &HttpRequest) -> Option<&Intake> {
    request.conn_data::<Rc<Intake>>().map(Rc::as_ref)
}

/// How large the body is going to be, if the caller says so.
fn announced_bytes(request: &HttpRequest) -> Option<usize> {
    let length = request.headers().get(CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

// From here on the client is WeChat, and whatever happens it gets a valid answer; otherwise the
// follower would see a fault banner.

/// The answer as far as it is known without the database.
enum Decided {
    /// Final: the message neither reads nor changes stored values.
    Answered(Guard<Arc<Generation>>, Decision),
    NeedsStore(PendingMessage),
    Failed(Guard<Arc<Generation>>, OverBudgetError),
}

fn decide(message: &Message, state: &ServerState, account: &Account, now: Timestamp) -> Decided {
    let generation = account.live.current();
    let moment = account.moments.moment(now, &generation);
    let stored_under = account.key(message);
    let may_wait = generation.may_wait()
        || account
            .store
            .may_have_questions(stored_under, now.as_second());
    if may_wait && generation.fetches(message) {
        return Decided::NeedsStore(PendingMessage {
            generation: Guard::into_inner(generation),
            moment,
            decision: None,
            may_wait,
        });
    }
    let may_wait = may_wait && state.questions.may_be_repeated(message, now);
    match deciding::decide(&generation, message, &moment, None) {
        Err(why) => Decided::Failed(generation, why),
        // Even then, an earlier delivery may have been decided otherwise, and wait.
        Ok(Some(decision))
            if !may_wait
                && !decision.needs_store()
                && !may_be_answered(message, &generation, account, now) =>
        {
            Decided::Answered(generation, decision)
        }
        Ok(decision) => Decided::NeedsStore(PendingMessage {
            generation: Guard::into_inner(generation),
            moment,
            decision,
            may_wait,
        }),
    }
}

/// Whether an earlier delivery may have been answered by rules that are gone, and that answer be
/// stored. The clock by which a message was made may not be this one.
fn may_be_answered(
    message: &Message,
    live: &Generation,
    account: &Account,
    now: Timestamp,
) -> bool {
    /// The last delivery begins ten seconds after the first, and may take as long, in seconds.
    const LAST_DELIVERY: i64 = 20;
    let loaded = live.loaded_at.as_second();
    let is_older = message.created().is_some_and(|created| created <= loaded);
    let are_new = (0..=LAST_DELIVERY).contains(&now.as_second().saturating_sub(loaded));
    (is_older || are_new) && account.store.is_open()
}

pub(super) fn respond(
    opened: Opened<'_>,
    reply: &Reply,
    author: &str,
    now: Timestamp,
    state: &ServerState,
    account: &Account,
) -> HttpResponse {
    let stamp = randomness::stamp(now.as_second());
    let (message, response) = opened.into_response(reply, &stamp);
    if let Some(degradation) = response.degradation {
        let log = &account.delivery_log;
        log.degraded(&message, author, degradation);
    }
    match response.body {
        Body::Success => success(state),
        Body::Xml(xml) => state.ok().insert_header((CONTENT_TYPE, XML)).body(xml),
    }
}

fn success(state: &ServerState) -> HttpResponse {
    state.ok().insert_header((CONTENT_TYPE, TEXT)).body(SUCCESS)
}

/// The same response for every reason, so that it reveals nothing; the reason is logged.
fn refuse(
    request: &HttpRequest,
    state: &ServerState,
    account: &Account,
    rejected: RequestError,
) -> HttpResponse {
    let (method, why) = (request.method().as_str(), rejected.to_string());
    log::debug!("{}", phrase!(log_refused, method, why));
    if let Some(left_out) = account.rejections.permit(rejected.reason()) {
        let (why, hint) = (rejected.to_string(), rejected.hint());
        let said = match account.name.as_deref() {
            None => phrase!(log_request_refused, why, hint),
            Some(name) => phrase!(log_request_of_account_refused, name, why, hint),
        };
        log::warn!("{said}{left_out}");
    }
    account.metrics.refused(rejected.reason());
    match rejected {
        RequestError::Forbidden(_) => turn_away(request, StatusCode::FORBIDDEN),
        // The sender knows the token, and WeChat would show any other answer as a fault.
        RequestError::Malformed(_) => success(state),
    }
}

/// Its sender knows the token and has to get an answer that WeChat takes; nothing is decided and
/// nothing stored.
fn refuse_for_another(state: &ServerState, account: &Account) -> HttpResponse {
    const REASON: &str = "other_account";
    account.metrics.refused(REASON);
    if let Some(left_out) = account.rejections.permit(REASON) {
        let name = account.name.as_deref().unwrap_or_default();
        log::warn!("{}{left_out}", phrase!(log_other_account, name));
    }
    success(state)
}

fn no_such_method(request: &HttpRequest, account: &Account) -> HttpResponse {
    account.metrics.refused("method");
    let mut refusal = turn_away(request, StatusCode::METHOD_NOT_ALLOWED);
    refusal.headers_mut().insert(ALLOW, METHODS);
    refusal
}

/// Closes the connection of clients other than WeChat.
fn turn_away(request: &HttpRequest, status: StatusCode) -> HttpResponse {
    if let Some(intake) = intake(request) {
        intake.refuse();
    }
    HttpResponse::build(status).force_close().finish()
}
