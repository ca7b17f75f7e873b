//! The one address that WeChat knows: GET is its handshake, POST a message.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::rt::time::timeout;
use actix_web::web;
use jiff::Timestamp;

use crate::engine;
use crate::engine::Decision;
use crate::message::Message;
use crate::reply::Reply;
use crate::server::BODY_PATIENCE;
use crate::server::MAX_BODY_BYTES;
use crate::server::State;
use crate::server::clock;
use crate::server::settle::Settled;
use crate::server::settle::Unsettled;
use crate::server::settle::settle;
use crate::wechat::Opened;
use crate::wechat::Query;
use crate::wechat::Rejected;
use crate::wechat::Stamp;

pub async fn handshake(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let now = Timestamp::now().as_second();
    let accepted = Query::parse(request.query_string())
        .and_then(|query| state.credentials.handshake(&query, now).map(str::to_owned));
    match accepted {
        Ok(echostr) => HttpResponse::Ok()
            .content_type(ContentType::plaintext())
            .body(echostr),
        Err(rejected) => refuse(&request, rejected),
    }
}

pub async fn push(
    request: HttpRequest,
    payload: web::Payload,
    state: web::Data<State>,
) -> HttpResponse {
    let began = Instant::now();
    let body = match timeout(BODY_PATIENCE, payload.to_bytes_limited(MAX_BODY_BYTES)).await {
        Ok(Ok(Ok(body))) => body,
        Ok(Ok(Err(_))) => return HttpResponse::BadRequest().force_close().finish(),
        Ok(Err(_)) => return HttpResponse::PayloadTooLarge().force_close().finish(),
        Err(_) => return HttpResponse::RequestTimeout().force_close().finish(),
    };
    let now = Timestamp::now().as_second();
    let opened = Query::parse(request.query_string())
        .and_then(|query| state.credentials.open(&query, body.into(), now));
    match opened {
        Ok(opened) => answer(opened, &state, began).await,
        Err(rejected) => refuse(&request, rejected),
    }
}

/// From here on the caller is WeChat, and whatever happens it gets an answer that it takes:
/// anything else would show the follower a fault banner.
async fn answer(opened: Opened, state: &State, began: Instant) -> HttpResponse {
    let (generation, moment, decided) = {
        let generation = state.live.current();
        let moment = clock::now(&generation);
        let message = opened.message();
        let decided = engine::decide(
            &generation.rules,
            message,
            &moment,
            None,
            &mut crate::server::dice,
        );
        match decided {
            Ok(decision) if decision.changes.is_empty() => {
                trace(state, message, &generation.rules, &Ok(&decision), began);
                return respond(opened, &decision.reply, state);
            }
            decided => (Arc::clone(&generation), moment, decided),
        }
    };
    drop(decided);

    let message = opened.message();
    let left = state.deadline.saturating_sub(began.elapsed());
    let settled = timeout(left, settle(&state.store, &generation, message, &moment)).await;
    let rules = &generation.rules;
    let reply = match settled {
        Ok(Ok(Settled::Decided(decision))) => {
            trace(state, message, rules, &Ok(&decision), began);
            decision.reply
        }
        Ok(Ok(Settled::Repeated(reply))) => {
            let follower = state.pseudonyms.of(message.openid());
            log::debug!("follower {follower}: answered as before");
            reply
        }
        Ok(Err(unsettled)) => {
            trace(
                state,
                message,
                rules,
                &Err(Failed::Store(&unsettled)),
                began,
            );
            rules.settings.on_error.clone()
        }
        Err(_) => {
            trace(
                state,
                message,
                rules,
                &Err(Failed::Deadline(state.deadline)),
                began,
            );
            rules.settings.on_error.clone()
        }
    };
    respond(opened, &reply, state)
}

fn respond(opened: Opened, reply: &Reply, state: &State) -> HttpResponse {
    let stamp = Stamp {
        unix_seconds: Timestamp::now().as_second(),
        ..state.randomness()
    };
    let is_silence = *reply == Reply::Silence;
    let response = opened.into_response(reply, &stamp);
    if response.cut {
        log::warn!("an answer was longer than WeChat takes; its end was cut off");
    }
    let content_type = match is_silence || response.body == b"success" {
        true => ContentType::plaintext(),
        false => ContentType::xml(),
    };
    HttpResponse::Ok()
        .content_type(content_type)
        .body(response.body)
}

/// One answer for every reason, so that nobody can learn from it; the reason is for the log.
fn refuse(request: &HttpRequest, rejected: Rejected) -> HttpResponse {
    log::debug!("refused {}: {rejected}", request.method());
    match rejected {
        Rejected::Forbidden(_) => HttpResponse::Forbidden().finish(),
        Rejected::Malformed(_) => HttpResponse::BadRequest().finish(),
    }
}

enum Failed<'f> {
    Store(&'f Unsettled),
    Deadline(Duration),
}

/// One line for each delivery; no word of the follower's is in it.
fn trace(
    state: &State,
    message: &Message,
    rules: &crate::rules::RuleSet,
    outcome: &Result<&Decision, Failed>,
    began: Instant,
) {
    let took = began.elapsed().as_micros();
    match outcome {
        Ok(decision) => {
            if log::log_enabled!(log::Level::Debug) {
                let rule = decision.rule.and_then(|id| rules.rule(id));
                let rule = rule.map_or("none", |rule| &rule.name);
                let follower = state.pseudonyms.of(message.openid());
                log::debug!("follower {follower}: rule {rule}, {took} µs");
            }
        }
        Err(Failed::Store(unsettled)) => {
            let follower = state.pseudonyms.of(message.openid());
            log::error!("follower {follower} got on_error: {unsettled}");
        }
        Err(Failed::Deadline(deadline)) => {
            let follower = state.pseudonyms.of(message.openid());
            log::error!("follower {follower} got on_error: not done within {deadline:?}");
        }
    }
}
