//! The operator's listener: health, readiness, reload and metrics.

use std::rc::Rc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ContentType, HeaderMap, HeaderName};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, Handler, HttpRequest, HttpResponse, Resource, web};
use serde_json::{Value, json};

use crate::i18n::phrase;
use crate::live_rules::Generation;
use crate::metrics::{AccountsReading, RulesReading, ScrapeReading};
use crate::rules::diagnostic::Diagnostic;
use crate::server::account::Account;
use crate::server::host::Sender;
use crate::server::intake::Intake;
use crate::server::reader_language::ReaderLanguage;
use crate::server::refusal::RefusedRequest;
use crate::server::reloading::{Reloaded, reload_all};
use crate::server::requested_account::RequestedAccount;
use crate::server::{ServerState, host, process_metrics, reader_language, requested_account};
use crate::store::DatabaseState;
use crate::{metrics, own_thread, report};

/// The name that the operator gave the host of this listener.
pub(super) struct OwnName(pub String);

/// Reading a hundred thousand rules takes a few seconds; running their tests as well.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(page("/healthz", health))
        .service(page("/readyz", readiness))
        .service(web::resource("/reload").post(reload))
        .service(page("/metrics", scrape));
}

/// What is there to be read. Some monitors ask for the head alone.
pub(super) fn page<Arguments>(
    path: &str,
    handler: impl Handler<Arguments, Output = HttpResponse>,
) -> Resource
where
    Arguments: FromRequest + 'static,
{
    web::resource(path).get(handler.clone()).head(handler)
}

/// Lets through only what was meant for this listener.
pub(super) async fn guard(
    name: web::Data<OwnName>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = request.headers();
    let ours = sender(headers).is_ok_and(|sender| host::is_ours(sender, &name.0));
    if !ours {
        let why = phrase!(admin_forbidden).text(reader_language::of(request.request()));
        let refusal = HttpResponse::Forbidden()
            .content_type(ContentType::plaintext())
            .body(why + "\n");
        return Ok(request.into_response(refusal));
    }
    // What was read is an operator's: no stranger has sent it through a page.
    if let Some(intake) = request.request().conn_data::<Rc<Intake>>() {
        intake.trust();
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        header::HeaderValue::from_static("nosniff"),
    );
    Ok(response)
}

fn sender(headers: &HeaderMap) -> Result<Sender<'_>, header::ToStrError> {
    Ok(Sender {
        host: text(headers, header::HOST)?,
        origin: text(headers, header::ORIGIN)?,
        fetch_site: text(headers, HeaderName::from_static("sec-fetch-site"))?,
    })
}

fn text(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, header::ToStrError> {
    headers.get(name).map(|value| value.to_str()).transpose()
}

/// Whether restarting the process would help.
async fn health(state: web::Data<ServerState>) -> HttpResponse {
    match state.heartbeats.all_beat() {
        true => plain(StatusCode::OK, "ok\n"),
        false => plain(StatusCode::SERVICE_UNAVAILABLE, "a worker is stuck\n"),
    }
}

/// Whether to send messages here, and what would answer them: for the account that is named, or
/// the only one, or for each.
async fn readiness(
    request: HttpRequest,
    state: web::Data<ServerState>,
    RequestedAccount(account): RequestedAccount,
    ReaderLanguage(language): ReaderLanguage,
) -> HttpResponse {
    let ready = !state.is_ending();
    let mut page = json!({ "ready": ready });
    language.during(|| match &state.accounts_file {
        Some(file) if !requested_account::is_named(&request) => {
            let status = file.status();
            page["accounts_reload_failures"] = json!(status.failures);
            page["last_accounts_error"] = json!(status.refused.map(|error| error.to_string()));
            let all = state.directory.all();
            let all: Vec<Value> = all.iter().map(|account| condition(account)).collect();
            page["accounts"] = json!(all);
        }
        _ => merge(&mut page, condition(&account)),
    });
    match ready {
        true => HttpResponse::Ok().json(page),
        false => HttpResponse::ServiceUnavailable().json(page),
    }
}

/// What answers for an account, and what does not.
fn condition(account: &Account) -> Value {
    let status = account.live.status();
    let mut page = named(account);
    describe(&mut page, &account.live.current());
    page["reload_failures"] = json!(status.failures);
    let (database, error) = match account.store.state() {
        DatabaseState::Unused => ("unused", None),
        DatabaseState::Usable => ("usable", None),
        DatabaseState::Failing(error) => ("failing", Some(error.to_string())),
    };
    page["database"] = json!(database);
    page["database_error"] = json!(error);
    page["last_good"] = json!(status.is_last_good);
    page["media_missing"] = json!(account.live.current().missing().len());
    page["last_media_error"] = json!(status.not_uploaded.map(|error| error.to_string()));
    page["last_reload_error"] = json!(status.refused.map(|refused| refused.to_string()));
    page
}

/// Reads the rules again and says what came of it: those of the account that is named, or of the
/// only one, or everything.
async fn reload(
    request: HttpRequest,
    state: web::Data<ServerState>,
    RequestedAccount(account): RequestedAccount,
    ReaderLanguage(language): ReaderLanguage,
) -> HttpResponse {
    let until = Instant::now() + RELOAD_TIMEOUT;
    if state.accounts_file.is_some() && !requested_account::is_named(&request) {
        let reloading = own_thread::run("reload-asked", move || reload_all(&state, until));
        return match reloading.await {
            Ok(Some(reloaded)) => language.during(|| everything(&reloaded)),
            Ok(None) => not_over_yet().answer(language),
            Err(error) => RefusedRequest::from(error).answer(language),
        };
    }
    let mut page = named(&account);
    let reloading = own_thread::run("reload-asked", move || account.live.reload().wait(until));
    match reloading.await {
        Ok(Some(Ok(generation))) => {
            describe(&mut page, &generation);
            HttpResponse::Ok().json(page)
        }
        Ok(Some(Err(refused))) => {
            let why = language.during(|| refusal(&refused.to_string(), &refused.diagnostics()));
            merge(&mut page, why);
            HttpResponse::UnprocessableEntity().json(page)
        }
        Ok(None) => not_over_yet().answer(language),
        Err(error) => RefusedRequest::from(error).answer(language),
    }
}

fn everything(reloaded: &Reloaded) -> HttpResponse {
    let accounts = reloaded.accounts.iter().map(|(account, result)| {
        let mut page = named(account);
        match result {
            Ok(generation) => describe(&mut page, generation),
            Err(refused) => {
                merge(
                    &mut page,
                    refusal(&refused.to_string(), &refused.diagnostics()),
                );
            }
        }
        page
    });
    let mut page = json!({ "accounts": accounts.collect::<Vec<Value>>() });
    if let Err(refused) = &reloaded.file {
        merge(
            &mut page,
            refusal(&refused.to_string(), &refused.diagnostics()),
        );
    }
    match reloaded.is_whole() {
        true => HttpResponse::Ok().json(page),
        false => HttpResponse::UnprocessableEntity().json(page),
    }
}

fn not_over_yet() -> RefusedRequest {
    let why = phrase!(admin_reload_under_way);
    RefusedRequest(StatusCode::GATEWAY_TIMEOUT, why)
}

/// The account that flags describe has no name.
fn named(account: &Account) -> Value {
    match &account.name {
        Some(name) => json!({ "account": **name }),
        None => json!({}),
    }
}

fn merge(page: &mut Value, more: Value) {
    if let (Value::Object(page), Value::Object(more)) = (page, more) {
        page.extend(more);
    }
}

fn describe(page: &mut Value, generation: &Generation) {
    page["generation"] = json!(generation.number);
    page["hash"] = json!(generation.hash);
    page["loaded_at"] = json!(generation.loaded_at.to_string());
    page["rules"] = json!(generation.rules.count());
}

fn refusal(error: &str, diagnostics: &[Diagnostic]) -> Value {
    let diagnostics: Vec<Value> = diagnostics.iter().map(report::diagnostic).collect();
    json!({ "error": error, "diagnostics": diagnostics })
}

async fn scrape(state: web::Data<ServerState>) -> HttpResponse {
    for account in state.directory.all() {
        let generation = account.live.current();
        let status = account.live.status();
        account.metrics.read(&RulesReading {
            generation: generation.number,
            rules: u64::try_from(generation.rules.count()).unwrap_or(u64::MAX),
            loaded_unix_seconds: generation.loaded_at.as_duration().as_secs_f64(),
            reload_failures: status.failures,
            refused: status.refused.is_some(),
            is_last_good: status.is_last_good,
            media_missing: generation.missing().len() as u64,
        });
    }
    let reading = ScrapeReading {
        accounts: state.accounts_file.as_ref().map(|file| {
            let status = file.status();
            AccountsReading {
                answered: state.directory.all().len() as u64,
                reload_failures: status.failures,
                refused: status.refused.is_some(),
            }
        }),
        certificate_expires_unix_seconds: state
            .certificate
            .as_ref()
            .and_then(|certificate| certificate.expires())
            .map(|expires| expires.as_duration().as_secs_f64()),
        process: process_metrics::read(state.started),
    };
    match state.metrics.write(&reading) {
        Ok(page) => HttpResponse::Ok()
            .content_type(metrics::CONTENT_TYPE)
            .body(page),
        Err(error) => {
            log::error!("{}", phrase!(log_no_metrics, why = error.to_string()));
            HttpResponse::InternalServerError().finish()
        }
    }
}

fn plain(status: StatusCode, text: &'static str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(ContentType::plaintext())
        .body(text)
}
