//! `POST /ask`: asks the service that a message leads to, if the operator lets the playground do so.
//! It keeps nothing, and counts for no limit of a follower.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::i18n::Language::{Chinese, English};
use crate::i18n::{Phrase, phrase};
use crate::own_thread;
use crate::rules::Canned;
use crate::rules::trial::{Trial, TrialError};
use crate::server::account::Account;
use crate::server::playground::trial::TriedMessage;
use crate::server::playground::trial_request::read_trial;
use crate::server::reader_language::ReaderLanguage;
use crate::server::refusal::RefusedRequest;
use crate::server::requested_account::RequestedAccount;
use crate::server::{ServerState, randomness};
use crate::service::Question;
use crate::services::{AskResult, Asking};

/// One call at a time: a page that asks again and again costs no more than one follower does.
#[derive(Default)]
pub(crate) struct LiveCalls(Arc<AtomicBool>);

/// The right to call, until it is dropped.
struct LiveCall(Arc<AtomicBool>);

impl LiveCalls {
    fn begin(&self) -> Option<LiveCall> {
        let is_taken = self.0.swap(true, Ordering::AcqRel);
        (!is_taken).then(|| LiveCall(Arc::clone(&self.0)))
    }
}

impl Drop for LiveCall {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

pub(super) async fn ask(
    request: HttpRequest,
    payload: web::Payload,
    RequestedAccount(account): RequestedAccount,
    ReaderLanguage(language): ReaderLanguage,
    state: web::Data<ServerState>,
) -> HttpResponse {
    let answer = match read_trial(&request, payload, state.client_timeout, language).await {
        Ok(trial) => answer(trial, account, &state).await,
        Err(refusal) => Err(refusal),
    };
    match answer {
        Ok(page) => HttpResponse::Ok().json(page),
        Err(refusal) => refusal.answer(language),
    }
}

async fn answer(
    trial: Trial,
    account: Arc<Account>,
    state: &ServerState,
) -> Result<Value, RefusedRequest> {
    let Some(calls) = &state.live_calls else {
        return Err(RefusedRequest(
            StatusCode::FORBIDDEN,
            phrase!(trial_not_live),
        ));
    };
    let generation = Arc::clone(&account.live.current());
    let name = account.name.clone().unwrap_or_default();
    let metrics = Arc::clone(&account.metrics);
    let tried = own_thread::run("try", move || {
        TriedMessage::of(&account, &generation, &trial)
    })
    .await;
    let TriedMessage {
        decision, follower, ..
    } = tried??;
    let question = decision.question;
    let question = question.ok_or_else(|| TrialError::Unfit(phrase!(trial_asks_nothing)))?;
    let Some(call) = calls.begin() else {
        let why = phrase!(trial_one_call);
        return Err(RefusedRequest(StatusCode::TOO_MANY_REQUESTS, why));
    };
    let questions = Arc::clone(&state.questions);
    // Apart from this worker, so that the connection is kept for followers, too.
    let asking = state.questions.runtime().spawn(async move {
        // An endpoint that knows a repeated question must not take this one for the one before.
        let now = Timestamp::now().as_second();
        let delivery = format!("try-{:08x}", randomness::stamp(now).nonce);
        let asking = Asking {
            account: &name,
            metrics: Some(&metrics),
            delivery: &delivery,
            follower: &follower,
            turns: &[],
        };
        let asked = questions.services().ask(&question, &asking).await;
        drop(call);
        page(&question, asked)
    });
    let failed = || RefusedRequest(StatusCode::INTERNAL_SERVER_ERROR, phrase!(trial_ended));
    asking.await.map_err(|_| failed())
}

/// What came back as `answers` of a test has it, and what helps if nothing did.
fn page(question: &Question, AskResult { answer, usage }: AskResult) -> Value {
    let service = &question.service;
    let failure = answer.as_ref().err();
    let why = failure.map(|failure| failure.why.clone());
    let help = failure.map(|failure| failure.remedy(service));
    let said = |phrase: &Option<Phrase>, language| phrase.as_ref().map(|it| it.text(language));
    let [english, chinese] = [English, Chinese];
    let (why_zh, help_zh) = (said(&why, chinese), said(&help, chinese));
    let (why, help) = (said(&why, english), said(&help, english));
    let answer = answer.map_err(|failure| failure.error);
    let canned = Canned::heard(service, answer, usage.took);
    json!({
        "answers": { &*service.name: canned.written(service) },
        "milliseconds": u64::try_from(usage.took.as_millis()).unwrap_or(u64::MAX),
        "why": why,
        "why_zh": why_zh,
        "help": help,
        "help_zh": help_zh,
    })
}
