//! `GET /rules`: the rules that answer now, and how often each has. `GET /warnings`: what is
//! likely a mistake in them.

use std::sync::{Arc, Mutex, Weak};

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use actix_web::web::Bytes;
use serde_json::{Value, json};

use crate::i18n::Translated;
use crate::live_rules::Generation;
use crate::lock::lock;
use crate::own_thread;
use crate::rules::lint;
use crate::server::reader_language::ReaderLanguage;
use crate::server::refusal::RefusedRequest;
use crate::server::requested_account::RequestedAccount;

/// More than a page can show, and the limit of rules that are counted separately.
const MAX_SHOWN: usize = 1000;

pub(super) async fn list(RequestedAccount(account): RequestedAccount) -> HttpResponse {
    let generation = account.live.current();
    let rules = &generation.rules.rules;
    let shown: Vec<Value> = rules
        .iter()
        .filter(|rule| rule.is_whole())
        .take(MAX_SHOWN)
        .map(|rule| json!({ "name": rule.name, "answers": account.metrics.answers(&rule.name) }))
        .collect();
    HttpResponse::Ok().json(json!({
        "generation": generation.number,
        "rules": shown,
        "left_off": generation.rules.count().saturating_sub(MAX_SHOWN),
    }))
}

/// The warnings about the rules that answered last. Working them out takes memory as the rules do,
/// so that it is done once for each generation, and never twice at a time.
#[derive(Default)]
pub(crate) struct Warnings(Mutex<Option<(Weak<Generation>, Translated<Bytes>)>>);

impl Warnings {
    fn of(&self, generation: &Arc<Generation>) -> Bytes {
        let mut kept = lock(&self.0);
        if let Some((of, text)) = &*kept
            && Weak::as_ptr(of) == Arc::as_ptr(generation)
        {
            return text.current().clone();
        }
        let warnings = lint::warnings(&generation.rules, &generation.sources.parse());
        let text = Translated::new(|| {
            let warnings: Vec<String> = warnings.iter().map(|one| one.render(false)).collect();
            Bytes::from(warnings.join("\n\n"))
        });
        let shown = text.current().clone();
        *kept = Some((Arc::downgrade(generation), text));
        shown
    }
}

/// As `check` prints them.
pub(super) async fn warnings(
    RequestedAccount(account): RequestedAccount,
    ReaderLanguage(language): ReaderLanguage,
) -> HttpResponse {
    let generation = Arc::clone(&account.live.current());
    // Whoever asks meanwhile waits on a thread of his own, of which there are enough.
    let warnings = own_thread::run("warnings", move || {
        language.during(|| account.warnings.of(&generation))
    });
    match warnings.await {
        Ok(warnings) => HttpResponse::Ok()
            .content_type(ContentType::plaintext())
            .body(warnings),
        Err(error) => RefusedRequest::from(error).answer(language),
    }
}
