//! `GET /rules`: the rules that answer now, and how often each has. `GET /warnings`: what is
//! likely a mistake in them.

use std::sync::Arc;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::rules::lint;
use crate::server::State;

/// More than a page can show. They are counted one by one up to here, too.
const SHOWN: usize = 1000;

pub(super) async fn list(state: web::Data<State>) -> HttpResponse {
    let generation = state.live.current();
    let rules = &generation.rules.rules;
    let shown: Vec<Value> = rules
        .iter()
        .filter(|rule| rule.is_whole())
        .take(SHOWN)
        .map(|rule| json!({ "name": rule.name, "answers": state.metrics.answers(&rule.name) }))
        .collect();
    HttpResponse::Ok().json(json!({
        "generation": generation.number,
        "rules": shown,
        "left_off": generation.rules.count().saturating_sub(SHOWN),
    }))
}

/// As `check` prints them.
pub(super) async fn warnings(state: web::Data<State>) -> HttpResponse {
    let generation = Arc::clone(&state.live.current());
    let warnings = web::block(move || {
        let warnings = lint::warnings(&generation.rules, &generation.sources.parse());
        let warnings: Vec<String> = warnings.iter().map(|one| one.render(false)).collect();
        warnings.join("\n\n")
    });
    match warnings.await {
        Ok(warnings) => HttpResponse::Ok()
            .content_type(ContentType::plaintext())
            .body(warnings),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
