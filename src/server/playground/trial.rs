//! `POST /try` and `POST /case`: what the live rules would do. Reads and changes no stored values,
//! and counts nothing.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use crate::i18n::{Language, Phrase, phrase};
use crate::live_rules::Generation;
use crate::moment::Moment;
use crate::rules::condition::MatchContext;
use crate::rules::trial::{Trial, TrialError};
use crate::server::account::Account;
use crate::server::body::BodyError;
use crate::server::chosen::Chosen;
use crate::server::reader_language::ReaderLanguage;
use crate::server::{body, choose};
use crate::user::Change;
use crate::{case_writer, conversation, engine, report};

/// The number of earlier rules shown; those nearest to the answering rule come last.
const MAX_PASSED_OVER: usize = 1000;

/// What a page of this very server sends is far smaller.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// A page of this very server sends it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a question got no answer.
struct Refusal(StatusCode, Phrase);

/// What comes of one message.
pub(super) async fn decide(
    request: HttpRequest,
    payload: web::Payload,
    Chosen(account): Chosen,
    ReaderLanguage(language): ReaderLanguage,
) -> HttpResponse {
    match attempt(&request, payload, language).await {
        Ok(attempt) => {
            let generation = Arc::clone(&account.live.current());
            // Checking a hundred thousand rules one by one takes a while.
            match web::block(move || explain(&account, &generation, &attempt)).await {
                Ok(Ok(page)) => HttpResponse::Ok().json(page),
                Ok(Err(error)) => Refusal::from(error).answer(language),
                Err(_) => HttpResponse::InternalServerError().finish(),
            }
        }
        Err(refusal) => refusal.answer(language),
    }
}

/// The same messages as a test to put into the rule file.
pub(super) async fn write_case(
    request: HttpRequest,
    payload: web::Payload,
    Chosen(account): Chosen,
    ReaderLanguage(language): ReaderLanguage,
) -> HttpResponse {
    let attempt = match attempt(&request, payload, language).await {
        Ok(attempt) => attempt,
        Err(refusal) => return refusal.answer(language),
    };
    let generation = Arc::clone(&account.live.current());
    let case =
        web::block(move || case_writer::write(&generation.rules, &attempt, now(&generation)));
    match case.await {
        Ok(Ok(case)) => HttpResponse::Ok()
            .content_type(ContentType::plaintext())
            .body(case),
        Ok(Err(error)) => Refusal::from(error).answer(language),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// Only programs and the page itself can send this content type; a form on another site cannot.
async fn attempt(
    request: &HttpRequest,
    payload: web::Payload,
    language: Language,
) -> Result<Trial, Refusal> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let why = phrase!(trial_no_json);
        return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    }
    let body = match body::read(payload, None, MAX_BODY_BYTES, PATIENCE).await {
        Ok(body) => body,
        Err(unread) => {
            let why = match unread {
                BodyError::TooLarge => phrase!(trial_large_body, limit = MAX_BODY_BYTES),
                BodyError::Cut => phrase!(trial_cut_body),
                BodyError::Slow => phrase!(trial_slow_body, seconds = PATIENCE.as_secs()),
            };
            return Err(Refusal(unread.status(), why));
        }
    };
    Ok(language.during(|| Trial::from_json(&body))?)
}

fn explain(
    account: &Account,
    generation: &Generation,
    attempt: &Trial,
) -> Result<Value, TrialError> {
    let rules = &generation.rules;
    let [step] = attempt.steps.as_slice() else {
        return Err(TrialError::Unfit(phrase!(trial_one_message)));
    };
    let zone = &rules.settings.zone;
    let moment = step.moment(Moment::local(now(generation), zone), zone)?;
    let seconds = moment.unix_seconds().to_string();
    let message = step.message.clone().with("CreateTime", &seconds);
    let canned = step.canned(rules)?;
    let (mut decision, passed_over) =
        engine::explain(rules, &message, &moment, &attempt.user, &mut choose);
    if let Some(question) = &mut decision.question {
        let pseudonym = account.credentials.pseudonym(message.openid());
        let plain = question.service.sends_plain_openid;
        question.set_openid(if plain { message.openid() } else { &pseudonym });
        let user = &attempt.user;
        decision = conversation::answered(
            rules,
            user,
            &message,
            &moment,
            &canned,
            decision,
            &mut choose,
        );
    }
    let left_off = passed_over.len().saturating_sub(MAX_PASSED_OVER);
    let passed_over = passed_over.get(left_off..).unwrap_or_default();
    let rule = decision.rule.and_then(|id| rules.rule(id));
    let place = rule.map(|rule| generation.sources.place(rule.origin));
    let asked = MatchContext::new(
        &message,
        &moment,
        Some(&attempt.user),
        rules.settings.folding,
    );
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

impl From<TrialError> for Refusal {
    fn from(error: TrialError) -> Refusal {
        let status = match error {
            TrialError::Malformed(_) => StatusCode::BAD_REQUEST,
            TrialError::Wrong(_) | TrialError::Unfit(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Refusal(status, error.to_phrase())
    }
}

impl Refusal {
    fn answer(self, language: Language) -> HttpResponse {
        let Refusal(status, why) = self;
        HttpResponse::build(status).json(json!({ "error": why.text(language) }))
    }
}
