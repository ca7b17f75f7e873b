//! `POST /try` and `POST /case`: what the live rules would do. Reads and changes no stored values,
//! and counts nothing.

use std::sync::Arc;

use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::engine::{Decision, SkippedRule};
use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::message::Message;
use crate::moment::Moment;
use crate::rules::condition::MatchContext;
use crate::rules::trial::{Trial, TrialError};
use crate::server::account::Account;
use crate::server::playground::trial_request::read_trial;
use crate::server::reader_language::ReaderLanguage;
use crate::server::refusal::RefusedRequest;
use crate::server::requested_account::RequestedAccount;
use crate::server::{ServerState, choose};
use crate::user::Change;
use crate::{case_writer, conversation, engine, own_thread, report};

/// The number of earlier rules shown; those nearest to the answering rule come last.
const MAX_PASSED_OVER: usize = 1000;

/// What comes of one message.
pub(super) async fn decide(
    request: HttpRequest,
    payload: web::Payload,
    RequestedAccount(account): RequestedAccount,
    ReaderLanguage(language): ReaderLanguage,
    state: web::Data<ServerState>,
) -> HttpResponse {
    match read_trial(&request, payload, state.client_timeout, language).await {
        Ok(trial) => {
            let generation = Arc::clone(&account.live.current());
            // Checking a hundred thousand rules one by one takes a while.
            match own_thread::run("try", move || explain(&account, &generation, &trial)).await {
                Ok(Ok(mut page)) => {
                    if let Some(question) = page["question"].as_object_mut() {
                        let may_be_asked = state.live_calls.is_some();
                        question.insert("live".to_owned(), may_be_asked.into());
                    }
                    HttpResponse::Ok().json(page)
                }
                Ok(Err(error)) => RefusedRequest::from(error).answer(language),
                Err(error) => RefusedRequest::from(error).answer(language),
            }
        }
        Err(refusal) => refusal.answer(language),
    }
}

/// The same messages as a test to put into the rule file.
pub(super) async fn write_case(
    request: HttpRequest,
    payload: web::Payload,
    RequestedAccount(account): RequestedAccount,
    ReaderLanguage(language): ReaderLanguage,
    state: web::Data<ServerState>,
) -> HttpResponse {
    let trial = match read_trial(&request, payload, state.client_timeout, language).await {
        Ok(trial) => trial,
        Err(refusal) => return refusal.answer(language),
    };
    let generation = Arc::clone(&account.live.current());
    let case = own_thread::run("case", move || {
        case_writer::write(&generation.rules, &trial, now(&generation))
    });
    match case.await {
        Ok(Ok(case)) => HttpResponse::Ok()
            .content_type(ContentType::plaintext())
            .body(case),
        Ok(Err(error)) => RefusedRequest::from(error).answer(language),
        Err(error) => RefusedRequest::from(error).answer(language),
    }
}

/// What the live rules make of one message, before any service has answered.
pub(super) struct TriedMessage {
    message: Message,
    moment: Moment,
    pub(super) decision: Decision,
    passed_over: Vec<SkippedRule>,
    /// The follower as the service knows them.
    pub(super) follower: String,
}

impl TriedMessage {
    pub(super) fn of(
        account: &Account,
        generation: &Generation,
        trial: &Trial,
    ) -> Result<TriedMessage, TrialError> {
        let rules = &generation.rules;
        let [step] = trial.steps.as_slice() else {
            return Err(TrialError::Unfit(phrase!(trial_one_message)));
        };
        let zone = &rules.settings.zone;
        let moment = step.moment(Moment::local(now(generation), zone), zone)?;
        let seconds = moment.unix_seconds().to_string();
        let message = step.message.clone().with("CreateTime", &seconds);
        let (mut decision, passed_over) =
            engine::explain(rules, &message, &moment, &trial.user, &mut choose);
        let mut follower = message.openid().to_owned();
        if let Some(question) = &mut decision.question {
            if !question.service.sends_plain_openid {
                follower = account.credentials.keyed_openid(&follower);
            }
            question.set_openid(&follower);
        }
        Ok(TriedMessage {
            message,
            moment,
            decision,
            passed_over,
            follower,
        })
    }
}

fn explain(account: &Account, generation: &Generation, trial: &Trial) -> Result<Value, TrialError> {
    let rules = &generation.rules;
    let TriedMessage {
        message,
        moment,
        decision,
        passed_over,
        ..
    } = TriedMessage::of(account, generation, trial)?;
    let canned = match trial.steps.first() {
        Some(step) => step.canned(rules)?,
        None => Vec::new(),
    };
    let user = &trial.user;
    let decision = conversation::answered(
        rules,
        user,
        &message,
        &moment,
        &canned,
        decision,
        &mut choose,
    );
    let left_off = passed_over.len().saturating_sub(MAX_PASSED_OVER);
    let passed_over = passed_over.get(left_off..).unwrap_or_default();
    let rule = decision.rule.and_then(|id| rules.rule(id));
    let place = rule.map(|rule| generation.sources.place(rule.origin));
    let asked = MatchContext::new(&message, &moment, Some(user), rules.settings.folding);
    let mut page = report::decision::json(rules, place.as_ref(), &asked, &decision, passed_over);
    let stored = decision.changes.iter().filter_map(|change| match change {
        Change::Set { key, expires, .. } => {
            Some((key.clone(), json!(expires.map(|expires| expires.as_secs()))))
        }
        _ => None,
    });
    page["expires"] = Value::Object(stored.collect());
    page["passed_over_left_off"] = json!(left_off);
    page["generation"] = json!(generation.number);
    Ok(page)
}

/// The local time of the rules, to the second.
fn now(generation: &Generation) -> DateTime {
    let now = Timestamp::now().to_zoned(generation.rules.settings.zone.clone());
    let now = now.datetime();
    now.with().subsec_nanosecond(0).build().unwrap_or(now)
}
